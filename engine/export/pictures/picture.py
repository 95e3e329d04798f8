"""One picture of a report, and regions in the order of lobes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.brain.network import Network

__all__ = ["NARROW", "WIDE", "Picture", "lobe_order", "lobes_in"]

WIDE, NARROW = 760.0, 370.0


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


def lobe_order(network: Network, connectome: Connectome) -> NDArray[np.int64]:
    """(n_regions,) int64: the regions that ran by lobe, left and right of a pair together."""
    lobes = [connectome.lobe[i] for i in network.region_index]

    def key(r: int) -> tuple[bool, str, str, str]:
        label = network.labels[r]
        return lobes[r] == "Unassigned", lobes[r], label.split(".", 1)[-1], label

    return np.array(sorted(range(network.n_regions), key=key), np.int64)


def lobes_in(
    network: Network, connectome: Connectome, order: NDArray[np.int64]
) -> list[tuple[str, int, int]]:
    """Name, first and last-plus-one place of every lobe in an order of regions.

    Parameters
    ----------
    network : Network
    connectome : Connectome
    order : (n_regions,) int64
    """
    out: list[tuple[str, int, int]] = []
    for k, r in enumerate(order):
        lobe = connectome.lobe[network.region_index[r]]
        if out and out[-1][0] == lobe:
            out[-1] = (lobe, out[-1][1], k + 1)
        else:
            out.append((lobe, k, k + 1))
    return out
