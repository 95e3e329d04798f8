"""The analog backend: a software model of an accelerated mixed-signal chip, BrainScaleS-2 class."""
