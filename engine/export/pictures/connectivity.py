"""Simulated and measured functional connectivity: the matrix, and pair by pair."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.export.pictures.picture import NARROW, Picture, lobe_order, lobes_in
from engine.export.plot import Scale, frame, line
from engine.fit.evidence import Evidence
from engine.markup import parts
from engine.markup.parts import Mark

__all__ = ["draw_matrix", "draw_pairs"]

_SHADES = 8


def _pair_of(e: Evidence, network: Network) -> tuple[NDArray[np.float64], NDArray[np.float64] | None] | None:
    """Simulated and measured connectivity of the regions that ran; None where there is none."""
    if len(e.fc_signal) < 20 or network.n_regions < 4:
        return None
    rows = np.ix_(network.region_index, network.region_index)
    return e.simulated_fc[rows], None if e.empirical_fc is None else np.asarray(e.empirical_fc, float)[rows]


def draw_matrix(e: Evidence, network: Network, connectome: Connectome) -> Picture | None:
    """Correlations of all pairs, measured ones above the diagonal; None where too little was recorded."""
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
    for _, first, stop in lobes_in(network, connectome, order):
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


def draw_pairs(e: Evidence, network: Network) -> Picture | None:
    """Simulated over measured correlations; None where nothing was measured."""
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
