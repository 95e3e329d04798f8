"""Poisson counts, one a neuron and membrane step, exactly distributed.

A count is found by inversion: the number of cumulative probabilities at or below a uniform number.
The uniform number has 16 bits first, eight of them from one call of the generator; only where those
sixteen fall into the same slice as a cumulative probability, about one draw in 5000, are 32 more
drawn to decide. The counts therefore follow the distribution to 2**-48, at 16 bits a draw.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.random import PURPOSE_POISSON, PURPOSE_POISSON_TIE, philox, words_fill

__all__ = ["GROUP", "WIDTH", "PoissonScratch", "poisson_edges", "poisson_fill", "poisson_table"]

WIDTH = 64
GROUP = 8  # steps served by one call of the generator

_LOW = np.uint64(0xFFFFFFFF)
_MAX_THRESHOLDS = 64
_MAX_MEAN = 20.0


def poisson_table(mean: float) -> np.ndarray:
    """Cumulative probabilities of a Poisson count, in units of 2**-48.

    Parameters
    ----------
    mean : float
        Expected count, from 0 to 20.

    Returns
    -------
    (n,) int64
        Ascending; a 48-bit uniform number u gives the count ``sum(table <= u)``. Empty where the
        mean is zero.
    """
    if not 0 <= mean <= _MAX_MEAN:
        raise ValueError(f"mean must be from 0 to {_MAX_MEAN:g} (got {mean:g})")
    table: list[int] = []
    probability, total, k = math.exp(-mean), 0.0, 0
    while mean > 0 and len(table) < _MAX_THRESHOLDS:
        total += probability
        edge = round(total * 2**48)
        if edge >= 2**48:
            break
        table.append(edge)
        k += 1
        probability *= mean / k
        if probability < 2**-50:
            break
    return np.array(table, np.int64)


def poisson_edges(table: np.ndarray) -> np.ndarray:
    """The 16-bit slices that hold the edges of `table`, padded to a multiple of four.

    Parameters
    ----------
    table : (n,) int64

    Returns
    -------
    (m,) uint16
        The last slice stands there at most once, but for the padding: the table always decides
        its draws.
    """
    slices = table >> 32
    slices = slices[: np.searchsorted(slices, 0xFFFF) + 1]
    padding = np.full(-slices.size % 4, 0xFFFF)
    return np.concatenate([slices, padding]).astype(np.uint16)


class PoissonScratch(NamedTuple):
    """Scratch of one block.

    `words` (4 * WIDTH,) uint32; `low`, `above` and `reached` (GROUP * WIDTH,) uint16.
    """

    words: np.ndarray
    low: np.ndarray
    above: np.ndarray
    reached: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def poisson_fill(counts, table, edges, address, group, seed, scratch):
    """Fill a block with counts of `GROUP` steps.

    Parameters
    ----------
    counts : (GROUP * WIDTH,) uint8
        Written in place: step s of neuron i at ``s * WIDTH + i``.
    table : (n,) int64
        Read; from :func:`poisson_table`.
    edges : (m,) uint16
        Read; from :func:`poisson_edges` of the table.
    address : (WIDTH,) uint32
        Read.
    group : int
        Which `GROUP` steps: step number over `GROUP`.
    seed : int
    scratch : PoissonScratch
        Written in place.

    Returns
    -------
    int
        How many draws needed the second number.
    """
    words, low, above, reached = scratch
    n = GROUP * WIDTH
    if table.size == 0:
        for i in range(n):
            counts[i] = 0
        return 0
    words_fill(words, address, group, 0, seed, PURPOSE_POISSON)
    half = 4 * WIDTH
    for i in range(half):
        low[i] = np.uint16(words[i] & np.uint32(0xFFFF))
        low[half + i] = np.uint16(words[i] >> np.uint32(16))
    for i in range(n):
        above[i] = 0
        reached[i] = 0
    one, none = np.uint16(1), np.uint16(0)
    for j in range(0, edges.size, 4):  # four at a time: a quarter of the loads and stores
        e0, e1, e2, e3 = edges[j], edges[j + 1], edges[j + 2], edges[j + 3]
        for i in range(n):
            u = low[i]
            above[i] += np.uint16(
                (one if u > e0 else none)
                + (one if u > e1 else none)
                + (one if u > e2 else none)
                + (one if u > e3 else none)
            )
            reached[i] += np.uint16(
                (one if u >= e0 else none)
                + (one if u >= e1 else none)
                + (one if u >= e2 else none)
                + (one if u >= e3 else none)
            )
    any_tie = none
    for i in range(n):
        counts[i] = np.uint8(above[i])
        any_tie |= np.uint16(reached[i] ^ above[i])
    ties = 0
    if any_tie:
        k0 = np.uint64(seed) & _LOW
        k1 = ((np.uint64(seed) >> np.uint64(32)) ^ (np.uint64(PURPOSE_POISSON_TIE) << np.uint64(24))) & _LOW
        for i in range(n):
            if reached[i] != above[i]:
                ties += 1
                w, _, _, _ = philox(
                    np.uint64(address[i % WIDTH]),
                    np.uint64(group) & _LOW,
                    np.uint64(i // WIDTH),
                    np.uint64(group) >> np.uint64(32),
                    k0,
                    k1,
                )
                u = (np.int64(low[i]) << 32) | np.int64(w)
                count = 0
                for j in range(table.size):
                    count += np.int64(table[j] <= u)
                counts[i] = np.uint8(count)
    return ties
