"""The page of brains on many machines."""
