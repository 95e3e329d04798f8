"""Many brains at once that share one connectivity: the members of an ensemble.

Synapses are laid out once and only read. A member has a state, a noise and regional parameters of its
own: 84 regions of 100 neurons take about a megabyte a member, beside the table of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from engine.assimilation.member_kernel import MemberRows, Span, member_advance
from engine.assimilation.parameters import PARAMETERS
from engine.backends.digital.backend import DigitalBackend
from engine.backends.digital.lif import lif_constants
from engine.backends.lanes import Lanes, scratch_of
from engine.backends.wiring import SynapseTable, full_weight
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.errors import ParameterError, SimulationError
from engine.kernels import lif_cond
from engine.kernels.block import ExchangeStep, V
from engine.kernels.exchange import Units
from engine.progress import Progress, no_progress
from engine.run.assembly import Assembly
from engine.run.capacity import require_capacity
from engine.scenario.scenario import Scenario

__all__ = ["BIN_MS", "BrainMembers", "Wired", "member_seed", "wired"]

BIN_MS = 10
"""Bin of the counts of spikes [ms], the step of the BOLD signal's model."""

_CAPACITY_MS = 1000.0  # what is kept does not grow with time
_SEED_STEP = 7919  # between the noises of two members


def member_seed(seed: int, number: int) -> int:
    """The seed of the noise of a member; that of number 0 is the scenario's own."""
    return (seed + _SEED_STEP * number) % 2**31


class Wired:
    """A network laid out once, to be shared.

    Attributes
    ----------
    scenario : Scenario
    connectome : Connectome
    network : Network
    table : SynapseTable
        Only read from now on.
    """

    def __init__(self, scenario: Scenario, connectome: Connectome, network: Network, table: SynapseTable):
        self.scenario, self.connectome = scenario, connectome
        self.network, self.table = network, table


def wired(
    scenario: Scenario, connectome: Connectome, threads: int = 1, progress: Progress = no_progress
) -> Wired:
    """Lay a scenario out for members.

    Raises
    ------
    EngineError
        It cannot be run, or has what members do not: another recipe, analog regions, columns, other
        neurons than LIF, stimuli, learning, ions that move, inhibition that settles, or packets that act
        on spikes.
    """
    if not scenario.recipe.is_joined:
        raise ParameterError(
            f"network.recipe: must have tracts between regions (got '{scenario.network.recipe}')."
        )
    for key, found in (
        ("stimulus", len(scenario.stimulus)),
        ("plasticity", len(scenario.plasticity)),
        ("inhibitory_plasticity", len(scenario.inhibitory_plasticity)),
        ("synaptic_scaling", len(scenario.synaptic_scaling)),
        ("focus", len(scenario.focus)),
        ("short_term", len(scenario.short_term)),
        ("network.ions", scenario.network.ions.is_on),
        ("noc.feedback", scenario.noc.feedback),
        ("network.settling.duration", scenario.network.settling.duration),
    ):
        if found:
            raise ParameterError(f"{key}: must be left out where brains are assimilated (got {found}).")
    values = {"duration": _CAPACITY_MS, "transient": 0.0, "network.wiring_seed": scenario.wiring_seed}
    scenario = scenario.with_values(values)
    require_capacity(scenario, connectome)
    network = Network.of(scenario, connectome)
    others = sorted({*np.unique(network.neurons), *network.backend} - {"lif", "digital"})
    if others:
        hint = " Empty regions.analog." if "analog" in others else ""
        raise ParameterError(
            f"regions: must all be digital with neurons of the kind lif (got {', '.join(others)}).{hint}"
        )
    (backend,) = Assembly.of(scenario, connectome, network, threads, progress, {}).backends
    assert isinstance(backend, DigitalBackend)
    return Wired(scenario, connectome, network, backend.table)


class BrainMembers:
    """Brains of one wiring that run side by side.

    The spikes depend on the seeds alone, not on the number of threads or on how many others there are.

    Parameters
    ----------
    brain : Wired
    seeds : sequence of int
        Of the noise of each member.
    threads : int
        Members advance in so many threads.

    Attributes
    ----------
    time_ms : int
    """

    def __init__(self, brain: Wired, seeds: list[int], threads: int = 1):
        self.brain, self.network = brain, brain.network
        network, scenario = brain.network, brain.scenario
        self.seeds = list(seeds)
        self.time_ms = 0
        neurons = np.arange(network.n_neurons, dtype=np.int32)
        self._rows = brain.table.rows(network.is_excitatory)
        p = scenario.network.parameters
        self._constants = lif_constants(p, scenario.dt, p.ou_mean)
        full = full_weight(network)
        self._units = Units(*(np.float32(w / full) for w in (1.0, 1.0, scenario.network.coupling)))
        self._lanes: list[Lanes] = []
        start = _Start(brain)
        for seed in self.seeds:
            of_member = scenario.with_values({"seed": seed})
            lanes = Lanes(of_member, network, neurons, lif_cond.ROWS, brain.table.max_delay + 1)
            start.fill(lanes)
            self._lanes.append(lanes)
        n_padded = self._lanes[0].local_e.size
        self._region_of = network.region_of
        self._is_e = network.is_excitatory
        self._bias = start.bias
        column = np.where(self._is_e, self._region_of, -1).astype(np.int32)
        self._factors = [
            MemberRows(np.ones(n_padded, np.float32), np.ones(n_padded, np.float32), column)
            for _ in self.seeds
        ]
        self._per_hz = np.maximum(network.n_exc, 1) * (BIN_MS / 1000.0)
        self._parts = max(1, min(threads, len(self.seeds)))
        self._scratch = [scratch_of(n_padded, scenario.n_sub) for _ in range(self._parts)]
        self._pool = ThreadPoolExecutor(self._parts) if self._parts > 1 else None

    @property
    def n_members(self) -> int:
        """Members."""
        return len(self.seeds)

    @property
    def n_bytes(self) -> int:
        """Memory of all arrays, the shared ones once [bytes]."""
        table, lanes = self.brain.table, self._lanes
        shared = sum(a.nbytes for a in (table.indptr, table.targets, table.weights, table.delays))
        shared += 0 if table.drawn is None else table.drawn.nbytes
        own = sum(x.state.nbytes + 2 * x.local_e.nbytes + x.ring.nbytes + x.address.nbytes for x in lanes)
        return shared + own + sum(f.excitation.nbytes * 2 for f in self._factors)

    def set_parameters(self, values: Mapping[str, NDArray[np.float64]]) -> None:
        """Use these regional parameters from now on.

        Parameters
        ----------
        values : mapping of str to (n_members, n_regions) float64
            By the names of `PARAMETERS`, in their units; what is left out stays.
        """
        lanes_of, is_e = self._region_of, self._is_e
        for name, given in values.items():
            neutral = PARAMETERS[name].neutral
            for k, of_member in enumerate(np.asarray(given, np.float64)):
                of_lane = np.where(is_e, of_member[lanes_of], neutral)
                if name == "bias":
                    self._lanes[k].set_row(lif_cond.I_EXT, (self._bias + of_lane).astype(np.float32))
                else:
                    getattr(self._factors[k], name)[: of_lane.size] = of_lane

    def advance(self, n_ms: int, progress: Progress = no_progress) -> NDArray[np.float64]:
        """Run all members on.

        Parameters
        ----------
        n_ms : int
            A whole number of bins.
        progress : callable
            Told after every few members. Where it ends the work they stand at different times, and
            are to be restored or let go.

        Returns
        -------
        (n_bins, n_members, n_regions) float64 [Hz]
            Rates of excitatory neurons.

        Raises
        ------
        SimulationError
            A membrane potential is no number.
        """
        span = Span(n_ms, BIN_MS)
        counts = np.zeros((self.n_members, n_ms // BIN_MS, self.network.n_regions), np.int64)
        n_sub = self.brain.scenario.n_sub

        def work(k: int) -> None:
            lanes = self._lanes[k]
            member_advance(
                lanes.state,
                self._constants,
                lanes.names,
                ExchangeStep(self.time_ms, n_sub, self.seeds[k]),
                span,
                self._scratch[k % self._parts],
                self._rows,
                lanes.inboxes,
                self._units,
                self._factors[k],
                counts[k],
            )

        for first in range(0, self.n_members, self._parts):
            group = range(first, min(first + self._parts, self.n_members))
            if self._pool is None:
                work(first)
            else:
                list(self._pool.map(work, group))
            progress(group.stop / self.n_members, "members")
        self.time_ms += n_ms
        if not all(np.isfinite(lanes.row(V)).all() for lanes in self._lanes):
            raise SimulationError(
                f"brain: membrane potentials must stay numbers (got others at {self.time_ms} ms). Lower dt."
            )
        return counts.transpose(1, 0, 2) / self._per_hz

    def state(self) -> dict[str, NDArray]:
        """Copies of all that changes, but for the parameters."""
        saved = [lanes.changing() for lanes in self._lanes]
        stacked = {name: np.stack([member[name] for member in saved]) for name in saved[0]}
        return {**stacked, "time_ms": np.array(self.time_ms)}

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go back to a :meth:`state`; parameters are to be set again."""
        for k, lanes in enumerate(self._lanes):
            lanes.restore({name: state[name][k] for name in ("state", "local_e", "local_i", "ring")})
        self.time_ms = int(state["time_ms"])

    def close(self) -> None:
        """Let threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)


class _Start:
    """What every member begins as, its noise left aside: as the digital backend does."""

    def __init__(self, brain: Wired):
        p, network = brain.scenario.network.parameters, brain.network
        self._v = (p.v_thresh + p.v_reset) / 2
        tuning = network.tuning
        bias = np.zeros(network.n_neurons)
        if tuning is not None:
            bias = np.where(network.is_excitatory, tuning.bias[network.region_of], 0.0)
        self.bias = bias

    def fill(self, lanes: Lanes) -> None:
        lanes.set_row(V, np.full(lanes.n, self._v, np.float32))
        lanes.set_row(lif_cond.H_T, np.full(lanes.n, 0.5, np.float32))
        lanes.set_row(lif_cond.I_EXT, self.bias.astype(np.float32))
