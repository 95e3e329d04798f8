"""The generator as it is used: published vectors, moments, correlations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.backends.digital.lif import lif_constants
from engine.backends.lanes import scratch_of
from engine.kernels import block, lif_cond
from engine.kernels.block import ExchangeStep, Neurons
from engine.kernels.lif_cond import lif_cond_advance
from engine.kernels.random import PURPOSE_ANALOG_JITTER, PURPOSE_BACKGROUND, normal_fill, philox, words_fill
from engine.model.lif import DtbParameters

WIDTH = 64
N_SUB = 10  # sub-steps of an exchange step

# Known answers of Philox4x32-10 that come with the authors' reference implementation (Random123).
VECTORS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
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
    other = deviates(5000, purpose=PURPOSE_ANALOG_JITTER)
    assert np.abs((x * other).mean(axis=0)).max() < bound


def test_a_number_depends_on_its_address_alone():
    whole = deviates(3)
    shifted = deviates(3, first=16)
    assert np.array_equal(whole[:, 16:], shifted[:, :-16])
    assert not np.array_equal(whole, deviates(3, seed=4))


def kernel_deviates(n_times: int, address: np.ndarray, groups=(0, 1, 2)) -> np.ndarray:
    """(n_times * N_SUB, WIDTH) in the order and at the addresses in which lif_cond draws them.

    Three groups of four serve the ten sub-steps; the last two of every exchange step go unused.
    """
    out = np.empty((n_times, 12, WIDTH), np.float32)
    words = np.empty(4 * WIDTH, np.uint32)
    for t in range(n_times):
        for k, group in enumerate(groups):
            words_fill(words, address, t, group, 3, PURPOSE_BACKGROUND)
            normal_fill(out[t, 4 * k : 4 * k + 4].reshape(-1), words)
    return out[:, :N_SUB].reshape(-1, WIDTH)


def background(n_times: int, address: np.ndarray) -> np.ndarray:
    """(n_times, WIDTH) background current of WIDTH neurons after every exchange step [pA]."""
    p = DtbParameters()
    state = np.zeros((lif_cond.ROWS, WIDTH), np.float32)
    state[lif_cond.V], state[block.I_BG] = p.v_rest, p.ou_mean
    c, neurons, scratch = lif_constants(p, 0.1, p.ou_mean), Neurons(address, WIDTH), scratch_of(WIDTH, N_SUB)
    out = np.empty((n_times, WIDTH), np.float32)
    for t in range(n_times):
        lif_cond_advance(state.reshape(-1), c, 0, 1, neurons, ExchangeStep(t, N_SUB, 3), scratch)
        out[t] = state[block.I_BG]
    return out


# Neighbours in a region, and the first neurons of neighbouring regions.
NEIGHBOURS = np.concatenate([np.arange(32), np.arange(1, 33) << 20]).astype(np.uint32)


def test_what_the_kernel_draws_has_no_memory_and_no_neighbours():
    x = kernel_deviates(1500, NEIGHBOURS).astype(np.float64)
    bound = 4.5 / np.sqrt(len(x))  # 4.5 sd: one in 100 such tables of some 1400 exceeds it
    assert np.abs(x.mean(axis=0)).max() < bound
    assert np.abs((x**2).mean(axis=0) - 1).max() < bound * np.sqrt(2)
    for lag in range(1, 11):
        assert np.abs((x[lag:] * x[:-lag]).mean(axis=0)).max() < bound
    for lag in (0, 1):
        for apart in (1, 2, 3):
            r = (x[lag:, apart:] * x[: len(x) - lag, :-apart]).mean(axis=0)
            assert np.abs(r).max() < bound
    twice = kernel_deviates(1500, NEIGHBOURS, (0, 1, 1)).astype(np.float64)
    assert np.abs((twice[4:] * twice[:-4]).mean(axis=0)).min() > bound  # this it would see


def test_the_background_current_is_made_of_exactly_these():
    p = DtbParameters()
    c = lif_constants(p, 0.1, p.ou_mean).background
    found = background(20, NEIGHBOURS)
    current = np.full(WIDTH, p.ou_mean, np.float32)
    for t, xi in enumerate(kernel_deviates(20, NEIGHBOURS)):
        current = current + c.step * (c.mean - current) + c.kick * xi
        if t % N_SUB == N_SUB - 1:
            assert np.allclose(current, found[t // N_SUB], rtol=1e-6, atol=0)


def test_the_background_current_has_the_moments_and_the_memory_of_an_ou_process():
    p, start = DtbParameters(), 40  # ten correlation times are left out
    x = (background(4000, NEIGHBOURS)[start:].astype(np.float64) - p.ou_mean) / p.ou_std
    n, q = x.size, np.exp(-1 / p.ou_tau)
    # Standard errors of an AR(1) process whose neighbouring values correlate by q (Bartlett 1946).
    assert abs(x.mean()) < 4 * np.sqrt((1 + q) / (1 - q) / n)
    spread = np.sqrt((1 + q**2) / (1 - q**2))
    assert abs(x.var() - 1) < 4 * np.sqrt(2 / n) * spread
    for lag in range(1, 11):
        r = (x[lag:] * x[:-lag]).mean() / x.var()
        error = np.sqrt((spread**2 * (1 - q ** (2 * lag)) - 2 * lag * q ** (2 * lag)) / n)
        assert abs(r - q**lag) < 4.5 * error
    for apart in (1, 2, 3):
        r = (x[:, apart:] * x[:, :-apart]).mean(axis=0)
        assert np.abs(r).max() < 4.5 * spread / np.sqrt(len(x))
