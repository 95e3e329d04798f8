"""Views of a plan for many machines."""
