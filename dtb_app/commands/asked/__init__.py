"""What commands are asked in common: a scenario by its name, values of keys, measured data."""
