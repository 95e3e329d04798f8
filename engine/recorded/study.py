"""Which substrate is nearer to a recorded cell: fitted on one half, judged on the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.fit.spike_trains import SpikeTrains
from engine.progress import Progress, no_progress, part_of
from engine.recorded.cell import PIECE_MS, RecordedCell, repetition_ms
from engine.recorded.comparison import MODELS, Comparison, Excerpt, Response
from engine.recorded.fitting import Fit, fit_neuron, search
from engine.recorded.measures import MEASURES, poisson_trains
from engine.recorded.response import coherence, information_bps, spike_triggered_average, sta_lags_ms
from engine.recorded.substrates import LANES, run_neuron

__all__ = ["N_DRAWS", "N_FITS", "compare", "judged"]

N_FITS, N_DRAWS = 4, 3
"""Fits from other seeds, and chips, each with other noise, that every fit is judged on."""
_APART = 1000  # seeds from fit to fit
EXCERPT_MS = 400.0
N_SHOWN = 6
_BAND_SHARE = 0.95
_MOST_TRIALS = 12


def compare(
    cell: RecordedCell,
    neuron: str = "adex",
    seed: int = 1,
    n_fits: int = N_FITS,
    n_draws: int = N_DRAWS,
    progress: Progress = no_progress,
) -> Comparison:
    """Fit a neuron on the first half of a recording and judge it on the second, on both substrates.

    Parameters
    ----------
    cell : RecordedCell
    neuron : str
        "lif" or "adex".
    seed : int
    n_fits : int
        Fits, each from a seed of its own: how far they scatter is part of the interval.
    n_draws : int
        Chips, each with other noise, that every fit is judged on.
    progress : callable
        May raise to give up.

    Raises
    ------
    ParameterError
        There is no such neuron, or there are fewer than 2 fits or no draw.
    """
    for name, n, least in (("n_fits", n_fits, 2), ("n_draws", n_draws, 1)):
        if n < least:
            raise ParameterError(f"recorded.{name}: must be at least {least} (got {n}).")
    fits = []
    for k in range(n_fits):
        of_one = part_of(progress, 0.85 * k / n_fits, 0.85 * (k + 1) / n_fits)
        own = seed + _APART * k
        wide = search(cell, neuron, own, part_of(of_one, 0.0, 0.3))
        digital, chip = (
            fit_neuron(cell, substrate, neuron, own, wide.values, progress=part_of(of_one, low, low + 0.35))
            for substrate, low in (("digital", 0.3), ("chip", 0.65))
        )
        fits.append({"digital": digital, "chip": chip})
    return judged(cell, neuron, tuple(fits), seed, n_draws, part_of(progress, 0.85, 1.0))


def judged(
    cell: RecordedCell,
    neuron: str,
    fits: tuple[dict[str, Fit], ...],
    seed: int,
    n_draws: int,
    progress: Progress = no_progress,
) -> Comparison:
    """Judge fitted neurons on the second half of a recording; see `compare`."""
    judge = _Judge(cell)
    names = (*MODELS, "poisson")
    values: dict[str, dict[str, list[tuple[float, ...]]]] = {
        m: {name: [] for name in names} for m in MEASURES
    }
    gammas: dict[str, list[NDArray[np.float64]]] = {name: [] for name in names}
    curves: dict[str, list[Response]] = {name: [] for name in MODELS}
    shown: dict[str, SpikeTrains] = {}
    n_done = 0
    for k, fit in enumerate(fits):
        found: dict[str, list[SpikeTrains]] = {name: [] for name in names}
        for s in range(seed + _APART * k + 1, seed + _APART * k + 1 + n_draws):
            for name in names:
                found[name].append(judge.cut(judge.trains(name, neuron, fit, s)))
            n_done += 1
            progress(n_done / (len(fits) * n_draws), f"judging fit {k + 1} of {len(fits)}")
        shown = shown or {name: found[name][0] for name in ("digital", "chip")}
        for name in names:
            for measure in MEASURES.values():
                of_draws = [measure.of(judge.recorded, t) for t in found[name]]
                values[measure.name][name].append(tuple(float(np.mean(v)) for v in of_draws))
                if measure.name == "gamma":
                    gammas[name] += of_draws
        for name in MODELS:
            curves[name].append(judge.response(found[name]))
    period, correlation = repetition_ms(cell)
    animal = judge.response([judge.alone])
    inside = judge.frequencies <= judge.band_hz

    def gap(r: Response) -> float:
        return float(np.sqrt(np.mean((np.array(r.coherence) - animal.coherence)[inside] ** 2)))

    before = spike_triggered_average(judge.pieces, cell.spikes, *cell.first_half)
    percentiles = {name: np.percentile(np.concatenate(gammas[name]), [5, 95]) for name in MODELS}
    return Comparison(
        cell=cell.name,
        neuron=neuron,
        seed=seed,
        duration_ms=cell.duration_ms,
        band_hz=judge.band_hz,
        period_ms=period,
        self_correlation=correlation,
        fits=fits,
        values={m: {name: tuple(v) for name, v in of.items()} for m, of in values.items()},
        ceilings=_ceilings(cell, period),
        spread={name: (float(p[0]), float(p[1])) for name, p in percentiles.items()},
        sta_correlations={
            name: tuple(float(np.corrcoef(r.sta, animal.sta)[0, 1]) for r in of)
            for name, of in curves.items()
        },
        coherence_gaps={name: tuple(gap(r) for r in of) for name, of in curves.items()},
        sta_halves=float(np.corrcoef(before, animal.sta)[0, 1]),
        responses={"animal": animal, **{name: _mean_response(of) for name, of in curves.items()}},
        lags_ms=_rounded(sta_lags_ms()),
        frequencies_hz=_rounded(judge.frequencies),
        excerpt=judge.excerpt(shown),
    )


def _mean_response(of: list[Response]) -> Response:
    return Response(
        rate_hz=float(np.mean([r.rate_hz for r in of])),
        sta=_rounded(np.mean([r.sta for r in of], axis=0)),
        coherence=_rounded(np.mean([r.coherence for r in of], axis=0)),
        information_bps=float(np.mean([r.information_bps for r in of])),
    )


class _Judge:
    """The second half of a recording, and what is taken of trains there."""

    def __init__(self, cell: RecordedCell):
        self._cell = cell
        self.pieces = cell.pieces()
        self.window = cell.second_half[0], self.pieces.size * PIECE_MS
        self.recorded = cell.spikes_in(*self.window)
        self.alone = SpikeTrains.of(self.recorded, np.zeros(self.recorded.size, np.int64), 1, *self.window)
        self.frequencies = coherence(self.pieces, self.alone)[0]
        power = np.abs(np.fft.rfft(self.pieces)) ** 2
        at = np.searchsorted(np.cumsum(power) / power.sum(), _BAND_SHARE)
        wide = float(np.fft.rfftfreq(self.pieces.size, PIECE_MS / 1000.0)[at])
        self.band_hz = min(round(wide, 1), float(self.frequencies[-1]))

    def trains(self, model: str, neuron: str, fit: dict[str, Fit], seed: int) -> SpikeTrains:
        """A model over the whole recording, or Poisson neurons of its rate in the window."""
        if model == "poisson":
            return poisson_trains(self._cell.rate_hz(*self.window), LANES, self.window, seed)
        values = fit["chip" if model == "chip" else "digital"].values
        substrate = "digital" if model == "digital" else "chip"
        return run_neuron(substrate, neuron, values, self.pieces, seed, seed)

    def cut(self, trains: SpikeTrains) -> SpikeTrains:
        """The same trains in the window alone."""
        owner = np.repeat(np.arange(trains.n_neurons), trains.counts)
        return SpikeTrains.of(trains.times, owner, trains.n_neurons, *self.window)

    def sta(self, trains: SpikeTrains) -> NDArray[np.float64]:
        """Spike-triggered average of all trains together."""
        return spike_triggered_average(self.pieces, np.sort(trains.times), *self.window)

    def response(self, draws: list[SpikeTrains]) -> Response:
        """Of all draws together."""
        curves = np.mean([coherence(self.pieces, t)[1].mean(axis=0) for t in draws], axis=0)
        inside = self.frequencies <= self.band_hz
        said = information_bps(self.frequencies[inside], curves[inside])
        return Response(
            rate_hz=float(np.mean([t.rates_hz.mean() for t in draws])),
            sta=_rounded(np.mean([self.sta(t) for t in draws], axis=0)),
            coherence=_rounded(curves),
            information_bps=float(said),
        )

    def excerpt(self, models: dict[str, SpikeTrains]) -> Excerpt:
        """The beginning of the window, less half a second."""
        start = self.window[0] + min(500.0, (self.window[1] - self.window[0]) / 4)
        stop = start + EXCERPT_MS
        per_ms = round(1.0 / PIECE_MS)
        first = round(start / PIECE_MS)
        x = self.pieces[first : first + round(EXCERPT_MS) * per_ms]
        x = x[: x.size // per_ms * per_ms].reshape(-1, per_ms).mean(axis=1)

        def within(times: NDArray[np.float64]) -> tuple[float, ...]:
            return _rounded(times[(times >= start) & (times < stop)], 2)

        return Excerpt(
            start,
            stop,
            _rounded(x),
            within(self.recorded),
            {name: tuple(within(t.train(i)) for i in range(N_SHOWN)) for name, t in models.items()},
        )


def _ceilings(cell: RecordedCell, period: float | None) -> dict[str, float]:
    """Every repetition of the recording against the others, mean over pairs."""
    if period is None:
        return {}
    n = min(int(cell.duration_ms / period + 1e-6), _MOST_TRIALS)
    trials = [cell.spikes_in(k * period, (k + 1) * period) - k * period for k in range(n)]
    trials = [t for t in trials if t.size]
    found: dict[str, list[float]] = {name: [] for name in MEASURES}
    for k, trial in enumerate(trials):
        others = [t for j, t in enumerate(trials) if j != k]
        if not others:
            continue
        owner = np.repeat(np.arange(len(others)), [t.size for t in others])
        trains = SpikeTrains.of(np.concatenate(others), owner, len(others), 0.0, period)
        for name, measure in MEASURES.items():
            found[name] += measure.of(trial, trains).tolist()
    return {name: float(np.mean(v)) for name, v in found.items() if v}


def _rounded(values: NDArray[np.floating], digits: int = 4) -> tuple[float, ...]:
    return tuple(float(round(v, digits)) for v in values.tolist())
