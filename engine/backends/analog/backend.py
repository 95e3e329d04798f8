"""The analog backend: circuits with few-bit weights, mismatch and noise, under the common contract.

A software model of a chip. Its time and energy are estimates; its imperfections are listed with
their standing in engine/model/chip_terms.py. The background current reaches every circuit
unchanged, from the very random numbers the digital backend would use (an assumption: a real chip
has no such input), so that teacher and student differ by the chip alone.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from engine.backends.analog.buses import EventBuses
from engine.backends.analog.hardware import check_ranges, circuit_of, parameters_of, snapped
from engine.backends.analog.imperfections import (
    Pattern,
    circuit_rows,
    circuit_scratch,
    membrane_start,
    saturation,
)
from engine.backends.analog.layout import ChipLayout, layout_of
from engine.backends.analog.learning import chip_projections
from engine.backends.analog.synaptic_inputs import excitatory_input, inhibitory_input
from engine.backends.analog.trims import CircuitTrims
from engine.backends.analog.weights import FRACTION, FULL_WEIGHT, ChipWeights
from engine.backends.contract import LiveParameters
from engine.backends.drift import WeightDrift
from engine.backends.drive import background_of
from engine.backends.lanes import Lanes
from engine.backends.wiring import SynapseTable, full_weight
from engine.brain.network import Network
from engine.kernels import block, circuit
from engine.kernels.block import WIDTH, ExchangeStep
from engine.kernels.circuit import CIRCUIT_ROWS, CircuitConstants, circuit_absorb, circuit_advance
from engine.kernels.event_bus import (
    CircuitLanes,
    CircuitRows,
    Clock,
    Rings,
    circuit_deliver,
    circuit_deliver_late,
    circuit_undo,
    spikes_stamp,
)
from engine.kernels.random import PURPOSE_ANALOG_JITTER
from engine.model.charge import same_charge
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning

__all__ = ["AnalogBackend"]

_USUAL_DELAY = 3  # exchange steps from chip to chip at the usual latency, at most
_IN_TIME = np.zeros(0, np.int16)


class AnalogBackend:
    """Circuits that stand for LIF or AdEx neurons; see engine.backends.contract.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32
        All analog neurons.
    table : SynapseTable
        Synapses onto `neurons`, in 8 bits; kept, since moving the coupling quantises them again.
    threads : int
        Blocks are divided between this many threads; the spikes do not depend on it.

    Attributes
    ----------
    layout : ChipLayout
        Where the neurons are.
    weights : ChipWeights
        What their synapses hold.
    buses : EventBuses
        What the chips' event buses have carried.
    table : SynapseTable
        Without the weights of synapses that learn.
    projections : list of ChipProjection
        Those that learn.

    Raises
    ------
    ParameterError
        A parameter is out of a circuit's range.
    """

    name = "analog"
    max_span = 1

    def __init__(
        self, scenario: Scenario, network: Network, neurons: np.ndarray, table: SynapseTable, threads: int = 1
    ):
        self.neurons = neurons
        self.n_synapses = table.n_synapses
        self._scenario, self.table = scenario, table
        self._labels, self._network = network.labels, network
        self._n_sub, self._seed = scenario.n_sub, scenario.seed
        a = scenario.analog
        self._run_seed = scenario.seed if a.run_seed == "auto" else int(a.run_seed)
        self.layout: ChipLayout = layout_of(scenario, network)
        place = np.searchsorted(self.layout.neurons, neurons)
        self._hemisphere = self.layout.hemisphere[place]
        self.buses = EventBuses(scenario, self.layout, network.address)
        self.weights = ChipWeights(
            scenario,
            table,
            full_weight(network),
            network.is_excitatory,
            network.address,
            neurons,
            self._sources_outside(network, table),
        )
        self.projections = chip_projections(scenario, network, neurons, table, self.weights, self.layout)
        self._drift = WeightDrift([one.n_synapses for one in self.projections])
        # As many slots in every mode, so that a run can branch into another.
        slots = 1 + max(self.weights.max_delay, table.max_delay, _USUAL_DELAY)
        slots += scenario.noc.max_lateness
        self._region_of = network.region_of[neurons]
        lanes = self._lanes = Lanes(scenario, network, neurons, CIRCUIT_ROWS, slots)
        self._ring_i = np.zeros_like(lanes.ring)
        w, places = self.weights, self.weights.places(lanes.ring.shape[1])
        self._rows = CircuitRows(
            network.is_excitatory, table.indptr, table.targets, w.stored, w.delays, places
        )
        self._where = CircuitLanes(self._region_of, self._hemisphere)
        self._models = network.neurons[network.region_of[neurons], network.kind_of[neurons]]
        check_ranges(scenario, tuple(np.unique(self._models)))
        self.pattern = Pattern(network.address[neurons], a.chip_seed, self._run_seed)
        self.trims = CircuitTrims(scenario, network, neurons)
        self._coupled = a.compartments == "two"
        self._ring_d = np.zeros_like(lanes.ring) if self._coupled else lanes.ring
        self._rings = Rings(lanes.ring, self._ring_i, self._ring_d)
        self._kind = np.full(lanes.n_blocks, circuit.COUPLED if self._coupled else circuit.LIF, np.uint8)
        self._set_circuits(begin=True)
        n_parts = max(1, min(threads, lanes.n_blocks))
        edges = np.linspace(0, lanes.n_blocks, n_parts + 1).astype(int)
        scratch = [circuit_scratch(int(k - i) * WIDTH, self._n_sub) for i, k in pairwise(edges)]
        self._parts = [(int(i), int(k), s) for (i, k), s in zip(pairwise(edges), scratch, strict=True)]
        self._pool = ThreadPoolExecutor(n_parts - 1) if n_parts > 1 else None
        # Spikes to hand over, their step, what a bus dropped of them, and how late they are.
        self._pending: list[tuple[np.ndarray, int, list[tuple[int, int]], np.ndarray | None]] = []
        self._own = np.zeros(0, np.int32), np.zeros(0, np.int32)
        self._n_moved, self._n_events = np.zeros(1, np.int64), 0
        self._coupling: float | None = None
        self.set_live(LiveParameters.of(scenario))

    def _sources_outside(self, network: Network, table: SynapseTable) -> np.ndarray:
        """(n_synapses,) bool, whose spike comes from another chip or by way of outside."""
        chip = np.full(network.n_neurons, -1, np.int32)
        chip[self.layout.neurons] = self.layout.hemisphere // 2
        sources = np.repeat(chip, np.diff(table.indptr[::2]))
        return table.long_range() | (sources != (self._hemisphere // 2)[table.targets])

    def _set_circuits(self, begin: bool) -> None:
        """Set what each circuit is, and where it begins unless it has begun."""
        lanes = self._lanes
        rows = np.zeros((CIRCUIT_ROWS, lanes.n))
        rows[circuit.OVER_DELTA_T] = 1.0
        for model in np.unique(self._models):
            mine = self._models == model
            found = circuit_rows(
                self._scenario, str(model), self.pattern, self.trims.threshold_mv(self._scenario, str(model))
            )
            for row, values in found.items():
                rows[row, mine] = values[mine]
            rows[block.V, mine], rows[circuit.W_ADAPT, mine] = membrane_start(self._scenario, str(model))
            if circuit_of(str(model)) != "lif" and not self._coupled:
                self._kind[np.unique(np.flatnonzero(mine) // WIDTH)] = circuit.ADEX
        rows[circuit.V_D] = rows[circuit.E_L]
        moving = (circuit.W_ADAPT, circuit.V_D, circuit.J_D)
        fixed = [r for r in range(block.COMMON_ROWS, CIRCUIT_ROWS) if r not in moving]
        for row in [*fixed, *([block.V, *moving] if begin else [])]:
            lanes.set_row(row, rows[row].astype(np.float32))

    def set_live(self, live: LiveParameters) -> None:
        """See the contract. A new coupling is written to the chip as new weights."""
        p, dt, f = self._scenario.network.parameters, self._scenario.dt, np.float32
        exc, inh = excitatory_input(self._scenario), inhibitory_input(self._scenario)
        self._live = live
        sat_0, sat_1 = saturation(self._scenario)
        self._constants = CircuitConstants(
            background=background_of(p, dt, live.ou_mean),
            g_exc=f(exc.g * same_charge(dt, exc.tau)),
            g_inh=f(inh.g * same_charge(dt, inh.tau)),
            e_exc=f(exc.e_rev),
            e_inh=f(inh.e_rev),
            v_drive=f(self._scenario.network.adex.v_drive),
            by_current=f(self._scenario.analog.synapses == "current"),
            to_mv=f(dt / p.c_m),
            noisy=f(self._scenario.analog.size("membrane_noise") > 0),
            sat_0=f(sat_0),
            sat_1=f(sat_1),
        )
        for projection in self.projections:
            projection.switch(live.learning)
        if live.coupling != self._coupling:
            self.deliver_pending()
            self.weights.write(live.coupling)
            for projection in self.projections:
                projection.couple(live.coupling)
            self._coupling = live.coupling

    def retune(self, tuning: Tuning) -> None:
        """See the contract."""
        self.deliver_pending()
        self.table.tune(self._network, self.neurons, tuning)
        self._lanes.drive.set_bias(self._network, self.neurons, tuning)
        for projection in self.projections:
            self.table.weights[projection.places] = 0
        self.weights.write(self._live.coupling)

    def advance(self, time: int, span: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """See the contract."""
        lanes = self._lanes
        currents = lanes.drive.currents(time, self._live.stimulus_scale)
        if currents is not None:
            lanes.set_row(block.I_EXT, currents)
        lanes.drive.add_events(time, self._live.stimulus_scale, lanes.local_e, FULL_WEIGHT * FRACTION / 255.0)
        if self.projections:
            self._drift.note(time, self._weights_each)
        for projection in self.projections:
            projection.arrive(time, lanes)
        if self._pool is None:
            counts = [self._advance_part(0, time)]
        else:
            waiting = [self._pool.submit(self._advance_part, k, time) for k in range(1, len(self._parts))]
            counts = [self._advance_part(0, time), *(w.result() for w in waiting)]
        self._pending.clear()
        ids = np.concatenate([s.ids[:n] for (_, _, s), n in zip(self._parts, counts, strict=True)])
        subs = np.concatenate([s.subs[:n] for (_, _, s), n in zip(self._parts, counts, strict=True)])
        self._stamp(ids, subs, time)
        for projection in self.projections:
            projection.fire(ids, subs, time)
        self._own = self.neurons[ids], subs
        return self._own

    def _weights_each(self) -> list[np.ndarray]:
        return [projection.weights for projection in self.projections]

    def _advance_part(self, number: int, time: int) -> int:
        first, last, s = self._parts[number]
        lanes = self._lanes
        for spikes in self._pending:
            self._deliver_to(*spikes, first * WIDTH, last * WIDTH)
        here, slot = slice(first * WIDTH, last * WIDTH), time % len(lanes.ring)
        size = CIRCUIT_ROWS * WIDTH
        circuit_absorb(
            lanes.state[first * size : last * size],
            lanes.local_e[here],
            lanes.ring[slot, here],
            self._ring_i[slot, here],
            self._ring_d[slot, here if self._coupled else slice(0)],
            np.float32(1.0 / (FULL_WEIGHT * FRACTION)),
        )
        step = ExchangeStep(time, self._n_sub, self._seed)
        return circuit_advance(lanes.state, self._constants, self._kind, first, last, lanes.names, step, s)

    def _stamp(self, ids: np.ndarray, subs: np.ndarray, time: int) -> None:
        """Jitter, and the grid of the chip's clock; `subs` is written in place."""
        a = self._scenario.analog
        jitter, grid = a.size("spike_jitter"), a.size("time_grid")
        if ids.size and (jitter or grid):
            self._n_moved += spikes_stamp(
                ids,
                subs,
                self._lanes.address,
                time,
                Clock(self._n_sub, 1000.0 * self._scenario.dt, jitter, grid),
                self._run_seed,
                PURPOSE_ANALOG_JITTER,
            )

    def deliver(self, sources: np.ndarray, time: int, lateness: np.ndarray | None = None) -> int:
        """See the contract."""
        lost, n_events = self.buses.send(sources, time, *self._own, self.table.indptr)
        for projection in self.projections:
            projection.sent(sources, time)
        self._pending.append((sources, time, lost, lateness))
        if lateness is not None:
            n_events -= self.table.n_lost(sources, lateness, self._region_of)
        self._n_events += n_events
        return n_events

    def _deliver_to(
        self,
        sources: np.ndarray,
        sent: int,
        lost: list[tuple[int, int]],
        lateness: np.ndarray | None,
        first: int,
        last: int,
    ) -> None:
        """Hand spikes of exchange step `sent` to a range of lanes, less what a bus dropped."""
        spikes = sent, self._rows, first, last, self._rings
        if lateness is None:
            circuit_deliver(sources, *spikes)
        else:
            circuit_deliver_late(sources, *spikes, self._where, lateness)
        for event in lost:
            late = _IN_TIME if lateness is None else lateness[np.argmax(sources == event[0])]
            circuit_undo(event, *spikes, self._where, late)

    def deliver_pending(self) -> None:
        """Hand over at once what :meth:`advance` would hand over when it begins."""
        for spikes in self._pending:
            self._deliver_to(*spikes, 0, self._lanes.local_e.size)
        self._pending.clear()

    def state(self) -> dict[str, np.ndarray]:
        """See the contract."""
        self.deliver_pending()
        learned = {
            f"plastic{i}_{name}": value
            for i, projection in enumerate(self.projections)
            for name, value in projection.state().items()
        }
        if self.projections:
            learned |= {f"drift_{name}": value for name, value in self._drift.state().items()}
        return {
            **learned,
            **self._lanes.changing(),
            "ring_i": self._ring_i.copy(),
            **({"ring_d": self._ring_d.copy()} if self._coupled else {}),
            "moved": self._n_moved.copy(),
            "n_events": np.array([self._n_events]),
            **self.buses.state(),
        }

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """See the contract."""
        self._pending.clear()
        self._lanes.restore(state)
        self._set_circuits(begin=False)
        self._ring_i[:] = state["ring_i"]
        if self._coupled:
            self._ring_d[:] = state["ring_d"]
        self._n_moved[:] = state["moved"]
        self._n_events = int(state["n_events"][0])
        self.buses.restore(state)
        if self.projections:
            self._drift.restore(_named(state, "drift_"))
        for i, projection in enumerate(self.projections):
            projection.restore(_named(state, f"plastic{i}_"))

    def report(self) -> dict[str, Any]:
        """See the contract; every snap of the chip is counted under ``snaps``."""
        counts = self.weights.counts
        dropped = int(self.buses.dropped.sum())
        return {
            "neurons": int(self.neurons.size),
            "synapses": self.n_synapses,
            "synaptic_events": self._n_events,
            "mode": self._scenario.analog.mode,
            "chip_seed": self._scenario.analog.chip_seed,
            "run_seed": self._run_seed,
            **self.layout.report(),
            "placement": self.layout.placement(self._labels),
            "clipped_weights": counts["weights_clipped"],
            "dropped_events": dropped,
            "bus_events": int(self.buses.events.sum()),
            "dropped_events_per_bus": self.buses.dropped.tolist(),
            "bus_events_per_bus": self.buses.events.tolist(),
            "snaps": {
                **counts,
                "parameters_rounded": self._n_rounded(),
                **self.trims.counts,
                "receptors_merged": self._n_merged(),
                "peaks_lowered": self._n_lowered(),
                "spikes_moved": int(self._n_moved[0]),
                "outliers": int(
                    np.count_nonzero(self.pattern.outlier_gain(self._scenario.analog.size("outliers")) != 1.0)
                ),
                "events_dropped": dropped,
            },
            **({"plastic": self._learned()} if self.projections else {}),
        }

    def _learned(self) -> list[dict[str, Any]]:
        return [
            {**one.report(), "drift": self._drift.of(k, one.weights)}
            for k, one in enumerate(self.projections)
        ]

    def _n_merged(self) -> int:
        """Inputs of circuits that stand for two receptors."""
        inputs = excitatory_input(self._scenario), inhibitory_input(self._scenario)
        return sum(found.is_merged for found in inputs) * int(self.neurons.size)

    def _n_lowered(self) -> int:
        """AdEx circuits whose upstroke ends below where it was asked to."""
        n = 0
        for model in np.unique(self._models):
            if circuit_of(str(model)) == "lif":
                continue
            reach = parameters_of(self._scenario, str(model))["v_thresh"].biological
            wanted = self._scenario.network.adex.v_peak + self._scenario.analog.threshold_offset
            n += int(np.count_nonzero(self._models == model)) if reach < wanted - 1e-9 else 0
        return n

    def _n_rounded(self) -> int:
        """Parameters of all circuits that their codes or counters do not meet."""
        total = 0
        for model in np.unique(self._models):
            wanted = parameters_of(self._scenario, str(model))
            got = snapped(self._scenario, str(model))
            off = sum(abs(got[name] - q.biological) > 1e-9 for name, q in wanted.items())
            total += int(off) * int(np.count_nonzero(self._models == model))
        return total

    def membrane(self) -> np.ndarray:
        """(n_lanes,) float32, membrane potentials now [mV]."""
        return self._lanes.row(block.V)

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)


def _named(state: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """What in a state begins with this, by the rest of its name."""
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
