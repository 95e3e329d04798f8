"""Topologies and placements side by side, and their results as files."""
