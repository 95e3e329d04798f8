"""What outlives a server: runs by visitor, listed in SQLite, their content in files."""
