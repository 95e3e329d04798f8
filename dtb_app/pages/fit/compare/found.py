"""What is worked out of a run before it is compared, pictures first; in a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.fit import METRICS, Score, fcd_matrix, phase_shuffled, population_spectrum
from engine.fit.compared_fc import ComparedFc
from engine.fit.evidence import Evidence
from engine.fit.forward import SIGNALS, NetworkFacts
from engine.fit.forward.bold import TR_MS
from engine.progress import Progress
from engine.run.recording import Recording
from layouts.fit.fc_matrix import FcMatrix, Layout
from layouts.fit.pair_scatter import PairScatter
from layouts.theme import Theme

__all__ = ["COURSES", "Course", "Fcd", "Found", "Judged", "find", "judge"]

COURSES = ("bold", "calcium")
"""Signals whose courses are shown."""

_MOST_SAMPLES = 800
_MOST_HZ = 100.0
_BOLD_WINDOW_S, _BOLD_STRIDE_S = 60.0, 3.0
_RATE_WINDOW, _RATE_STRIDE = 20, 10  # bins
_FEWEST_WINDOWS = 8
_MOST_WINDOWS = 600
_N_SURROGATES = 3


@dataclass(frozen=True, eq=False)
class Course:
    """A signal over time.

    Attributes
    ----------
    times_s : (n_samples,) float64 [s]
    values : (n_samples, n_regions) float64
        Of the regions that ran.
    trouble : str
        Why there is none, or what to know of it; "" for nothing.
    """

    times_s: NDArray[np.float64]
    values: NDArray[np.float64]
    trouble: str = ""


@dataclass(frozen=True, eq=False)
class Fcd:
    """How alike connectivity is between windows.

    Attributes
    ----------
    of_run, by_chance : (n_pairs,) float64 [1]
        Pairs of windows that share no sample; by chance in signals of the same spectra and connectivity.
    window_s : float [s]
    """

    of_run: NDArray[np.float64]
    by_chance: NDArray[np.float64]
    window_s: float


@dataclass(frozen=True, eq=False)
class Found:
    """What is shown first.

    Attributes
    ----------
    recording : Recording
    evidence : Evidence
    fc : ComparedFc
    layout : Layout
    matrices : dict of str to FcMatrix
        What there is of "simulated", "measured", "difference".
    scatter : PairScatter or None
    agreement : Score
        The metric ``fc_r``.
    """

    recording: Recording
    evidence: Evidence
    fc: ComparedFc
    layout: Layout
    matrices: dict[str, FcMatrix]
    scatter: PairScatter | None
    agreement: Score


@dataclass(frozen=True, eq=False)
class Judged:
    """What takes longer, and is the same for all who look at a run.

    Attributes
    ----------
    scores : dict of str to Score
    courses : dict of str to Course
    frequencies : (n,) float64 [Hz]
    power : (n_regions, n) float64 [Hz^2/Hz]
        Of the rates of the regions that ran.
    fcd : Fcd or None
    """

    scores: dict[str, Score]
    courses: dict[str, Course]
    frequencies: NDArray[np.float64]
    power: NDArray[np.float64]
    fcd: Fcd | None


def find(recording: Recording, theme: Theme, progress: Progress) -> Found:
    """Compare connectivities, and draw what takes long to be drawn."""
    progress(0.0, "functional connectivity")
    evidence = recording.evidence()
    fc = ComparedFc.of(evidence)
    layout = Layout.of(fc.region, recording.connectome)
    known = [n for n in ("simulated", "measured", "difference") if np.isfinite(getattr(fc, n)).any()]
    matrices = {}
    for k, name in enumerate(known):
        progress(0.2 + 0.2 * k, "pictures")
        matrices[name] = FcMatrix(theme, name, fc, layout)
    scatter = PairScatter(theme, fc, layout) if "difference" in known else None
    return Found(recording, evidence, fc, layout, matrices, scatter, METRICS["fc_r"].judge(evidence))


_judged: WeakKeyDictionary[Recording, Judged] = WeakKeyDictionary()


def judge(found: Found, progress: Progress) -> Judged:
    """Work out the rest; at once where somebody has looked at this run before."""
    recording, evidence = found.recording, found.evidence
    known = _judged.get(recording)
    if known is not None:
        return known
    scores: dict[str, Score] = {}
    for k, metric in enumerate(METRICS):
        progress(0.7 * k / len(METRICS), metric.label.lower())
        scores[metric.name] = metric.judge(evidence)
    courses = {}
    for k, name in enumerate(COURSES):
        progress(0.7 + 0.1 * k, SIGNALS[name].label)
        courses[name] = _course(recording, name)
    progress(0.9, "spectra")
    frequencies, power = _spectra(recording)
    progress(0.95, "connectivity over time")
    known = _judged[recording] = Judged(scores, courses, frequencies, power, _fcd(evidence))
    return known


def _course(recording: Recording, name: str) -> Course:
    signal = SIGNALS[name]
    nothing = np.zeros(0), np.zeros((0, recording.network.n_regions))
    try:
        series = signal.of(recording.counts, NetworkFacts.of(recording.network, recording.scenario))
    except EngineError as error:
        return Course(*nothing, str(error))
    if len(series.times) < 2:
        return Course(*nothing, signal.begun(recording.duration_ms))
    stride = -(-len(series.times) // _MOST_SAMPLES)
    n = len(series.times) // stride * stride

    def thinned(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values[:n].reshape(n // stride, stride, -1).mean(axis=1)

    times = thinned(series.times[:, None])[:, 0] / 1000.0
    return Course(times, thinned(series.values), signal.begun(recording.duration_ms))


def _spectra(recording: Recording) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    network = recording.network
    counts = recording.counts[round(recording.transient_ms) :]
    if len(counts) < 16:
        return np.zeros(0), np.zeros((network.n_regions, 0))
    shape = network.n_regions, network.n_kinds
    spikes = counts.reshape(len(counts), *shape).sum(axis=2, dtype=np.int64)
    sizes = np.asarray(network.population_sizes).reshape(shape).sum(axis=1)
    frequencies, power = population_spectrum(spikes, sizes)
    inside = (frequencies > 0) & (frequencies <= _MOST_HZ)
    return frequencies[inside], power[:, inside]


def _fcd(evidence: Evidence) -> Fcd | None:
    """None where there are too few windows, or regions that change."""
    signal = evidence.fc_signal[:, evidence.picked]
    moves = np.isfinite(signal).all(axis=0) & (np.ptp(signal, axis=0) > 0) if len(signal) else []
    signal = signal[:, moves]
    step_s = (TR_MS if evidence.is_bold else evidence.bin_ms) / 1000.0
    window, stride = _RATE_WINDOW, _RATE_STRIDE
    if evidence.is_bold:
        window, stride = round(_BOLD_WINDOW_S / step_s), round(_BOLD_STRIDE_S / step_s)
    n_windows = (len(signal) - window) // stride
    if n_windows < _FEWEST_WINDOWS or signal.shape[1] < 4:
        return None
    stride *= -(-n_windows // _MOST_WINDOWS)

    def likeness(values: NDArray[np.float64]) -> NDArray[np.float64]:
        between = fcd_matrix(values, window, stride)
        rows, columns = np.triu_indices(len(between), -(-window // stride))
        found = between[rows, columns]
        return found[np.isfinite(found)]

    chance = [likeness(phase_shuffled(signal, k, together=True)) for k in range(_N_SURROGATES)]
    of_run = likeness(signal)
    return Fcd(of_run, np.concatenate(chance), window * step_s) if of_run.size > 1 else None
