"""An electrode refuses what may harm, in one sentence with the limit, and counts its charge and energy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import ParameterError
from engine.twin.stimulation import CONTROLLERS, electrode
from engine.twin.stimulation.pulses import PulseClock, random_times
from engine.twin.stimulation.recruitment import as_of_60_us, recruited_share, thresholds_ma


def refusal(**values) -> str:
    with pytest.raises(ParameterError) as refused:
        electrode(**values)
    sentence = str(refused.value)
    assert sentence.count("\n") == 0
    assert "(got " in sentence
    return sentence


def test_the_default_is_well_within_both_bounds():
    usual = electrode()
    assert usual.pulse_uc == pytest.approx(0.15)
    assert usual.density_uc_cm2 == pytest.approx(2.5)
    assert math.log10(usual.density_uc_cm2) + math.log10(usual.pulse_uc) < 1.5


def test_shannons_limit_is_named_and_is_where_it_says():
    most = math.sqrt(0.06 * 10**1.5) * 1000 / 450  # 3.0609 mA
    sentence = refusal(amplitude_ma=3.07, width_us=450.0)
    assert sentence.startswith("Electrode.amplitude_ma: must be at most 3.06 mA")
    assert "Shannon's limit log10(D) + log10(Q) = 1.5" in sentence
    assert "(got 3.07)" in sentence
    assert electrode(amplitude_ma=most - 1e-6, width_us=450.0).max_amplitude_ma == pytest.approx(most)


def test_the_density_of_charge_binds_where_shannon_is_taken_lightly():
    sentence = refusal(amplitude_ma=4.5, width_us=450.0, shannon_k=1.85)  # Shannon allows 4.58 mA
    assert "must be at most 4 mA" in sentence
    assert "30 uC/cm2" in sentence


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amplitude_ma": -1.0}, "Electrode.amplitude_ma: must be at least 0"),
        ({"amplitude_ma": float("nan")}, "Electrode.amplitude_ma: must be a finite number"),
        ({"amplitude_ma": True}, "Electrode.amplitude_ma: must be a number"),
        ({"frequency_hz": 1000.0}, "Electrode.frequency_hz: must be at most 250"),
        ({"target": "heart"}, "Electrode.target: must be 'stn' or 'gpi'"),
        ({"recharge": 0.9}, "Electrode.recharge: must leave at most 0.1 uA"),
        (
            {"recharge_us": 5000.0, "frequency_hz": 250.0},
            "Electrode.recharge_us: must end before the next pulse",
        ),
        ({"start_s": 5.0, "stop_s": 5.0}, "Electrode.stop_s: must be after start_s = 5 s"),
        ({"on_s": 1.0}, "Electrode.off_s: must be above 0 s where on_s is"),
        ({"on_s": 1.0, "off_s": 1.0, "ramp_s": 2.0}, "Electrode.ramp_s: must be within the 1 s"),
    ],
)
def test_other_bounds_are_said_too(values, words):
    assert refusal(**values).startswith(words)


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match=r"unknown name 'amplitude'. Did you mean 'amplitude_ma'"):
        electrode(amplitude=1.0)


def test_what_the_second_phase_leaves_is_direct_current():
    assert electrode().direct_ua == 0.0
    assert electrode(recharge=0.996).direct_ua == pytest.approx(0.15 * 0.004 * 130)


def test_energy_is_that_of_both_phases():
    usual = electrode()
    assert usual.energy_uj(2.5) == pytest.approx(2.5**2 * 60 * 1e-3 + 0.25**2 * 600 * 1e-3)
    assert usual.energy_uj(0.0) == 0.0
    assert usual.charge_uc(1.0) == pytest.approx(0.06)


def test_the_schedule_opens_and_ramps():
    planned = electrode(start_s=1.0, stop_s=9.0, ramp_s=0.5, on_s=2.0, off_s=1.0)
    at = [planned.gate(s) for s in (0.5, 1.0, 1.25, 2.0, 3.5, 4.25, 5.0, 9.0)]
    assert at == pytest.approx([0.0, 0.0, 0.5, 1.0, 0.0, 0.5, 1.0, 0.0])


def test_pulses_come_at_their_frequency_and_keep_their_phase():
    clock = PulseClock()
    times = np.concatenate([clock.advance(20.0 * k, 20.0, 130.0) for k in range(500)])
    assert times.size == 1300
    np.testing.assert_allclose(np.diff(times), 1000 / 130, atol=1e-6)
    assert times[0] == 0.0
    changed = PulseClock()
    first = changed.advance(0.0, 20.0, 75.0)  # at 0 and 13.33 ms, half a period before the end
    second = changed.advance(20.0, 20.0, 50.0)
    np.testing.assert_allclose(first, [0.0, 1000 / 75])
    np.testing.assert_allclose(second, [30.0])
    assert changed.advance(40.0, 20.0, 0.0).size == 0


def test_random_times_are_as_many_and_as_spread_as_a_poisson_process():
    times = random_times(1300, 0.0, 10.0, np.random.default_rng(5))
    apart = np.diff(times)
    assert times.size == 1300
    assert np.all(apart >= 0)
    assert apart.std() / apart.mean() == pytest.approx(1.0, abs=4 / math.sqrt(1300))


def test_recruitment_grows_with_the_current_and_ends_at_all():
    share = recruited_share(np.array([0.0, 1.0, 2.5, 5.0]))
    assert share[0] == 0.0
    assert share[1] == pytest.approx((math.sqrt(3.0) / 3.5) ** 3)
    assert share[3] == 1.0
    thresholds = thresholds_ma(1000, np.random.default_rng(1))
    assert (thresholds <= 2.5).mean() == pytest.approx(share[2], abs=0.002)
    assert as_of_60_us(2.0, 60.0) == 2.0
    assert as_of_60_us(2.0, 120.0) == pytest.approx(2.0 * 3.5 / 2.25)


def test_a_controller_may_not_raise_the_current_beyond_the_bounds():
    strong = electrode(amplitude_ma=3.0, width_us=450.0)
    CONTROLLERS["open_loop"].make(1.0, strong)
    with pytest.raises(
        ParameterError, match=r"Electrode.amplitude_ma: must be at most 2.55 mA for PI of amplitude"
    ):
        CONTROLLERS["pi_amplitude"].make(1.0, strong)
    with pytest.raises(ParameterError, match=r"Electrode.recharge_us: must end"):
        CONTROLLERS["pi_frequency"].make(1.0, electrode(recharge_us=5000.0))
