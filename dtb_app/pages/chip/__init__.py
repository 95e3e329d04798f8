"""The page of the analog chip."""
