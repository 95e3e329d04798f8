"""The digital backend: the high-fidelity teacher."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from engine.backends.contract import LiveParameters
from engine.backends.digital.cells import cells_of, is_slow
from engine.backends.digital.ions import Ions, ions_of
from engine.backends.digital.plastic import Learning, learning_of
from engine.backends.digital.scaling import Scaling, scaling_of
from engine.backends.digital.short_term import Releases, parts_of_weight, releases_of
from engine.backends.drift import WeightDrift
from engine.backends.lanes import Lanes, scratch_of
from engine.backends.wiring import SynapseTable
from engine.brain.network import Network
from engine.kernels import block
from engine.kernels.block import WIDTH, ExchangeStep
from engine.kernels.exchange import Lateness, table_deliver, table_deliver_late
from engine.kernels.lif_cond import Member, Stretch, Team, team_spikes
from engine.kernels.machine import PROGRESS_STRIDE
from engine.kernels.plastic.short_term import released_deliver
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning

__all__ = ["DigitalBackend"]

_MAX_SPAN = 20
_SMALL = 50_000  # lanes times steps in one call; a small network takes more steps than that
_NOBODY = np.zeros(0, np.int32)


class DigitalBackend:
    """Neurons of one kind in float32 with exact 8-bit weights; see engine.backends.contract.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32
    table : SynapseTable
        Synapses onto `neurons`; the weights of those that learn are taken out of it.
    threads : int
        Blocks are divided between this many threads; the spikes do not depend on it.
    neuron : str
        Which neurons they are, by the names of `engine.model.neuron_choice`.

    Attributes
    ----------
    lanes : Lanes
        State of its neurons, and what arrives.
    table : SynapseTable
        Without the synapses that learn.
    learning : Learning or None
        What learns.
    projections : list of LearningProjection
        Its synapses, rule by rule.
    drift : WeightDrift or None
        What the weights of those were.
    scaling : Scaling or None
        By what neurons multiply what excites them.
    ions : Ions or None
        Those that activity moves.
    releases : Releases or None
        What spikes transmit, where not their full weight.
    noise_seed : int
        Of the noise in its neurons from the next step on; the scenario's seed where nobody sets another.
    max_span : int
        More than one where its cells can, and neither stimuli nor synapses that learn are to be asked
        between two steps.
    """

    def __init__(
        self,
        scenario: Scenario,
        network: Network,
        neurons: np.ndarray,
        table: SynapseTable,
        threads: int = 1,
        neuron: str = "lif",
    ):
        self.name = "digital" if neuron == "lif" else f"digital {neuron}"
        self.neurons = neurons
        self._network = network
        self.n_synapses = table.n_synapses
        parts = parts_of_weight(scenario)
        self.learning, self.projections = learning_of(scenario, network, neurons, table, parts)
        self.drift: WeightDrift | None = None
        if self.learning is not None:
            self.drift = WeightDrift([one.n_synapses for one in self.projections])
            table = table.without(np.concatenate([one.places for one in self.projections]))
        self.table = table
        self._rows = table.rows(network.is_excitatory)
        self._n_sub, self.noise_seed = scenario.n_sub, scenario.seed
        self._cells = cells_of(neuron, scenario, network, neurons)
        n_slots = table.max_delay + 1 + scenario.noc.max_lateness
        self.lanes = Lanes(scenario, network, neurons, self._cells.rows, n_slots)
        self._region_of = network.region_of[neurons]
        self._cells.start(self.lanes)
        self.releases = releases_of(scenario, network)
        self.ions = ions_of(scenario, network, neurons, self.lanes)
        slow = is_slow(scenario.network.parameters)
        self.scaling = scaling_of(scenario, network, neurons, self.lanes.n_blocks, slow)
        n_parts = max(1, min(threads, self.lanes.n_blocks))
        edges = np.linspace(0, self.lanes.n_blocks, n_parts + 1).astype(int)
        self._parts = [
            (int(a), int(b), scratch_of(int(b - a) * WIDTH, self._n_sub)) for a, b in pairwise(edges)
        ]
        self._row_of = neurons.astype(np.int32)
        self._team: Team | None = None
        self.max_span = 1
        is_asked = bool(scenario.stimulus or self.learning or self.releases or self.scaling)
        if self._cells.stretch is not None and not is_asked:
            self.max_span = max(_MAX_SPAN, _SMALL // (self.lanes.n_blocks * WIDTH))
            room = self.max_span * WIDTH * int(np.diff(edges).max())
            self._team = Team(
                np.empty((n_parts, room), np.int32),
                np.empty((n_parts, room), np.int32),
                np.zeros((n_parts, self.max_span + 1), np.int32),
                np.zeros(n_parts * PROGRESS_STRIDE, np.int64),
            )
        self._span, self._n_handed = 1, 0  # of the last advance: its steps, the spikes handed over in it
        # Spikes to hand over, their step, how late they are, and what they transmit.
        self._pending: list[tuple[np.ndarray, int, np.ndarray | None, np.ndarray | None]] = []
        self._pool = ThreadPoolExecutor(n_parts - 1) if n_parts > 1 else None
        self.set_live(LiveParameters.of(scenario))

    def set_live(self, live: LiveParameters) -> None:
        """See the contract."""
        self._live = live
        self._constants = self._cells.constants(live.ou_mean)
        for part in (self.learning, self.scaling):
            if part is not None:
                part.switch(live.learning)

    def retune(self, tuning: Tuning) -> None:
        """See the contract."""
        self.deliver_pending()
        self.table.tune(self._network, self.neurons, tuning)
        self.lanes.drive.set_bias(self._network, self.neurons, tuning)

    def silence(self, lost: np.ndarray) -> None:
        """From the next exchange step on, let these neurons be silent and no others.

        Parameters
        ----------
        lost : (n_neurons,) bool
            Of the whole network.
        """
        self.lanes.drive.silence(lost[self.neurons])

    def advance(self, time: int, span: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """See the contract."""
        self._span, self._n_handed = span, 0
        if self.learning is not None and self.drift is not None:
            self.drift.note(time, self.learning.weights_each)
            self.learning.arrive(time, self.lanes)
        self._cells.stimulate(self.lanes, time, self._live)
        if self._team is not None:
            return self._advance_by(time, span)
        if self._pool is None:
            counts = [self._advance_part(0, time)]
        else:
            waiting = [self._pool.submit(self._advance_part, k, time) for k in range(1, len(self._parts))]
            counts = [self._advance_part(0, time), *(w.result() for w in waiting)]
        self._pending.clear()
        ids = np.concatenate([s.ids[:n] for (_, _, s), n in zip(self._parts, counts, strict=True)])
        subs = np.concatenate([s.subs[:n] for (_, _, s), n in zip(self._parts, counts, strict=True)])
        if self.learning is not None:
            self.learning.fire(ids, subs)
        if self.scaling is not None:
            self.scaling.step(ids)
        return self.neurons[ids], subs

    def _advance_by(self, time: int, span: int) -> tuple[np.ndarray, np.ndarray]:
        """Steps in one call a thread, the spikes of all but the last handed over in between."""
        team = self._team
        assert team is not None
        before, sent, lateness, _ = self._pending[-1] if self._pending else (_NOBODY, time - 1, None, None)
        if lateness is not None or sent != time - 1 or len(self._pending) > 1:
            self.deliver_pending()
            before = _NOBODY
        self._pending.clear()
        team.progress[:] = 0
        stretch = Stretch(time, span, self._n_sub, self.noise_seed)
        others = range(1, len(self._parts))
        waiting = [self._pool.submit(self._run, k, before, stretch) for k in others] if self._pool else []
        self._run(0, before, stretch)
        for other in waiting:
            other.result()
        ids, subs = np.empty((2, int(team.ends[:, span].sum())), np.int32)
        self._n_handed = team_spikes(team, span, ids, subs)
        return ids, subs

    def _run(self, number: int, before: np.ndarray, stretch: Stretch) -> None:
        """What one thread of the team does of a stretch."""
        lanes, cells, (first, last, scratch) = self.lanes, self._cells, self._parts[number]
        assert cells.stretch is not None
        cells.stretch(
            lanes.state,
            self._constants,
            (lanes.names, self._row_of, before),
            self._rows,
            lanes.inboxes,
            cells.units(self._live),
            stretch,
            Member(number, first, last, scratch.words, scratch.noise),
            self._team,
            None if self.ions is None else self.ions.moved,
        )

    def _advance_part(self, number: int, time: int) -> int:
        first, last, scratch = self._parts[number]
        lanes = self.lanes
        for spikes in self._pending:
            self._deliver_to(*spikes, first * WIDTH, last * WIDTH)
        if self.scaling is not None:
            self.scaling.absorb(lanes, time, self._cells.units(self._live), first, last)
        self._cells.absorb(lanes, time, self._live, first, last)
        if self.ions is not None:
            self.ions.act(lanes, first, last)
        step = ExchangeStep(time, self._n_sub, self.noise_seed)
        return self._cells.advance(lanes.state, self._constants, first, last, lanes.names, step, scratch)

    def deliver(self, sources: np.ndarray, time: int, lateness: np.ndarray | None = None) -> int:
        """See the contract."""
        factors = None if self.releases is None else self.releases.of(sources, time)
        self._pending.append((sources[self._n_handed :], time + self._span - 1, lateness, factors))
        n_events = self.table.n_events(sources)
        if self.learning is not None:
            n_events += self.learning.sent(sources, time)
        if lateness is not None:
            n_events -= self.table.n_lost(sources, lateness, self._region_of)
        return n_events

    def _deliver_to(
        self,
        sources: np.ndarray,
        time: int,
        lateness: np.ndarray | None,
        factors: np.ndarray | None,
        first: int,
        last: int,
    ) -> None:
        """Hand spikes of exchange step `time` to a range of lanes."""
        spikes = sources, time, self._rows, first, last, self.lanes.inboxes
        if factors is not None:
            released_deliver(sources, factors, *spikes[1:])
        elif lateness is None:
            table_deliver(*spikes)
        else:
            table_deliver_late(*spikes, Lateness(self._region_of, lateness))

    def deliver_pending(self) -> None:
        """Hand over at once what :meth:`advance` would hand over when it begins."""
        for spikes in self._pending:
            self._deliver_to(*spikes, 0, self.lanes.local_e.size)
        self._pending.clear()

    def state(self) -> dict[str, np.ndarray]:
        """See the contract."""
        self.deliver_pending()
        state = self.lanes.changing()
        for prefix, part in self._changing():
            state |= {prefix + name: value for name, value in part.state().items()}
        return state

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """See the contract."""
        self._pending.clear()
        self.lanes.restore(state)
        self._cells.forget()
        for prefix, part in self._changing():
            part.restore({k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)})

    def _changing(self) -> list[tuple[str, Learning | WeightDrift | Releases | Scaling | Ions]]:
        parts = {
            "learning_": self.learning,
            "drift_": self.drift,
            "releases_": self.releases,
            "scaling_": self.scaling,
            "ions_": self.ions,
        }
        return [(prefix, part) for prefix, part in parts.items() if part is not None]

    def report(self) -> dict[str, Any]:
        """See the contract."""
        out: dict[str, Any] = {"neurons": int(self.neurons.size), "synapses": self.n_synapses}
        if self.table.drawn is not None:
            out["tuned"] = {f"{bits}_bit": self.table.held_by(bits) for bits in (8, 6)}
        if self.learning is not None and self.drift is not None:
            out["plastic"] = [
                {**one.report(now), "drift": self.drift.of(k, now)}
                for k, (one, now) in enumerate(
                    zip(self.projections, self.learning.weights_each(), strict=True)
                )
            ]
        if self.releases is not None:
            out["transmitted"] = self.releases.report()
        if self.scaling is not None:
            out["scaled"] = self.scaling.report()
        if self.ions is not None:
            out["ions"] = self.ions.report()
        return out

    def membrane(self) -> np.ndarray:
        """(n_lanes,) float32, membrane potentials now [mV]."""
        return self.lanes.row(block.V)

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)
