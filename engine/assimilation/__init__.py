"""Assimilation: an ensemble of models kept near what is observed, step by step."""
