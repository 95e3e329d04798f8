"""The fewest hemispheres that hold a region, and the refusal where none do."""

from __future__ import annotations

import math

import numpy as np

from engine.backends.analog.region_rows import Half, Region
from engine.backends.analog.resources import (
    COLUMNS,
    DRIVERS_PER_BUS,
    LABELS_PER_HEMISPHERE,
    ROWS_PER_CIRCUIT,
    ROWS_PER_DRIVER,
    circuits_for,
    neurons_that_fit,
)
from engine.brain.network import SHARE_LOCAL_E, SHARE_LOCAL_I
from engine.errors import CapacityError
from engine.scenario.hardware import AnalogSettings
from engine.scenario.scenario import Scenario

__all__ = ["chips_at_least", "circuits_at_least", "lay_region"]

_MAX_MERGED = 32


def chips_at_least(sizes: np.ndarray, in_degree: int, analog: AnalogSettings) -> int:
    """Chips that regions of these sizes take if nothing but circuits and rows were short.

    Parameters
    ----------
    sizes : (n_regions,) int64
        Neurons of each.
    in_degree : int
    analog : AnalogSettings
    """
    least = circuits_at_least(in_degree, analog)
    fit = neurons_that_fit(min(least, _MAX_MERGED))
    return -(-int(np.sum(-(-sizes // fit))) // 2)


def circuits_at_least(in_degree: int, analog: AnalogSettings) -> int:
    """Circuits of a neuron, by its inputs and compartments."""
    if analog.merge != "auto":
        return int(analog.merge)
    if analog.compartments == "two":
        # Tracts bring the smaller share.
        near = (SHARE_LOCAL_E + SHARE_LOCAL_I) * in_degree
        return 2 * circuits_for(math.ceil(near))
    return circuits_for(in_degree)


def lay_region(scenario: Scenario, region: Region) -> tuple[list[Half], int]:
    """The fewest hemispheres that hold a region, and the circuits of a neuron there.

    Raises
    ------
    CapacityError
        No number of hemispheres holds it: rows, buses or labels run out.
    """
    a = scenario.analog
    units = region.units
    least = units * max(1, math.ceil(region.fan_in / ROWS_PER_CIRCUIT))
    if a.neurons_per_hemisphere != "auto":
        candidates = [-(-region.n // int(a.neurons_per_hemisphere))]
    else:
        candidates = []
        n_halves = -(-region.n // neurons_that_fit(min(least, _MAX_MERGED)))
        if a.merge != "auto":
            n_halves = -(-region.n // neurons_that_fit(int(a.merge)))
        while n_halves <= region.n and n_halves // 2 <= a.max_chips:
            candidates.append(n_halves)
            n_halves = max(n_halves + 1, int(n_halves * 1.1))
    halves: list[Half] = []
    problem, merged = "rows", least
    for n_halves in candidates:
        n = -(-region.n // n_halves)
        room = [c for c in range(units, _MAX_MERGED + 1, units) if neurons_that_fit(c) >= n]
        if a.merge != "auto":
            room = [c for c in room if c == a.merge]
        if not room:
            problem, merged = "circuits", least if a.merge == "auto" else int(a.merge)
            continue
        merged = room[-1]
        halves, problem = region.fits(n_halves, merged)
        if problem:
            continue
        for fewer in (c for c in room if least <= c < merged):
            tighter, still = region.fits(n_halves, fewer)
            if not still:
                return tighter, fewer
        return halves, merged
    if problem and a.neurons_per_hemisphere == "auto" and (smaller := _largest_that_fits(scenario, region)):
        chips = _chips_of(region.n, smaller)
        raise CapacityError(
            "analog.max_chips",
            chips,
            a.max_chips,
            f"chips (analog region {region.label} alone)",
            f"Set analog.max_chips to at least {chips}, use fewer neurons per region, or lower "
            "network.in_degree.",
        )
    raise _refusal(scenario, region, problem, halves, merged)


def _refusal(
    scenario: Scenario, region: Region, problem: str, halves: list[Half], merged: int
) -> CapacityError:
    """What does not fit, with the nearest change that does."""
    a = scenario.analog
    n = region.n if a.neurons_per_hemisphere == "auto" else int(a.neurons_per_hemisphere)
    where = f"analog region {region.label}"
    if problem == "circuits":
        fits = neurons_that_fit(merged)
        return CapacityError(
            "analog.neurons_per_hemisphere",
            n * merged,
            COLUMNS,
            f"circuits of a hemisphere for {n} neurons of {merged} circuits ({where})",
            f"Use at most {fits} neurons per hemisphere, or 'auto'.",
        )
    if not halves:
        least = -(-region.n // neurons_that_fit(merged))
        return CapacityError(
            "analog.max_chips",
            -(-least // 2),
            a.max_chips,
            f"chips ({where} alone)",
            f"Set analog.max_chips to at least {-(-least // 2)}, or use fewer neurons per region.",
        )
    last, k = halves[-1], scenario.network.in_degree
    if problem == "rows":
        units = region.units
        need = units * -(-last.fan_in // ROWS_PER_CIRCUIT)
        have = merged // units * ROWS_PER_CIRCUIT
        return CapacityError(
            "analog.merge",
            last.fan_in,
            have,
            f"synapse rows for the inputs of one neuron of {merged} circuits ({where})",
            f"Merge {need} circuits a neuron (analog.merge = {need} or 'auto'), or lower "
            f"network.in_degree to about {int(k * have / last.fan_in)}.",
        )
    smaller = _largest_that_fits(scenario, region)
    remedy = (
        f"Put at most {smaller} neurons on a hemisphere (analog.neurons_per_hemisphere = "
        f"{smaller} or 'auto'; {_counted(_chips_of(region.n, smaller), 'chip')}), "
        if smaller
        else "Merge more circuits a neuron (analog.merge = 'auto'), "
    ) + "or lower network.in_degree."
    if problem == "labels":
        return CapacityError(
            "analog.labels",
            last.sources.size,
            LABELS_PER_HEMISPHERE,
            f"labels on a hemisphere, one a source ({where})",
            remedy,
        )
    if problem == "band":
        return CapacityError(
            "analog.band",
            last.banded * ROWS_PER_DRIVER,
            DRIVERS_PER_BUS * ROWS_PER_DRIVER,
            f"rows of the one bus that a band of columns reaches ({where}, its own neurons alone)",
            remedy,
        )
    return CapacityError(
        "analog.bus",
        int(last.drivers.max()) * ROWS_PER_DRIVER,
        DRIVERS_PER_BUS * ROWS_PER_DRIVER,
        f"rows of an event bus ({where})",
        remedy,
    )


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" + ("" if n == 1 else "s")


def _chips_of(n: int, per_hemisphere: int) -> int:
    return math.ceil(math.ceil(n / per_hemisphere) / 2)


def _largest_that_fits(scenario: Scenario, region: Region) -> int:
    """Neurons of a hemisphere that would fit; 0 where none do."""
    free = scenario.with_values({"analog.neurons_per_hemisphere": "auto", "analog.max_chips": 100_000})
    if free == scenario:
        return 0
    try:
        halves, _ = lay_region(free, region)
    except CapacityError:
        return 0
    return -(-region.n // len(halves))
