"""The twin: it runs beside the patient and moves its synapses towards what it hears."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.fit.functional_connectivity import fc_correlation
from engine.registry import Registry
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import MAX_FACTOR, Tuning
from engine.tuning.rule import TuningRule
from engine.tuning.streaming import StreamingFC
from engine.twin.adaptation.patient import BIN_MS, INTERVAL_MS, running

__all__ = ["LEARNINGS", "RULE", "AdaptiveTwin", "Learning", "TwinStep"]

RULE = TuningRule(rate=0.03, quiet_s=60.0)
"""How tracts learn; chosen on patients that no trial draws."""

_INHIBITION_PER_HZ = 0.02  # of the logarithm, an interval, at the beginning
_DRIVE_PA_PER_HZ = 4.0
_MAX_DRIVE_PA = 200.0
_LEAST_SHARE = 0.05  # of the gains, which fall as of the rule; never below, so that a drift is followed
_FLOOR = 0.1


@dataclass(frozen=True)
class Learning:
    """What of a twin follows the patient.

    Attributes
    ----------
    name, label : str
    inhibition : bool
        Synapses from inhibitory onto excitatory neurons follow the rate of their region.
    tracts : bool
        Synapses of tracts follow the correlation of their two regions.
    drive : bool
        A current into each region follows its rate; no synapse learns.
    is_shuffled : bool
        It hears the sites under each other's names.
    """

    name: str
    label: str
    inhibition: bool = False
    tracts: bool = False
    drive: bool = False
    is_shuffled: bool = False


LEARNINGS: Registry[Learning] = Registry(
    "learning",
    (
        Learning("synapses", "Twin: inhibition and tracts learn", inhibition=True, tracts=True),
        Learning("inhibition", "Inhibition alone learns", inhibition=True),
        Learning("drive", "No synapse learns, the drive follows", drive=True),
        Learning(
            "shuffled", "Hears the sites under wrong names", inhibition=True, tracts=True, is_shuffled=True
        ),
        Learning("none", "Group brain"),
    ),
)


class TwinStep(NamedTuple):
    """Where a twin stands after an interval.

    Attributes
    ----------
    minutes : float [min]
        Biology heard of the patient.
    r : float [1]
        Correlation of the running FC of the twin with that of the patient over the recorded sites; NaN at
        the beginning.
    rate_error_hz : float [Hz]
        Root mean square difference of the running mean rates of the sites.
    """

    minutes: float
    r: float
    rate_error_hz: float


class AdaptiveTwin:
    """A running brain that begins as the group's and follows one patient.

    What it hears counts less the older it is; the future is never seen and nothing is played twice.

    Parameters
    ----------
    scenario : Scenario
        Its tuning is that of the group.
    connectome : Connectome
    group : Tuning
    sites : (n_sites,) int64
        Regions that the patient is recorded from.
    learning : Learning
    seed : int
        Of its noise and, where asked for, of the wrong names.
    rule : TuningRule

    Raises
    ------
    EngineError
        It cannot be run.
    """

    def __init__(
        self,
        scenario: Scenario,
        connectome: Connectome,
        group: Tuning,
        sites: NDArray[np.int64],
        learning: Learning,
        seed: int,
        rule: TuningRule = RULE,
    ):
        self.learning = learning
        self.tuning = group
        self.sites = sites
        self._rule = rule
        self.brain = running(scenario, connectome, group, seed, scenario.wiring_seed)
        n = len(group.labels)
        self._e, self._i = np.array(group.onto_excitatory), np.array(group.onto_inhibitory)
        self._inhibition, self._bias = np.array(group.local_inhibition), np.array(group.bias)
        self._own, self._heard = StreamingFC(n), StreamingFC(sites.size)
        self._order = np.arange(sites.size)
        if learning.is_shuffled:
            self._order = np.random.default_rng((seed, 2)).permutation(sites.size)
        self._ms = 0

    def advance(self, observed: NDArray[np.float64]) -> tuple[NDArray[np.float64], TwinStep]:
        """Run one interval beside the patient's, and learn from it.

        Parameters
        ----------
        observed : (n_bins, n_sites) float64 [Hz]

        Returns
        -------
        rates : (n_bins, n_regions) float64 [Hz]
            Of its own excitatory neurons.
        step : TwinStep

        Raises
        ------
        SimulationError
            A membrane potential is no number.
        """
        rates = self.brain.rates_hz(self.brain.advance(INTERVAL_MS), BIN_MS)
        self._ms += INTERVAL_MS
        seconds = self._ms / 1000.0
        window = self._rule.window(seconds)
        for own, heard in zip(rates, observed[:, self._order], strict=True):
            self._own.add(own, window)
            self._heard.add(heard, window)
        own_fc, heard_fc = self._own.fc()[np.ix_(self.sites, self.sites)], self._heard.fc()
        self._follow_rates(rates.mean(axis=0)[self.sites], seconds)
        if self.learning.tracts and seconds > self._rule.quiet_s:
            self._follow_correlations(heard_fc - own_fc, seconds)
        if self.learning.inhibition or self.learning.tracts or self.learning.drive:
            self.tuning = replace(
                self.tuning,
                onto_excitatory=self._e,
                onto_inhibitory=self._i,
                local_inhibition=self._inhibition,
                bias=self._bias,
            )
            self.brain.retune(self.tuning)
        r = float("nan")
        if seconds > self._rule.quiet_s:
            seen = np.empty_like(heard_fc)
            seen[np.ix_(self._order, self._order)] = heard_fc
            r, _ = fc_correlation(own_fc, seen)
        patient = np.empty(self.sites.size)
        patient[self._order] = self._heard.mean
        error = float(np.sqrt(((self._own.mean[self.sites] - patient) ** 2).mean()))
        return rates, TwinStep(seconds / 60.0, r, error)

    def _follow_rates(self, rate_hz: NDArray[np.float64], seconds: float) -> None:
        share = max(self._rule.gain_share(seconds), _LEAST_SHARE)
        excess = rate_hz - self._heard.mean
        if self.learning.inhibition:
            at_floor = self._inhibition[self.sites] <= _FLOOR
            by_bias = np.where(excess > 0, self._bias[self.sites] > 0, at_floor)
            moved = self._inhibition[self.sites] * np.exp(_INHIBITION_PER_HZ * share * excess)
            self._inhibition[self.sites] = np.where(
                by_bias, self._inhibition[self.sites], np.clip(moved, _FLOOR, MAX_FACTOR)
            )
            bias = np.clip(self._bias[self.sites] - self._rule.bias_gain * share * excess, 0.0, _MAX_DRIVE_PA)
            self._bias[self.sites] = np.where(by_bias, bias, self._bias[self.sites])
        elif self.learning.drive:
            moved = self._bias[self.sites] - _DRIVE_PA_PER_HZ * share * excess
            self._bias[self.sites] = np.clip(moved, -_MAX_DRIVE_PA, _MAX_DRIVE_PA)

    def _follow_correlations(self, error: NDArray[np.float64], seconds: float) -> None:
        seen = ~np.eye(self.sites.size, dtype=bool)
        step = self._rule.step(error, seen, seconds)
        pairs = np.ix_(self.sites, self.sites)
        self._e[pairs] = np.clip(self._e[pairs] + step, 0.0, self._rule.max_factor)
        self._i[pairs] = np.clip(self._i[pairs] - step, 0.0, self._rule.max_factor)

    def close(self) -> None:
        """Let threads go."""
        self.brain.close()
