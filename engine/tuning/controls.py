"""What a fit is held against: the wiring alone, linear noise, other wirings, other targets, other pairs."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.fit.functional_connectivity import fc_correlation, linear_noise_fc, structure_baseline

__all__ = ["COUPLINGS", "half_of_pairs", "linear_baseline", "rewired", "shuffled_target", "wiring_baseline"]

COUPLINGS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Couplings of the linear noise model that are tried; the best one counts."""

_ROUNDS = 200
_PURPOSE = 0x7C0E


def _random(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng([_PURPOSE, seed, number])


def wiring_baseline(connectome: Connectome, target: NDArray[np.float64], index: NDArray[np.int64]) -> float:
    """Correlation of ``log(1 + weight)`` with the target over its known pairs.

    Parameters
    ----------
    connectome : Connectome
    target : (n_regions, n_regions) float64 [1]
        Of the regions at `index`; NaN where a pair does not count.
    index : (n_regions,) int64
        Places in the connectome.
    """
    weights = connectome.weights[np.ix_(index, index)]
    return structure_baseline(weights, target, log=True)[0]


def linear_baseline(connectome: Connectome, target: NDArray[np.float64], index: NDArray[np.int64]) -> float:
    """Best correlation of the linear noise model, of two weightings and `COUPLINGS`, in sample.

    Parameters
    ----------
    connectome : Connectome
    target : (n_regions, n_regions) float64 [1]
        Of the regions at `index`; NaN where a pair does not count.
    index : (n_regions,) int64
        Places in the connectome.
    """
    weights = connectome.weights[np.ix_(index, index)]
    found = [
        fc_correlation(linear_noise_fc(weights, coupling, log), target)[0]
        for log in (False, True)
        for coupling in COUPLINGS
    ]
    return float(np.nanmax(found)) if np.isfinite(found).any() else float("nan")


def rewired(connectome: Connectome, seed: int = 1) -> Connectome:
    """The same regions with tracts dealt out anew by chance; every region keeps its strength.

    Weights of both directions are averaged, exchanged between pairs at random and scaled row by row
    and column by column until each region's summed weight is as before, within a part in a million for
    dense wirings.

    Parameters
    ----------
    connectome : Connectome
    seed : int
    """
    weights = (connectome.weights + connectome.weights.T) / 2
    strength = weights.sum(axis=1)
    rows, columns = np.triu_indices(len(weights), 1)
    dealt = np.zeros_like(weights)
    dealt[rows, columns] = _random(seed, 1).permutation(weights[rows, columns])
    dealt += dealt.T
    for _ in range(_ROUNDS):
        now = dealt.sum(axis=1)
        scale = np.sqrt(np.divide(strength, now, out=np.zeros_like(now), where=now > 0))
        dealt *= np.outer(scale, scale)
    values = {f.name: getattr(connectome, f.name) for f in fields(connectome)}
    return replace(Connectome(**values), weights=dealt, name=f"{connectome.name}, rewired")


def shuffled_target(target: NDArray[np.float64], seed: int = 1) -> NDArray[np.float64]:
    """The target with its regions in another order: a connectivity that is possible, but not theirs.

    Parameters
    ----------
    target : (n_regions, n_regions) float64 [1]
    seed : int

    Returns
    -------
    (n_regions, n_regions) float64 [1]
    """
    order = _random(seed, 2).permutation(len(target))
    return target[np.ix_(order, order)]


def half_of_pairs(known: NDArray[np.bool_], seed: int = 1) -> NDArray[np.bool_]:
    """A random half of the known pairs.

    Parameters
    ----------
    known : (n_regions, n_regions) bool
        Symmetric.
    seed : int

    Returns
    -------
    (n_regions, n_regions) bool
        Symmetric.
    """
    rows, columns = np.nonzero(np.triu(known, 1))
    chosen = _random(seed, 3).permutation(rows.size)[: rows.size // 2]
    half = np.zeros_like(known)
    half[rows[chosen], columns[chosen]] = True
    return half | half.T
