"""The section that holds a finished run against measured data."""
