"""The digital backend: the high-fidelity teacher."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from engine.backends.contract import LiveParameters
from engine.backends.lanes import Lanes, Scratch
from engine.backends.wiring import SynapseTable
from engine.kernels import lif_cond
from engine.kernels.exchange import lif_cond_absorb, table_deliver
from engine.kernels.lif_cond import ROWS, WIDTH, LifConstants, lif_cond_advance
from engine.model.network import Network
from engine.model.neurons import DtbParameters
from engine.scenario import Scenario

__all__ = ["DigitalBackend", "lif_constants"]

FULL_WEIGHT = 255.0


def lif_constants(p: DtbParameters, dt: float, ou_mean: float) -> LifConstants:
    """The numbers of one sub-step of `dt` [ms], from the declared parameters."""
    f = np.float32
    return LifConstants(
        ou_mean=f(ou_mean),
        ou_step=f(-math.expm1(-dt / p.ou_tau)),
        ou_kick=f(p.ou_std * math.sqrt(-math.expm1(-2 * dt / p.ou_tau))),
        leak_step=f(p.g_leak * dt / p.c_m),
        to_mv=f(dt / p.c_m),
        v_rest=f(p.v_rest),
        v_thresh=f(p.v_thresh),
        v_reset=f(p.v_reset),
        n_hold=f(round(p.t_refrac / dt) - 1),
        decay_ampa=f(math.exp(-dt / p.tau_ampa)),
        decay_nmda=f(math.exp(-dt / p.tau_nmda)),
        decay_gaba_a=f(math.exp(-dt / p.tau_gaba_a)),
        decay_gaba_b=f(math.exp(-dt / p.tau_gaba_b)),
        g_ampa=f(p.g_ampa),
        g_nmda=f(p.g_nmda),
        g_gaba_a=f(p.g_gaba_a),
        g_gaba_b=f(p.g_gaba_b),
        e_ampa=f(p.e_ampa),
        e_nmda=f(p.e_nmda),
        e_gaba_a=f(p.e_gaba_a),
        e_gaba_b=f(p.e_gaba_b),
    )


class DigitalBackend:
    """Conductance LIF neurons in float32 with exact 8-bit weights; see engine.backends.contract.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32
    table : SynapseTable
        Synapses onto `neurons`.
    threads : int
        Blocks are divided between this many threads; the spikes do not depend on it.
    """

    name = "digital"
    max_span = 1

    def __init__(
        self,
        scenario: Scenario,
        network: Network,
        neurons: np.ndarray,
        table: SynapseTable,
        threads: int = 1,
    ):
        self.neurons = neurons
        self.n_synapses = table.n_synapses
        self._table = table
        self._is_excitatory = network.is_excitatory
        self._parameters = scenario.network.parameters
        self._dt, self._n_sub, self._seed = scenario.dt, scenario.n_sub, scenario.seed
        self._slow = self._parameters.g_nmda > 0 or self._parameters.g_gaba_b > 0
        self._lanes = Lanes(scenario, network, neurons, ROWS, table.max_delay + 1)
        n_parts = max(1, min(threads, self._lanes.n_blocks))
        edges = np.linspace(0, self._lanes.n_blocks, n_parts + 1).astype(int)
        self._parts = [
            (int(a), int(b), Scratch(int(b - a) * WIDTH, self._n_sub)) for a, b in pairwise(edges)
        ]
        self._pool = ThreadPoolExecutor(n_parts - 1) if n_parts > 1 else None
        self.set_live(LiveParameters.of(scenario))

    def set_live(self, live: LiveParameters) -> None:
        """See the contract."""
        self._live = live
        self._constants = lif_constants(self._parameters, self._dt, live.ou_mean)
        self._scale_local = np.float32(1.0 / FULL_WEIGHT)
        self._scale_long = np.float32(live.coupling / FULL_WEIGHT)

    def advance(self, time: int, span: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """See the contract."""
        lanes = self._lanes
        currents = lanes.drive.currents(time, self._live.stimulus_scale)
        if currents is not None:
            lanes.set_row(lif_cond.I_EXT, currents)
        lanes.drive.add_events(time, self._live.stimulus_scale, lanes.local_e, 1.0)
        lif_cond_absorb(
            lanes.state, ROWS, lanes.local_e, lanes.local_i, lanes.ring[time % len(lanes.ring)],
            self._scale_local, self._scale_long, self._slow,
        )  # fmt: skip
        if self._pool is None:
            counts = [self._advance_part(0, time)]
        else:
            waiting = [
                self._pool.submit(self._advance_part, k, time) for k in range(1, len(self._parts))
            ]
            counts = [self._advance_part(0, time), *(w.result() for w in waiting)]
        ids = [s.ids[:n] for (_, _, s), n in zip(self._parts, counts, strict=True)]
        subs = [s.subs[:n] for (_, _, s), n in zip(self._parts, counts, strict=True)]
        return self.neurons[np.concatenate(ids)], np.concatenate(subs)

    def _advance_part(self, number: int, time: int) -> int:
        first, last, scratch = self._parts[number]
        lanes = self._lanes
        return lif_cond_advance(
            lanes.state, self._constants, first, last, lanes.address, lanes.n, time,
            self._n_sub, self._seed, self._slow, scratch.words, scratch.noise,
            scratch.ids, scratch.subs,
        )  # fmt: skip

    def deliver(self, sources: np.ndarray, time: int) -> int:
        """See the contract."""
        t, lanes = self._table, self._lanes
        return table_deliver(
            sources, self._is_excitatory, t.indptr, t.targets, t.weights, t.delays, time,
            lanes.local_e, lanes.local_i, lanes.ring,
        )  # fmt: skip

    def state(self) -> dict[str, np.ndarray]:
        """See the contract."""
        return self._lanes.changing()

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """See the contract."""
        self._lanes.restore(state)

    def report(self) -> dict[str, Any]:
        """See the contract."""
        return {"neurons": int(self.neurons.size), "synapses": self.n_synapses}

    def membrane(self) -> np.ndarray:
        """(n_lanes,) float32, membrane potentials now [mV]."""
        return self._lanes.row(lif_cond.V)

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)
