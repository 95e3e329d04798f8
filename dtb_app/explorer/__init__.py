"""The explorer: what a visitor sees first."""
