"""A part of the brain round an epileptic focus, small enough to live for hours.

Ten regions of fifty neurons, and time is compressed: chloride moves four times as fast, and
what ends a seizure is gone after half a minute instead of minutes, so that seizures are minutes apart and
not days. Where most regions are off, the others' tracts share the whole long-range input, so the tuning is
scaled until every region gets as much drive and as much feed-forward inhibition as in the whole brain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backends.contract import LiveParameters
from engine.backends.digital.backend import DigitalBackend
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.errors import ParameterError
from engine.model.ions import Focus
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import MAX_FACTOR, Tuning
from engine.tuning.running_brain import RunningBrain

__all__ = [
    "AROUND",
    "FOCI",
    "RING",
    "PatientBrain",
    "Person",
    "draw_person",
    "group_person",
    "part_scenario",
    "part_tuning",
]

FOCI = (("L.HI", "L.AM"), ("L.EC", "L.PHIG"), ("L.TP", "L.FG"))
"""Where seizures may begin: two neighbours each."""
AROUND = ("L.HI", "L.AM", "L.EC", "L.PHIG", "L.FG", "L.TP", "L.IN")
"""Whom they recruit; the foci of the preset."""
REST = ("L.ITG", "L.MTG", "L.STG")
"""The most connected others of the temporal lobe."""
RING = 0.5
"""What the regions around have of the focus's raised excitability; they clear chloride twice as well."""

_N, _IN_DEGREE = 50, 60
_IONS = {"influx": 0.008, "tau_cl": 250.0, "g_sahp": 0.01, "tau_sahp": 10_000.0, "start_rate_hz": 3.0}
_GAIN, _GAIN_SD = 0.85, 0.02
_WEAK_SD, _STRONG_SD = 0.4, 0.16
_DRIVE = (15.0, 25.0)
_SETTLE_MS = 1000


@dataclass(frozen=True, eq=False)
class Person:
    """What sets a patient apart from the group.

    Attributes
    ----------
    seed : int
        Of the noise in the brain.
    tuning : Tuning
        With log-normal factors for every tract.
    focus : tuple of str
        The regions in which seizures begin.
    drive : float
        Raised excitability of the focus [pA]; the regions around have half of it.
    """

    seed: int
    tuning: Tuning
    focus: tuple[str, ...]
    drive: float

    def foci(self, clearance: float, ring: float = RING) -> tuple[Focus, ...]:
        """The focus and the regions around it, at a clearance of chloride in the focus.

        Parameters
        ----------
        clearance : float [1]
            Over that of a healthy region; the regions around clear it by `ring` better.
        ring : float [1]
            How much of the focus's raised excitability the regions around have, above 0.
        """
        return tuple(
            Focus(region=label, drive=self.drive, clearance=clearance)
            if label in self.focus
            else Focus(region=label, drive=ring * self.drive, clearance=min(1.0, clearance / ring))
            for label in AROUND
        )


def part_scenario(scenario: Scenario, connectome: Connectome) -> Scenario:
    """The preset's brain cut down to the regions around the focus, with ions that move fast.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome

    Raises
    ------
    ParameterError
        The connectome lacks one of the regions.
    """
    on = {*AROUND, *REST}
    if missing := sorted(on - set(connectome.labels)):
        raise ParameterError(
            f"twin.connectome: must have the left temporal lobe (got none called {missing[0]}). Use dk84."
        )
    values = {
        "regions": {"off": [label for label in connectome.labels if label not in on]},
        "network.neurons_per_region": _N,
        "network.in_degree": _IN_DEGREE,
        "focus": [],
        **{f"network.ions.{name}": value for name, value in _IONS.items()},
    }
    return scenario.with_values(values)


def part_tuning(whole: Scenario, part: Scenario, connectome: Connectome) -> Tuning:
    """The whole brain's tuning for a part of it, with as much input to every region as in the whole.

    Parameters
    ----------
    whole, part : Scenario
    connectome : Connectome

    Raises
    ------
    ParameterError
        The whole brain is not tuned.
    """
    all_of, some = Network.of(whole, connectome), Network.of(part, connectome)
    if all_of.tuning is None or some.tuning is None:
        raise ParameterError("network.tuning: must be given where a part of a brain is cut out (got '').")
    index = [all_of.labels.index(label) for label in some.labels]

    def whole_input(factors: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((all_of.probability * factors).sum(axis=1)[index], np.float64)

    return replace(
        some.tuning,
        onto_excitatory=_scaled(
            some, some.tuning.onto_excitatory, whole_input(all_of.tuning.onto_excitatory)
        ),
        onto_inhibitory=_scaled(
            some, some.tuning.onto_inhibitory, whole_input(all_of.tuning.onto_inhibitory)
        ),
    )


def _scaled(
    network: Network, factors: NDArray[np.float64], wanted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Factors (n_regions, n_regions) whose mean over the inputs of each region is the wanted one."""
    got = (network.probability * factors).sum(axis=1)
    return np.clip(factors * (wanted / got)[:, None], 0.0, MAX_FACTOR)


def draw_person(tuning: Tuning, network: Network, rng: np.random.Generator) -> Person:
    """Draw who a patient is.

    The factor of a tract is log-normal, wider for weak tracts than for strong ones, so that the strengths
    of a patient's tracts go with the group's at r = 0.87 in log1p; between mice of one strain it is 0.83 to
    0.91 (32 individual connectomes, Wang et al. 2020, doi 10.1016/j.neuroimage.2020.117274). A region's whole
    input stays the group's, times an excitability of the patient.

    Parameters
    ----------
    tuning : Tuning
        Of the group.
    network : Network
    rng : Generator
    """
    n = network.n_regions
    rank = network.probability.ravel().argsort().argsort().reshape(n, n) / (n * n - 1)
    spread = np.exp(rng.normal(size=(n, n)) * (_WEAK_SD + (_STRONG_SD - _WEAK_SD) * rank))
    gain = rng.normal(_GAIN, _GAIN_SD)

    def own(factors: NDArray[np.float64], by: float) -> NDArray[np.float64]:
        return _scaled(network, factors * spread, by * (network.probability * factors).sum(axis=1))

    mine = replace(
        tuning,
        onto_excitatory=own(tuning.onto_excitatory, gain),
        onto_inhibitory=own(tuning.onto_inhibitory, 1.0),
    )
    focus = FOCI[int(rng.integers(len(FOCI)))]
    return Person(int(rng.integers(2**31)), mine, focus, float(rng.uniform(*_DRIVE)))


def group_person(tuning: Tuning, network: Network, focus: tuple[str, ...], seed: int) -> Person:
    """The group's mean in place of what sets a patient apart, with a focus.

    Parameters
    ----------
    tuning : Tuning
        Of the group.
    network : Network
    focus : tuple of str
    seed : int
        Of wiring and noise.
    """
    probability, factors = network.probability, tuning.onto_excitatory
    whole = _GAIN * (probability * factors).sum(axis=1)
    mean = replace(tuning, onto_excitatory=_scaled(network, factors, whole))
    return Person(seed, mean, focus, sum(_DRIVE) / 2)


class PatientBrain:
    """A patient's brain as it lives on, its foci changed from outside.

    Parameters
    ----------
    scenario : Scenario
        Of `part_scenario`.
    connectome : Connectome
    person : Person

    Attributes
    ----------
    running : RunningBrain
    labels : tuple of str
    person : Person
    """

    def __init__(self, scenario: Scenario, connectome: Connectome, person: Person):
        healthy = [one.model_dump() for one in person.foci(1.0)]
        self.running = RunningBrain(scenario.with_values({"seed": person.seed, "focus": healthy}), connectome)
        self.labels = self.running.network.labels
        self.person, self._removed = person, np.zeros(0, np.intp)
        self.running.retune(person.tuning)
        self._live = LiveParameters.of(scenario)
        self.running.advance(_SETTLE_MS)

    def remove(self, labels: Sequence[str]) -> None:
        """Take regions out, and put all others back: their tracts are cut, and nobody hears of them.

        Parameters
        ----------
        labels : sequence of str
        """
        self._removed = np.array([self.labels.index(label) for label in labels], np.intp)
        kept = np.ones(len(self.labels))
        kept[self._removed] = 0.0
        self._tune_by(kept[:, None] * kept)

    def cut_off(self, labels: Sequence[str]) -> None:
        """Cut the tracts between regions and all others, and put everything else back; no region goes.

        Parameters
        ----------
        labels : sequence of str
        """
        self._removed = np.zeros(0, np.intp)
        inside = np.isin(self.labels, list(labels))
        self._tune_by((inside[:, None] == inside).astype(np.float64))

    def _tune_by(self, factors: NDArray[np.float64]) -> None:
        """The person's own tuning, every tract times a factor of (n_regions, n_regions)."""
        tuning = self.person.tuning
        self.running.retune(
            replace(
                tuning,
                onto_excitatory=tuning.onto_excitatory * factors,
                onto_inhibitory=tuning.onto_inhibitory * factors,
            )
        )

    def state(self) -> dict[str, Any]:
        """Copies of all that changes, but for what was removed or set."""
        return self.running.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a :meth:`state`."""
        self.running.restore(state)

    def use_noise(self, seed: int) -> None:
        """Let the noise in the brain be that of a seed from now on; it is none of a :meth:`state`."""
        for backend in self.running.backends:
            assert isinstance(backend, DigitalBackend)
            backend.noise_seed = seed

    def set(self, clearance: float, arousal: float = 0.0, ring: float = RING) -> None:
        """From now on.

        Parameters
        ----------
        clearance : float
            As of :meth:`Person.foci`.
        arousal : float [pA]
            Added to the background of every neuron.
        ring : float
            As of :meth:`Person.foci`.
        """
        self.running.set_foci(self.person.foci(clearance, ring))
        live = replace(self._live, ou_mean=self._live.ou_mean + arousal)
        for backend in self.running.backends:
            backend.set_live(live)

    def rates_hz(self, n_ms: int, bin_ms: int) -> NDArray[np.float64]:
        """Live on.

        Parameters
        ----------
        n_ms, bin_ms : int
            The second divides the first.

        Returns
        -------
        (n_bins, n_regions) float64 [Hz]
            Rates of excitatory neurons.
        """
        rates = self.running.rates_hz(self.running.advance(n_ms), bin_ms)
        rates[:, self._removed] = 0.0
        return rates

    @property
    def chloride(self) -> float:
        """Mean chloride in the neurons of the focus [mM]."""
        at = [self.labels.index(label) for label in self.person.focus]
        backend = self.running.backends[0]
        assert isinstance(backend, DigitalBackend)
        assert backend.ions is not None
        return float(backend.ions.chloride[np.isin(self.running.network.region_of, at)].mean())
