"""Calcium: kernels, saturation, noise, chunks and regions."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import DataError, ParameterError
from engine.fit.forward import INDICATORS, KERNELS, Calcium
from engine.fit.forward.calcium import REST_NM, region_means

N = 4
SPIKES = (np.random.default_rng(3).random((2000, N)) < 0.01).astype(float)


def in_chunks(model: Calcium, spikes: np.ndarray, *lengths: int) -> np.ndarray:
    out, at, k = [], 0, 0
    while at < len(spikes):
        n = lengths[k % len(lengths)]
        out.append(model.advance(spikes[at : at + n]))
        at, k = at + n, k + 1
    return np.concatenate(out)


@pytest.mark.parametrize("lengths", [(1,), (7, 64, 3), (999,)])
def test_chunks_do_not_matter(lengths):
    whole = Calcium("gcamp6f", N, seed=7).advance(SPIKES)
    assert np.array_equal(in_chunks(Calcium("gcamp6f", N, seed=7), SPIKES, *lengths), whole)
    assert len(whole) == 2000 // 33


@pytest.mark.parametrize("indicator", INDICATORS)
@pytest.mark.parametrize("kernel", KERNELS.names)
def test_one_spike_gives_the_measured_response(indicator, kernel):
    spikes = np.zeros((5000, 1))
    spikes[0] = 1
    dff = Calcium(indicator, 1, kernel=kernel, frame=1.0, is_noisy=False).advance(spikes)[:, 0]
    assert dff.max() == pytest.approx(indicator.dff_spike.value, rel=1e-3)
    assert dff.argmax() == pytest.approx(indicator.t_peak.value, abs=1)
    late = dff[2000:4000:500]  # far from the peak, where only the slow exponential is left
    calcium = np.array([late[k + 1] / late[k] for k in range(3)])
    assert np.log(calcium) == pytest.approx(-500 / indicator.tau_decay, rel=0.05)


def test_many_spikes_saturate():
    indicator = INDICATORS["gcamp6s"]
    few, many = (
        Calcium(indicator, 1, is_noisy=False).advance(np.full((5000, 1), rate)).max() for rate in (0.01, 5.0)
    )
    bound = indicator.dff_max.value * (1 - float(indicator.saturation(REST_NM)))
    assert 10 * few < many < bound
    assert many > 0.98 * bound


def test_noise_is_as_strong_as_it_is_said_and_shrinks_with_neurons():
    silent = np.zeros((33 * 4000, 2))
    dff = Calcium("gcamp6f", 2, seed=1, n_averaged=[1, 100]).advance(silent)
    sd = INDICATORS["gcamp6f"].noise.value
    # the standard deviation of a standard deviation of n numbers is 1 / sqrt(2 n) of it
    assert dff.std(axis=0) == pytest.approx([sd, sd / 10], rel=4 / np.sqrt(2 * 4000))
    assert abs(np.corrcoef(dff[:-1, 0], dff[1:, 0])[0, 1]) < 4 / np.sqrt(4000)


def test_a_seed_makes_the_noise():
    first, again, other = (Calcium("gcamp6f", N, seed=s).advance(SPIKES) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_state_is_gone_back_to():
    model, other = Calcium("gcamp6s", N, seed=2), Calcium("gcamp6s", N, seed=2)
    model.advance(SPIKES[:777])
    kept = model.state()
    expected = model.advance(SPIKES[777:])
    other.advance(SPIKES[:50])
    other.restore(kept)
    assert np.array_equal(other.advance(SPIKES[777:]), expected)
    with pytest.raises(DataError, match="must be of 2 cells"):
        Calcium("gcamp6s", 2).restore(kept)


def test_neurons_that_spike_apart_are_not_their_mean():
    """Half of the neurons at twice the rate glow more than all at the mean: n is above 1."""
    apart = np.tile([[0.0, 0.04]], (3000, 1))
    neurons = Calcium("gcamp6f", 2, is_noisy=False).advance(apart)
    region = Calcium("gcamp6f", 1, is_noisy=False).advance(apart.mean(axis=1, keepdims=True))
    assert region_means(neurons, [0, 0], 1)[-1, 0] > 1.1 * region[-1, 0]


def test_regions_have_the_mean_of_their_neurons():
    dff = np.array([[1.0, 2.0, 6.0], [0.0, 4.0, 1.0]])
    means = region_means(dff, [2, 0, 2], 3)
    assert np.array_equal(means[:, [0, 2]], [[2.0, 3.5], [4.0, 0.5]])
    assert np.isnan(means[:, 1]).all()


def test_kernels_with_equal_times_are_not_equal():
    product, difference = (KERNELS[name].at([100.0], 50.0, 500.0)[0] for name in ("product", "difference"))
    assert abs(product - difference) > 0.005


def test_what_cannot_be_is_refused():
    with pytest.raises(ParameterError, match=r"Calcium\.frame: must be a whole number"):
        Calcium("gcamp6f", 1, frame=33.3)
    with pytest.raises(ParameterError, match=r"calcium.indicator: .*Did you mean 'gcamp6"):
        Calcium("gcamp6", 1)
    with pytest.raises(ParameterError, match=r"calcium\.t_peak"):
        KERNELS["product"].rise_for(500.0, 500.0)
    model = Calcium("gcamp6f", N)
    for wrong, said in ((SPIKES[:, :2], r"must be \(n_rows, 4\)"), (-SPIKES, "not negative")):
        with pytest.raises(DataError, match=said):
            model.advance(wrong)
