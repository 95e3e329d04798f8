"""A hidden patient: another brain of the same kind, which changes while a clinic records from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.errors import ParameterError
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import MAX_FACTOR, Tuning
from engine.scenario.tuning_file import keep_tuning
from engine.tuning.running_brain import RunningBrain

__all__ = ["INTERVAL_MS", "HiddenPatient", "PatientBrain", "Spread", "running"]

INTERVAL_MS = 2000
"""Biology between two messages of a clinic [ms]."""
BIN_MS = 1000
"""Bin of the rates in them [ms]."""
SETTLE_MS = 120_000
"""Biology in which a patient's own homeostasis settles, before anybody records [ms]."""
REST_HZ = 4.0
"""Rate of a region of the group brain [Hz]."""
_PER_HZ = 0.02  # of the logarithm of inhibition, an interval, while it settles
_SLOWLY = 0.1  # of that, afterwards
_FLOOR = 0.1
WARM_MS = 10_000
"""Biology before the first message, in which a brain leaves its start behind [ms]."""


@dataclass(frozen=True)
class Spread:
    """How patients differ from the group, and how far one changes.

    Attributes
    ----------
    tracts : float [1]
        Standard deviation of the logarithm of the factor that each tract's weight gets. At 1.3 the
        patient's ``log1p`` weights correlate with the group's at about 0.9, as those of two mice of one
        strain do (0.89, measured on the 32 connectomes of Wang et al. 2020,
        doi 10.1016/j.neuroimage.2020.117274); that human brains differ as much is assumed.
    rates : float [1]
        The same of the rate that each region's own homeostasis holds, its excitability; assumed.
    drift : float [1]
        How far the patient moves during a recording, as a share of the above; assumed.
    sites : float [1]
        Share of the regions that a clinic records from; that electrodes reach all of one hemisphere is
        assumed.
    noise : float [1]
        Noise of a recorded rate, in standard deviations of that rate; assumed.

    Raises
    ------
    ParameterError
        A number is out of range.
    """

    tracts: float = 1.3
    rates: float = 0.3
    drift: float = 0.5
    sites: float = 1.0
    noise: float = 0.2

    def __post_init__(self) -> None:
        for name in ("tracts", "rates", "drift", "noise"):
            if not 0 <= getattr(self, name) <= 3:
                raise ParameterError(f"Spread.{name}: must be from 0 to 3 (got {getattr(self, name):g}).")
        if not 0 < self.sites <= 1:
            raise ParameterError(f"Spread.sites: must be above 0 and at most 1 (got {self.sites:g}).")


@dataclass(frozen=True, eq=False)
class HiddenPatient:
    """What sets one patient apart; nobody but the judge reads it.

    Attributes
    ----------
    group : Tuning
    first, last : (n_regions, n_regions) float64 [1]
        Factors of the effective weight of each tract at the beginning and at the end of a recording.
    first_hz, last_hz : (n_regions,) float64 [Hz]
        Rates that its regions hold by themselves.
    sites : (n_sites,) int64
        Regions that are recorded from, in order.
    wiring_seed : int
        Of the single synapses, which are another draw than the group's.
    """

    group: Tuning
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    first_hz: NDArray[np.float64]
    last_hz: NDArray[np.float64]
    sites: NDArray[np.int64]
    wiring_seed: int

    @classmethod
    def drawn(
        cls, group: Tuning, connectome: Connectome, spread: Spread, rng: np.random.Generator
    ) -> HiddenPatient:
        """Draw one.

        Parameters
        ----------
        group : Tuning
            Of the regions that are simulated.
        connectome : Connectome
        spread : Spread
        rng : Generator
        """
        index = [connectome.labels.index(label) for label in group.labels]
        weights = connectome.weights[np.ix_(index, index)].copy()
        np.fill_diagonal(weights, 0.0)
        n = len(index)
        tracts = spread.tracts * rng.standard_normal((n, n))
        rates = spread.rates * rng.standard_normal(n)
        moved = spread.drift * spread.tracts * rng.standard_normal((n, n))
        moved_rates = spread.drift * spread.rates * rng.standard_normal(n)
        n_sites = max(4, round(spread.sites * n))
        return cls(
            group,
            _effective(weights, np.exp(tracts)),
            _effective(weights, np.exp(tracts + moved)),
            REST_HZ * np.exp(rates),
            REST_HZ * np.exp(rates + moved_rates),
            np.sort(rng.permutation(n)[:n_sites]),
            int(rng.integers(2**31 - 1)),
        )

    def tuning_at(self, share: float, inhibition: NDArray[np.float64]) -> Tuning:
        """The patient's brain when this share of the recording is over; between the ends in the logarithm.

        Parameters
        ----------
        share : float [1]
            0 to 1.
        inhibition : (n_regions,) float64 [1]
            Local inhibition, where its own homeostasis has led it.
        """
        tracts = self.first ** (1 - share) * self.last**share
        group = self.group
        return Tuning(
            "patient",
            group.labels,
            np.clip(group.onto_excitatory * tracts, 0.0, MAX_FACTOR),
            np.clip(group.onto_inhibitory * tracts, 0.0, MAX_FACTOR),
            inhibition,
            group.bias,
        )

    def rate_hz_at(self, share: float) -> NDArray[np.float64]:
        """Rates that its regions hold by then, (n_regions,) float64 [Hz]."""
        return self.first_hz ** (1 - share) * self.last_hz**share


def _effective(weights: NDArray[np.float64], factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factors of what a target gets through each tract, when its raw weights get these factors.

    Parameters
    ----------
    weights, factors : (n_regions, n_regions) float64

    Returns
    -------
    (n_regions, n_regions) float64 [1]
        1 where there is no tract. A target gets as much in all as before.
    """
    before, after = np.log1p(weights), np.log1p(weights * factors)
    before /= np.maximum(before.sum(axis=1, keepdims=True), 1e-300)
    after /= np.maximum(after.sum(axis=1, keepdims=True), 1e-300)
    return np.divide(after, before, out=np.ones_like(before), where=before > 0)


def running(
    scenario: Scenario, connectome: Connectome, tuning: Tuning, seed: int, wiring: int
) -> RunningBrain:
    """A brain with this tuning that has left its start behind.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    tuning : Tuning
    seed, wiring : int
        Of its noise, and of its single synapses.

    Raises
    ------
    EngineError
        It cannot be run.
    """
    values = {"network.tuning": keep_tuning(tuning), "network.wiring_seed": wiring, "seed": seed}
    brain = RunningBrain(scenario.with_values(values), connectome)
    brain.advance(WARM_MS)
    return brain


class PatientBrain:
    """The patient's brain while it runs, and what the clinic hears of it.

    As a living brain's, its regions hold rates of their own by local inhibition: quickly before anybody
    records, slowly from then on.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    patient : HiddenPatient
    seed : int
    minutes : float [min]
        Of the recording; over it the patient changes.
    noise : float [1]
        As of `Spread`.

    Attributes
    ----------
    tuning : Tuning
        As it is now.

    Raises
    ------
    EngineError
        It cannot be run.
    """

    def __init__(
        self,
        scenario: Scenario,
        connectome: Connectome,
        patient: HiddenPatient,
        seed: int,
        minutes: float,
        noise: float,
    ):
        self.patient = patient
        self._ms = 60_000.0 * minutes
        self._noise = noise
        self._rng = np.random.default_rng((seed, 1))
        self._done_ms = 0
        self._inhibition = np.array(patient.group.local_inhibition)
        self.tuning = patient.tuning_at(0.0, self._inhibition)
        self.brain = running(scenario, connectome, self.tuning, seed, patient.wiring_seed)
        self._mean = np.zeros(len(patient.group.labels))
        self._square = np.zeros_like(self._mean)
        self._n = 0

    def settle(self) -> None:
        """Run one interval before the recording.

        Raises
        ------
        SimulationError
            A membrane potential is no number.
        """
        self._hold(self.brain.rates_hz(self.brain.advance(INTERVAL_MS), BIN_MS), _PER_HZ)

    def _hold(self, true: NDArray[np.float64], per_hz: float) -> None:
        share = min(1.0, self._done_ms / self._ms)
        excess = true.mean(axis=0) - self.patient.rate_hz_at(share)
        self._inhibition = np.clip(self._inhibition * np.exp(per_hz * excess), _FLOOR, MAX_FACTOR)
        self.tuning = self.patient.tuning_at(share, self._inhibition)
        self.brain.retune(self.tuning)

    def advance(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Run one interval of the recording.

        Returns
        -------
        true : (n_bins, n_regions) float64 [Hz]
            Rates of excitatory neurons.
        observed : (n_bins, n_sites) float64 [Hz]
            What the clinic has of it.

        Raises
        ------
        SimulationError
            A membrane potential is no number.
        """
        true = self.brain.rates_hz(self.brain.advance(INTERVAL_MS), BIN_MS)
        self._done_ms += INTERVAL_MS
        self._hold(true, _SLOWLY * _PER_HZ)
        self._n += len(true)
        self._mean += (true - self._mean).sum(axis=0) / self._n
        self._square += ((true - self._mean) ** 2).sum(axis=0)
        deviation = np.sqrt(self._square / self._n)
        observed = true + self._noise * deviation * self._rng.standard_normal(true.shape)
        return true, observed[:, self.patient.sites]

    def close(self) -> None:
        """Let threads go."""
        self.brain.close()
