"""Packets queued cycle by cycle."""
