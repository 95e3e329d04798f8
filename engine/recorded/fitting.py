"""Numbers of a neuron found on the first half of a recording."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, differential_evolution

from engine.fit.spike_trains import SpikeTrains
from engine.progress import Progress, no_progress
from engine.recorded.cell import PIECE_MS, RecordedCell
from engine.recorded.coincidence import coincidence_factor
from engine.recorded.neuron import PIECE_STEPS, Knob, knobs_of
from engine.recorded.response import coherence
from engine.recorded.single import run_single
from engine.recorded.substrates import run_neuron
from engine.stored_results import STORED

__all__ = ["REFINED", "WINDOW_MS", "Fit", "fit_neuron", "misfit", "search"]

WINDOW_MS = 2.0
"""Half the width of the coincidence window."""
GENERATIONS, PER_KNOB = 25, 8
"""Of the wide search: generations of so many neurons for every number that is fitted."""
REFINED = 40
"""Neurons that are tried on each substrate, near the end of the wide search."""
N_COHERENCE = 16
"""Repetitions whose coherence is taken while fitting."""
_NEAR = 0.05
_WORST = 10.0


@dataclass(frozen=True)
class Fit:
    """What a search has found.

    Attributes
    ----------
    values : dict of str to float
        By the names of the neuron's knobs.
    misfit : float
        Of these on what they were fitted to.
    evaluations : int
        Neurons that were tried.
    """

    __pydantic_config__ = STORED

    values: dict[str, float]
    misfit: float
    evaluations: int


class _Target:
    """The first half of a recording, and how far trains of a model are from it."""

    def __init__(self, cell: RecordedCell):
        self.pieces = cell.pieces()[: int(cell.first_half[1] / PIECE_MS)]
        self.window = 0.0, self.pieces.size * PIECE_MS
        self.recorded = cell.spikes_in(*self.window)
        alone = SpikeTrains.of(self.recorded, np.zeros(self.recorded.size, np.int64), 1, *self.window)
        self.coherence = coherence(self.pieces, alone)[1][0]

    def misfit(self, trains: SpikeTrains) -> float:
        """How far they are: `misfit`, and the root mean square difference of the coherences."""
        some = min(N_COHERENCE, trains.n_neurons)
        first = SpikeTrains(
            trains.indptr[: some + 1], trains.times[: trains.indptr[some]], trains.start, trains.stop
        )
        found = coherence(self.pieces, first)[1].mean(axis=0)
        apart = float(np.sqrt(np.mean((found - self.coherence) ** 2)))
        return misfit(self.recorded, trains) + apart


def misfit(recorded: NDArray[np.float64], trains: SpikeTrains) -> float:
    """How far trains of a model are from a recorded one: ``(1 - gamma) + |ln(rate / recorded rate)|``.

    Parameters
    ----------
    recorded : (n_spikes,) float64 [ms]
    trains : SpikeTrains
    """
    n = trains.counts.mean()
    if n == 0:
        return _WORST
    gamma = coincidence_factor(recorded, trains, WINDOW_MS)
    if not np.isfinite(gamma).all():
        return _WORST
    return float(1.0 - gamma.mean() + abs(np.log(n / recorded.size)))


def search(cell: RecordedCell, neuron: str, seed: int, progress: Progress = no_progress) -> Fit:
    """Find the numbers of a neuron by a wide search with its equations alone.

    Differential evolution (Storn & Price 1997; `scipy.optimize`) within the knobs' bounds, each
    neuron once with the same noise, on the first half of the recording; coherence is left to
    `fit_neuron`.

    Parameters
    ----------
    cell : RecordedCell
    neuron : str
        "lif" or "adex".
    seed : int
        Of noise and search.
    progress : callable
        May raise to give up.
    """
    target, knobs = _Target(cell), knobs_of(neuron)
    random = np.random.Generator(np.random.Philox(seed))
    noise = random.standard_normal(target.pieces.size * PIECE_STEPS)
    generation = 0

    def judged(point: NDArray[np.float64]) -> float:
        times = run_single(neuron, _values(knobs, point), target.pieces, noise)
        one = np.zeros(times.size, np.int64)
        return misfit(target.recorded, SpikeTrains.of(times, one, 1, *target.window))

    def told(intermediate_result: OptimizeResult) -> None:
        nonlocal generation
        generation += 1
        lowest = intermediate_result.fun
        progress(min(1.0, generation / GENERATIONS), f"searching: misfit {lowest:.3f}")

    found = differential_evolution(
        judged,
        [(0.0, 1.0)] * len(knobs),
        maxiter=GENERATIONS,
        popsize=PER_KNOB,
        seed=random,
        polish=False,
        tol=0.0,
        callback=told,
    )
    return Fit(_values(knobs, found.x), float(found.fun), int(found.nfev))


def fit_neuron(
    cell: RecordedCell,
    substrate: str,
    neuron: str,
    seed: int,
    start: dict[str, float],
    evaluations: int = REFINED,
    progress: Progress = no_progress,
) -> Fit:
    """Refine the numbers of a neuron on a substrate, on the first half of a recording.

    CMA-ES (Hansen & Ostermeier 2001; the package `cma`) near `start`, every neuron `LANES` times. The
    misfit includes coherence: coincidence alone would ask for a neuron without noise. On a chip
    every lane is another circuit, so that what is found suits the chip's circuits on average and not
    one of them.

    Parameters
    ----------
    cell : RecordedCell
    substrate, neuron : str
        See `run_neuron`.
    seed : int
        Of noise, chip and search.
    start : dict of str to float
        By the names of the knobs.
    evaluations : int
        Neurons to try, at most.
    progress : callable
        May raise to give up.
    """
    target, knobs = _Target(cell), knobs_of(neuron)

    def judged(point: NDArray[np.float64]) -> float:
        values = _values(knobs, point)
        return target.misfit(run_neuron(substrate, neuron, values, target.pieces, seed, seed))

    best = _point(knobs, start)
    lowest, n = judged(best), 1
    optimiser = _optimiser(best, _NEAR, seed)
    while n < evaluations and not optimiser.stop():
        points = optimiser.ask()
        found = []
        for point in points:
            found.append(judged(point))
            n += 1
            progress(min(1.0, n / evaluations), f"refining the {substrate} neuron: misfit {lowest:.3f}")
        optimiser.tell(points, found)
        k = int(np.argmin(found))
        if found[k] < lowest:
            best, lowest = np.array(points[k]), found[k]
    return Fit(_values(knobs, best), lowest, n)


def _optimiser(start: NDArray[np.float64], sigma: float, seed: int) -> Any:
    """CMA-ES with random numbers of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses matplotlib, which is not needed here
        import cma
    random = np.random.Generator(np.random.Philox(seed))
    return cma.CMAEvolutionStrategy(
        start,
        sigma,
        {
            "bounds": [0.0, 1.0],
            "verbose": -9,
            "seed": np.nan,
            "verb_log": 0,
            "verb_disp": 0,
            "randn": lambda *shape: random.standard_normal(shape),
        },
    )


def _values(knobs: tuple[Knob, ...], point: NDArray[np.float64]) -> dict[str, float]:
    """Four digits each, as they are stored and shown."""
    found = {}
    for knob, x in zip(knobs, np.clip(point, 0.0, 1.0), strict=True):
        if knob.is_log:
            value = knob.low * (knob.high / knob.low) ** float(x)
        else:
            value = knob.low + float(x) * (knob.high - knob.low)
        found[knob.name] = min(max(float(f"{value:.4g}"), knob.low), knob.high)
    return found


def _point(knobs: tuple[Knob, ...], values: dict[str, float]) -> NDArray[np.float64]:
    found = []
    for k in knobs:
        if k.is_log:
            found.append(np.log(values[k.name] / k.low) / np.log(k.high / k.low))
        else:
            found.append((values[k.name] - k.low) / (k.high - k.low))
    return np.array(found)
