"""What a clinic has of a patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

__all__ = ["ClinicRecord"]


@dataclass(frozen=True, eq=False)
class ClinicRecord:
    """Signals of a few sites over time, and the seizures in it.

    Attributes
    ----------
    patient : str
    interval_s : float
        Between samples [s].
    observed : (n_samples, n_sites) float64
        Rates, or another signal above 0, of the sites that are recorded [Hz].
    onsets_s, ends_s : tuple of float
        Of the seizures, in order and apart [s].
    hidden : (n_samples,) float64, optional
        The state that brings seizures about, where the patient is simulated; for the oracle alone.

    Raises
    ------
    DataError
        Something of it cannot be.
    """

    patient: str
    interval_s: float
    observed: NDArray[np.float64]
    onsets_s: tuple[float, ...]
    ends_s: tuple[float, ...]
    hidden: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        """Check.

        Raises
        ------
        DataError
            As of the class.
        """
        if self.observed.ndim != 2 or not self.observed.size or not np.isfinite(self.observed).all():
            shape = " x ".join(map(str, self.observed.shape))
            raise DataError(f"{self.patient}: must have finite samples of at least one site (got {shape}).")
        if not 0 < self.interval_s < np.inf:
            raise DataError(f"{self.patient}: interval must be above 0 s (got {self.interval_s:g} s).")
        last = 0.0
        for begin, end in zip(self.onsets_s, self.ends_s, strict=True):
            if not last <= begin < end:
                raise DataError(
                    f"{self.patient}: seizures must follow one another (got {begin:g} to {end:g} s after "
                    f"{last:g} s)."
                )
            last = end

    @property
    def duration_s(self) -> float:
        """Length [s]."""
        return len(self.observed) * self.interval_s

    @property
    def times_s(self) -> NDArray[np.float64]:
        """When each sample is complete, (n_samples,) [s]."""
        return np.arange(1, len(self.observed) + 1, dtype=np.float64) * np.float64(self.interval_s)

    @property
    def is_seizure(self) -> NDArray[np.bool_]:
        """Whether a sample lies in a seizure, (n_samples,)."""
        times = self.times_s
        inside = np.zeros(times.size, np.bool_)
        for begin, end in zip(self.onsets_s, self.ends_s, strict=True):
            inside |= (times > begin) & (times <= end)
        return inside
