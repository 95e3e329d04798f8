"""Rates over time, their spectrum, and their spread over neurons."""

from __future__ import annotations

import numpy as np

from engine.amounts import number
from engine.export.pictures.picture import NARROW, WIDE, Picture
from engine.export.plot import Scale, bars, frame, line
from engine.fit.evidence import Evidence
from engine.fit.metrics.spectrum import Spectrum, spectrum_of
from engine.fit.metrics.spread_of_rates import rates_of_halves
from engine.markup import parts
from engine.markup.parts import Mark

__all__ = ["draw_course", "draw_spectrum", "draw_spread"]

_HEIGHT = 230.0
_MOST_BINS = 380


def draw_course(e: Evidence) -> Picture | None:
    """Rates of excitatory and inhibitory neurons; None for less than 20 ms."""
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


def draw_spectrum(e: Evidence) -> Picture | None:
    """Power over that of Poisson firing; None where too little was recorded."""
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


def draw_spread(e: Evidence) -> Picture | None:
    """Rates of single neurons; None where too little was recorded."""
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
