"""What is assimilated: which brain, which data, how; and what that takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dtb_app.session.measured import OwnData
from engine.assimilation.baselines import N_REPLAYS
from engine.assimilation.brain_filter import WARM_MS, FilterSettings
from engine.assimilation.offline import POPULATION
from engine.brain.connectome import Connectome
from engine.errors import DataError
from engine.fit.measured import RegionSeries
from engine.run.capacity import capacity_of, threads_for
from engine.scenario.scenario import Scenario

__all__ = [
    "DEFAULTS",
    "N_SMALL",
    "TR_MS",
    "Asked",
    "apart_names",
    "linked_regions",
    "scenario_brain",
    "small_brain",
]

N_SMALL = 8
"""Regions of the small brain."""

TR_MS = 720
"""Of a twin experiment [ms]."""

_NEURONS = 100  # a region of the small brain
_DT = 0.5
_STEP_NS, _BUILD_S = 8.0, 5.0  # a step of a neuron with its synapses, measured on one core; what comes before


@dataclass(frozen=True)
class Defaults:
    """What the section offers: a twin experiment of half a minute."""

    parameters: tuple[str, ...] = ("bias",)
    n_members: int = 30
    n_trs: int = 60
    n_held_out: int = 2
    seed: int = 1


DEFAULTS = Defaults()


@dataclass(frozen=True, eq=False)
class Asked:
    """One assimilation as it was asked for.

    Attributes
    ----------
    title : str
    scenario : Scenario
    connectome : Connectome
    settings : FilterSettings
    n_trs : int
        At most; own data may be shorter.
    n_held_out : int
        Observed regions that are only compared.
    own : OwnData, optional
        Measured BOLD; without it a synthetic brain with known parameters is observed.
    n_generations : int
        Of an offline fit; 0 for a filter.
    """

    title: str
    scenario: Scenario
    connectome: Connectome
    settings: FilterSettings
    n_trs: int
    n_held_out: int
    own: OwnData | None = None
    n_generations: int = 0

    @property
    def is_offline(self) -> bool:
        """Whether one value of each parameter is fitted for all regions."""
        return self.n_generations > 0

    @property
    def n_synapses(self) -> int:
        """Of one member."""
        return capacity_of(self.scenario, self.connectome, lays_out=False).n_synapses

    @property
    def threads(self) -> int:
        """In which members run."""
        n = POPULATION if self.is_offline else self.settings.n_members
        return threads_for(self.n_synapses * n)

    @property
    def tr_ms(self) -> float:
        """Time between two observations [ms]."""
        data = None if self.own is None else self.own.data
        return 1000.0 * data.interval_s if isinstance(data, RegionSeries) else TR_MS

    @property
    def used_trs(self) -> int:
        """Observations that there are of those that are wanted."""
        data = None if self.own is None else self.own.data
        return min(self.n_trs, data.n_samples) if isinstance(data, RegionSeries) else self.n_trs

    def parts(self) -> tuple[float, float, float]:
        """How long data, assimilation and judging take, beside each other.

        Returns
        -------
        tuple of float [ms]
            Biology of one member after another.
        """
        threads, warm = self.threads, float(WARM_MS)
        whole = self.used_trs * self.tr_ms + warm
        observed = 0.0 if self.own is not None else whole
        if self.is_offline:
            of_one = self.used_trs // 2 * self.tr_ms + warm
            return (
                observed,
                self.n_generations * of_one * POPULATION / threads,
                2 * N_REPLAYS * whole / threads,
            )
        return observed, whole * self.settings.n_members / threads, whole * (1 + 2 * N_REPLAYS / threads)

    @property
    def expected_s(self) -> float:
        """Wall time that it takes [s], an estimate."""
        n_neurons = capacity_of(self.scenario, self.connectome, lays_out=False).n_neurons
        return _BUILD_S + _STEP_NS * 1e-9 * n_neurons * self.scenario.n_sub * sum(self.parts())


def linked_regions(connectome: Connectome, n: int, among: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Regions that are strongly linked to each other: the strongest, and one after the other joins it.

    Parameters
    ----------
    connectome : Connectome
    n : int
    among : tuple of str, optional
        Labels to choose from; all where left out.

    Raises
    ------
    DataError
        There are fewer than two to choose from.
    """
    labels = connectome.labels
    may = np.array([among is None or label in among for label in labels])
    if may.sum() < 2:
        raise DataError(f"regions: must be at least two of the connectome (got {int(may.sum())}).")
    weights = np.asarray(connectome.weights, np.float64)
    both = np.where(may[:, None] & may, weights + weights.T, 0.0)
    chosen = [int(np.argmax(np.where(may, both.sum(axis=0), -1.0)))]
    while len(chosen) < min(n, int(may.sum())):
        towards = np.where(may, both[chosen].sum(axis=0), -1.0)
        towards[chosen] = -1.0
        chosen.append(int(np.argmax(towards)))
    return tuple(labels[k] for k in sorted(chosen))


def small_brain(scenario: Scenario, connectome: Connectome, labels: tuple[str, ...], seed: int) -> Scenario:
    """A plain digital brain of a few regions of a scenario's connectome."""
    values: dict[str, Any] = {
        "title": f"{len(labels)} regions of {connectome.name}",
        "connectome": scenario.connectome,
        "dt": _DT,
        "seed": seed,
        "network": {"neurons_per_region": _NEURONS},
        "regions": {"default": "off", "digital": labels},
    }
    return Scenario(**values)


def scenario_brain(scenario: Scenario, connectome: Connectome, seed: int) -> Scenario:
    """The brain of a scenario with all of its regions digital."""
    labels = connectome.labels
    backends = tuple("off" if b == "off" else "digital" for b in scenario.backend_of(labels))
    values = {"seed": seed, "network.wiring_seed": scenario.wiring_seed}
    return scenario.with_backends(labels, backends).with_values(values)


def apart_names(labels: tuple[str, ...], n_held_out: int) -> tuple[str, ...]:
    """Which regions are held out: spread evenly over those that are observed.

    Raises
    ------
    DataError
        None would be left to be estimated.
    """
    if n_held_out >= len(labels):
        raise DataError(
            f"held out: must leave a region that is estimated (got {n_held_out} of {len(labels)})."
        )
    places = np.linspace(0, len(labels) - 1, n_held_out + 2)[1:-1].round().astype(int)
    return tuple(labels[k] for k in sorted(set(places.tolist())))
