"""Views of an analog chip."""
