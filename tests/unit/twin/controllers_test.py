"""Controllers, step by step, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine import ParameterError
from engine.twin.stimulation import CONTROLLERS, BetaMarker, electrode

SET = 2.0


def outputs(name, betas):
    controller = CONTROLLERS[name].make(SET, electrode())
    return [controller.update(beta) for beta in betas]


def test_open_loop_looks_at_nothing():
    assert outputs("open_loop", [0.0, 50.0]) == [(2.5, 130.0)] * 2


def test_on_off_climbs_to_3_ma_in_13_steps_and_back():
    up = outputs("on_off", [3.0] * 15)
    assert [a for a, _ in up] == pytest.approx([min(3.0, 3.0 * (k + 1) / 13) for k in range(15)])
    assert {f for _, f in up} == {130.0}
    assert [a for a, _ in outputs("on_off", [3.0, 3.0, 1.0, 2.0, 1.0])] == pytest.approx(
        [3 / 13, 6 / 13, 3 / 13, 0.0, 0.0]
    )


def test_dual_threshold_stays_between_its_thresholds():
    upper = SET * 1.5261 / 1.0414
    got = [a for a, _ in outputs("dual_threshold", [upper + 0.01, upper - 0.01, SET + 0.01, SET - 0.01])]
    assert got == pytest.approx([3 / 13, 3 / 13, 3 / 13, 0.0])


def test_pi_of_amplitude_adds_the_integral():
    # e = 0.5: 0.23 (0.5 + k 0.5 * 0.02 / 0.2)
    assert [a for a, _ in outputs("pi_amplitude", [3.0] * 3)] == pytest.approx([0.1265, 0.138, 0.1495])


def test_pi_of_frequency_is_scaled_alike_at_four_fifths_of_the_amplitude():
    got = outputs("pi_frequency", [3.0] * 2)
    assert got[0] == pytest.approx((2.0, 19.3 * 0.55))
    assert got[1] == pytest.approx((2.0, 19.3 * 0.6))


def test_the_integral_stands_still_while_the_value_is_out_of_bounds():
    controller = CONTROLLERS["pi_frequency"].make(SET, electrode())
    for _ in range(500):
        assert controller.update(100.0)[1] <= 250.0
    for _ in range(500):
        assert controller.update(0.0)[1] >= 0.0
    before = controller.update(SET)[1]
    assert before == pytest.approx(controller.update(SET)[1])  # no error, no change
    assert controller.update(2 * SET)[1] > before


def test_currents_follow_the_electrode():
    weak = electrode(amplitude_ma=1.0)
    assert CONTROLLERS["pi_frequency"].make(SET, weak).update(3.0)[0] == pytest.approx(0.8)
    on_off = CONTROLLERS["on_off"].make(SET, weak)
    assert max(on_off.update(9.0)[0] for _ in range(20)) == pytest.approx(1.2)


@pytest.mark.parametrize("set_point", [0.0, -1.0, float("nan"), float("inf")])
def test_a_set_point_that_is_none_is_refused(set_point):
    with pytest.raises(ParameterError, match=r"pi_frequency.set_point: must be above 0 mV"):
        CONTROLLERS["pi_frequency"].make(set_point, electrode())


def test_an_unknown_controller_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match="Did you mean 'pi_amplitude'"):
        CONTROLLERS["pi_amplitud"]


def wave(frequency_hz, seconds=4.0):
    return np.sin(2 * np.pi * frequency_hz * np.arange(0.0, seconds, 0.001))


def test_the_biomarker_is_the_rectified_mean_of_what_lies_in_the_band():
    for frequency, share in ((20.0, 1.0), (5.0, 0.0), (60.0, 0.0), (130.0, 0.0)):
        marker = BetaMarker(1.0)
        marker.advance(7.0 + wave(frequency))
        assert marker.value == pytest.approx(share * 2 / np.pi, abs=0.05)


def test_the_biomarker_does_not_depend_on_how_the_signal_comes_in():
    signal = np.random.default_rng(2).standard_normal(1000)
    whole, parts = BetaMarker(1.0), BetaMarker(1.0)
    a = whole.advance(signal)
    b = np.concatenate([parts.advance(signal[k : k + 37]) for k in range(0, 1000, 37)])
    np.testing.assert_array_equal(a, b)
    assert whole.value == parts.value


def test_a_biomarker_of_samples_too_far_apart_is_refused():
    with pytest.raises(ParameterError, match=r"BetaMarker.sample_ms: must be above 0 and below 16.7 ms"):
        BetaMarker(20.0)
