"""A patient under virtual surgery: regions go, the focus fails, and what happens is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.codesign.workers import Check, unchecked
from engine.fit.functional_connectivity import rate_fc
from engine.twin.patients.brain import PatientBrain
from engine.twin.patients.life import threshold_of
from engine.twin.seizures import find_seizures

__all__ = ["MOST_REMOVED", "SEARCHED", "Outcome", "Surgery", "smallest"]

MOST_REMOVED = 4
SEARCHED = (0, 4, 5)
"""Tries of the search; others judge what it finds."""
_FAILED = 0.65  # of the brink, as in the noise-driven kind
_REST_S, _APART_S, _FAILS_S, _FC_S = 5, 4, 16, 30
_BIN_MS = 100


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of one failure of inhibition after a resection.

    Attributes
    ----------
    is_seizure : bool
    recruited : int
        Regions that took part; none without a seizure.
    burden : float [Hz]
        Mean rate of the regions that are left, while inhibition in the focus has failed.
    rest_hz : (n_regions,) float64 [Hz]
        Rates before, at rest; 0 of a region that was taken out.
    """

    is_seizure: bool
    recruited: int
    burden: float
    rest_hz: NDArray[np.float64]


class Surgery:
    """One patient, operated on again and again from the same moment.

    Parameters
    ----------
    brain : PatientBrain
    check : callable
        Called once a second of biology.
    """

    def __init__(self, brain: PatientBrain, check: Check = unchecked):
        self.brain, self._check = brain, check
        self.brink = threshold_of(brain, check)
        self._rest = brain.state()

    def outcome(self, removed: Sequence[str], number: int, cut_off: Sequence[str] = ()) -> Outcome:
        """Take regions out, let the focus fail, and look.

        Parameters
        ----------
        removed : sequence of str
        number : int
            Of the try: each begins at a moment of its own, so its noise is another.
        cut_off : sequence of str, optional
            Regions that stay, cut off from all others; only where none are removed.
        """
        brain = self.brain
        self._operate(removed, cut_off)
        kept = [k for k, label in enumerate(brain.labels) if label not in removed]
        before = self._lived(_REST_S + _APART_S * number)[-_REST_S * 1000 // _BIN_MS :]
        brain.set(_FAILED * self.brink)
        during = self._lived(_FAILS_S)
        found = find_seizures(during, _BIN_MS / 1000.0)
        recruited = len(found[0].recruited) if found else 0
        return Outcome(bool(found), recruited, float(during[:, kept].mean()), before.mean(axis=0))

    def resting_fc(
        self, removed: Sequence[str], number: int, cut_off: Sequence[str] = ()
    ) -> NDArray[np.float64]:
        """FC of rates at rest after an operation; as of :meth:`outcome`.

        Returns
        -------
        (n_regions, n_regions) float64 [1]
            Of rates in bins of 0.1 s over 30 s; nan of a region that was taken out.
        """
        self._operate(removed, cut_off)
        return rate_fc(self._lived(_FC_S + _APART_S * number)[-_FC_S * 1000 // _BIN_MS :])

    def _operate(self, removed: Sequence[str], cut_off: Sequence[str]) -> None:
        """From the moment at rest on, with inhibition whole."""
        self.brain.restore(self._rest)
        if cut_off:
            self.brain.cut_off(cut_off)
        else:
            self.brain.remove(removed)
        self.brain.set(1.0)

    def _lived(self, seconds: int) -> NDArray[np.float64]:
        parts = []
        for _ in range(seconds):
            self._check()
            parts.append(self.brain.rates_hz(1000, _BIN_MS))
        return np.concatenate(parts)


def smallest(surgery: Surgery, numbers: Sequence[int] = SEARCHED) -> tuple[str, ...]:
    """The smallest resection that a greedy search finds to stop the seizure.

    Region by region, the one whose loss stops it, or else leaves the least activity, is taken out too. It is
    enough once the seizure stays away in every try.

    Parameters
    ----------
    surgery : Surgery
    numbers : sequence of int
        Tries: every candidate gets the first, the best of them the others too.

    Returns
    -------
    tuple of str
        `MOST_REMOVED` regions where no fewer stop it.
    """
    removed: tuple[str, ...] = ()
    while len(removed) < MOST_REMOVED:
        tried = {
            label: surgery.outcome((*removed, label), numbers[0])
            for label in surgery.brain.labels
            if label not in removed
        }
        best = min(tried, key=lambda label: (tried[label].is_seizure, tried[label].burden))
        removed = (*removed, best)
        if tried[best].is_seizure:
            continue
        if not any(surgery.outcome(removed, number).is_seizure for number in numbers[1:]):
            break
    return removed
