"""Where a network runs: one contract, one module or folder for each substrate."""
