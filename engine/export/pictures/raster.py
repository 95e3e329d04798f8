"""Spikes of evenly spaced neurons in the last seconds, by lobe."""

from __future__ import annotations

import numpy as np

from engine.amounts import number
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.export.pictures.picture import WIDE, Picture, lobe_order, lobes_in
from engine.export.plot import Scale
from engine.fit.evidence import Evidence
from engine.markup import parts
from engine.markup.parts import Mark

__all__ = ["draw_raster"]

_MOST_ROWS, _MOST_SPIKES, _MOST_MS = 168, 12_000, 3000
_FEW_SPIKES = 1500  # which are drawn wider


def draw_raster(e: Evidence, network: Network, connectome: Connectome) -> Picture | None:
    """Spikes of evenly spaced neurons; None where none were recorded."""
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
    spans = lobes_in(network, connectome, order)
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
