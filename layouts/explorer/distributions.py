"""Finished runs as distributions: rates of regions and of neurons, and intervals between spikes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import BasicTickFormatter, HoverTool, Legend, LogTicker, Range1d

from engine.amounts import number
from engine.fit.distributions import ks_distance
from engine.fit.spike_trains import SpikeTrains
from engine.progress import Progress, no_progress
from engine.run.recording import Recording
from layouts.axes import restyle_axes
from layouts.elements import DRAWING, figure_of, load
from layouts.theme import FONT, Theme, tooltip

__all__ = [
    "KS_MEANING",
    "QUANTITIES",
    "Distributions",
    "Quantity",
    "Spread",
    "samples_of",
    "shares",
    "spreads_of",
]

KS_MEANING = "KS: largest gap between the cumulative shares of two runs, 0 to 1, after each run's transient."
_DASHES = ("solid", "dashed", "dotted", "dotdash") * 2
_N_BINS = 30
_ROOM = 1.15  # above the highest share, for the legend
_PLACE = {"sizing_mode": "stretch_width", "height": 240, "min_border_left": 48, "min_border_bottom": 44}


@dataclass(frozen=True)
class Quantity:
    """What is distributed.

    Attributes
    ----------
    name, label, unit : str
    of : str
        What is counted.
    is_log : bool
        Whether it spans decades, so that bins are of equal ratio.
    """

    name: str
    label: str
    unit: str
    of: str
    is_log: bool = False


QUANTITIES = (
    Quantity("region_rates", "rate of a region", "Hz", "regions"),
    Quantity("neuron_rates", "rate of a neuron", "Hz", "neurons"),
    Quantity("intervals", "interval between spikes", "ms", "intervals", is_log=True),
)


@dataclass(frozen=True, eq=False)
class Spread:
    """One quantity in several runs.

    Attributes
    ----------
    quantity : Quantity
    edges : (n_bins + 1,) float64
        In the quantity's unit, the same for all runs.
    parts : list of (n_bins,) float64 [%]
        Of each run.
    sizes : list of int
        Regions, neurons or intervals of each run.
    distances : list of float
        Of Kolmogorov and Smirnov, of each run from the first; NaN where either has none.
    """

    quantity: Quantity
    edges: np.ndarray
    parts: list[np.ndarray]
    sizes: list[int]
    distances: list[float]


def spreads_of(recordings: Sequence[Recording], progress: Progress = no_progress) -> list[Spread]:
    """Hold runs against the first of them, for each of `QUANTITIES`; half a second for long runs."""
    n = len(recordings)
    found = []
    for k, recording in enumerate(recordings):
        progress(k / (2 * n), "sorting spikes")
        found.append(samples_of(recording))
    # Whole spikes over the time that is counted: rates of neurons are multiples of that.
    counted_ms = [r.duration_ms - r.transient_ms for r in recordings]
    steps = {"neuron_rates": max((1000.0 / ms for ms in counted_ms if ms > 0), default=0.0)}
    spreads = []
    for k, quantity in enumerate(QUANTITIES):
        samples = [of_run[quantity.name] for of_run in found]
        edges, parts = shares(samples, steps.get(quantity.name, 0.0), quantity.is_log)
        distances = [0.0]
        for sample in samples[1:]:
            progress(0.5 + k / (2 * len(QUANTITIES)), "comparing")
            distances.append(ks_distance(samples[0], sample))
        spreads.append(Spread(quantity, edges, parts, [s.size for s in samples], distances))
    return spreads


def samples_of(recording: Recording) -> dict[str, np.ndarray]:
    """What a run has of each of `QUANTITIES`, after its transient.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    dict of str to (n,) float64
        ``region_rates`` and ``neuron_rates`` [Hz], silent ones included; ``intervals`` [ms] of all
        neurons. Empty where the run has not begun.
    """
    start, stop = float(recording.transient_ms), float(recording.duration_ms)
    if stop <= start:
        return {q.name: np.zeros(0) for q in QUANTITIES}
    network = recording.network
    spikes = recording.population_rates_hz * network.population_sizes
    times = (recording.spike_steps + 1) * recording.scenario.dt
    trains = SpikeTrains.of(times, recording.spike_ids, network.n_neurons, start, stop)
    return {
        "region_rates": spikes.reshape(-1, network.n_kinds).sum(axis=1) / network.region_sizes,
        "neuron_rates": np.diff(trains.indptr) * 1000.0 / (stop - start),
        "intervals": trains.intervals(),
    }


def shares(samples: Sequence[np.ndarray], step: float = 0.0, is_log: bool = False) -> tuple[np.ndarray, list]:
    """Histograms of several samples over the same bins, which hold every value.

    Parameters
    ----------
    samples : sequence of (n,) float64
    step : float
        Values are whole multiples of it, and bins as wide as some of them; 0 where they are not.
    is_log : bool
        Bins of equal ratio; values are above 0 then.

    Returns
    -------
    edges : (n_bins + 1,) float64
    parts : list of (n_bins,) float64 [%]
        Of each sample; zeros where it is empty.
    """
    pooled = np.concatenate([*samples, np.zeros(0)])
    if not pooled.size:
        edges = np.array([1.0, 10.0]) if is_log else np.array([0.0, 1.0])
    elif is_log:
        low, high = float(pooled.min()), float(pooled.max())
        edges = np.geomspace(0.99 * low, 1.01 * high, _N_BINS + 1)
    else:
        high = max(float(pooled.max()), 1e-9)
        width = high / _N_BINS
        if step:
            width = step * max(1.0, np.ceil(width / step))
        n = int(high // width) + 1
        # Whole multiples lie inside of bins, never on an edge.
        edges = np.arange(n + 1) * width - step / 2
        if edges[-1] <= high:
            edges = np.append(edges, edges[-1] + width)
    parts = [100.0 * np.histogram(s, edges)[0] / max(1, s.size) for s in samples]
    return edges, parts


class Distributions:
    """Runs over one another, one colour and one dash each; see `figures`, `sentence`."""

    def __init__(self, theme: Theme):
        self._theme = theme
        self._letters: list[str] = []
        self._spreads: list[Spread] = []
        self.figures: list[Any] = []

    def update(self, letters: Sequence[str], spreads: Sequence[Spread]) -> None:
        """Draw runs, each by its letter, into new `figures`."""
        self._letters, self._spreads, self.figures = list(letters), list(spreads), []
        load()
        for spread in spreads:
            with DRAWING:
                self.figures.append(self._draw(spread))
        self.restyle(self._theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        hues = (theme.ink, *theme.lobes.values())  # the first run in ink, the others muted
        for figure, spread in zip(self.figures, self._spreads, strict=True):
            restyle_axes(figure, theme)
            figure.xgrid.grid_line_color = None
            for line, colour in zip(figure.renderers, hues * 2, strict=False):
                line.glyph.line_color = colour
            of, unit = spread.quantity.of, spread.quantity.unit
            figure.hover[0].tooltips = tooltip(
                theme, lead="Run @run", lines=(f"@share{{0.0}} % of @n{{0,0}} {of}: @span {unit}",)
            )
            for legend in figure.select(Legend):
                legend.label_text_color = theme.ink

    def _draw(self, spread: Spread) -> Any:
        import holoviews as hv

        quantity, edges = spread.quantity, spread.edges
        n_points = 2 * edges.size
        spans = [f"{number(max(0.0, a))} to {number(b)}" for a, b in itertools.pairwise(edges)]
        curves = [
            hv.Curve(
                {  # steps, down to nothing at both ends
                    "x": np.repeat(edges, 2),
                    "share": np.concatenate([[0.0], np.repeat(part, 2), [0.0]]),
                    "span": [spans[0], *np.repeat(spans, 2), spans[-1]],
                    "run": [letter] * n_points,
                    "n": [size] * n_points,
                },
                "x",
                ["share", "span", "run", "n"],
                label=letter,
            ).opts(line_dash=dash, line_width=1.6, tools=["hover"], default_tools=[])
            for letter, part, size, dash in zip(
                self._letters, spread.parts, spread.sizes, _DASHES, strict=False
            )
        ]
        drawn = hv.Overlay(curves).opts(
            xlabel=f"{quantity.label} [{quantity.unit}]",
            ylabel=f"% of {quantity.of}",
            logx=quantity.is_log,
            show_grid=True,
            show_legend=quantity is QUANTITIES[0],
            legend_position="top_right",
        )
        f = figure_of(drawn, f"distribution-{quantity.name.replace('_', '-')}", **_PLACE)
        highest = max([float(part.max()) for part in spread.parts], default=0.0)
        f.x_range, f.y_range = Range1d(edges[0], edges[-1]), Range1d(0.0, _ROOM * max(highest, 1e-9))
        f.axis.minor_tick_line_color = None
        if quantity.is_log:
            f.xaxis.ticker, f.xaxis.formatter = LogTicker(mantissas=[1, 3]), BasicTickFormatter()
        f.toolbar.tools = [HoverTool(renderers=f.renderers, line_policy="nearest")]
        for legend in f.select(Legend):
            legend.title, legend.border_line_color, legend.background_fill_color = None, None, None
            legend.label_text_font, legend.label_text_font_size = FONT, "11px"
            legend.spacing, legend.padding, legend.margin, legend.glyph_width = 0, 2, 2, 28
        return f

    @property
    def labels(self) -> list[str]:
        """What each of the `figures` is of."""
        return [spread.quantity.label for spread in self._spreads]

    @property
    def sentence(self) -> str:
        """How far each run lies from the first one."""
        said = []
        for k, letter in enumerate(self._letters[1:], 1):
            apart = []
            for spread in self._spreads:
                a, b = spread.sizes[0], spread.sizes[k]
                ks = spread.distances[k]
                distance = f"KS {ks:.3f}" if np.isfinite(ks) else "cannot be compared"
                apart.append(f"{spread.quantity.label} {distance} (n = {a:,} and {b:,})")
            said.append(f"{letter} against {self._letters[0]}: {', '.join(apart)}.")
        return " ".join(said)
