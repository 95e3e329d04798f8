"""The analog chip model against what was measured on real chips.

Published figures: electronicvisions/brainscales2-demos at 11e31d8, read off its vector graphics:
single_neuron_fixed_pattern.svg, dynamic_range_solution.svg, plasticity_homeostasis_weight.png.
Every claim is made over several chip seeds.
"""

import numpy as np
import pytest

from engine import Scenario
from engine.backends.analog.characterisation import isi_spread, psp_curve, weights_for_rate

CHIPS = (7, 8, 9)


def chip(seed, **values):
    return Scenario().with_values(
        {"analog.chip_seed": seed, **{k.replace("__", "."): v for k, v in values.items()}}
    )


@pytest.mark.parametrize("seed", CHIPS)
def test_calibrated_circuits_need_weights_of_little_spread_for_equal_rates(seed):
    weights = weights_for_rate(chip(seed))
    assert not np.isnan(weights).any()
    # Published: 12 to 13 %, itself an upper bound; 512 circuits.
    assert 0.02 < weights.std() / weights.mean() <= 0.13


def test_without_imperfections_all_need_the_same_weight():
    weights = weights_for_rate(chip(7, analog__mode="ideal"), n=64)
    assert np.ptp(weights) < 1e-6


@pytest.mark.parametrize("seed", CHIPS)
def test_uncalibrated_intervals_differ_as_published(seed):
    # Published: 13.1 % between ten circuits; with ten, one standard error is a quarter of it.
    assert 0.10 <= isi_spread(chip(seed, analog__mode="uncalibrated")).between <= 0.16
    assert isi_spread(chip(seed)).between < 0.06


@pytest.mark.parametrize("seed", CHIPS)
@pytest.mark.parametrize("mode", ["calibrated", "uncalibrated"])
def test_a_circuits_intervals_jitter_as_published(seed, mode):
    found = isi_spread(chip(seed, analog__mode=mode))
    assert 4.75 <= found.mean_ms <= 7.15  # the published circuits', in hardware us
    assert 0.0025 <= found.within <= 0.0044


def test_jitter_is_half_membrane_noise_and_half_the_comparators():
    both = isi_spread(chip(7)).within
    membrane = isi_spread(chip(7, analog__terms__spike_jitter=0.0)).within
    stamps = isi_spread(chip(7, analog__terms__membrane_noise=0.0)).within
    assert np.hypot(membrane, stamps) == pytest.approx(both, rel=0.1)
    assert 0.6 < membrane / stamps < 1.6
    quiet = {"analog__terms__spike_jitter": 0.0, "analog__terms__membrane_noise": 0.0}
    assert isi_spread(chip(7, **quiet)).within < 0.3 * both  # the clock's 8 us is left


PUBLISHED_EXC = np.array([23.7, 47.4, 73.1, 98.4, 123.2, 149.1, 172.0, 198.5, 226.7])
PUBLISHED_INH = -np.array([14.0, 41.0, 65.0, 82.0, 98.0, 108.0, 118.0, 123.0, 129.0])


@pytest.mark.parametrize("seed", CHIPS)
def test_excitation_is_linear_with_the_published_spread(seed):
    curve = psp_curve(chip(seed), inhibitory=False)
    assert curve.nonlinearity <= 0.012
    scale = (curve.mean @ PUBLISHED_EXC) / (curve.mean @ curve.mean)
    # The published points are 1.2 % from a line that does not quite go through 0.
    assert np.allclose(scale * curve.mean, PUBLISHED_EXC, atol=0.018 * 226.7)
    # The published 0.022 of a peak, readout's 5.4 readings left out; 256 circuits.
    assert curve.sd / curve.mean == pytest.approx(0.022, rel=0.6)
    assert curve.gain_spread == pytest.approx(0.022, rel=0.25)


@pytest.mark.parametrize("seed", CHIPS)
def test_inhibition_saturates_as_published(seed):
    curve = psp_curve(chip(seed), inhibitory=True)
    straight = curve.mean[0] * 9
    assert 0.4 < curve.mean[-1] / straight < 0.65
    # The published first point lies below its neighbours' line; from the second on it is close.
    assert np.allclose(curve.mean[1:], PUBLISHED_INH[1:], atol=0.12 * 129.0)
    # Published: 0.07 of a peak. The model's own spread shrinks where inhibition saturates.
    assert np.all(curve.sd < 2 * 0.07 * np.abs(PUBLISHED_INH) + 1)
    assert np.all(curve.sd[:4] > 0.5 * 0.07 * np.abs(PUBLISHED_INH[:4]))
    off = psp_curve(chip(seed, analog__terms__inh_saturation=0.0), inhibitory=True)
    assert off.nonlinearity <= 0.012
