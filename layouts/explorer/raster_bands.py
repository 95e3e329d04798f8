"""What stands beside the rows of a raster: coloured bands, names, and which rows are analog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layouts.scene import Scene
from layouts.theme import LOBE_ORDER, Theme, mix

__all__ = ["MAX_BANDS", "ROOM", "Bands", "bands_of", "bands_with_room"]

MAX_BANDS = 12
ROOM = 0.125  # of the picture's height for a name: 13 px where the page is 1024 by 768
_NAMED_REGIONS = int(1 / ROOM)


@dataclass(frozen=True)
class Bands:
    """Heights are neurons from the bottom; bands run from the top down.

    Attributes
    ----------
    bottom, top : list of int
    colour : list of str
    names : dict of float to str
        What is written where on the left.
    analog : list of (bottom, height, text)
    """

    bottom: list[int]
    top: list[int]
    colour: list[str]
    names: dict[float, str]
    analog: list[tuple[int, int, str]]


def bands_of(scene: Scene, order: np.ndarray, theme: Theme, room: float = ROOM) -> Bands:
    """Bands of a raster whose regions stand in `order`, the first one at the top.

    Up to eight regions are named one by one, more of them by lobe; the populations of a single
    column are named by layer. A name stands at the middle of what it names; where two would touch, the
    larger one keeps its own. Lobes of one colour, as those of another atlas have, share a band. `room` is
    what a name takes, over the picture's height.

    Parameters
    ----------
    scene : Scene
    order : (n_regions,) int
    theme : Theme
    room : float
    """
    network, c, n = scene.network, scene.connectome, scene.network.n_neurons
    parts: list[tuple[int, str, str]] = []  # neurons, name, colour
    by_kind = network.n_regions == 1 and network.n_kinds > 2
    by_region = network.n_regions <= _NAMED_REGIONS
    for region in order:
        lobe = c.lobe[network.region_index[region]]
        colour = theme.lobes.get(lobe, theme.muted)
        size = int(network.region_sizes[region])
        if by_kind:
            for kind, excitatory, count in zip(
                network.kinds, network.kind_is_excitatory, network.sizes[region], strict=True
            ):
                shade = colour if excitatory else mix(theme.panel, colour, 0.45)
                parts.append((int(count), f"{kind[:-1]} {kind[-1]}", shade))
        elif by_region:
            name = c.names[network.region_index[region]].split(",")[0][:18]
            parts.append((size, name, colour))
        elif parts and parts[-1][1:] == (lobe, colour):
            parts[-1] = (parts[-1][0] + size, lobe, colour)
        else:
            parts.append((size, lobe, colour))
    tops = n - np.cumsum([0] + [size for size, _, _ in parts])
    middles = (tops[:-1] + tops[1:]) / 2
    words = ["Cingulate, ins." if name == LOBE_ORDER[4] else name for _, name, _ in parts]
    heights = tops[:-1] - tops[1:]
    named = bands_with_room(middles.tolist(), heights.tolist(), room * n, float(n))
    apart = by_region or by_kind
    first = [k for k, (*_, colour) in enumerate(parts) if apart or not k or colour != parts[k - 1][2]]
    ends = [*first[1:], len(parts)][: len(first)]
    return Bands(
        bottom=[int(tops[k]) for k in ends],
        top=[int(tops[k]) for k in first],
        colour=[parts[k][2] for k in first],
        names={float(middles[k]): words[k] for k in named},
        analog=_analog(scene, order, room),
    )


def bands_with_room(
    middles: Sequence[float], heights: Sequence[float], room: float, height: float
) -> list[int]:
    """Which bands get their name: the largest first, each beside its band, none touching another.

    Parameters
    ----------
    middles, heights : (n_bands,) float
        Of the bands, from the bottom of the picture.
    room : float
        What a line of text takes.
    height : float
        Of the picture.

    Returns
    -------
    list of int
        Places of the named bands, ascending.
    """
    kept: list[int] = []
    for k in sorted(range(len(middles)), key=lambda k: -heights[k]):
        is_inside = room / 2 <= middles[k] <= height - room / 2
        if is_inside and all(abs(middles[k] - middles[other]) >= room for other in kept):
            kept.append(k)
    return sorted(kept)


def _analog(scene: Scene, order: np.ndarray, room: float) -> list[tuple[int, int, str]]:
    network, n = scene.network, scene.network.n_neurons
    found: list[list[int]] = []
    top = n
    for region in order:
        bottom = top - int(network.region_sizes[region])
        if network.backend[region] == "analog":
            if found and found[-1][0] == top:
                found[-1][0] = bottom
                found[-1][1] += top - bottom
            else:
                found.append([bottom, top - bottom])
        top = bottom
    out = []
    last = n * 2.0
    for bottom, height in found:
        middle = bottom + height / 2
        fits = last - middle >= room * n
        out.append((bottom, height, "analog" if fits else ""))
        last = middle if fits else last
    return out
