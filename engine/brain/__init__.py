"""The brain: its connectome, the files that hold one, and the network laid out from it."""
