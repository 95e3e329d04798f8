"""A scenario as it runs: advanced in chunks, looked at, kept, taken up again."""
