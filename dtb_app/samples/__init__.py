"""The scripts that made what lies in sample_data."""
