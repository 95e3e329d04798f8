"""Benches of a server with visitors."""
