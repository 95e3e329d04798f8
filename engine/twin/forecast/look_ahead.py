"""The twin's own look-ahead: how many of its futures, weighed by what is observed, have a seizure ahead.

Futures of the twin (`engine.twin.forecast.futures`) are cut into moments, and a patient is taken to be near
one of them. A filter holds the probability w of each moment. Every sample it moves on along the futures, part
of it anywhere, since no patient follows the twin for long; and is weighed by how well what is observed fits:
``log w += power * -(d' P d) / 2``, where d is the logarithm of the sites' rates, less the patient's own mean,
less that of the future, and P the inverse covariance that the futures have around their own course. The power
is below 1 because what a filter cannot know, as arousal, lasts for many samples. The forecast is the sum of w
over the moments of which the future has a seizure between SPH and SPH + SOP later, and a logistic curve that
was learned on other patients makes a probability of it.
Source: hidden Markov filter (Rabiner 1989, Proc IEEE 77:257); forecasts by analogues (Lorenz 1969, J Atmos
Sci 26:636).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.twin.forecast.forecaster import Forecaster
from engine.twin.forecast.readout import Readout
from engine.twin.record import ClinicRecord
from engine.twin.scores import AlarmRule, sample_labels

__all__ = ["LookAhead"]

_FLOOR_HZ = 0.1
_HALF = 4  # samples to either side over which a future's course is smoothed
_POWER, _JUMP = 0.2, 0.1
_BORROWED = 60.0  # samples that the futures' mean counts for beside the patient's own
_MISMATCH = 1e-3  # of a moment in a seizure while the patient is in none, and the other way round


class LookAhead(Forecaster):
    """See the module.

    Parameters
    ----------
    rule : AlarmRule
    """

    def __init__(self, rule: AlarmRule):
        super().__init__(rule)
        self._curve: Readout | None = None

    def train(self, records: Sequence[ClinicRecord], futures: Sequence[ClinicRecord] = ()) -> None:
        """Take the futures apart, and learn the curve on patients.

        Parameters
        ----------
        records : sequence of ClinicRecord
        futures : sequence of ClinicRecord
            Of the twin, with the sites and the interval of the records.

        Raises
        ------
        DataError
            There is no future, or its sites are not those of the records.
        """
        if not futures:
            raise DataError("forecast.look_ahead: needs futures of the twin (got none).")
        sites = {one.observed.shape[1] for one in (*futures, *records)}
        if len(sites) != 1:
            got = " and ".join(map(str, sorted(sites)))
            raise DataError(f"forecast.look_ahead: futures must have the sites of the patients (got {got}).")
        parts = [self._parted(one) for one in futures]
        self._course, around, self._inside, self._is_hit, self._is_known = (
            np.concatenate(column) for column in zip(*[part[:5] for part in parts], strict=True)
        )
        self._first = np.cumsum([0, *[len(part[0]) for part in parts[:-1]]])
        self._mean = np.mean([part[5] for part in parts], axis=0)
        spread = np.atleast_2d(np.cov(around[~self._inside].T)) * (1 + 0.5 / _HALF)
        self._precision = np.linalg.inv(spread + 1e-6 * np.eye(len(spread)))
        self._learn_curve(records)

    def _parted(self, record: ClinicRecord) -> tuple[NDArray[Any], ...]:
        """Course, what is around it, in a seizure, hit, known, each a sample; and the mean (n_sites,)."""
        inside, times = record.is_seizure, record.times_s
        logs = np.log(record.observed + _FLOOR_HZ)
        mean = logs[~inside].mean(axis=0)
        logs = logs - mean
        course = logs.copy()
        stretch = np.cumsum(np.diff(inside, prepend=inside[0]))
        for k in np.flatnonzero(~inside):
            near = slice(max(0, k - _HALF), k + _HALF + 1)
            course[k] = logs[near][stretch[near] == stretch[k]].mean(axis=0)
        hit = sample_labels(times, record.onsets_s, self.rule) == 1
        known = times <= record.duration_s - self.rule.horizon_s - self.rule.period_s
        return course, logs - course, inside, hit.astype(np.float64), known.astype(np.float64), mean

    def _learn_curve(self, records: Sequence[ClinicRecord]) -> None:
        until_s = self.rule.horizon_s + self.rule.period_s
        self._curve, rows, outcomes = None, [], []
        for record in records:
            self.begin(record)
            shares = [
                self._share(y, bool(s)) for y, s in zip(record.observed, record.is_seizure, strict=True)
            ]
            labels = sample_labels(record.times_s, record.onsets_s, self.rule, record.ends_s)
            judged = (labels >= 0) & (record.times_s <= record.duration_s - until_s)
            rows.append(_logit(np.array(shares))[judged, None])
            outcomes.append(labels[judged])
        self._curve = Readout(1, records[0].interval_s / self.rule.period_s)
        self._curve.train(np.concatenate(rows), np.concatenate(outcomes).astype(np.float64))

    def begin(self, record: ClinicRecord) -> None:
        """See `Forecaster`."""
        self._weights = self._is_known / self._is_known.sum()
        self._sum, self._n = _BORROWED * self._mean, _BORROWED

    def step(self, observed: NDArray[np.float64], is_seizure: bool, hidden: float) -> float:
        """See `Forecaster`.

        Parameters
        ----------
        observed : (n_sites,) float64
            [Hz].
        is_seizure : bool
        hidden : float
            Not looked at.
        """
        assert self._curve is not None, "train it first"
        return float(self._curve.probability(_logit(np.array([self._share(observed, is_seizure)]))))

    def _share(self, observed: NDArray[np.float64], is_seizure: bool) -> float:
        """Of futures, by weight, that have a seizure ahead, after one more sample."""
        logs = np.log(observed + _FLOOR_HZ)
        moved = self._moved(self._weights)
        moved = (1 - _JUMP) * moved / max(float(moved.sum()), 1e-300) + _JUMP / moved.size
        apart = logs - self._sum / self._n - self._course
        fit = -0.5 * _POWER * np.einsum("ij,jk,ik->i", apart, self._precision, apart)
        weights = moved * np.exp(fit - fit.max()) * np.where(self._inside == is_seizure, 1.0, _MISMATCH)
        self._weights = weights / weights.sum()
        if not is_seizure:
            self._sum, self._n = self._sum + logs, self._n + 1
        known = self._weights * self._is_known
        return float(known @ self._is_hit / max(float(known.sum()), 1e-12))

    def _moved(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """One sample on; what reaches the end of a future is lost."""
        moved = np.roll(weights, 1)
        moved[self._first] = 0.0
        return moved


def _logit(share: NDArray[np.float64]) -> NDArray[np.float64]:
    held = np.clip(share, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(held / (1 - held)), np.float64)
