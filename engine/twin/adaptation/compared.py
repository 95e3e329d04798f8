"""What a trial of adaptation compares: brains that were judged, frozen, against one patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.scenario.tuning import Tuning
from engine.twin.adaptation.learner import TwinStep
from engine.twin.adaptation.patient import HiddenPatient

__all__ = ["JUDGED", "JUDGE_MINUTES", "MINUTES", "PASSES", "Compared", "JudgedBrain"]

MINUTES = 6.0
"""Of a recording that a twin hears [min]."""
JUDGE_MINUTES = 3.0
"""Of each brain that is judged, frozen, and of the patient's recording that nobody has heard [min]."""
PASSES = 2
"""How often the offline refit goes through the recording."""

JUDGED = ("synapses", "inhibition", "drive", "shuffled", "refit", "none")
"""Brains that are judged, by the name of their learning; the refit learns as the twin, over and over."""


@dataclass(frozen=True, eq=False)
class JudgedBrain:
    """A frozen brain as it was judged.

    Attributes
    ----------
    r, r_sites : float [1]
        Correlation of its FC with the patient's over all pairs, and over pairs of recorded regions.
    rate_error_hz : float [Hz]
        Root mean square difference of the mean rates of recorded regions.
    fc : (n_regions, n_regions) float64 [1]
    tuning : Tuning
    curve : list of TwinStep
        Empty where nothing was learned.
    wall_s : float [s]
        Of learning.
    """

    r: float
    r_sites: float
    rate_error_hz: float
    fc: NDArray[np.float64]
    tuning: Tuning
    curve: list[TwinStep]
    wall_s: float


@dataclass(frozen=True, eq=False)
class Compared:
    """One patient and the brains that were held against it.

    Attributes
    ----------
    patient : HiddenPatient
    at_end : Tuning
        What the patient is at the end of the recording.
    fc : (n_regions, n_regions) float64 [1]
        Of the patient's unheard recording.
    ceiling : float [1]
        Correlation of the patient's FC in two recordings of its own, as long as those that are judged.
    brains : dict of str to JudgedBrain
    """

    patient: HiddenPatient
    at_end: Tuning
    fc: NDArray[np.float64]
    ceiling: float
    brains: dict[str, JudgedBrain]
