"""Power in bands: what a wave of one frequency gives, windows, chunks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import welch

from engine.errors import DataError, ParameterError
from engine.fit.forward import BANDS, BandPower, band_power

NOISE = np.random.default_rng(2).normal(size=(6100, 2))


@pytest.mark.parametrize(
    ("frequency", "band"), [(2.0, "delta"), (6.0, "theta"), (10.0, "alpha"), (20.0, "beta"), (50.0, "gamma")]
)
def test_a_wave_has_its_power_in_its_band(frequency, band):
    t = np.arange(4000) / 1000
    power = band_power(3.0 * np.sin(2 * np.pi * frequency * t)[:, None] + 7.0)[:, 0]
    place = [b.name for b in BANDS].index(band)
    assert power[place] == pytest.approx(9 / 2, rel=1e-9)  # a Hann window leaks one segment frequency
    assert np.delete(power, place).max() < 1e-9


def test_white_noise_has_power_by_width():
    power = band_power(NOISE)
    widths = np.array([b.high_hz - b.low_hz for b in BANDS])
    # some 11 independent segments of w bins each: the relative spread is 1 / sqrt(11 w)
    expected = widths / 500.0
    spread = 4 * expected / np.sqrt(11 * widths)
    assert (np.abs(power - (expected * NOISE.var(axis=0)[:, None]).T) < spread[:, None]).all()


def test_it_is_welchs_method():
    frequencies, density = welch(NOISE, fs=1000.0, nperseg=1000, axis=0)
    inside = [(frequencies >= b.low_hz) & (frequencies < b.high_hz) for b in BANDS]
    np.testing.assert_allclose(band_power(NOISE), [density[rows].sum(axis=0) for rows in inside], rtol=1e-12)


@pytest.mark.parametrize("n", [1, 333, 2000, 6100])
def test_chunks_do_not_matter(n):
    model = BandPower(2)
    power = np.concatenate([model.advance(NOISE[k : k + n]) for k in range(0, 6100, n)])
    expected = [band_power(NOISE[k : k + 2000]) for k in range(0, 4101, 500)]
    assert np.array_equal(power, expected)


def test_a_state_is_gone_back_to():
    model, other = BandPower(2), BandPower(2)
    model.advance(NOISE[:3210])
    other.restore(model.state())
    assert np.array_equal(other.advance(NOISE[3210:]), model.advance(NOISE[3210:]))


def test_what_does_not_fit_is_refused():
    for times in ({"window": 10.0, "segment": 10.0}, {"window": 500.0}, {"window": 2200.0}):
        with pytest.raises(ParameterError, match=r"BandPower\.window: must be two or more halves"):
            BandPower(2, **times)
    with pytest.raises(DataError, match=r"must be \(n_rows, 2\)"):
        BandPower(2).advance(NOISE[:, 0])
