"""Poisson counts as the kernels draw them: exact probabilities, and no memory."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.kernels.poisson import GROUP, WIDTH, poisson_edges, poisson_fill, poisson_table

MEANS = (0.128, 1.28, 2.32, 6.0, 15.0)


def draw(mean: float, n_groups: int, seed: int = 3, first: int = 0) -> np.ndarray:
    """(n_groups * GROUP, WIDTH) counts."""
    table = poisson_table(mean)
    edges = poisson_edges(table)
    address = np.arange(WIDTH, dtype=np.uint32)
    words = np.zeros(4 * WIDTH, np.uint32)
    scratch = [np.zeros(GROUP * WIDTH, np.uint16) for _ in range(3)]
    out = np.zeros((n_groups, GROUP * WIDTH), np.uint8)
    for g in range(n_groups):
        poisson_fill(out[g], table, edges, address, first + g, seed, words, *scratch)
    return out.reshape(n_groups * GROUP, WIDTH)


@pytest.mark.parametrize("mean", MEANS)
def test_the_table_is_the_distribution(mean):
    table = poisson_table(mean)
    k = np.arange(table.size)
    assert np.abs(table / 2**48 - stats.poisson.cdf(k, mean)).max() < 1e-13
    assert stats.poisson.sf(table.size, mean) < 1e-13


@pytest.mark.parametrize("mean", MEANS)
def test_counts_follow_it(mean):
    counts = draw(mean, 2000).ravel()
    n = counts.size
    top = int(stats.poisson.isf(5.0 / n, mean))
    observed = np.bincount(np.minimum(counts, top), minlength=top + 1)
    expected = n * stats.poisson.pmf(np.arange(top + 1), mean)
    expected[top] = n * stats.poisson.sf(top - 1, mean)
    keep = expected > 5
    chi2 = float(((observed - expected)[keep] ** 2 / expected[keep]).sum())
    assert stats.chi2.sf(chi2, keep.sum() - 1) > 1e-4
    assert abs(counts.mean() - mean) < 4 * np.sqrt(mean / n)
    assert abs(counts.var() / mean - 1) < 4 * np.sqrt((2 + 1 / mean) / n)


def test_ties_are_decided_by_the_second_number():
    # A mean whose first probability falls inside a slice: the fast comparison alone would be off
    # by up to 2**-16, which 40 million draws can see.
    mean = 1.28
    table = poisson_table(mean)
    address = np.arange(WIDTH, dtype=np.uint32)
    words = np.zeros(4 * WIDTH, np.uint32)
    counts = np.zeros(GROUP * WIDTH, np.uint8)
    scratch = [np.zeros(GROUP * WIDTH, np.uint16) for _ in range(3)]
    ties = 0
    for g in range(2000):
        ties += poisson_fill(counts, table, poisson_edges(table), address, g, 1, words, *scratch)
        low, above, reached = scratch
        sure = above == reached
        slices = table >> 32
        by_slice = (low[:, None] > slices).sum(axis=1)
        assert np.array_equal(counts[sure], by_slice[sure])
        either = (counts == by_slice) | (counts > by_slice)
        assert either.all()
    expected = 2000 * GROUP * WIDTH * np.unique(table >> 32).size / 65536
    assert abs(ties - expected) < 5 * np.sqrt(expected)


def test_neither_time_nor_neighbour_is_remembered():
    x = draw(1.28, 4000).astype(float)
    x = (x - x.mean()) / x.std()
    n = x.size
    for lag in range(1, 11):
        assert abs((x[lag:] * x[:-lag]).mean()) < 4.5 / np.sqrt(n)
    for step in (1, 2, 3):
        assert abs((x[:, step:] * x[:, :-step]).mean()) < 4.5 / np.sqrt(n)


def test_another_seed_and_another_time_give_other_counts():
    a = draw(1.28, 4)
    assert np.array_equal(a, draw(1.28, 4))
    assert not np.array_equal(a, draw(1.28, 4, seed=4))
    assert np.array_equal(a[GROUP:], draw(1.28, 3, first=1))


def test_no_mean_no_counts():
    assert not draw(0.0, 3).any()


@pytest.mark.parametrize("mean", [-0.1, 21.0, float("nan")])
def test_means_it_cannot_serve_are_refused(mean):
    with pytest.raises(ValueError, match="mean must be"):
        poisson_table(mean)
