"""The section that opens measured data and holds a run against them."""
