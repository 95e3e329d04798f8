"""Projections that learn on the analog chip: sensors in the synapses, a processor that updates.

Spikes move the sensors as they happen; every `ChipRule.period` the processor reads and empties
them and writes new integer weights. It reads and writes at one moment (an approximation: a real
update spreads over the time it takes). A projection's weights begin as the chip would hold them in
one row each, long-range ones with the coupling in them; a coupling moved during a run changes what a
spike of a long-range one adds and leaves the code as it was learned. Spikes that an event bus drops
still reach synapses that learn (an approximation; the bus counts them). Where nothing learns, none of
this runs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.backends.analog.layout import ChipLayout
from engine.backends.analog.processor import reward_change, stdp_change, update_ms
from engine.backends.analog.sensor import HIGHEST, LOWEST, draw_sensors, read_sensor
from engine.backends.analog.weights import FRACTION, FULL_WEIGHT, ChipWeights
from engine.backends.drift import MOST_BINS, weight_histogram
from engine.backends.lanes import Lanes
from engine.backends.projection import Projection
from engine.backends.wiring import SynapseTable, full_weight
from engine.brain.network import Network
from engine.errors import CapacityError
from engine.kernels.correlation import LastSpikes, Sensors, correlation_arrive, correlation_fire
from engine.kernels.projection import ProjectionRows
from engine.scenario.scenario import Scenario

__all__ = ["ChipProjection", "chip_projections"]

_NEVER = -1e12  # ms
_TALLY = ("updates", "saturated_readings", "invisible_pairs", "pairs", "clipped_weights", "skipped_updates")
_REWARD_SHIFT = 8  # the mean reward is kept in 1/256 of a 128th
_REWARD_MEMORY = 2  # and moves by a quarter of the difference an update


class ChipProjection(Projection):
    """One projection's synapses onto neurons of the analog backend.

    Parameters
    ----------
    number : int
        Of the rule in the scenario.
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32
    table : SynapseTable
        Loses the weights of the synapses that learn.
    weights : ChipWeights
        Gives delays and mismatch of the synapses.
    layout : ChipLayout
        Where its targets stand.

    Attributes
    ----------
    codes : (n_synapses,) int64
        Weights as the chip holds them, whole numbers of its bits.
    stored : (n_synapses,) int32
        What a spike adds to its circuit, in 1/64 of a hardware weight.
    """

    def __init__(
        self,
        number: int,
        scenario: Scenario,
        network: Network,
        neurons: np.ndarray,
        table: SynapseTable,
        weights: ChipWeights,
        layout: ChipLayout,
    ):
        super().__init__(scenario.plasticity[number], network, neurons, table, weights.delays)
        self.number = number
        self.chip = scenario.plasticity[number].chip
        settings, n = scenario.analog, self.n_synapses
        self._dt = scenario.dt
        self._top = 2**settings.weight_bits - 1
        self._gain = weights.gain(self.places) * np.float32(FRACTION * FULL_WEIGHT / self._top)
        self._coupling = scenario.network.coupling
        self._written_for = np.array([self._coupling])  # the coupling that is in the codes
        wanted = np.round(self._begun_at * (self._top / full_weight(network)) * self._scale(scenario))
        self.codes = np.minimum(wanted, self._top).astype(np.int64)
        self.sensors = draw_sensors(self.chip, settings, n, number)
        self._plus, self._minus = np.zeros(n, np.float32), np.zeros(n, np.float32)
        self._n_plus, self._n_minus = np.zeros(n, np.int32), np.zeros(n, np.int32)
        self._rows = self._by_both_ends()
        self._due = np.zeros((self.delay, self._n_cells), np.uint8)
        self._last_pre = np.full(self._n_sources, _NEVER)
        self._last_post = np.full(self._lanes.size, _NEVER)
        self._counts = np.zeros(self._lanes.size, np.int64)
        s = self.sensors
        self._last = LastSpikes(self._last_pre, self._last_post, self._counts)
        self._causal = Sensors(s.amplitude_plus, s.tau_plus, self._plus, self._n_plus)
        self._anticausal = Sensors(s.amplitude_minus, s.tau_minus, self._minus, self._n_minus)
        self._rewarded = network.region_of == network.labels.index(
            self.chip.reward_region or self.rule.target
        )
        self._reward = np.array([0, -1], np.int64)  # spikes of the period, mean reward (-1: none)
        self._learns = True
        self._broken = np.zeros(1, np.uint8)  # whether learning was off for a part of the period
        self._tally = np.zeros(len(_TALLY), np.int64)
        self._tally[_TALLY.index("clipped_weights")] = np.count_nonzero(wanted > self._top)
        self._begun = self.codes.copy()
        self.update_ms = self._update_ms(layout, neurons)
        self._write()

    @property
    def weights(self) -> np.ndarray:
        """(n_synapses,) float64, weights now, over the largest."""
        return self.codes / self._top

    def _by_both_ends(self) -> ProjectionRows:
        by_target = np.argsort(self._targets, kind="stable").astype(np.int64)
        column = np.searchsorted(self._targets[by_target], np.arange(self._lanes.size + 1)).astype(np.int64)
        sources = self._rows_of_synapses()[by_target].astype(np.int32)
        return ProjectionRows(
            self._indptr, self._targets, column, by_target, sources, self._lanes, self._number
        )

    def _scale(self, scenario: Scenario) -> float:
        a = scenario.analog
        long = a.weight_scale_long * scenario.network.coupling
        return a.weight_scale_local_exc if self.is_local else long

    def couple(self, coupling: float) -> None:
        """Let long-range synapses have the strength of this coupling from now on.

        Where the codes were first written for a coupling of 0, nothing of it is in them to be scaled.
        """
        self._coupling = coupling
        self._write()

    def _write(self) -> None:
        gain, written_for = self._gain, self._written_for[0]
        if not self.is_local and written_for > 0 and self._coupling != written_for:
            gain = gain * np.float32(self._coupling / written_for)
        self.stored = np.round(self.codes * gain).astype(np.int32)

    def _update_ms(self, layout: ChipLayout, neurons: np.ndarray) -> float:
        """Biological time of one update on the busiest hemisphere [ms]; an estimate.

        Rows are counted as if the projection's lay side by side: the most of its synapses on one
        circuit. A layout that scatters them over more rows costs more.
        """
        place = np.searchsorted(layout.neurons, neurons[self._lanes])
        merged = layout.merged[place]
        columns = np.bincount(layout.hemisphere[place], merged)
        rows = np.ceil(np.diff(self._rows.column) / merged)
        return update_ms(int(rows.max(initial=0)), int(columns.max(initial=0)))

    # ---- spikes ------------------------------------------------------------------------------

    def sent(self, spikes: np.ndarray, time: int) -> None:
        """Note spikes (neurons) made in exchange step `time`; they arrive after their delays.

        Parameters
        ----------
        spikes : (n_spikes,) int32
        time : int
        """
        mine = spikes - self._first
        mine = mine[(mine >= 0) & (mine < self._n_cells)]
        due = self._due[time % self.delay]
        due[:] = 0
        due[mine] = 1
        if self.chip.rule == "r_stdp":
            self._reward[0] += np.count_nonzero(self._rewarded[spikes])

    def arrive(self, time: int, lanes: Lanes) -> None:
        """Update where a period has ended, then hand over what arrives at exchange step `time`."""
        if time and time % self.chip.period == 0:
            if self._broken[0]:
                self._skip()
            else:
                self._update()
            self._broken[0] = not self._learns
        correlation_arrive(
            self._arrived(time),
            float(time),
            self._rows,
            self.stored,
            self._last,
            self._anticausal,
            lanes.local_e,
        )

    def _arrived(self, time: int) -> np.ndarray:
        """(n,) int64, the sources whose spikes arrive at the beginning of exchange step `time`."""
        n = self._delays.size
        if n == 1:
            return np.flatnonzero(self._due[time % self.delay])
        arrived = [
            np.flatnonzero(self._due[(time - delay) % self.delay]) * n + k
            for k, delay in enumerate(self._delays)
        ]
        return np.concatenate(arrived)

    def fire(self, lanes: np.ndarray, subs: np.ndarray, time: int) -> None:
        """Pair spikes of `lanes`, made in sub-steps `subs` of exchange step `time`.

        Parameters
        ----------
        lanes : (n_spikes,) int32
        subs : (n_spikes,) int32
        time : int
        """
        correlation_fire(lanes, subs, float(time), self._dt, self._rows, self._last, self._causal)

    def switch(self, learns: bool) -> None:
        """Let the processor update, or not: a period of which a part is without learning ends without it.

        Sensors and counters go on and are emptied then, as a part of a period would be taken for all of it.
        """
        self._learns = learns
        if not learns:
            self._broken[0] = 1

    # ---- the processor -----------------------------------------------------------------------

    def _update(self) -> None:
        rule = self.chip
        causal, anticausal = read_sensor(self._plus), read_sensor(self._minus)
        unseen = self._n_plus[self._plus < LOWEST].sum() + self._n_minus[self._minus < LOWEST].sum()
        n_full = np.count_nonzero(self._plus > HIGHEST) + np.count_nonzero(self._minus > HIGHEST)
        n_pairs = self._n_plus.sum() + self._n_minus.sum()
        if rule.rule == "stdp":
            change = stdp_change(rule.learning_rate, causal, anticausal)
        elif rule.rule == "r_stdp":
            change = reward_change(rule.learning_rate, *self._take_reward(), causal)
        else:
            wanted = round(rule.target_rate_hz * rule.period / 1000.0)
            change = np.sign(wanted - self._counts)[self._targets]
        wanted_codes = self.codes + change
        self.codes = np.clip(wanted_codes, 0, self._top)
        n_clipped = np.count_nonzero(self.codes != wanted_codes)
        self._tally += np.array([1, n_full, unseen, n_pairs, n_clipped, 0], np.int64)
        self._write()
        self._empty()

    def _skip(self) -> None:
        """End a period without an update."""
        self._tally[_TALLY.index("skipped_updates")] += 1
        self._reward[0] = 0
        self._empty()

    def _empty(self) -> None:
        for store in (self._plus, self._minus, self._n_plus, self._n_minus, self._counts):
            store[:] = 0

    def _take_reward(self) -> tuple[int, int]:
        """The period's reward and the mean of those before, in 128ths."""
        rule = self.chip
        full = rule.reward_rate_hz * int(self._rewarded.sum()) * rule.period / 1000.0
        reward = min(127, math.floor(128 * int(self._reward[0]) / full))
        mean = reward << _REWARD_SHIFT if self._reward[1] < 0 else int(self._reward[1])
        self._reward[0] = 0
        self._reward[1] = mean + (((reward << _REWARD_SHIFT) - mean) >> _REWARD_MEMORY)
        return reward, mean >> _REWARD_SHIFT

    # ---- leaving -----------------------------------------------------------------------------

    def _changing(self) -> dict[str, np.ndarray]:
        return {
            "codes": self.codes,
            "plus": self._plus,
            "minus": self._minus,
            "n_plus": self._n_plus,
            "n_minus": self._n_minus,
            "pre": self._last_pre,
            "post": self._last_post,
            "counts": self._counts,
            "reward": self._reward,
            "tally": self._tally,
            "broken": self._broken,
            "due": self._due,
            "written_for": self._written_for,
        }

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {name: array.copy() for name, array in self._changing().items()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`."""
        for name, array in self._changing().items():
            if name in state or name != "written_for":  # which older snapshots lack
                array[:] = state[name]
        self.switch(self._learns)
        self._write()

    def report(self) -> dict[str, Any]:
        """Plain numbers; weights over the largest, which stands for a full one."""
        r, codes = self.rule, self.codes
        n_bins = min(MOST_BINS, self._top + 1)  # 2, 4 or 8 codes each, or one
        return {
            "source": r.source,
            "target": r.target,
            "population": r.population,
            "sources": "E",
            "synapses": self.n_synapses,
            "mean_weight_before": float(self._begun.mean()) / self._top if codes.size else 0.0,
            "mean_weight": float(codes.mean()) / self._top if codes.size else 0.0,
            "sd_weight": float(codes.std()) / self._top if codes.size else 0.0,
            "unit": "largest code",
            "histogram": {
                "largest": 1.0,
                "before": weight_histogram(self._begun / self._top, 1.0, n_bins),
                "now": weight_histogram(self.weights, 1.0, n_bins),
            },
            "rule": self.chip.rule,
            **{name: int(n) for name, n in zip(_TALLY, self._tally, strict=True)},
            "dead_sensors": self.sensors.n_dead,
            "period_ms": self.chip.period,
            "update_ms": self.update_ms,
            "processor_load": self.update_ms / self.chip.period,
            "standing": "update_ms and processor_load are estimates",
        }


def chip_projections(
    scenario: Scenario,
    network: Network,
    neurons: np.ndarray,
    table: SynapseTable,
    weights: ChipWeights,
    layout: ChipLayout,
) -> list[ChipProjection]:
    """The projections of a scenario that learn and reach these neurons.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_neurons,) int32
        Of the backend, in the order of its lanes.
    table : SynapseTable
    weights : ChipWeights
    layout : ChipLayout

    Raises
    ------
    CapacityError
        The rules of a region together ask for more of the processor's time than there is.
    """
    on = set(network.labels)
    made = [
        ChipProjection(i, scenario, network, neurons, table, weights, layout)
        for i, rule in enumerate(scenario.plasticity)
        if rule.source in on and rule.target in on
    ]
    made = [p for p in made if p.n_synapses]
    for target in dict.fromkeys(p.rule.target for p in made):
        _check_cadence([p for p in made if p.rule.target == target])
    return made


def _check_cadence(those: list[ChipProjection]) -> None:
    """Rules onto one region share its processors; each has to end before the next is due."""
    load = sum(p.update_ms / p.chip.period for p in those)
    if load <= 1.0:
        return
    worst = max(those, key=lambda p: p.update_ms / p.chip.period)
    least = math.ceil(worst.chip.period * load / 100.0) * 100
    names = " and ".join(f"plasticity.{p.number}" for p in those)
    raise CapacityError(
        f"plasticity.{worst.number}.chip.period",
        sum(p.update_ms for p in those),
        worst.chip.period,
        "ms of biological time",
        f"Updates by {names} keep the plasticity processor of {worst.rule.target} busy for "
        f"{100 * load:.0f} % of the time (estimate). Use periods of at least {least} ms, fewer "
        "inputs or smaller regions.",
    )
