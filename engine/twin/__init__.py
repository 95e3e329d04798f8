"""The adaptive twin: a patient's brain as it is followed in time."""
