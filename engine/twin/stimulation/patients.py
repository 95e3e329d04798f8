"""Patients: circuits with strengths, delays and a loss of dopamine of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.errors import ParameterError
from engine.twin.stimulation.anatomy import PROJECTIONS

__all__ = ["Patient", "draw_patient"]

SPREAD_WEIGHT = 0.1
SPREAD_DELAY = 0.03
LEAST_LOSS = 0.85


@dataclass(frozen=True, eq=False)
class Patient:
    """What sets one circuit apart from the group.

    Attributes
    ----------
    seed : int
        Of its wiring.
    dopamine_loss : float [1]
        0 is healthy, 1 is no dopamine left.
    weights : mapping of str to float
        A factor for each projection.
    delay : float
        A factor for all delays.
    """

    seed: int
    dopamine_loss: float
    weights: Mapping[str, float]
    delay: float = 1.0

    def with_loss(self, dopamine_loss: float) -> Patient:
        """The same circuit with another loss of dopamine.

        Raises
        ------
        ParameterError
            It is no share.
        """
        if not 0.0 <= dopamine_loss <= 1.0:
            raise ParameterError(f"Patient.dopamine_loss: must be from 0 to 1 (got {dopamine_loss:g}).")
        return replace(self, dopamine_loss=dopamine_loss)


def draw_patient(seed: int) -> Patient:
    """A patient drawn around the group.

    The spread between patients is assumed: 10 % of each projection's strength and 3 % of all delays, both
    log-normal, and a loss of dopamine between 0.85 and 1.
    """
    random = np.random.default_rng([seed, 1])
    weights = {p.name: float(np.exp(SPREAD_WEIGHT * random.standard_normal())) for p in PROJECTIONS}
    loss = float(random.uniform(LEAST_LOSS, 1.0))
    return Patient(seed, loss, weights, float(np.exp(SPREAD_DELAY * random.standard_normal())))
