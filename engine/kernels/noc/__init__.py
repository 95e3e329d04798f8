"""How packets move: counted along trees, or queued cycle by cycle."""
