"""What every forecaster is asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.twin.record import ClinicRecord
from engine.twin.scores import AlarmRule

__all__ = ["Forecaster", "forecast_of"]


class Forecaster(ABC):
    """Says at every sample how likely a seizure is to begin between SPH and SPH + SOP from now.

    Parameters
    ----------
    rule : AlarmRule
    """

    def __init__(self, rule: AlarmRule):
        self.rule = rule

    @abstractmethod
    def train(self, records: Sequence[ClinicRecord], futures: Sequence[ClinicRecord] = ()) -> None:
        """Learn from patients that it will not be judged on.

        Parameters
        ----------
        records : sequence of ClinicRecord
        futures : sequence of ClinicRecord
            That the twin has lived; only a look-ahead asks for them.
        """

    @abstractmethod
    def begin(self, record: ClinicRecord) -> None:
        """A new patient, of whom only interval and sites are known; forget the last one."""

    @abstractmethod
    def step(self, observed: NDArray[np.float64], is_seizure: bool, hidden: float) -> float:
        """Take one sample and say the probability.

        Parameters
        ----------
        observed : (n_sites,) float64
            [Hz].
        is_seizure : bool
            Whether the patient is in a seizure.
        hidden : float
            The state that only an oracle may look at.
        """


def forecast_of(forecaster: Forecaster, record: ClinicRecord) -> NDArray[np.float64]:
    """The forecast at every sample of a record, each made before the next was seen, (n_samples,) float64."""
    forecaster.begin(record)
    hidden = record.hidden if record.hidden is not None else np.zeros(len(record.observed))
    return np.array(
        [
            forecaster.step(sample, bool(inside), float(state))
            for sample, inside, state in zip(record.observed, record.is_seizure, hidden, strict=True)
        ]
    )
