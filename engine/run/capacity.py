"""What a scenario needs, known before it runs, and whether it fits."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from engine.backends.analog.fitting import chips_at_least, circuits_at_least
from engine.backends.analog.layout import ChipLayout, hemispheres_of, is_quick_to_lay_out, layout_of
from engine.backends.analog.resources import ROWS_PER_CIRCUIT
from engine.backends.column.backend import shards_of
from engine.backends.column.rows import max_delay_steps
from engine.brain.connectome import Connectome
from engine.brain.network import (
    COLUMN,
    EXCITATORY_SHARE,
    SHARE_LOCAL_E,
    SHARE_LOCAL_I,
    Network,
    neurons_of,
    region_sizes,
)
from engine.errors import CapacityError, EngineError
from engine.kernels.circuit import CIRCUIT_ROWS
from engine.kernels.poisson import GROUP
from engine.model.microcircuit import REFERENCE_RATES_HZ, Column, column_sizes
from engine.model.neurons import NEURONS
from engine.noc.placement.tile_room import TileRoom
from engine.registry import at
from engine.scenario.scenario import Scenario

__all__ = [
    "SMALL_SYNAPSES",
    "Capacity",
    "brain_capacity",
    "capacity_of",
    "column_capacity",
    "memory_limit_mb",
    "require_capacity",
    "set_speed",
    "threads_for",
]

# Bytes, from the arrays that engine.backends and engine.kernels allocate.
_BYTES_PER_NEURON = 3 * 4 + 4 + 29  # inboxes, address, network arrays
_ANALOG_STEP = 1.3  # cost of a membrane step over that of a LIF (dtb bench analog)
_BYTES_PER_ROW = 2 * (8 + 8 + 4) + 4 + 5  # begins, cursors and counts of its segments; scratch
_BYTES_PER_SYNAPSE = 5
_BYTES_ANALOG_SYNAPSE = 36  # weight, delay, gain and flags, and what writing them takes
_BYTES_DELAYED_SYNAPSE = 1
_BYTES_TUNED_SYNAPSE = 2  # a wider weight beside the one that was drawn
_BYTES_PLASTIC_SYNAPSE = 56  # weights now and at the start, both ends and place, and what sorts them
_BYTES_CHIP_SYNAPSE = 120  # and two sensors, their stores and counts
_BASE_MB = 190.0  # the interpreter, NumPy, SciPy and compiled kernels

# Cost of one membrane step, one synaptic event and one exchange step [ns]; measured on the machine
# that serves the app by `set_speed`, until then the figures of one 2-core cloud machine.
_speed = {"update_ns": 2.1, "event_ns": 4.0, "exchange_ns": 60_000.0}
_EXPECTED_HZ = 2.5
_GAIN_PER_THREAD = 0.7  # measured from one to two threads

SMALL_SYNAPSES = 6_000_000
"""Up to so many a network is built before it is asked for, and run on one thread."""

# The same for columns: one membrane step with its background, one synaptic event, on one core.
_column_speed = {"update_ns": 1.5, "event_ns": 0.9, "exchange_ns": 20_000.0}
_BYTES_PER_COLUMN_NEURON = 8 * 4 + 3 * 4 + 4 + GROUP + 4 + 4 + 60  # degrees, lanes, network arrays


@dataclass(frozen=True)
class Capacity:
    """What a scenario takes.

    Attributes
    ----------
    n_regions, n_neurons, n_synapses : int
        Simulated; synapses as expected.
    n_analog_neurons, circuits, chips, max_chips : int
    circuits_per_neuron : int
    chip_use : dict of str to float
        Share in use of what the chips have, fullest place; empty where it is not known.
    memory_mb, memory_limit_mb : float
        Expected peak of the process, and what is allowed [MB].
    real_time_factor : float
        Predicted wall time over biological time; an estimate at about 2.5 Hz.
    """

    n_regions: int
    n_neurons: int
    n_synapses: int
    n_analog_neurons: int
    circuits: int
    chips: int
    max_chips: int
    circuits_per_neuron: int
    chip_use: dict[str, float]
    memory_mb: float
    memory_limit_mb: float
    real_time_factor: float


def memory_limit_mb() -> float:
    """Memory a run may use [MB]: DTB_MAX_MEMORY_MB, else half of the machine's."""
    given = os.environ.get("DTB_MAX_MEMORY_MB", "")
    if given:
        return float(given)
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return pages / 2**20 / 2


def threads_for(n_synapses: int) -> int:
    """Threads a run in the app gets: one while that is fast enough, else one a core.

    The spikes do not depend on it.
    """
    return 1 if n_synapses <= SMALL_SYNAPSES else os.cpu_count() or 1


def set_speed(update_ns: float, event_ns: float, exchange_ns: float) -> None:
    """Tell the prediction what this machine really needs."""
    _speed.update(update_ns=update_ns, event_ns=event_ns, exchange_ns=exchange_ns)


def capacity_of(scenario: Scenario, connectome: Connectome, lays_out: bool = True) -> Capacity:
    """Work out what a scenario takes, without refusing it.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    lays_out : bool
        Whether analog regions are laid onto chips, which takes seconds where they are large;
        otherwise chips and circuits are the fewest there can be.

    Returns
    -------
    Capacity
    """
    return at(scenario.recipe.capacity)(scenario, connectome, lays_out)


def is_quick_to_judge(scenario: Scenario, connectome: Connectome) -> bool:
    """Whether `require_capacity` answers at once.

    It does where chips are laid out already, where there is little on them, and where even the
    fewest there can be are too many.
    """
    if "analog" not in scenario.backend_of(connectome.labels):
        return True
    if capacity_of(scenario, connectome, lays_out=False).chips > scenario.analog.max_chips:
        return True
    try:
        return is_quick_to_lay_out(scenario, Network.of(scenario, connectome))
    except EngineError:
        return True


def brain_capacity(scenario: Scenario, connectome: Connectome, lays_out: bool = True) -> Capacity:
    """Of regions that tracts join; see `capacity_of`."""
    backends = np.array(scenario.backend_of(connectome.labels))
    sizes = region_sizes(scenario, connectome)
    on = backends != "off"
    n = int(sizes[on].sum())
    n_analog = int(sizes[backends == "analog"].sum())
    k = scenario.network.in_degree
    chips, circuits, merged, in_use = _chips(scenario, connectome, sizes[backends == "analog"], lays_out)
    delayed = scenario.network.delays == "tract"
    slots = 2
    if delayed and on.any():
        slots = int(connectome.tract_lengths[np.ix_(on, on)].max() / scenario.network.velocity) + 2
    groups = _groups(scenario, connectome, backends, sizes)
    digital = {name: m for name, m in groups.items() if name not in ("analog", COLUMN)}
    inside = _Columns.in_brain(scenario, groups.get(COLUMN, 0))
    k_long = k * (1.0 - SHARE_LOCAL_E - SHARE_LOCAL_I)
    stored = round((n - inside.n_neurons) * k + inside.n_neurons * k_long)
    n_synapses = stored + inside.n_synapses
    threads = threads_for(n_synapses)
    size = (
        n * (_BYTES_PER_NEURON + _BYTES_PER_ROW * len(groups) + 4 * slots)
        + 4 * (sum(m * NEURONS[name].rows for name, m in digital.items()) + n_analog * CIRCUIT_ROWS)
        + stored * (_BYTES_PER_SYNAPSE + (_BYTES_DELAYED_SYNAPSE if delayed else 0))
        + (stored * _BYTES_TUNED_SYNAPSE if scenario.is_tuned else 0)
        + inside.n_bytes(threads)
        + n_analog * k * _BYTES_ANALOG_SYNAPSE
        + _plastic_bytes(scenario, connectome, backends, sizes)
        + scenario.n_exchanges * (2 * int(on.sum())) * 2
        + n * _EXPECTED_HZ * scenario.duration / 1000 * 12
    )
    updates = _ANALOG_STEP * n_analog + sum(m * NEURONS[name].step_cost for name, m in digital.items())
    ns = (
        _speed["update_ns"] * updates * scenario.n_sub * 1000
        + _speed["event_ns"] * stored * _EXPECTED_HZ
        + _speed["exchange_ns"] * 1000
    ) / _gain(threads) + inside.ns(threads)
    return Capacity(
        n_regions=int(on.sum()),
        n_neurons=n,
        n_synapses=n_synapses,
        n_analog_neurons=n_analog,
        circuits=circuits,
        chips=chips,
        max_chips=scenario.analog.max_chips,
        circuits_per_neuron=merged,
        chip_use=in_use,
        memory_mb=_BASE_MB + size / 2**20,
        memory_limit_mb=memory_limit_mb(),
        real_time_factor=ns / 1e9,
    )


def _chips(
    scenario: Scenario, connectome: Connectome, sizes: np.ndarray, lays_out: bool
) -> tuple[int, int, int, dict[str, float]]:
    """Chips, circuits, circuits of a neuron, and shares in use; at least, where it does not fit."""
    if not sizes.size:
        return 0, 0, 1, {}
    k = scenario.network.in_degree
    least = chips_at_least(sizes, k, scenario.analog)
    merged = circuits_at_least(k, scenario.analog)
    if lays_out and least <= scenario.analog.max_chips:
        try:
            layout = _layout(scenario, connectome)
            return (layout.chips, layout.circuits, int(layout.merged.max()), layout.utilisation)
        except EngineError:
            pass  # said when the scenario is refused
    return least, int(sizes.sum()) * merged, merged, {}


def _layout(scenario: Scenario, connectome: Connectome) -> ChipLayout:
    return layout_of(scenario, Network.of(scenario, connectome))


def _groups(
    scenario: Scenario, connectome: Connectome, backends: np.ndarray, sizes: np.ndarray
) -> dict[str, int]:
    """How many neurons each backend has: of the analog chip, and of each digital neuron."""
    on = backends != "off"
    labels = [label for label, here in zip(connectome.labels, on, strict=True) if here]
    n_exc, is_analog = np.round(EXCITATORY_SHARE * sizes[on]), backends[on] == "analog"
    groups = {"analog": int(sizes[on][is_analog].sum())}
    neurons = neurons_of(scenario, labels, np.array([True, False]))[~is_analog]
    counts = np.column_stack([n_exc, sizes[on] - n_exc])[~is_analog]
    for name in np.unique(neurons):
        groups[str(name)] = int(counts[neurons == name].sum())
    return {name: k for name, k in groups.items() if k}


def _plastic_bytes(
    scenario: Scenario, connectome: Connectome, backends: np.ndarray, sizes: np.ndarray
) -> float:
    """What synapses that learn take beside the tables."""
    if not scenario.plasticity:
        return 0.0
    on = backends != "off"
    probability = connectome.probability(on, scenario.network.connectome_weights)
    total = 0.0
    for rule in scenario.plasticity:
        source, target = (connectome.labels.index(r) for r in (rule.source, rule.target))
        if on[source] and on[target]:
            share = {"E": EXCITATORY_SHARE, "I": 1 - EXCITATORY_SHARE, "all": 1.0}[rule.population]
            long_range = (1 - SHARE_LOCAL_E - SHARE_LOCAL_I) * probability[target, source]
            k = SHARE_LOCAL_E if source == target else long_range
            each = _BYTES_CHIP_SYNAPSE if backends[target] == "analog" else _BYTES_PLASTIC_SYNAPSE
            total += sizes[target] * share * scenario.network.in_degree * k * each
    return total


def _gain(threads: int) -> float:
    """Speed of some threads over that of one."""
    return 1.0 + _GAIN_PER_THREAD * (threads - 1)


class _Columns:
    """What some columns take; their rates are the published ones."""

    def __init__(self, scenario: Scenario, columns: list[Column]):
        self._p, self._scenario, self._columns = scenario.network.microcircuit, scenario, columns
        self.n_neurons = sum(c.n_neurons for c in columns)
        self.n_synapses = sum(c.n_synapses for c in columns)

    @classmethod
    def in_brain(cls, scenario: Scenario, n_neurons: int) -> _Columns:
        """The columns among the regions of a brain."""
        sizes = column_sizes(scenario.network.column_neurons)
        column = Column.of(scenario.network.microcircuit, sizes, scenario.network.column_neurons)
        return cls(scenario, [column] * (n_neurons // column.n_neurons))

    def n_bytes(self, threads: int) -> float:
        """Bytes of state, rows and spikes."""
        delays = max_delay_steps(self._p, self._scenario.dt) + 1
        spikes = sum(float(c.sizes @ REFERENCE_RATES_HZ) for c in self._columns)
        return (
            4 * self.n_synapses
            + self.n_neurons * (_BYTES_PER_COLUMN_NEURON + 2 * shards_of(self.n_neurons, threads) * delays)
            + self._scenario.n_exchanges * 8 * len(self._columns) * 2
            + spikes * self._scenario.duration / 1000 * 12
        )

    def ns(self, threads: int) -> float:
        """Nanoseconds of a biological second."""
        if not self._columns:
            return 0.0
        events = sum(float(c.synapses.sum(axis=0) @ REFERENCE_RATES_HZ) for c in self._columns)
        updates = self.n_neurons * self._scenario.n_sub * 1000
        work = _column_speed["update_ns"] * updates + _column_speed["event_ns"] * events
        shards = shards_of(self.n_neurons, threads)
        return work / _gain(shards) + _column_speed["exchange_ns"] * 1000


def column_capacity(scenario: Scenario, connectome: Connectome, lays_out: bool = True) -> Capacity:
    """What a scenario of the recipe microcircuit takes, which is on no chip."""
    p = scenario.network.microcircuit
    on = np.array(scenario.backend_of(connectome.labels)) != "off"
    sizes = [column_sizes(int(n)) for n in region_sizes(scenario, connectome)[on]]
    mean = scenario.network.neurons_per_region
    columns = _Columns(scenario, [Column.of(p, s, mean) for s in sizes])
    threads = threads_for(columns.n_synapses)
    return Capacity(
        n_regions=len(sizes),
        n_neurons=columns.n_neurons,
        n_synapses=columns.n_synapses,
        n_analog_neurons=0,
        circuits=0,
        chips=0,
        max_chips=scenario.analog.max_chips,
        circuits_per_neuron=1,
        chip_use={},
        memory_mb=_BASE_MB + columns.n_bytes(threads) / 2**20,
        memory_limit_mb=memory_limit_mb(),
        real_time_factor=columns.ns(threads) / 1e9,
    )


def _neurons_that_fit(scenario: Scenario, connectome: Connectome, share: float) -> int:
    """Neurons per region that the chips would hold, not above a share of what there are; else 0."""
    for part in (1.0, 0.9, 0.8, 0.6, 0.4):
        n = int(scenario.network.neurons_per_region * share * part // 10 * 10)
        if n < 10:
            break
        network = scenario.network.model_copy(update={"neurons_per_region": n})
        need = capacity_of(scenario.model_copy(update={"network": network}), connectome)
        if need.chips <= need.max_chips and need.chip_use:
            return n
    return 0


def require_capacity(scenario: Scenario, connectome: Connectome) -> Capacity:
    """Work out what a scenario takes and refuse it where it does not fit.

    Raises
    ------
    CapacityError
        Too many chips, too much memory, or more than the tiles hold; says what would fit.
    """
    need = capacity_of(scenario, connectome)
    if need.chips > need.max_chips:
        n_regions = max(1, scenario.backend_of(connectome.labels).count("analog"))
        share = need.max_chips / need.chips
        fewer = _neurons_that_fit(scenario, connectome, share)
        remedy = (
            f"Keep about {int(n_regions * share)} of {n_regions} analog regions"
            + (f", use {fewer} neurons per region" if fewer else "")
            + f", or set analog.max_chips to {need.chips}."
        )
        if need.circuits_per_neuron > 1:
            remedy += (
                f" An in-degree of at most {ROWS_PER_CIRCUIT} would need one circuit a neuron "
                f"instead of {need.circuits_per_neuron}."
            )
        raise CapacityError("analog.max_chips", need.chips, need.max_chips, "chips", remedy)
    if need.chips:
        _layout(scenario, connectome)
    if need.memory_mb > need.memory_limit_mb:
        n_kinds = len(scenario.recipe.populations)
        fixed = _BASE_MB + scenario.n_exchanges * n_kinds * need.n_regions * 2 / 2**20
        room = max(0.0, need.memory_limit_mb - fixed)
        share = room / max(1e-9, need.memory_mb - fixed)
        raise CapacityError(
            "network",
            need.memory_mb,
            need.memory_limit_mb,
            "MB of memory",
            f"Use about {max(10, int(scenario.network.neurons_per_region * share // 10 * 10))} "
            f"neurons per region, an in-degree of {int(scenario.network.in_degree * share)}, or "
            "switch regions off.",
        )
    _require_tiles(scenario, connectome)
    return need


def _require_tiles(scenario: Scenario, connectome: Connectome) -> None:
    """Refuse regions that no packing puts on the tiles."""
    backends = np.array(scenario.backend_of(connectome.labels))
    on = backends != "off"
    is_analog, halves = backends[on] == "analog", None
    sizes = region_sizes(scenario, connectome)[on]
    labels = tuple(label for label, here in zip(connectome.labels, on, strict=True) if here)
    sizes = at(scenario.recipe.sizes)(scenario, labels, sizes).sum(axis=1)
    if is_analog.any():
        halves = hemispheres_of(scenario, Network.of(scenario, connectome))
    room = TileRoom.of(scenario, labels, sizes, is_analog, halves)
    room.require(*scenario.noc.size)
