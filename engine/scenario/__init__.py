"""The one declarative description of a run: its tables, its rules, its text, the presets."""
