"""Who forecasts, and what they know: one record each."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.registry import Registry
from engine.twin.forecast.features import EARLY_WARNING, FEATURES, Features
from engine.twin.forecast.forecaster import Forecaster
from engine.twin.forecast.look_ahead import LookAhead
from engine.twin.forecast.readout import Readout
from engine.twin.record import ClinicRecord
from engine.twin.scores import AlarmRule, sample_labels

__all__ = ["FORECASTERS", "ForecasterKind"]


class _Poisson(Forecaster):
    """The rate so far, whatever happens: what a diary knows."""

    def train(self, records: Sequence[ClinicRecord], futures: Sequence[ClinicRecord] = ()) -> None:
        self._prior_s = float(np.mean([r.duration_s for r in records]))
        self._prior_n = max(0.5, float(np.mean([len(r.onsets_s) for r in records])))

    def begin(self, record: ClinicRecord) -> None:
        self._interval_s, self._s, self._n = record.interval_s, self._prior_s, self._prior_n
        self._was = False

    def step(self, observed: NDArray[np.float64], is_seizure: bool, hidden: float) -> float:
        self._s += self._interval_s
        self._n += is_seizure and not self._was
        self._was = is_seizure
        return -math.expm1(-self._n / self._s * self.rule.period_s)


class _Periodic(Forecaster):
    """The next one as long after the last as those before: a normal distribution of intervals."""

    def train(self, records: Sequence[ClinicRecord], futures: Sequence[ClinicRecord] = ()) -> None:
        apart = np.concatenate([np.diff(r.onsets_s) for r in records] or [np.zeros(0)])
        if not apart.size:
            apart = np.array([float(np.mean([r.duration_s for r in records]))])
        self._before = list(apart)

    def begin(self, record: ClinicRecord) -> None:
        self._interval_s, self._s, self._was = record.interval_s, math.inf, False
        self._own: list[float] = []
        self._describe()

    def _describe(self) -> None:
        apart = self._own if len(self._own) >= _MOST_BORROWED else [*self._before, *self._own]
        self._mean = float(np.mean(apart))
        self._sd = max(float(np.std(apart)), 0.05 * self._mean)

    def step(self, observed: NDArray[np.float64], is_seizure: bool, hidden: float) -> float:
        if is_seizure and not self._was:
            if math.isfinite(self._s):
                self._own.append(self._s)
                self._describe()
            self._s = 0.0
        self._was = is_seizure
        self._s += self._interval_s
        if not math.isfinite(self._s):
            return -math.expm1(-self.rule.period_s / self._mean)
        begin = self._s + self.rule.horizon_s
        left = 1.0 - _normal((self._s - self._mean) / self._sd)
        inside = _normal((begin + self.rule.period_s - self._mean) / self._sd) - _normal(
            (begin - self._mean) / self._sd
        )
        return min(1.0, inside / left) if left > 1e-9 else -math.expm1(-self.rule.period_s / self._mean)


_MOST_BORROWED = 5  # with so many intervals of their own a patient needs no one else's


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


class _Persistence(Forecaster):
    """After a seizure another one follows, or does not: two rates, soon after one and later."""

    def train(self, records: Sequence[ClinicRecord], futures: Sequence[ClinicRecord] = ()) -> None:
        counts = np.full((2, 2), 0.5)  # soon or not; followed or not
        for record in records:
            soon = self._soon(record)
            labels = sample_labels(record.times_s, record.onsets_s, self.rule, record.ends_s)
            for k in (0, 1):
                there = labels[(soon == k) & (labels >= 0)]
                counts[k] += np.bincount(there, minlength=2)[:2]
        self._p = counts[:, 1] / counts.sum(axis=1)

    def _soon(self, record: ClinicRecord) -> NDArray[np.int64]:
        times = record.times_s
        last = np.searchsorted(np.asarray(record.onsets_s), times, "right") - 1
        since = np.where(last >= 0, times - np.asarray([*record.onsets_s, 0.0])[last], np.inf)
        return (since <= self.rule.period_s).astype(np.int64)

    def begin(self, record: ClinicRecord) -> None:
        self._interval_s, self._s, self._was = record.interval_s, math.inf, False

    def step(self, observed: NDArray[np.float64], is_seizure: bool, hidden: float) -> float:
        if is_seizure and not self._was:
            self._s = 0.0
        self._was = is_seizure
        p = self._p[int(self._s <= self.rule.period_s)]
        self._s += self._interval_s
        return float(p)


class _Logistic(Forecaster):
    """A readout of some features, trained on other patients; goes on learning as outcomes become known."""

    def __init__(self, rule: AlarmRule, names: tuple[str, ...], sees_hidden: bool = False):
        super().__init__(rule)
        self._columns = [FEATURES.index(name) for name in names]
        self._sees_hidden = sees_hidden
        self._trained: Readout | None = None

    def train(self, records: Sequence[ClinicRecord], futures: Sequence[ClinicRecord] = ()) -> None:
        rows, outcomes = [], []
        for record in records:
            features = Features(record.interval_s, record.observed.shape[1])
            hidden = record.hidden if record.hidden is not None else np.zeros(len(record.observed))
            inputs = [
                self._inputs(features, sample, bool(inside), float(state))
                for sample, inside, state in zip(record.observed, record.is_seizure, hidden, strict=True)
            ]
            labels = sample_labels(record.times_s, record.onsets_s, self.rule, record.ends_s)
            judged = (labels >= 0) & (record.times_s <= record.duration_s - self._until_known_s)
            rows.append(np.array(inputs)[judged])
            outcomes.append(labels[judged])
        x, y = np.concatenate(rows), np.concatenate(outcomes).astype(np.float64)
        self._trained = Readout(x.shape[1], records[0].interval_s / self.rule.period_s)
        self._trained.train(x, y)

    @property
    def _until_known_s(self) -> float:
        return self.rule.horizon_s + self.rule.period_s

    def _inputs(
        self, features: Features, sample: NDArray[np.float64], inside: bool, hidden: float
    ) -> NDArray[np.float64]:
        x = features.step(sample, inside)
        return np.array([hidden]) if self._sees_hidden else x[self._columns]

    def begin(self, record: ClinicRecord) -> None:
        assert self._trained is not None, "train it first"
        self._readout = self._trained.copy()
        self._features = Features(record.interval_s, record.observed.shape[1])
        self._n_wait = round(self._until_known_s / record.interval_s)
        self._n_horizon = round(self.rule.horizon_s / record.interval_s)
        self._waiting: deque[tuple[NDArray[np.float64], bool]] = deque()
        self._was, self._n, self._onsets = False, 0, deque[int]()

    def step(self, observed: NDArray[np.float64], is_seizure: bool, hidden: float) -> float:
        x = self._inputs(self._features, observed, is_seizure, hidden)
        self._n += 1
        if is_seizure and not self._was:
            self._onsets.append(self._n)
        self._was = is_seizure
        self._waiting.append((x, is_seizure))
        if len(self._waiting) > self._n_wait:
            then = self._n - self._n_wait
            past, was_inside = self._waiting.popleft()
            while self._onsets and self._onsets[0] < then + self._n_horizon:
                self._onsets.popleft()
            if not was_inside:
                self._readout.learn(past, float(bool(self._onsets)))
        return float(self._readout.probability(x))


@dataclass(frozen=True)
class ForecasterKind:
    """One way to forecast.

    Attributes
    ----------
    name, label, sentence : str
    source : str
    role : str
        'forecast', 'null' for what knows only the diary, or 'oracle' for what sees the hidden state.
    make : callable
        Of an `AlarmRule`.
    """

    name: str
    label: str
    sentence: str
    source: str
    role: str
    make: Callable[[AlarmRule], Forecaster]


FORECASTERS: Registry[ForecasterKind] = Registry(
    "forecaster",
    (
        ForecasterKind(
            "early_warning",
            "Early warning",
            "variance and lag-1 autocorrelation of the signal, which grow before a state loses its stability",
            "Scheffer et al. 2009, Nature 461:53; for seizures Maturana et al. 2020 (for), Wilkat et al. "
            "2019 (against)",
            "forecast",
            lambda rule: _Logistic(rule, EARLY_WARNING),
        ),
        ForecasterKind(
            "readout",
            "Streaming readout",
            "a logistic readout of levels, spread, fluctuations and the diary, which goes on learning",
            "Spiegelhalter & Lauritzen 1990, Networks 20:579",
            "forecast",
            lambda rule: _Logistic(rule, FEATURES),
        ),
        ForecasterKind(
            "look_ahead",
            "Look-ahead",
            "futures that the twin has lived from one moment, each with its own noise, weighed by how well "
            "they fit what is observed",
            "Rabiner 1989, Proc IEEE 77:257; Lorenz 1969, J Atmos Sci 26:636",
            "forecast",
            LookAhead,
        ),
        ForecasterKind(
            "poisson", "Rate", "the patient's rate of seizures so far, always the same", "-", "null", _Poisson
        ),
        ForecasterKind(
            "periodic",
            "Period",
            "the next seizure as long after the last one as those before",
            "-",
            "null",
            _Periodic,
        ),
        ForecasterKind(
            "persistence",
            "Persistence",
            "another seizure soon after a seizure, or not",
            "-",
            "null",
            _Persistence,
        ),
        ForecasterKind(
            "oracle",
            "Oracle",
            "sees the hidden state of the simulated patient: what nobody can beat",
            "-",
            "oracle",
            lambda rule: _Logistic(rule, (), sees_hidden=True),
        ),
    ),
)
"""All of them by name; `FORECASTERS[name].make(rule)` makes one."""
