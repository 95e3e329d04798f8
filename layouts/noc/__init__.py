"""Views of the network on chip."""
