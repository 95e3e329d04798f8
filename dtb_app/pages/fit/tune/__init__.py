"""The section that fits a running brain to measured connectivity."""
