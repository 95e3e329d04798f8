"""A twin that adapts to a patient while both run: without retraining, against those that do not learn.

For research and teaching, not for clinical use.
"""

from engine.twin.adaptation.learner import LEARNINGS, AdaptiveTwin, Learning
from engine.twin.adaptation.patient import HiddenPatient, PatientBrain, Spread

__all__ = ["LEARNINGS", "AdaptiveTwin", "HiddenPatient", "Learning", "PatientBrain", "Spread"]
