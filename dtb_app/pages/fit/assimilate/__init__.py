"""A brain kept near what is observed, and its parameters with it."""
