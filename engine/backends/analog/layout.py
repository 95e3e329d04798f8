"""Analog regions laid onto chips: which circuit every neuron is, and what each bus has to carry.

A region takes as many hemispheres as it needs; two make a chip. Its neurons are dealt out to them
in turn, and inside one to the four bands of columns in turn, so that every bus hears as many of
them. Spikes of a region reach circuits of the same region on the same chip over the bus of their
band; all others, also those of another region on the chip, come in from outside, over any bus. The
synapses are the very ones the run will have, so what does not fit is known before it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from engine.backends.analog.fitting import lay_region
from engine.backends.analog.generators import check_generators
from engine.backends.analog.region_rows import Region
from engine.backends.analog.resources import (
    BANDS,
    BUSES_PER_HEMISPHERE,
    CIRCUITS_PER_CHIP,
    COLUMNS,
    COLUMNS_PER_BAND_GROUP,
    DRIVERS_PER_BUS,
    LABELS_PER_HEMISPHERE,
    ROWS_PER_CIRCUIT,
    ROWS_PER_DRIVER,
    SYNAPSES_PER_CHIP,
)
from engine.brain.network import Network
from engine.errors import CapacityError
from engine.scenario.scenario import Scenario

__all__ = ["ChipLayout", "are_same_chips", "hemispheres_of", "is_quick_to_lay_out", "layout_of"]

_KEPT = 8
_QUICK_SYNAPSES = 60_000  # of all analog regions; about a twentieth of a second


@dataclass(frozen=True, eq=False)
class ChipLayout:
    """Where everything analog stands.

    Attributes
    ----------
    neurons : (n,) int32
        The network's numbers of the analog neurons, ascending.
    hemisphere : (n,) int32
        Numbered over all chips; chip ``hemisphere // 2``.
    column : (n,) int16
        The first of a neuron's circuits.
    merged : (n,) int16
        Circuits a neuron is made of.
    region : (n_hemispheres,) int32
        The simulated region on each hemisphere; -1 for an empty one.
    drivers, labels : (n_hemispheres, 4) int32
        Synapse drivers and labels in use on each bus.
    rows : (n_hemispheres,) int32
        Most synapse rows that a circuit uses.
    synapses : (n_hemispheres,) int64
        Synapses in use, split weights counted as often as they are split.
    source : (n_entries,) int32
        Ascending: sources, once for every hemisphere they reach.
    bus : (n_entries,) int32
        The bus of each: ``4 hemisphere + bus``.
    """

    neurons: np.ndarray
    hemisphere: np.ndarray
    column: np.ndarray
    merged: np.ndarray
    region: np.ndarray
    drivers: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    synapses: np.ndarray
    source: np.ndarray
    bus: np.ndarray

    @property
    def n_hemispheres(self) -> int:
        """Hemispheres of all chips."""
        return int(self.region.size)

    @property
    def chips(self) -> int:
        """Chips."""
        return self.n_hemispheres // 2

    @property
    def circuits(self) -> int:
        """Circuits in use."""
        return int(self.merged.sum())

    @property
    def utilisation(self) -> dict[str, float]:
        """Share in use of what the chips have; of rows, buses and labels on the fullest bus."""
        if not self.chips:
            return {}
        per_hemisphere = np.bincount(self.hemisphere, self.merged, self.n_hemispheres)
        return {
            "circuits": float(per_hemisphere.max() / COLUMNS),
            "rows of a circuit": float(self.rows.max() / ROWS_PER_CIRCUIT),
            "rows of a bus": float(self.drivers.max() / DRIVERS_PER_BUS),
            "labels": float(self.labels.sum(axis=1).max() / LABELS_PER_HEMISPHERE),
            "synapses": float(self.synapses.sum() / (self.chips * SYNAPSES_PER_CHIP)),
        }

    @property
    def binding(self) -> str:
        """The resource that runs out first."""
        shares = {k: v for k, v in self.utilisation.items() if k != "synapses"}
        return max(shares, key=lambda name: shares[name]) if shares else ""

    def report(self) -> dict[str, Any]:
        """Plain numbers: what is used, of what there is."""
        merged = np.unique(self.merged)
        return {
            "chips": self.chips,
            "hemispheres": int((self.region >= 0).sum()),
            "circuits": self.circuits,
            "circuits_available": self.chips * CIRCUITS_PER_CHIP,
            "circuits_per_neuron": int(merged.max(initial=1)),
            "max_rows_per_circuit": int(self.rows.max(initial=0)),
            "max_rows_per_bus": int(self.drivers.max(initial=0)) * ROWS_PER_DRIVER,
            "max_labels_per_bus": int(self.labels.max(initial=0)),
            "hardware_synapses": int(self.synapses.sum()),
            "utilisation": {k: round(v, 4) for k, v in self.utilisation.items()},
            "binding": self.binding,
        }

    def placement(self, labels: tuple[str, ...]) -> list[dict[str, Any]]:
        """What stands on every half of a chip, plain numbers; `labels` of the simulated regions."""
        out = []
        for half in np.flatnonzero(self.region >= 0):
            here = self.hemisphere == half
            out.append(
                {
                    "chip": int(half) // 2,
                    "half": ("upper", "lower")[int(half) % 2],
                    "region": labels[self.region[half]],
                    "neurons": int(np.count_nonzero(here)),
                    "circuits": int(self.merged[here].sum()),
                    "rows_per_circuit": int(self.rows[half]),
                    "rows_per_bus": (ROWS_PER_DRIVER * self.drivers[half]).tolist(),
                    "labels_per_bus": self.labels[half].tolist(),
                }
            )
        return out


_layouts: OrderedDict[tuple[Any, ...], ChipLayout | CapacityError] = OrderedDict()
_being_laid_out: dict[tuple[Any, ...], Lock] = {}
_lock = Lock()


def layout_of(scenario: Scenario, network: Network) -> ChipLayout:
    """Lay the analog regions of a network onto chips; remembers the last few, refusals too.

    Whoever asks for what another thread is laying out waits for it.

    Raises
    ------
    CapacityError
        A region fits onto no chip: what is short, how much there is, and the nearest change that
        fits.
    """
    key = _key_of(scenario, network)
    with _lock:
        found = _layouts.get(key)
        mine = _being_laid_out.setdefault(key, Lock()) if found is None else None
    if mine is not None:
        try:
            with mine:
                found = _remembered(key, scenario, network)
        finally:
            with _lock:
                _being_laid_out.pop(key, None)
    assert found is not None
    if isinstance(found, CapacityError):
        raise found.with_traceback(None)
    return found


def _remembered(key: tuple[Any, ...], scenario: Scenario, network: Network) -> ChipLayout | CapacityError:
    """What another thread has found out meanwhile, or else finds out; refusals are kept, too."""
    with _lock:
        if key in _layouts:
            return _layouts[key]
    found: ChipLayout | CapacityError
    try:
        found = _lay_all(scenario, network)
        check_generators(scenario, network, found.neurons, found.hemisphere // 2)
    except CapacityError as error:
        found = error
    with _lock:
        _layouts[key] = found
        while len(_layouts) > _KEPT:
            _layouts.popitem(last=False)
    return found


def is_quick_to_lay_out(scenario: Scenario, network: Network) -> bool:
    """Whether `layout_of` answers at once: it is remembered, or there is little to lay out."""
    n_neurons = int(network.region_sizes[network.is_analog].sum())
    if n_neurons * network.in_degree <= _QUICK_SYNAPSES:
        return True
    with _lock:
        return _key_of(scenario, network) in _layouts


def are_same_chips(a: tuple[Scenario, Network], b: tuple[Scenario, Network]) -> bool:
    """Whether two scenarios with their networks are laid onto chips alike."""
    return _key_of(*a) == _key_of(*b)


def _key_of(scenario: Scenario, network: Network) -> tuple[Any, ...]:
    """All that a layout depends on."""
    a = scenario.analog
    return (
        scenario.wiring_seed,
        network.labels,
        network.backend,
        network.sizes.tobytes(),
        network.probability.tobytes(),
        network.lesion.tobytes(),
        network.in_degree,
        scenario.network.coupling,
        a.weight_scale_local_exc,
        a.weight_scale_local_inh,
        a.weight_scale_long,
        a.max_split,
        a.merge,
        a.compartments,
        a.neurons_per_hemisphere,
        a.max_chips,
        tuple(s for s in scenario.stimulus if s.kind == "poisson"),
    )


def hemispheres_of(scenario: Scenario, network: Network) -> np.ndarray:
    """(n_regions,) int64, halves of chips that each region takes; 0 of a digital one.

    Raises
    ------
    CapacityError
        As `layout_of`.
    """
    if not network.is_analog.any():
        return np.zeros(network.n_regions, np.int64)
    region = layout_of(scenario, network).region
    return np.bincount(region[region >= 0], minlength=network.n_regions)


def _lay_all(scenario: Scenario, network: Network) -> ChipLayout:
    laid = []
    for index in np.flatnonzero(network.is_analog):
        region = Region(scenario, network, int(index))
        laid.append((int(index), region, *lay_region(scenario, region)))
    # Regions of several hemispheres begin on a chip of their own; odd ones share.
    laid.sort(key=lambda item: (len(item[2]) % 2, item[0]))
    n_halves = sum(len(item[2]) for item in laid)
    n_halves += n_halves % 2
    region_of = np.full(n_halves, -1, np.int32)
    drivers, labels = (np.zeros((n_halves, BUSES_PER_HEMISPHERE), np.int32) for _ in range(2))
    rows: np.ndarray = np.zeros(n_halves, np.int32)
    synapses: np.ndarray = np.zeros(n_halves, np.int64)
    parts: list[tuple[np.ndarray, ...]] = []
    sources, buses = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    singles = [item for item in laid if len(item[2]) == 1]
    several = [item for item in laid if len(item[2]) > 1]
    begin = 0
    spare: list[int] = []
    for r, region, halves, merged in [*several, *singles]:
        n = len(halves)
        if n == 1 and spare:
            places = [spare.pop()]
        else:
            places = list(range(begin, begin + n))
            begin += n + n % 2
            spare += [begin - 1] if n % 2 else []
        if begin > region_of.size:
            grow = begin - region_of.size
            region_of = np.concatenate([region_of, np.full(grow, -1, np.int32)])
            drivers, labels = (np.pad(x, ((0, grow), (0, 0))) for x in (drivers, labels))
            rows, synapses = (np.pad(x, (0, grow)) for x in (rows, synapses))
        for place, half in zip(places, halves, strict=True):
            region_of[place], rows[place], synapses[place] = r, half.rows, half.synapses
            drivers[place], labels[place] = half.drivers, half.labels
            sources.append(half.sources)
            buses.append(BUSES_PER_HEMISPHERE * place + half.bus.astype(np.int64))
        local = np.arange(region.n)
        q = local // n
        group = (q // BANDS) % 2 * BANDS + q % BANDS
        column = group * COLUMNS_PER_BAND_GROUP + (q // (2 * BANDS)) * merged
        parts.append((region.first + local, np.array(places)[local % n], column, np.full(region.n, merged)))
    if not parts:
        empty = np.zeros(0, np.int32)
        parts = [(empty, empty, empty, empty)]
    neurons, hemisphere, column, merged_of = (np.concatenate(x) for x in zip(*parts, strict=True))
    order = np.argsort(neurons)
    source, bus = np.concatenate(sources), np.concatenate(buses)
    real = source < network.n_neurons
    by_source = np.argsort(source[real], kind="stable")
    return ChipLayout(
        neurons=neurons[order].astype(np.int32),
        hemisphere=hemisphere[order].astype(np.int32),
        column=column[order].astype(np.int16),
        merged=merged_of[order].astype(np.int16),
        region=region_of,
        drivers=drivers,
        labels=labels,
        rows=rows,
        synapses=synapses,
        source=source[real][by_source].astype(np.int32),
        bus=bus[real][by_source].astype(np.int32),
    )
