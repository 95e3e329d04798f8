"""Mean rates on the outlines of a brain, or on dots where it has none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sample_data
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.brain.readers.notes import INVENTED
from engine.export.pictures.picture import WIDE, Picture
from engine.export.plot import polygon
from engine.fit.evidence import Evidence
from engine.markup import parts
from engine.markup.parts import Mark

__all__ = ["draw_brain"]

_VIEWS = ("left lateral", "left medial", "right medial", "right lateral")


def draw_brain(e: Evidence, network: Network, connectome: Connectome) -> Picture | None:
    """Regions in the shade of their rate; None where nothing fired or no place is known."""
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


def _kind(network: Network, region: int) -> str:
    return "analog" if network.is_analog[region] else "digital"


@lru_cache(maxsize=1)
def _atlas() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(sample_data.path("dk84.atlas").read_text(encoding="utf-8"))
    return found
