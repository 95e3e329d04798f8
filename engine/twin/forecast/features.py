"""What a forecaster looks at, kept up to date sample by sample."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["EARLY_WARNING", "FEATURES", "HISTORY", "LEVELS", "Features"]

_LEVELS_S = (5.0, 30.0, 120.0)
_TREND_S = 30.0  # slower than this is trend, not fluctuation
_WINDOW_S = 60.0  # over which variance and autocorrelation are taken
_STEP_S = 1.0  # the lag of the autocorrelation
_RECENT_S = 600.0
_FLOOR = 0.1  # added before the logarithm [Hz]

LEVELS = tuple(f"level over {tau:g} s" for tau in _LEVELS_S)
EARLY_WARNING = ("variance", "autocorrelation")
HISTORY = ("time since the last seizure", "seizures of late")
FEATURES = (*LEVELS, "spread over sites", *EARLY_WARNING, *HISTORY)
"""Names, in the order of the vector."""


class Features:
    """Running features of one patient.

    Level: the mean over sites, as a logarithm, smoothed over three times. Variance and lag-1 autocorrelation
    (lag 1 s, exponential window of 60 s) of what is left after a trend of 30 s: what grows before a state
    loses its stability (Scheffer et al. 2009, Nature 461:53; disputed for seizures: Maturana 2020 for it,
    Wilkat 2019 against).

    Parameters
    ----------
    interval_s : float
        Between samples [s].
    n_sites : int
    """

    def __init__(self, interval_s: float, n_sites: int):
        self.interval_s, self.n_sites = interval_s, n_sites
        self._n_lag = max(1, round(_STEP_S / interval_s))
        self._keep_level = np.exp(-interval_s / np.array(_LEVELS_S))
        self._keep_trend = math.exp(-interval_s / _TREND_S)
        self._keep_window = math.exp(-interval_s / _WINDOW_S)
        self._keep_recent = math.exp(-interval_s / _RECENT_S)
        self._levels = np.zeros(len(_LEVELS_S))
        self._trend = self._spread = self._variance = self._covariance = 0.0
        self._past = [0.0] * self._n_lag
        self._since_s, self._recent = _RECENT_S, 0.0
        self._was_seizure = False
        self._n = 0

    def step(self, observed: NDArray[np.float64], is_seizure: bool) -> NDArray[np.float64]:
        """Take one sample.

        Inside a seizure the fluctuations rest, so that it does not fill the window after it.

        Parameters
        ----------
        observed : (n_sites,) float64
            [Hz].
        is_seizure : bool

        Returns
        -------
        ndarray
            (n_features,) float64 in the order of `FEATURES`.
        """
        y = math.log(float(observed.mean()) + _FLOOR)
        if self._n == 0:
            self._levels[:] = self._trend = y
        if is_seizure and not self._was_seizure:
            self._since_s, self._recent = 0.0, self._recent + 1.0
        elif not is_seizure:
            self._since_s += self.interval_s
        self._was_seizure = is_seizure
        self._recent *= self._keep_recent
        self._levels += (1.0 - self._keep_level) * (y - self._levels)
        if not is_seizure:
            self._trend += (1.0 - self._keep_trend) * (y - self._trend)
            rest, before = y - self._trend, self._past[self._n % self._n_lag]
            take = 1.0 - self._keep_window
            self._variance += take * (rest * rest - self._variance)
            self._covariance += take * (rest * before - self._covariance)
            self._spread += take * (float(observed.std()) - self._spread)
            self._past[self._n % self._n_lag] = rest
            self._n += 1
        return np.array(
            [
                *self._levels,
                math.log(self._spread + _FLOOR),
                math.log(self._variance + 1e-6),
                self._covariance / (self._variance + 1e-6),
                math.log1p(self._since_s / 60.0),
                self._recent,
            ]
        )
