"""The generator as it is used: published vectors, moments, correlations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.kernels.random import (
    PURPOSE_ANALOG_MEMBRANE,
    PURPOSE_BACKGROUND,
    normal_fill,
    philox,
    words_fill,
)

WIDTH = 64

# Known answers of Philox4x32-10 that come with the authors' reference implementation (Random123).
VECTORS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), VECTORS)
def test_philox_gives_the_published_vectors(counter, key, answer):
    words = philox(*(np.uint64(c) for c in (*counter, *key)))
    assert tuple(int(w) for w in words) == answer


def deviates(n_times: int, first: int = 0, seed: int = 3, purpose: int = PURPOSE_BACKGROUND):
    """(n_times * 4, WIDTH) normal deviates of WIDTH neurons, in order of time."""
    out = np.empty((n_times, 4, WIDTH), np.float32)
    words = np.empty(4 * WIDTH, np.uint32)
    address = np.arange(first, first + WIDTH, dtype=np.uint32)
    for t in range(n_times):
        words_fill(words, address, t, 0, seed, purpose)
        normal_fill(out[t].reshape(-1), words)
    return out.reshape(-1, WIDTH).astype(np.float64)


def test_normals_have_the_right_moments_and_shape():
    x = deviates(4000).ravel()
    n = x.size
    assert abs(x.mean()) < 4 / np.sqrt(n)
    assert abs(x.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs((x**3).mean()) < 4 * np.sqrt(15 / n)
    assert abs((x**4).mean() - 3) < 4 * np.sqrt(96 / n)
    assert stats.kstest(x, "norm").pvalue > 1e-4
    assert np.abs(x).max() < 5.9


def test_no_correlation_in_time_between_neighbours_or_between_purposes():
    x = deviates(5000)
    bound = 4.5 / np.sqrt(len(x))  # 4.5 sd over some 64 x 12 comparisons
    for lag in range(1, 11):
        r = (x[lag:] * x[:-lag]).mean(axis=0)
        assert np.abs(r).max() < bound
    assert np.abs((x[:, 1:] * x[:, :-1]).mean(axis=0)).max() < bound
    other = deviates(5000, purpose=PURPOSE_ANALOG_MEMBRANE)
    assert np.abs((x * other).mean(axis=0)).max() < bound


def test_a_number_depends_on_its_address_alone():
    whole = deviates(3)
    shifted = deviates(3, first=16)
    assert np.array_equal(whole[:, 16:], shifted[:, :-16])
    assert not np.array_equal(whole, deviates(3, seed=4))
