"""Events that a microscope would count in the calcium of single neurons."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.amounts import number
from engine.fit.evidence import Evidence, axis
from engine.fit.forward.calcium import Calcium
from engine.fit.forward.calcium_events import FALLEN_SD, RISEN_SD, EventCounter
from engine.fit.metric import Metric, TableRow
from engine.fit.score import Score

__all__ = ["CALCIUM_EVENTS"]

INDICATOR = "gcamp6f"
MOST_CELLS = 200
MIN_MS = 2000
_CHUNK_MS = 10_000
_SEED, _SEED_OF_SILENCE = 0, 1


def _chosen(e: Evidence) -> NDArray:
    """(n_cells,) int64, of the picked excitatory neurons so many at most, evenly spaced."""
    n = e.e_neurons.size
    n_cells = min(MOST_CELLS, n)
    return e.e_neurons[np.arange(n_cells) * n // max(1, n_cells)]


def _counted(e: Evidence, cells: NDArray, seed: int, are_silent: bool) -> NDArray[np.int64]:
    """(n_cells,) int64, events of each that begin after the transient."""
    model = Calcium(INDICATOR, cells.size, seed=seed)
    noise = model.indicator.noise.value
    counter = EventCounter(cells.size, RISEN_SD * noise, FALLEN_SD * noise)
    place = np.full(int(e.sizes.sum()), -1)
    place[cells] = np.arange(cells.size)
    begin = len(e.counts) - e.recorded_ms
    edges = [0, *range(begin, len(e.counts), _CHUNK_MS), len(e.counts)]
    for first, last in pairwise(edges):
        rows = np.zeros((last - first, cells.size))
        spikes = e.spikes_between(first, last)
        if spikes is not None and not are_silent:
            steps, ids = spikes
            at = place[ids]
            ms = np.floor(steps * e.dt + 1e-9).astype(np.int64) - first
            np.add.at(rows, (ms[at >= 0], at[at >= 0]), 1.0)
        counter.add(model.advance(rows))
        if last == begin:
            before = counter.counts.copy()
    return counter.counts - before


def _calcium_events(e: Evidence) -> Score:
    value = baseline = ceiling = None
    n = 0
    cells = _chosen(e)
    if e.spikes is None:
        words = "No spike times are recorded, so the calcium of single neurons is not known."
    elif e.recorded_ms < MIN_MS:
        words = f"Too short: {MIN_MS:,} ms after the transient are needed (now {max(0, e.recorded_ms)} ms)."
    elif not cells.size:
        words = "There are no excitatory neurons in the picked regions."
    else:
        n = cells.size
        minutes = e.recorded_ms / 60_000.0
        spikes = e.spikes_between(len(e.counts) - e.recorded_ms, len(e.counts))
        assert spikes is not None
        ceiling = float(np.isin(spikes[1], cells).sum() / n / minutes)
        value = float(_counted(e, cells, _SEED, False).mean() / minutes)
        baseline = float(_counted(e, cells, _SEED_OF_SILENCE, True).mean() / minutes)
        words = (
            f"A microscope would count {number(value)} calcium events a minute and neuron (GCaMP6f, mean of "
            f"{n:,} neurons) where there are {number(ceiling)} spikes: single ones drown in its noise, and "
            f"those close together merge. In silent neurons it would count {number(baseline)}."
        )
    low, high = axis(0.0, 60.0, value, baseline, ceiling)
    return CALCIUM_EVENTS.score(
        value=value,
        n=n,
        baseline=baseline,
        ceiling=ceiling,
        low=low,
        high=high,
        basis=f"forward model of GCaMP6f, 33 ms a frame, with the noise of one neuron; an event rises to "
        f"{RISEN_SD:g} and ends below {FALLEN_SD:g} standard deviations of it (assumed); at most "
        f"{MOST_CELLS} excitatory neurons, evenly spaced among those of the picked regions",
        sentence=words,
    )


CALCIUM_EVENTS: Metric = Metric(
    "calcium_events",
    "Calcium events of a neuron",
    "Calcium events",
    "1/min",
    "neurons",
    _calcium_events,
    baseline="silent neurons, seen with the same noise",
    ceiling="one event for every spike",
    in_panel=False,
    live=False,
    table=(TableRow("Calcium events of a neuron", "1/min"),),
    source="Dombeck et al. (2007) for the bounds, Chen et al. (2013) for the indicator",
)
