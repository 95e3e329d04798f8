"""What brings seizures about, one record a kind.

A process sets, once a second, how well the focus clears chloride; that a seizure begins, spreads and ends
is the network's own doing. Clearance is counted in that at which a patient's own focus begins to seize by
itself (`engine.twin.patients.life.threshold_of`): 1 is the brink.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.registry import Registry

__all__ = ["DEAD_S", "PATIENT_KINDS", "PatientKind", "Process", "Setting"]

DEAD_S = 40.0
"""From the onset of a seizure until a patient counts as recovered; no trigger falls into it [s]."""

_HEALTHY = 3.0
_WANDER_SD, _WANDER_S = 0.04, 10.0
_LEAST_S, _MOST_S = 3.0, 20.0
_RESTORED_S, _RESTORED = 4.0, 0.02


@dataclass(frozen=True)
class Setting:
    """What the focus is like in the second to come.

    Attributes
    ----------
    clearance : float [1]
        Over that of the brink.
    hidden : float
        What only the oracle sees: the state that brings seizures about.
    """

    clearance: float
    hidden: float


class Process(ABC):
    """The slow process in one patient.

    Parameters
    ----------
    rng : Generator
        Of its own.
    """

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self._wander, self._ictal_s = 0.0, 0.0

    @abstractmethod
    def step(self, time_s: float, is_seizure: bool) -> Setting:
        """The setting of the next second.

        Parameters
        ----------
        time_s : float
            Since the patient's record began; the first seconds are negative.
        is_seizure : bool
            Whether the patient is in a seizure.
        """

    def has_ended(self, is_seizure: bool) -> bool:
        """Whether a seizure has just ended, told once every second whether there is one."""
        lasted, self._ictal_s = self._ictal_s, self._ictal_s + 1.0 if is_seizure else 0.0
        return lasted >= _LEAST_S and not is_seizure

    def wandered(self) -> float:
        """A small slow noise in the logarithm of clearance."""
        keep = math.exp(-1.0 / _WANDER_S)
        self._wander = keep * self._wander + math.sqrt(1 - keep * keep) * _WANDER_SD * self.rng.normal()
        return self._wander


class _BuildUp(Process):
    """Clearance wears down, each time at another pace, until a seizure comes; its end restores it."""

    _lasts_s, _sd = 120.0, 0.3

    def __init__(self, rng: np.random.Generator):
        super().__init__(rng)
        self._wear = float(rng.uniform(0.0, 0.5))
        self._pace = self._drawn()
        self._is_restoring = False

    def _drawn(self) -> float:
        return math.exp(self._sd * self.rng.normal()) / self._lasts_s

    def step(self, time_s: float, is_seizure: bool) -> Setting:
        if self.has_ended(is_seizure) or self._ictal_s >= _MOST_S:
            self._is_restoring = True
        if self._is_restoring:
            self._wear *= math.exp(-1.0 / _RESTORED_S)
            if self._wear < _RESTORED:
                self._is_restoring, self._pace = False, self._drawn()
        else:
            self._wear += self._pace
        return Setting(_HEALTHY ** (1.0 - self._wear) * math.exp(self.wandered()), self._wear)


class _NoiseDriven(Process):
    """Clearance is well; it fails at once, unannounced, with a constant hazard, and comes back."""

    _every_s, _failed, _clearance = 60.0, 0.65, 1.6

    def __init__(self, rng: np.random.Generator):
        super().__init__(rng)
        self._next_s = float(rng.exponential(self._every_s))
        self._is_failed, self._failed_s = False, -math.inf

    def step(self, time_s: float, is_seizure: bool) -> Setting:
        wander = self.wandered()
        if time_s >= self._next_s:
            self._is_failed, self._failed_s = True, time_s
            self._next_s = time_s + DEAD_S + float(self.rng.exponential(self._every_s))
        if self.has_ended(is_seizure) or time_s >= self._failed_s + _MOST_S:
            self._is_failed = False
        clearance = self._failed if self._is_failed else self._clearance
        return Setting(clearance * math.exp(wander), -wander)


class _Cyclic(Process):
    """Clearance goes up and down with a rhythm of its own; seizures come near its lowest."""

    _period_s, _sd, _worst = 140.0, 0.15, 0.85

    def __init__(self, rng: np.random.Generator):
        super().__init__(rng)
        self._phase = float(rng.uniform(0.0, 2 * math.pi))
        self._speed = 2 * math.pi / (self._period_s * math.exp(self._sd * rng.normal()))

    def step(self, time_s: float, is_seizure: bool) -> Setting:
        low = 0.5 - 0.5 * math.cos(self._phase + self._speed * time_s)
        clearance = _HEALTHY * (self._worst / _HEALTHY) ** low
        return Setting(clearance * math.exp(self.wandered()), low)


@dataclass(frozen=True)
class PatientKind:
    """One way in which seizures come about.

    Attributes
    ----------
    name, label, sentence : str
    make : callable
        Of a `Generator`, a `Process`.
    """

    name: str
    label: str
    sentence: str
    make: Callable[[np.random.Generator], Process]


PATIENT_KINDS: Registry[PatientKind] = Registry(
    "kind of patient",
    (
        PatientKind(
            "build_up",
            "Build-up",
            "inhibition in the focus wears down until a seizure comes, which restores it",
            _BuildUp,
        ),
        PatientKind(
            "noise_driven",
            "Noise-driven",
            "nothing builds up: inhibition in the focus fails at once, with a constant hazard",
            _NoiseDriven,
        ),
        PatientKind(
            "cyclic", "Cyclic", "inhibition in the focus goes up and down with a slow rhythm", _Cyclic
        ),
    ),
)
"""All of them by name."""
