"""Regions taken out virtually: which would have to go so that seizures stay away.

For research and teaching, not for clinical use.
"""

from engine.twin.resection.search import Outcome, Surgery, smallest

__all__ = ["Outcome", "Surgery", "smallest"]
