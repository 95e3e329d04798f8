"""How state moves: jitted functions on arrays; they never raise and never allocate in a loop."""
