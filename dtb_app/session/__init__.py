"""What one visitor has chosen, opened and run; no widgets, no threads."""
