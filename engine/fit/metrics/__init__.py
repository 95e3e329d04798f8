"""Every score of a run: one record each, in the file that judges it."""
