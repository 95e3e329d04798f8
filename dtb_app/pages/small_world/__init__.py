"""The page of long links and placements."""
