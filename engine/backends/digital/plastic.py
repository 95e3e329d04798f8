"""Projections that learn on the digital backend, by pairs or triplets of spikes.

Where nothing is plastic, none of this runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from itertools import pairwise
from typing import Any

import numpy as np

from engine.backends.digital.spike_rules import SpikeRule, spike_rules, stilled
from engine.backends.drift import MOST_BINS, weight_histogram
from engine.backends.lanes import Lanes
from engine.backends.projection import Projection
from engine.backends.wiring import SynapseTable, full_weight
from engine.brain.network import Network
from engine.kernels.plastic.learners import (
    FAR,
    KEPT,
    LOCAL_E,
    LOCAL_I,
    NEVER,
    TAU_PLUS,
    TAU_X,
    Decays,
    Due,
    LearningColumns,
    LearningRows,
    LearningRules,
    LearningSources,
    LearningState,
)
from engine.kernels.plastic.learning import learning_arrive, learning_fire, learning_send, learning_settle
from engine.model.learning.inhibitory_plasticity import InhibitoryPlasticity
from engine.model.learning.plasticity import Plasticity
from engine.scenario.scenario import Scenario

__all__ = ["Learning", "LearningProjection", "learning_of"]

_LATEST = -NEVER  # sub-steps until times are counted anew


class LearningProjection(Projection):
    """One projection's synapses onto the neurons of the digital backend.

    Parameters
    ----------
    rule : Plasticity or InhibitoryPlasticity
    network : Network
    neurons : (n_lanes,) int32
        The backend's neurons.
    table : SynapseTable
        Loses the weights of the synapses that learn.
    parts : int
        In how many parts inboxes hold one unit of weight.

    Attributes
    ----------
    begun : (n_synapses,) float64
        Weights it starts from.
    does : SpikeRule
        What spikes do.
    """

    def __init__(
        self,
        rule: Plasticity | InhibitoryPlasticity,
        network: Network,
        neurons: np.ndarray,
        table: SynapseTable,
        parts: int = 1,
    ):
        self.excites = isinstance(rule, Plasticity)
        super().__init__(rule, network, neurons, table)
        full = full_weight(network)
        self.begun = np.minimum(self._begun_at / full, rule.w_max)
        del self._begun_at
        inbox = FAR if not self.is_local else LOCAL_E if self.excites else LOCAL_I
        self.does = SpikeRule.of(rule, inbox, full * parts)
        self._learning: Learning | None = None
        self._mine = slice(0, 0)

    @property
    def weights(self) -> np.ndarray:
        """(n_synapses,) float64, weights now; a copy."""
        return self.begun.copy() if self._learning is None else self._learning.weights()[self._mine]

    def join(self, learning: Learning, mine: slice) -> None:
        """Be told where its synapses are kept."""
        self._learning, self._mine = learning, mine

    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Its rows: (n_rows,) neurons, (n_rows,) int64 sizes, and the (n_synapses,) int32 lanes in them."""
        neurons = self._first + np.arange(self._n_cells)
        return neurons, np.diff(self._indptr), self._lanes[self._targets]

    def report(self, weights: np.ndarray | None = None) -> dict[str, Any]:
        """Plain numbers: how many synapses, and what their weights were at the start and are now.

        Parameters
        ----------
        weights : (n_synapses,) float64, optional
            Those now, where they are at hand.
        """
        w, r = self.weights if weights is None else weights, self.rule
        return {
            "source": r.source,
            "target": r.target,
            "population": r.population,
            "sources": "E" if self.excites else "I",
            "synapses": int(w.size),
            "mean_weight_before": float(self.begun.mean()) if w.size else 0.0,
            "mean_weight": float(w.mean()) if w.size else 0.0,
            "sd_weight": float(w.std()) if w.size else 0.0,
            "unit": "full weight",
            "histogram": {
                "largest": r.w_max,
                "before": weight_histogram(self.begun, r.w_max, MOST_BINS),
                "now": weight_histogram(w, r.w_max, MOST_BINS),
            },
        }


class Learning:
    """All that learns on one digital backend.

    Parameters
    ----------
    projections : sequence of LearningProjection
        At least one; all have synapses.
    n_neurons : int
        Of the network.
    n_lanes : int
        Of the backend.
    n_sub : int
        Sub-steps of an exchange step of 1 ms.
    latest : int, optional
        After how many sub-steps times are counted anew.
    """

    def __init__(
        self,
        projections: Sequence[LearningProjection],
        n_neurons: int,
        n_lanes: int,
        n_sub: int,
        latest: int = _LATEST,
    ):
        self._n_sub, self._latest = n_sub, latest
        self._rows, self._columns, self._sources = _joined(projections, n_neurons, n_lanes)
        self._table = np.array([astuple(one.does) for one in projections], float)
        self._learns = True
        self._rules, self._decays = spike_rules(self._table, n_sub)
        n_rows = self._rows.rule.size
        sizes = np.diff(self._rows.indptr)[self._sources.rows]
        of_neuron = np.repeat(np.arange(n_neurons), np.diff(self._sources.indptr))
        self._events_of = np.bincount(of_neuron, sizes, n_neurons).astype(np.int64)
        self._state = LearningState(
            np.concatenate([one.begun for one in projections]),
            np.zeros(n_rows),
            np.zeros(n_rows),
            np.full(n_rows, NEVER, np.int32),
            np.full((n_lanes, KEPT), NEVER, np.int32),
            np.zeros((len(self._decays.traces), n_lanes)),
            np.full((self._decays.slow.size, n_lanes, KEPT), -1.0),
        )
        n_slots = max(one.delay for one in projections)
        self._due = Due(
            np.zeros((n_slots, n_rows), np.int32), np.zeros(n_slots, np.int64), np.full(n_rows, -1, np.int64)
        )
        # The sub-step that times count from, and that of the last arrivals: a step before the first ones.
        self._begin = np.array([0, -n_sub], np.int64)
        self._ends = np.cumsum([0, *(one.n_synapses for one in projections)])
        for one, (first, end) in zip(projections, pairwise(self._ends), strict=True):
            one.join(self, slice(int(first), int(end)))

    def weights(self) -> np.ndarray:
        """(n_synapses,) float64, weights now, projection by projection; a copy."""
        settled = np.empty(self._rows.lanes.size)
        learning_settle(self._rows, self._rules, self._decays, self._state, settled)
        return settled

    def weights_each(self) -> list[np.ndarray]:
        """Of each projection its (n_synapses,) float64 weights now; one pass over all."""
        return np.split(self.weights(), self._ends[1:-1])

    def sent(self, spikes: np.ndarray, time: int) -> int:
        """Note spikes (neurons) made in exchange step `time`; they arrive after their delays.

        Parameters
        ----------
        spikes : (n_spikes,) int32
        time : int

        Returns
        -------
        int
            Synaptic events they make.
        """
        learning_send(spikes, time, self._sources, self._due)
        return int(self._events_of[spikes].sum())

    def arrive(self, time: int, lanes: Lanes) -> None:
        """Hand over what arrives at the beginning of exchange step `time`."""
        now = time * self._n_sub - int(self._begin[0])
        if now > self._latest:
            self._bring_to(now, self._rules, self._decays)
            self._state.heard[:] -= now
            self._state.recent[:, 0] -= now
            self._begin[0] += now
            now = 0
        self._begin[1] = now
        inboxes = lanes.arriving(time), lanes.local_e, lanes.local_i
        slot = time % self._due.waiting.size
        learning_arrive(slot, now, self._rows, self._rules, self._decays, self._state, self._due, inboxes)

    def fire(self, lanes: np.ndarray, subs: np.ndarray) -> None:
        """Note spikes of `lanes`, made in sub-steps `subs` of the exchange step of the last arrivals.

        Parameters
        ----------
        lanes : (n_spikes,) int32
        subs : (n_spikes,) int32
        """
        learning_fire(
            lanes,
            subs,
            int(self._begin[1]),
            (self._rows, self._columns),
            self._rules,
            self._decays,
            self._state,
        )

    def switch(self, learns: bool) -> None:
        """Let weights learn from the next exchange step on, or stay as they are.

        What waits is counted first. While nothing learns spikes are handed over and leave their traces, so
        that pairs with a spike on either side of the switch count by the rule at the later one.
        """
        if learns != self._learns:
            self._bring_to(self._after(), self._rules, self._decays)
            self._learns = learns
            rules = spike_rules(self._table, self._n_sub)[0]
            self._rules = rules if learns else stilled(rules)

    def _after(self) -> int:
        """Past the spikes of the step that has ended: arrivals of the next one come at this sub-step."""
        return int(self._begin[1]) + self._n_sub

    def _bring_to(self, now: int, rules: LearningRules, decays: Decays) -> None:
        """Let nothing wait, and keep all traces as of sub-step `now`, which is none of the past ones."""
        state, rows = self._state, self._rows
        learning_settle(rows, rules, decays, state, state.weights)
        ancient = decays.left.shape[1] - 1
        ago = np.minimum(now - state.heard.astype(np.int64), ancient)
        whole = rules.whole[rows.rule]
        state.x[:] *= decays.left[whole[:, TAU_PLUS], ago]
        state.x_slow[:] *= decays.left[whole[:, TAU_X], ago]
        state.heard[:] = now
        ago = np.minimum(now - state.recent[:, 0].astype(np.int64), ancient)
        state.y[:] *= decays.left[decays.traces[:, 0]][:, ago]
        state.slow[:, :, 0] = (state.slow[:, :, 0] + 1.0) * decays.left[decays.slow][:, ago] - 1.0
        state.recent[:] = NEVER
        state.recent[:, 0] = now

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes, and of the rules it came to be by."""
        due = np.zeros(self._due.rows.shape, np.uint8)
        for slot, n in enumerate(self._due.waiting):
            due[slot, self._due.rows[slot, :n]] = 1
        state = {name: array.copy() for name, array in self._state._asdict().items()}
        by = {"rules": self._table.copy(), "learns": np.array([self._learns])}
        return {**state, "due": due, "begin": self._begin.copy(), **by}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`; what has happened by then happened by the rules of that time."""
        for name, array in self._state._asdict().items():
            array[:] = state[name]
        self._begin[:] = state["begin"]
        self._due.sent[:] = -1
        for slot, row in enumerate(state["due"]):
            rows = np.flatnonzero(row)
            self._due.rows[slot, : rows.size] = rows
            self._due.waiting[slot] = rows.size
        learned = bool(state["learns"][0])
        if learned != self._learns or not np.array_equal(state["rules"], self._table):
            rules, decays = spike_rules(state["rules"], self._n_sub)
            self._bring_to(self._after(), rules if learned else stilled(rules), decays)


def _joined(
    projections: Sequence[LearningProjection], n_neurons: int, n_lanes: int
) -> tuple[LearningRows, LearningColumns, LearningSources]:
    """The synapses of all projections, one after another, by row, by target, and who sends them."""
    neurons, sizes, lanes = (
        np.concatenate(parts) for parts in zip(*(one.rows() for one in projections), strict=True)
    )
    n_of = [one.rows()[0].size for one in projections]
    rows = LearningRows(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        lanes.astype(np.int32),
        np.repeat(np.arange(len(n_of)), n_of).astype(np.int32),
    )
    by_target = np.argsort(lanes, kind="stable")
    columns = LearningColumns(
        np.searchsorted(lanes[by_target], np.arange(n_lanes + 1)).astype(np.int64),
        by_target.astype(np.uint32),
        np.repeat(np.arange(sizes.size), sizes)[by_target].astype(np.int32),
    )
    by_neuron = np.argsort(neurons, kind="stable")
    sources = LearningSources(
        np.searchsorted(neurons[by_neuron], np.arange(n_neurons + 1)).astype(np.int64),
        by_neuron.astype(np.int32),
        np.repeat([one.delay for one in projections], n_of).astype(np.int32),
    )
    return rows, columns, sources


def learning_of(
    scenario: Scenario, network: Network, neurons: np.ndarray, table: SynapseTable, parts: int = 1
) -> tuple[Learning | None, list[LearningProjection]]:
    """What learns of a scenario on these neurons, None where nothing does, and its projections.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_neurons,) int32
        Of the backend, in the order of its lanes.
    table : SynapseTable
        Loses the weights of the synapses that learn.
    parts : int
        As of `LearningProjection`.
    """
    on = set(network.labels)
    rules: list[Plasticity | InhibitoryPlasticity] = [
        rule for rule in scenario.plasticity if rule.source in on and rule.target in on
    ]
    rules += [rule for rule in scenario.inhibitory_plasticity if rule.region in on]
    made = [LearningProjection(rule, network, neurons, table, parts) for rule in rules]
    found = [one for one in made if one.n_synapses]
    learning = Learning(found, network.n_neurons, neurons.size, scenario.n_sub) if found else None
    return learning, found
