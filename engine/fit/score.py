"""One score, and the bands that scores are held against."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["CORTEX_E_BAND", "RateBand", "Score"]


@dataclass(frozen=True, slots=True)
class RateBand:
    """Firing rates that are called plausible, and on whose word.

    Parameters
    ----------
    low_hz, high_hz : float [Hz]
        The band, ends included.
    source : str
        Where it comes from.
    standing : str
        How far to trust it: experiment or model, which species, how it was read.
    """

    low_hz: float
    high_hz: float
    source: str
    standing: str

    def holds(self, rate_hz: ArrayLike) -> NDArray[np.bool_]:
        """Whether each rate lies in the band.

        Parameters
        ----------
        rate_hz : (n,) float64 [Hz]
            A NaN lies in no band.

        Returns
        -------
        (n,) bool
        """
        return (np.asarray(rate_hz) >= self.low_hz) & (np.asarray(rate_hz) <= self.high_hz)


CORTEX_E_BAND = RateBand(
    low_hz=0.2,
    high_hz=4.0,
    source="excitatory cells of awake rat somatosensory cortex, all layers (after de Kock & Sakmann 2009)",
    standing="experiment, another species, read in a second source",
)
"""Envelope of the layer bands 0.2-1, 0.5-3, 2-4, 0.3-2 Hz around means of 0.3, 1.4, 2.5, 0.5 Hz.

No rates of single cells are known for whole human regions.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score, with all that is needed to read it honestly.

    Parameters
    ----------
    name, label : str
        Key, and words for the screen.
    value : float or None
        None where it cannot be said; `sentence` then gives the reason.
    unit : str
        Of `value`, `baseline`, `ceiling`, `band`, `interval`, `low` and `high`.
    n, n_unit : int, str
        How many of what the value rests on.
    baseline, baseline_label : float or None, str
        What is reached without the model.
    ceiling, ceiling_label : float or None, str
        What can be reached at all.
    band : (float, float) or None
        Values called plausible.
    interval : (float, float) or None
        95 % confidence interval of the value.
    low, high : float or None
        Axis range that holds all of these.
    minutes : float or None [min]
        Biology behind it, where that decides what it is worth.
    halves : float or None
        Agreement of the two halves of the run with each other.
    basis : str
        What was compared with what.
    sentence : str
        The same in plain English.
    """

    name: str
    label: str
    value: float | None
    unit: str
    n: int
    n_unit: str
    baseline: float | None = None
    baseline_label: str = ""
    ceiling: float | None = None
    ceiling_label: str = ""
    band: tuple[float, float] | None = None
    interval: tuple[float, float] | None = None
    low: float | None = None
    high: float | None = None
    minutes: float | None = None
    halves: float | None = None
    basis: str
    sentence: str

    def as_json(self) -> dict[str, object]:
        """As a dictionary of plain Python values (never NaN), without the name."""
        fields = asdict(self)
        for name in ("name", *(n for n in ("minutes", "halves") if fields[n] is None)):
            del fields[name]
        return {k: list(v) if isinstance(v, tuple) else v for k, v in fields.items()}
