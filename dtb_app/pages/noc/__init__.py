"""The page of the network on chip."""
