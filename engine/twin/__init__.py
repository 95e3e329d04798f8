"""The adaptive twin: a patient that changes, seizures, forecasts and how they are judged."""
