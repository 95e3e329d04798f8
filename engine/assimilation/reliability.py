"""Whether an ensemble's spread is honest: ranks of the truth, z-scores, and what data have taught."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from engine.errors import DataError

__all__ = ["flatness", "rank_counts", "ranks_of", "shrinkage", "z_scores"]


def ranks_of(members: ArrayLike, truth: ArrayLike, rng: np.random.Generator) -> NDArray[np.int64]:
    """How many members lie below what was true; ties are broken at random.

    Parameters
    ----------
    members : (n_members, n_cases) float64
        Of an observation, with observation noise in them.
    truth : (n_cases,) float64
    rng : numpy.random.Generator

    Returns
    -------
    (n_cases,) int64
        0 to n_members, all equally likely where the ensemble is reliable (Hamill 2001,
        Mon. Weather Rev. 129:550).

    Raises
    ------
    DataError
        Shapes do not fit together.
    """
    x, y = np.asarray(members, np.float64), np.asarray(truth, np.float64)
    if x.ndim != 2 or y.shape != x.shape[1:]:
        raise DataError(f"ranks.truth: must be one number a case (got {y.shape} for members {x.shape}).")
    below, equal = (x < y).sum(axis=0), (x == y).sum(axis=0)
    return below + rng.integers(0, equal + 1)


def rank_counts(ranks: ArrayLike, n_members: int, n_bins: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """A rank histogram; a rank is spread at random over its share of the bins, so that all are alike.

    Parameters
    ----------
    ranks : (n_cases,) int64
    n_members : int
    n_bins : int
    rng : numpy.random.Generator

    Returns
    -------
    (n_bins,) int64
    """
    given = np.asarray(ranks, np.int64)
    share = (given + rng.random(given.shape)) / (n_members + 1)
    return np.bincount((share * n_bins).astype(np.int64), minlength=n_bins)


def flatness(counts: ArrayLike) -> float:
    """Probability of a rank histogram at least so uneven where all ranks are equally likely.

    Pearson's chi-square over independent cases.

    Parameters
    ----------
    counts : (n_bins,) int64
    """
    seen = np.asarray(counts, np.float64)
    expected = seen.sum() / seen.size
    return float(chi2.sf(((seen - expected) ** 2 / expected).sum(), seen.size - 1))


def z_scores(members: ArrayLike, truth: ArrayLike) -> NDArray[np.float64]:
    """Error of the mean in standard deviations of the members.

    Parameters
    ----------
    members : (n_members, n_cases) float64
    truth : (n_cases,) float64

    Returns
    -------
    (n_cases,) float64 [1]
    """
    x = np.asarray(members, np.float64)
    return (x.mean(axis=0) - np.asarray(truth, np.float64)) / x.std(axis=0, ddof=1)


def shrinkage(members: ArrayLike, prior_variance: ArrayLike) -> NDArray[np.float64]:
    """What data have taught of a parameter: ``1 - variance after / variance before``.

    Parameters
    ----------
    members : (n_members, n_cases) float64
    prior_variance : (n_cases,) float64
        What the variance would be without data.

    Returns
    -------
    (n_cases,) float64 [1]
        1 where all is known, about 0 where nothing is; below 0 by chance.
    """
    return 1.0 - np.var(np.asarray(members, np.float64), axis=0, ddof=1) / np.asarray(prior_variance)
