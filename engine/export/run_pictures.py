"""Pictures of a run for its report: paths and texts worked out from arrays, without a plotting library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import sample_data
from engine.amounts import number
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.brain.readers.notes import INVENTED
from engine.export.plot import Scale, bars, frame, line, polygon
from engine.fit.evidence import Evidence
from engine.fit.metrics.spectrum import Spectrum, spectrum_of
from engine.fit.metrics.spread_of_rates import rates_of_halves
from engine.markup import parts
from engine.markup.parts import Mark

__all__ = ["Picture", "lobe_order", "run_pictures"]

WIDE, NARROW = 760.0, 370.0
_HEIGHT = 230.0
_SHADES = 8
_MOST_ROWS, _MOST_SPIKES, _MOST_MS = 168, 12_000, 3000
_FEW_SPIKES = 1500  # which are drawn wider
_MOST_BINS = 380
_VIEWS = ("left lateral", "left medial", "right medial", "right lateral")


class Picture(NamedTuple):
    """A picture, what it is of, and what it shows in a sentence.

    Attributes
    ----------
    title : str
    drawn : str
    said : str
    is_wide : bool
        Whether it takes the width of the page.
    """

    title: str
    drawn: str
    said: str
    is_wide: bool = False


def run_pictures(e: Evidence, network: Network, connectome: Connectome) -> list[Picture]:
    """All that can be drawn of a run.

    Parameters
    ----------
    e : Evidence
        Of all regions that ran, with spikes.
    network : Network
    connectome : Connectome
    """
    made = (
        _brain(e, network, connectome),
        _raster(e, network, connectome),
        _course(e),
        _spectrum(e),
        _spread(e),
        _matrix(e, network, connectome),
        _scatter(e, network),
    )
    return [picture for picture in made if picture is not None]


def lobe_order(network: Network, connectome: Connectome) -> NDArray[np.int64]:
    """(n_regions,) int64: the regions that ran by lobe, left and right of a pair together."""
    lobes = [connectome.lobe[i] for i in network.region_index]

    def key(r: int) -> tuple[bool, str, str, str]:
        label = network.labels[r]
        return lobes[r] == "Unassigned", lobes[r], label.split(".", 1)[-1], label

    return np.array(sorted(range(network.n_regions), key=key), np.int64)


def _lobes(network: Network, connectome: Connectome, order: NDArray[np.int64]) -> list[tuple[str, int, int]]:
    """Name, first and last-plus-one place of every lobe in that order."""
    out: list[tuple[str, int, int]] = []
    for k, r in enumerate(order):
        lobe = connectome.lobe[network.region_index[r]]
        if out and out[-1][0] == lobe:
            out[-1] = (lobe, out[-1][1], k + 1)
        else:
            out.append((lobe, k, k + 1))
    return out


def _kind(network: Network, region: int) -> str:
    return "analog" if network.is_analog[region] else "digital"


# ---- the brain ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _atlas() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(sample_data.path("dk84.atlas").read_text(encoding="utf-8"))
    return found


def _brain(e: Evidence, network: Network, connectome: Connectome) -> Picture | None:
    rates = np.nan_to_num(_region_rates_hz(e, network))
    top = float(rates.max())
    is_placed = not any(note.field == "centres" and note.kind == INVENTED for note in connectome.notes)
    if top <= 0 or not is_placed:
        return None
    ran = {label: r for r, label in enumerate(network.labels)}

    def region(label: str, d: str) -> Mark:
        if label not in ran:
            return Mark("region away", d, f"{label}: off")
        r = ran[label]
        kind, hz = _kind(network, r), rates[r]
        return Mark(f"region {kind}", d, f"{label}: {hz:.2f} Hz, {kind}", 0.1 + 0.9 * hz / top)

    if connectome.name == "dk84" and set(network.labels) <= set(connectome.labels):
        marks, height = _outlines(region)
    else:
        marks, height = _dots(connectome, region)
    marks.sort(key=lambda mark: "analog" in mark.kind)  # outlines of these lie on top
    for k in range(6):
        at = WIDE / 2 - 90 + 30 * k
        marks.append(Mark("region digital", f"M{at:.0f} {height - 14:.0f}h30v8h-30Z", "", 0.1 + 0.18 * k))
    marks.append(Mark("tick", text="0 Hz", x=WIDE / 2 - 96, y=height - 6, anchor="end"))
    marks.append(Mark("tick", text=f"{top:.1f} Hz", x=WIDE / 2 + 96, y=height - 6))
    fast, slow = int(rates.argmax()), int(rates.argmin())
    said = (
        f"Mean rates of {network.n_regions} regions: {network.labels[fast]} is the fastest with "
        f"{rates[fast]:.2f} Hz, {network.labels[slow]} the slowest with {rates[slow]:.2f} Hz."
    )
    if network.is_analog.any():
        n_analog = int(network.is_analog.sum())
        said += f" {n_analog} of them, outlined, ran on the model of an analog chip."
    return Picture("Rates on the brain", parts.picture(WIDE, height, marks, said), said, True)


def _region_rates_hz(e: Evidence, network: Network) -> NDArray[np.float64]:
    """(n_regions,) float64 [Hz], of all neurons of the regions that ran."""
    spikes = np.nan_to_num(e.rates_hz) * network.population_sizes
    return spikes.reshape(network.n_regions, -1).sum(axis=1) / network.region_sizes


def _outlines(region: Any) -> tuple[list[Mark], float]:
    """The shipped outlines of four views, side by side."""
    views = [v for name in _VIEWS for v in _atlas()["views"] if v["name"] == name]
    gap, caption = 14.0, 20.0
    wide = [v["bounds"][1] - v["bounds"][0] for v in views]
    scale = (WIDE - gap * (len(views) - 1)) / sum(wide)
    tall = max(v["bounds"][3] - v["bounds"][2] for v in views) * scale
    marks, left = [], 0.0
    for view, w in zip(views, wide, strict=True):
        x0, _, y0, y1 = view["bounds"]
        down = (tall - (y1 - y0) * scale) / 2 + y1 * scale

        def path(shape: Any, x0: float = x0, left: float = left, down: float = down) -> str:
            pieces = zip(shape["xs"], shape["ys"], strict=True)
            return "".join(
                polygon(left + (np.array(xs) - x0) * scale, down - np.array(ys) * scale) for xs, ys in pieces
            )

        marks += [region(label, path(shape)) for label, shape in view["regions"].items()]
        middle = left + w * scale / 2
        marks.append(Mark("name", text=view["name"], x=middle, y=tall + 14.0, anchor="middle"))
        left += w * scale + gap
    return marks, tall + caption + 28.0


def _dots(connectome: Connectome, region: Any) -> tuple[list[Mark], float]:
    """A dot at the centre of every region, seen from above."""
    centres = connectome.centres
    low, high = centres.min(axis=0), centres.max(axis=0)
    height = 300.0
    scale = (height - 60.0) / (max(high[1] - low[1], high[0] - low[0]) or 1.0)
    marks = []
    for label, (x, y, _) in zip(connectome.labels, centres, strict=True):
        at_x = WIDE / 2 + (x - (low[0] + high[0]) / 2) * scale
        at_y = (height - 40.0) / 2 - (y - (low[1] + high[1]) / 2) * scale
        marks.append(region(label, f"M{at_x - 6:.1f} {at_y:.1f}a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z"))
    return marks, height


# ---- activity ----------------------------------------------------------------------------------------


def _raster(e: Evidence, network: Network, connectome: Connectome) -> Picture | None:
    if e.spikes is None or not len(e.counts):
        return None
    order = lobe_order(network, connectome)
    each = max(1, _MOST_ROWS // network.n_regions)
    rows: list[int] = []
    for r in order:
        size = int(network.region_sizes[r])
        some = min(each, size)
        rows += (network.region_start[r] + np.arange(some) * size // some).tolist()
    row_of = np.full(network.n_neurons, -1)
    row_of[rows] = np.arange(len(rows))
    last = len(e.counts)
    window = float(min(_MOST_MS, e.recorded_ms if e.recorded_ms > 0 else last))
    while True:
        found = e.spikes_between(last - window, last)
        assert found is not None
        steps, ids = found
        shown = row_of[ids] >= 0
        if shown.sum() <= _MOST_SPIKES or window <= 50:
            break
        window = float(max(50, int(window * 0.7)))
    steps, ids = steps[shown], ids[shown]
    left, top, height = 132.0, 6.0, max(110.0, min(370.0, 1.9 * len(rows) + 60.0))
    x = Scale((last - window) / 1000.0, last / 1000.0, left, WIDE - 2.0)
    bottom = height - 36.0
    pitch = (bottom - top) / len(rows)
    at_x, at_y = x((steps + 1) * e.dt / 1000.0), top + row_of[ids] * pitch
    is_analog = network.is_analog[network.region_of[ids]]
    marks = [_time_axis(x, bottom)]
    marks += [
        Mark("tick", text=number(v, 6), x=float(x(v)), y=bottom + 16.0, anchor="middle") for v in x.ticks()
    ]
    marks.append(Mark("name", text="time [s]", x=WIDE - 2.0, y=bottom + 31.0, anchor="end"))
    counts = np.array([min(each, int(network.region_sizes[r])) for r in order])
    ends = np.concatenate([[0], np.cumsum(counts)])
    spans = _lobes(network, connectome, order)
    if network.n_regions <= 12:
        spans = [(network.labels[r], k, k + 1) for k, r in enumerate(order)]
    for k, (name, first, stop) in enumerate(spans):
        y0, y1 = top + ends[first] * pitch, top + ends[stop] * pitch
        if k % 2 == 0:
            marks.append(Mark("band", f"M{left:.1f} {y0:.1f}H{WIDE - 2:.1f}V{y1:.1f}H{left:.1f}Z"))
        marks.append(Mark("tick", text=name, x=left - 8.0, y=(y0 + y1) / 2 + 3.5, anchor="end"))
    for kind, chosen in (("digital", ~is_analog), ("analog", is_analog)):
        d = "".join(
            f"M{a:.1f} {b:.1f}v{max(1.0, pitch):.1f}" for a, b in zip(at_x[chosen], at_y[chosen], strict=True)
        )
        if d:
            marks.append(Mark(f"spikes {kind}{' few' if ids.size < _FEW_SPIKES else ''}", d))
    said = (
        f"{ids.size:,} spikes of {len(rows):,} of the {network.n_neurons:,} neurons, evenly spaced, in the "
        f"last {number(window / 1000.0)} s."
    )
    if is_analog.any():
        said += " Regions on the analog chip are amber."
    return Picture("Spikes", parts.picture(WIDE, height, marks, said), said, True)


def _time_axis(x: Scale, bottom: float) -> Mark:
    ticks = "".join(f"M{at:.1f} {bottom:.1f}v4" for at in x(x.ticks()))
    return Mark("grid", f"M{x.start:.1f} {bottom:.1f}H{x.stop:.1f}{ticks}")


def _course(e: Evidence) -> Picture | None:
    n_ms = len(e.counts)
    if n_ms < 20:
        return None
    bin_ms = max(5, -(-n_ms // _MOST_BINS))
    n_bins = n_ms // bin_ms
    hz = []
    for is_excitatory in (True, False):
        columns = e.is_excitatory == is_excitatory
        spikes = e.counts[: n_bins * bin_ms, columns].sum(axis=1, dtype=np.int64)
        size = int(e.sizes[columns].sum())
        hz.append(spikes.reshape(n_bins, bin_ms).sum(axis=1) * 1000.0 / bin_ms / size if size else None)
    known = [rates for rates in hz if rates is not None]
    x = Scale(0.0, n_ms / 1000.0, 44.0, WIDE - 88.0)
    y = Scale(0.0, 1.05 * max(float(rates.max()) for rates in known) or 1.0, 150.0, 22.0)
    at = x((np.arange(n_bins) + 0.5) * bin_ms / 1000.0)
    marks = frame(x, y, "time [s]", "rate [Hz]")
    ends = []
    for rates, kind, name in zip(hz, ("ink", "muted"), ("excitatory", "inhibitory"), strict=True):
        if rates is not None:
            marks.append(Mark(f"line {kind}", line(at, y(rates))))
            ends.append((float(y(rates[-max(1, n_bins // 20) :].mean())), kind, name))
    if len(ends) == 2 and abs(ends[0][0] - ends[1][0]) < 14.0:
        high, low = sorted(ends)
        ends = [(high[0] - 7.0, *high[1:]), (low[0] + 7.0, *low[1:])]
    marks += [Mark(f"name {kind}", text=name, x=WIDE - 82.0, y=at_y + 3.5) for at_y, kind, name in ends]
    if e.transient_ms > 0:
        until = float(x(e.transient_ms / 1000.0))
        marks.insert(0, Mark("band", f"M{x.start:.1f} {y.start:.1f}V{y.stop:.1f}H{until:.1f}V{y.start:.1f}Z"))
    said = f"Rates in bins of {bin_ms} ms."
    if e.transient_ms > 0:
        said += f" The shaded first {number(e.transient_ms / 1000.0)} s are left out of every statistic."
    return Picture("Rates over time", parts.picture(WIDE, 186.0, marks, said), said, True)


# ---- statistics --------------------------------------------------------------------------------------


def _spectrum(e: Evidence) -> Picture | None:
    found = spectrum_of(e)
    if not isinstance(found, Spectrum):
        return None
    has = found.power > 0
    f, power = found.frequencies[has], found.power[has]
    x = Scale(float(f[0]), float(f[-1]), 44.0, NARROW - 6.0, is_log=True)
    y = Scale(min(0.5, float(power.min())), max(2.0, 1.2 * float(power.max())), _HEIGHT - 36.0, 24.0, True)
    one = float(y(1.0))
    marks = [
        *frame(x, y, "frequency [Hz]", "power over that of Poisson firing"),
        Mark("line dashed", f"M{x.start:.1f} {one:.1f}H{x.stop:.1f}"),
        Mark("line ink", line(x(f), y(power))),
    ]
    at = int(power.argmax())
    said = (
        f"Spectrum of all neurons together: {power[at]:.1f} times the power of Poisson firing (dashed) at "
        f"{f[at]:g} Hz, where it is highest."
    )
    return Picture("Power spectrum", parts.picture(NARROW, _HEIGHT, marks, said), said)


def _spread(e: Evidence) -> Picture | None:
    halves = rates_of_halves(e)
    if isinstance(halves, str):
        return None
    rates = 0.5 * (halves[0] + halves[1])
    top = max(1.0, float(np.quantile(rates, 0.99)))
    counts, edges = np.histogram(np.minimum(rates, top), 36, (0.0, top))
    share = 100.0 * counts / rates.size
    x = Scale(0.0, top, 44.0, NARROW - 6.0)
    y = Scale(0.0, 1.08 * float(share.max()), _HEIGHT - 36.0, 24.0)
    width = (x.stop - x.start) / 36
    middle = float(x(rates.mean()))
    marks = [
        *frame(x, y, "rate of a neuron [Hz]", "% of excitatory neurons"),
        Mark("fill", bars(x(edges[:-1]), y(share), width - 0.8, y.start)),
        Mark("line dashed", f"M{middle:.1f} {y.start:.1f}V{y.stop:.1f}"),
        Mark("name", text=f"mean {rates.mean():.2f} Hz", x=min(middle + 5.0, NARROW - 90.0), y=y.stop + 8.0),
    ]
    silent = float(np.mean(rates == 0))
    said = (
        f"Rates of {rates.size:,} excitatory neurons: half of them are at most "
        f"{number(float(np.median(rates)))} Hz, {number(100 * silent, 2)} % are silent; the last bar holds "
        "all that are faster."
    )
    return Picture("Rates over neurons", parts.picture(NARROW, _HEIGHT, marks, said), said)


# ---- connectivity ------------------------------------------------------------------------------------


def _pair_of(e: Evidence, network: Network) -> tuple[NDArray[np.float64], NDArray[np.float64] | None] | None:
    """Simulated and measured connectivity of the regions that ran; None where there is none."""
    if len(e.fc_signal) < 20 or network.n_regions < 4:
        return None
    rows = np.ix_(network.region_index, network.region_index)
    return e.simulated_fc[rows], None if e.empirical_fc is None else np.asarray(e.empirical_fc, float)[rows]


def _matrix(e: Evidence, network: Network, connectome: Connectome) -> Picture | None:
    pair = _pair_of(e, network)
    if pair is None:
        return None
    simulated, measured = pair
    order = lobe_order(network, connectome)
    n = len(order)
    values = simulated[np.ix_(order, order)].copy()
    if measured is not None:
        above = np.triu_indices(n, k=1)
        values[above] = measured[np.ix_(order, order)][above]
    left, top = 8.0, 22.0
    side = NARROW - 16.0
    cell = side / n
    np.fill_diagonal(values, np.nan)
    level = np.ceil(np.nan_to_num(np.minimum(1.0, np.abs(values))) * _SHADES).astype(int) * np.where(
        np.nan_to_num(values) < 0, -1, 1
    )
    marks = [Mark("ground", f"M{left} {top}h{side}v{side}h{-side}Z")]
    for shade in sorted(set(level.ravel().tolist()) - {0}):
        kind = "shade" if shade > 0 else "shade below"
        marks.append(Mark(kind, _runs(level == shade, left, top, cell), "", abs(shade) / _SHADES))
    for _, first, stop in _lobes(network, connectome, order):
        a, b = left + first * cell, left + stop * cell
        marks.append(
            Mark("box", f"M{a:.1f} {top + first * cell:.1f}H{b:.1f}V{top + stop * cell:.1f}H{a:.1f}Z")
        )
    what, caption = "Simulated", "simulated"
    if measured is not None:
        what, caption = "Below the diagonal simulated, above it measured", "simulated below the diagonal"
        marks.append(Mark("name", text="measured above", x=left + side, y=top - 8.0, anchor="end"))
    marks.append(Mark("name", text=caption, x=left, y=top + side + 16.0))
    said = (
        f"{what} correlations of {n} regions: the darker, the nearer to 1; negative ones in magenta. Boxes "
        "are lobes."
    )
    drawn = parts.picture(NARROW, top + side + 24.0, marks, said)
    return Picture("Functional connectivity", drawn, said)


def _runs(cells: NDArray[np.bool_], left: float, top: float, cell: float) -> str:
    """The path of all cells, those side by side in one piece."""
    padded = np.pad(cells, ((0, 0), (1, 1))).astype(np.int8)
    rows, starts = np.nonzero(np.diff(padded, axis=1) == 1)
    _, stops = np.nonzero(np.diff(padded, axis=1) == -1)
    return "".join(
        f"M{left + a * cell:.1f} {top + r * cell:.1f}h{(b - a) * cell:.1f}v{cell:.2f}h{(a - b) * cell:.1f}Z"
        for r, a, b in zip(rows, starts, stops, strict=True)
    )


def _scatter(e: Evidence, network: Network) -> Picture | None:
    pair = _pair_of(e, network)
    if pair is None or pair[1] is None:
        return None
    upper = np.triu_indices(network.n_regions, k=1)
    a, b = pair[1][upper], pair[0][upper]
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    if a.size < 6 or not (np.ptp(a) and np.ptp(b)):
        return None
    low = min(0.0, float(np.floor(10 * min(a.min(), b.min())) / 10))
    height = 22.0 + (NARROW - 16.0) + 24.0
    x = Scale(low, 1.0, 44.0, NARROW - 6.0)
    y = Scale(low, 1.0, height - 36.0, 24.0)
    marks = [
        *frame(x, y, "measured r", "simulated r", (5, 5)),
        Mark("line dashed", line(x([low, 1.0]), y([low, 1.0]))),
        Mark("points", "".join(f"M{p:.1f} {q:.1f}h0" for p, q in zip(x(a), y(b), strict=True))),
    ]
    r = float(np.corrcoef(a, b)[0, 1])
    said = f"{a.size:,} pairs of regions, r = {r:.2f}; on the dashed line both would be the same."
    return Picture("Pair by pair", parts.picture(NARROW, height, marks, said), said)
