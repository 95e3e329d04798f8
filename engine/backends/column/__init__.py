"""Cortical columns with delays of single steps."""
