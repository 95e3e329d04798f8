"""Biological and hardware units, codes and ranges."""

import numpy as np
import pytest

from engine import ParameterError, Scenario, Simulation
from engine.backends.analog.hardware import CODES, VoltageMap, parameters_of, snapped


def test_potentials_stand_where_calibration_has_them():
    m = VoltageMap(-70.0, -50.0)
    assert m.lsb(-70.0) == 80.0
    assert m.lsb(-50.0) == 125.0
    assert m.mv(m.lsb(-63.3)) == pytest.approx(-63.3)
    assert m.mv_per_lsb == pytest.approx(20 / 45)
    assert VoltageMap(-65.0, -50.0).mv_per_lsb == pytest.approx(1 / 3)  # 15 mV over 45 LSB


def test_a_ms_is_a_us_and_a_code_a_step():
    found = parameters_of(Scenario())
    assert (found["tau_m"].biological, found["tau_m"].hardware) == (20.0, 20.0)
    assert found["tau_m"].hw_unit == "us"
    for p in found.values():
        if p.per_code and p.name != "t_refrac":
            assert 0 <= p.code <= CODES
            assert abs(p.rounded(1.0) - p.biological) <= p.per_code / 2 + 1e-12
            assert abs(p.rounded(8.0) - p.biological) <= 4 * p.per_code + 1e-12
            assert p.rounded(0.0) == p.biological
            assert p.zero + p.code * p.per_code == pytest.approx(p.biological)
    # 1.6 V over 1022 codes at 4.5 mV a reading.
    assert found["v_thresh"].per_code == pytest.approx(1.6 / 4.5e-3 / 1022 * 20 / 45)


@pytest.mark.parametrize(("t", "tick"), [(2.0, 0.008), (3.0, 0.016), (20.0, 0.128)])
def test_the_refractory_counter_has_eight_bits(t, tick):
    s = Scenario().with_values({"network.parameters.t_refrac": t})
    p = parameters_of(s)["t_refrac"]
    assert p.per_code == pytest.approx(tick)
    assert p.code <= 255
    assert abs(snapped(s)["t_refrac"] - t) <= 0.03 * t


def test_adex_has_its_uncalibrated_terms_and_an_upstroke_in_reach():
    s = Scenario()
    found = parameters_of(s, "adex")
    assert {"a", "b", "tau_w", "delta_t", "v_t"} <= set(found)
    assert np.isnan(found["a"].code)
    assert found["v_thresh"].hardware <= 220.0 < VoltageMap(-70.6, -50.4).lsb(0.0)
    assert snapped(s.with_values({"analog.mode": "ideal"}), "adex")["v_thresh"] == pytest.approx(
        s.network.adex.v_peak
    )


def test_an_upstroke_that_is_cut_off_is_counted():
    regions = {"default": "off", "analog": ["L.HI"], "digital": ["L.TH"]}
    neuron = [{"region": "L.HI", "population": "I", "model": "adex"}]
    s = Scenario(regions=regions, duration=20.0).with_values({"neuron": neuron})
    for mode, v_peak, n in (("calibrated", 0.0, 48), ("calibrated", -20.0, 0), ("ideal", 0.0, 0)):
        values = {"analog.mode": mode, "network.adex.v_peak": v_peak}
        chip = next(b for b in Simulation(s.with_values(values)).backends if b.name == "analog")
        assert chip.report()["snaps"]["peaks_lowered"] == n


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("network.parameters.tau_gaba_a", 50.0, "tau_gaba_a: must give tau_inh from 0.3 to 30 ms"),
        ("network.parameters.v_reset", -100.0, "v_reset: must give v_reset from -83.33 to -34.44"),
        ("network.parameters.c_m", 5000.0, "tau_m from 0.5 to 60 ms"),
        ("network.parameters.t_refrac", 50.0, "t_refrac from 0.04 to 32 ms"),
    ],
)
def test_what_no_circuit_can_be_set_to_is_refused(key, value, sentence):
    regions = {"default": "off", "analog": ["L.HI"], "digital": ["L.TH"]}
    s = Scenario(regions=regions, duration=20.0).with_values({key: value})
    with pytest.raises(ParameterError, match=sentence):
        Simulation(s)
    Simulation(s.with_values({"analog.mode": "ideal"}))
