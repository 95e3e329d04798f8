"""Poisson counts as the kernels draw them: exact probabilities, and no memory."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.kernels.poisson import GROUP, WIDTH, PoissonScratch, poisson_edges, poisson_fill, poisson_table

MEANS = (0.128, 1.28, 2.32, 6.0, 15.0)


def draw(mean: float, n_groups: int, seed: int = 3, first: int = 0) -> np.ndarray:
    """(n_groups * GROUP, WIDTH) counts."""
    table = poisson_table(mean)
    edges = poisson_edges(table)
    address = np.arange(WIDTH, dtype=np.uint32)
    scratch = PoissonScratch(np.zeros(4 * WIDTH, np.uint32), *np.zeros((3, GROUP * WIDTH), np.uint16))
    out = np.zeros((n_groups, GROUP * WIDTH), np.uint8)
    for g in range(n_groups):
        poisson_fill(out[g], table, edges, address, first + g, seed, scratch)
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
    counts = np.zeros(GROUP * WIDTH, np.uint8)
    scratch = PoissonScratch(np.zeros(4 * WIDTH, np.uint32), *np.zeros((3, GROUP * WIDTH), np.uint16))
    ties = 0
    for g in range(2000):
        ties += poisson_fill(counts, table, poisson_edges(table), address, g, 1, scratch)
        _, low, above, reached = scratch
        sure = above == reached
        slices = table >> 32
        by_slice = (low[:, None] > slices).sum(axis=1)
        assert np.array_equal(counts[sure], by_slice[sure])
        either = (counts == by_slice) | (counts > by_slice)
        assert either.all()
    expected = 2000 * GROUP * WIDTH * np.unique(table >> 32).size / 65536
    assert abs(ties - expected) < 5 * np.sqrt(expected)


@pytest.mark.parametrize("mean", [0.128, 1.28, 15.0])
def test_neither_time_nor_neighbour_is_remembered(mean):
    x = (draw(mean, 4000).astype(float) - mean) / np.sqrt(mean)
    n, each = 4.5 / np.sqrt(x.size), 4.5 / np.sqrt(len(x))  # of all neurons, and of any one
    assert np.abs(x.mean(axis=0)).max() < each
    assert np.abs(x.var(axis=0) - 1).max() < each * np.sqrt(2 + 1 / mean)
    for lag in range(1, 11):
        r = (x[lag:] * x[:-lag]).mean(axis=0)
        assert abs(r.mean()) < n
        assert np.abs(r).max() < each
    for apart in (1, 2, 3):
        for lag in (0, 1):
            r = (x[lag:, apart:] * x[: len(x) - lag, :-apart]).mean(axis=0)
            assert abs(r.mean()) < n * np.sqrt(WIDTH / r.size)
            assert np.abs(r).max() < each


def test_a_memory_of_a_fiftieth_would_be_seen():
    x = draw(1.28, 4000).astype(float)
    x = (x - 1.28) / np.sqrt(1.28)
    remembers = x[1:] + 0.02 * x[:-1]
    assert abs((remembers[1:] * remembers[:-1]).mean()) > 4.5 / np.sqrt(x.size)


def test_steps_of_a_group_share_no_number():
    """Eight steps come from one call: each pair of them, and the same step of the next call."""
    x = (draw(1.28, 4000).reshape(-1, GROUP, WIDTH) - 1.28) / np.sqrt(1.28)
    bound = 4.5 / np.sqrt(x.shape[0] * WIDTH)
    within = np.einsum("gsi,gti->st", x, x) / (x.shape[0] * WIDTH)
    assert np.abs(within - np.diag(np.diag(within))).max() < bound
    assert np.abs((x[1:] * x[:-1]).mean(axis=(0, 2))).max() < bound


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
