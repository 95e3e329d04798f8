"""The LFP proxy and the currents that are estimated for it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import DataError, ParameterError
from engine.fit.forward import EstimatedCurrents, LfpProxy, SynapticWeights
from engine.fit.forward.lfp import normalised

RNG = np.random.default_rng(11)
AMPA, GABA = RNG.random((300, 3)), RNG.random((300, 3))
COUNTS = RNG.poisson(0.5, (300, 4))
WEIGHTS = SynapticWeights(RNG.random((3, 4)), RNG.random((3, 4)), tau_ampa=2.0, tau_gaba=20.0)


def lfp_in_chunks(n: int) -> np.ndarray:
    model = LfpProxy(3)
    return np.concatenate([model.advance(AMPA[k : k + n], GABA[k : k + n]) for k in range(0, 300, n)])


@pytest.mark.parametrize("n", [1, 4, 7, 299])
def test_chunks_do_not_matter(n):
    assert np.array_equal(lfp_in_chunks(n), lfp_in_chunks(300))
    whole, pieces = EstimatedCurrents(WEIGHTS), EstimatedCurrents(WEIGHTS)
    parts = [pieces.advance(COUNTS[k : k + n]) for k in range(0, 300, n)]
    assert np.array_equal(np.concatenate(parts, axis=1), whole.advance(COUNTS))


def test_signs_do_not_matter():
    signed = LfpProxy(3).advance(-AMPA, GABA)
    assert np.array_equal(signed, lfp_in_chunks(300))


def test_every_spike_decays_from_its_weight():
    counts = np.zeros((50, 4))
    counts[10, 2] = 3
    ampa, gaba = EstimatedCurrents(WEIGHTS).advance(counts)
    since = np.arange(40)[:, None]
    for current, weights, tau in ((ampa, WEIGHTS.ampa, 2.0), (gaba, WEIGHTS.gaba, 20.0)):
        assert not current[:10].any()
        np.testing.assert_allclose(current[10:], 3 * weights[:, 2] * np.exp(-since / tau), rtol=1e-12)


def test_currents_are_a_convolution():
    ampa, _ = EstimatedCurrents(WEIGHTS).advance(COUNTS)
    kernel = np.exp(-np.arange(300) / 2.0)
    for region in range(3):
        expected = np.convolve(COUNTS @ WEIGHTS.ampa[region], kernel)[:300]
        np.testing.assert_allclose(ampa[:, region], expected, rtol=1e-12)


def test_states_are_gone_back_to():
    lfp, currents = LfpProxy(3), EstimatedCurrents(WEIGHTS)
    lfp.advance(AMPA[:99], GABA[:99])
    currents.advance(COUNTS[:99])
    kept, kept_currents = lfp.state(), currents.state()
    expected = lfp.advance(AMPA[99:], GABA[99:])
    expected_currents = currents.advance(COUNTS[99:])
    lfp.restore(kept)
    currents.restore(kept_currents)
    assert np.array_equal(lfp.advance(AMPA[99:], GABA[99:]), expected)
    assert np.array_equal(currents.advance(COUNTS[99:]), expected_currents)


def test_a_constant_series_has_no_size():
    series = np.column_stack([np.ones(10), np.arange(10.0)])
    out = normalised(series)
    assert not out[:, 0].any()
    assert (out[:, 1].mean(), out[:, 1].std()) == pytest.approx((0, 1))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ParameterError, match=r"LfpProxy\.dt: must be a part of the delay of 6 ms"):
        LfpProxy(3, dt=4.0)
    with pytest.raises(DataError, match=r"must be \(n_rows, 3\), as gaba"):
        LfpProxy(3).advance(AMPA, GABA[:10])
    with pytest.raises(DataError, match=r"must be \(n_rows, 4\)"):
        EstimatedCurrents(WEIGHTS).advance(COUNTS[:, :3])
    with pytest.raises(DataError, match=r"LfpProxy\.state"):
        LfpProxy(2).restore(LfpProxy(3).state())
