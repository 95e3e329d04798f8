"""The beta circuit and its treatments: what they promise whatever the parameters are."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine import ParameterError, Scenario, load_connectome
from engine.run.simulation import Stopped
from engine.twin.stimulation import (
    CONTROLLERS,
    POPULATIONS,
    PROJECTIONS,
    BetaCircuit,
    circuit_table,
    draw_patient,
    electrode,
    part,
    study,
    treat,
    try_stimulation,
)
from engine.twin.stimulation.anatomy import population_index
from engine.twin.stimulation.gates import gates_of
from engine.twin.stimulation.recruitment import recruited_share
from engine.twin.trial import PARTS, TWINS, Trial

PATIENT = draw_patient(11)


def spikes(stretch):
    return stretch.spike_ms, stretch.spike_neuron, stretch.is_driven, stretch.field


def test_a_circuit_goes_on_the_same_in_stretches_of_any_length():
    pulses = np.arange(0.0, 300.0, 1000 / 130)
    currents = np.full(pulses.size, 2.5)
    whole = BetaCircuit(PATIENT, 3).advance(300.0, pulses, currents)
    one = BetaCircuit(PATIENT, 3)
    parts = [one.advance(ms, pulses, currents) for ms in (20.0, 1.0, 179.0, 100.0)]
    for k, values in enumerate(spikes(whole)):
        np.testing.assert_array_equal(values, np.concatenate([spikes(p)[k] for p in parts]))
    other = BetaCircuit(PATIENT, 4).advance(300.0, pulses, currents)
    assert not np.array_equal(whole.field, other.field)


@pytest.mark.parametrize("current", [0.0, 1.0, 2.5, 5.0])
def test_pulses_drive_the_axons_that_their_current_reaches_and_that_can_follow(current):
    stn = population_index("stn")
    circuit = BetaCircuit(PATIENT, 3)
    before = circuit.advance(100.0)
    stretch = circuit.advance(1.0, [100.0], [current])
    just = before.spike_neuron[before.spike_ms > 100.0 - 3.0 + 1e-6]
    just = np.union1d(just, stretch.spike_neuron[(stretch.spike_ms < 100.1) & ~stretch.is_driven])
    reached = np.flatnonzero(circuit.numbers.threshold_ma <= current)
    assert reached.size == pytest.approx(100 * recruited_share(np.array([current]))[0], abs=1)
    driven = np.sort(stretch.spike_neuron[stretch.is_driven])
    np.testing.assert_array_equal(driven, np.setdiff1d(reached, just))
    assert np.all((driven >= stn.start) & (driven < stn.stop))


def test_a_driven_axon_lets_no_spike_of_its_soma_pass_for_a_while():
    stn = population_index("stn")
    circuit = BetaCircuit(PATIENT, 3)
    pulses = np.arange(0.0, 1000.0, 4.0)  # within the window of collision
    stretch = circuit.advance(1000.0, pulses, np.full(pulses.size, 9.0))
    own = (stretch.spike_neuron >= stn.start) & (stretch.spike_neuron < stn.stop) & ~stretch.is_driven
    assert own.sum() > 100  # somata go on firing
    assert stretch.is_driven.sum() == pytest.approx(100 * pulses.size, rel=0.01)  # axons follow
    np.testing.assert_array_equal(circuit._state.released[stn], circuit._state.driven[stn])


def test_synapses_of_driven_axons_tire_as_tsodyks_and_markram_have_it():
    stn = population_index("stn")
    circuit = BetaCircuit(PATIENT, 3)
    circuit.advance(2.0, [0.0], [9.0])
    reached = circuit._state.driven[stn] == 0
    assert reached.all()
    pulses = np.arange(4.0, 400.0, 4.0)
    circuit.advance(398.0, pulses, np.full(pulses.size, 9.0))
    followed = circuit._state.driven[stn] == round(pulses[-1] / 0.2)
    left, kept = 1.0 - 0.2, np.exp(-4.0 / 160.0)  # of the resources, after the first pulse
    for _ in pulses:
        left = (1.0 - (1.0 - left) * kept) * (1.0 - 0.2)
    resources = circuit._state.resources[stn][followed]
    assert np.median(resources) == pytest.approx(left, rel=1e-6)


def test_the_pallidum_can_be_driven_instead():
    gpi = population_index("gpi")
    stretch = BetaCircuit(PATIENT, 3, "gpi").advance(20.0, [10.0], [5.0])
    driven = stretch.spike_neuron[stretch.is_driven]
    assert driven.size > 40
    assert np.all((driven >= gpi.start) & (driven < gpi.stop))


def test_patients_differ_and_are_drawn_again_the_same():
    assert draw_patient(5).weights == draw_patient(5).weights
    assert draw_patient(5).weights != draw_patient(6).weights
    assert all(0.85 <= draw_patient(seed).dopamine_loss <= 1.0 for seed in range(20))
    with pytest.raises(ParameterError, match=r"Patient.dopamine_loss: must be from 0 to 1 \(got 1.5\)"):
        PATIENT.with_loss(1.5)


def test_every_projection_says_where_it_stands_and_the_synthetic_ones_are_marked():
    table = circuit_table()
    connectome = load_connectome("dk84")
    for row in table["populations"]:
        assert row["is_synthetic"] == (row["name"] == "stn")
        assert row["is_synthetic"] or row["region"] in connectome.labels
    assert len(table["projections"]) == len(PROJECTIONS)
    for row in table["projections"]:
        assert row["standing"] == "assumed"
        assert row["source"]
        assert row["is_synthetic"] == ("stn" in (row["from"], row["to"]))
        assert row["sign"] == ("inhibitory" if POPULATIONS[row["from"]].inhibitory else "excitatory")


def course(controller="open_loop", seconds=2.0, **values):
    used = electrode(**values)
    return treat(PATIENT, 9, used, CONTROLLERS[controller].make(5.0, used), seconds)


def test_charge_and_energy_are_those_of_the_pulses_that_came():
    usual = course(ramp_s=0.0)
    assert usual.pulse_s.size == 260
    assert usual.charge_uc == pytest.approx(260 * 0.15)
    assert usual.energy_uj == pytest.approx(260 * (0.375 + 0.0375))
    assert usual.power_uw == pytest.approx(usual.energy_uj / 2.0)
    assert usual.pulse_s[0] == 0.0
    ramped = course(ramp_s=1.0)
    assert ramped.charge_uc < 0.8 * usual.charge_uc
    assert ramped.pulse_ma.max() == pytest.approx(2.5)


def test_a_sham_is_the_untreated_circuit_spike_by_spike():
    sham, untreated = course(amplitude_ma=0.0), study.untreated(PATIENT, 9, seconds=2.0)
    assert sham.pulse_s.size == 260
    assert sham.charge_uc == 0.0
    np.testing.assert_array_equal(sham.spike_s, untreated.spike_s)
    np.testing.assert_array_equal(sham.field, untreated.field)


def test_random_timing_has_as_many_pulses_as_open_loop_and_no_other_charge_but_the_ramps():
    case = study.case_of(3, 0)
    base = electrode(ramp_s=0.0)
    regular = study.run_condition(case, "open_loop", base, 1.0)
    irregular = study.run_condition(case, "random_timing", base, 1.0)
    assert regular.pulse_s.size == irregular.pulse_s.size == 1300
    assert irregular.charge_uc == pytest.approx(regular.charge_uc)


def test_the_wrong_frequency_takes_the_same_energy():
    base = electrode()
    wrong = study.equal_energy(base, 20.0)
    assert wrong.frequency_hz == 20.0
    assert wrong.energy_uj(wrong.amplitude_ma) * 20 == pytest.approx(base.energy_uj(base.amplitude_ma) * 130)


def test_the_device_is_set_in_another_noise_than_it_is_judged_in():
    cases = [study.case_of(1, k) for k in range(20)]
    seeds = [s for c in cases for s in (c.judged_seed, c.setting_seed, c.other_seed, c.times_seed)]
    assert len(set(seeds)) == 80
    assert study.case_of(2, 0).judged_seed != cases[0].judged_seed


@pytest.fixture
def brief(monkeypatch):
    """The part with fewer and shorter conditions."""
    monkeypatch.setattr(study, "TREATED_S", 2.0)
    monkeypatch.setattr(study, "SETTING_S", 2.0)
    monkeypatch.setattr(study, "SWEEP_S", 2.0)
    monkeypatch.setattr(part, "FREQUENCIES_HZ", (20.0, 50.0, 130.0, 150.0, 200.0))
    monkeypatch.setattr(part, "AMPLITUDES_MA", (1.0, 2.5))


def trial(workers=1, patients=2, progress=lambda fraction, what: None):
    scenario = Scenario()
    return Trial("x", scenario, load_connectome("dk84"), patients, 4, workers, progress)


def numbers_in(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, float):
        yield value


@pytest.mark.slow
def test_the_part_is_the_same_whatever_the_workers(brief):
    told = []
    alone = part.stimulation(trial(1, progress=lambda fraction, what: told.append(fraction)))
    assert alone == part.stimulation(trial(2))
    text = json.dumps(alone, allow_nan=False)
    assert len(text) < 150_000
    assert all(np.isfinite(list(numbers_in(alone))))
    assert told == sorted(told)
    assert told[-1] == 1.0
    for name in ("open_loop", "closed_loop", "sham", "random_timing", "wrong_frequency"):
        assert {"effect", "interval", "charge_uc", "energy_uj"} <= set(alone[name])
        low, high = alone[name]["interval"]
        assert low <= alone[name]["effect"] <= high
    assert alone["sham"]["effect"] == 0.0
    assert [c["name"] for c in alone["controllers"]] == list(CONTROLLERS.names)
    assert alone["dose_response"][1]["effect"] == alone["frequency_sweep"][2]["effect"]
    assert {"what", "expected", "found", "holds"} <= set(alone["gates"][0])


@pytest.mark.slow
def test_one_patient_has_no_interval_and_work_can_be_ended(brief):
    card = part.stimulation(trial(patients=1))
    assert card["open_loop"]["interval"] == [None, None]
    json.dumps(card, allow_nan=False)

    def end(fraction, what):
        raise Stopped

    with pytest.raises(Stopped):
        part.stimulation(trial(progress=end))


def test_gates_can_fail():
    good = {"open_loop": [0.5, 0.52], "sham": [0.0, 0.0]}
    good |= {"random_timing": [0.3, 0.31], "wrong_frequency": [0.1, 0.1]}
    sweep = {20.0: [0.0, 0.02], 50.0: [0.2, 0.22], 130.0: [0.5, 0.52], 150.0: [0.5, 0.52], 200.0: [0.5, 0.53]}
    held = gates_of(good, sweep, [0.3, 0.3], [0.05, 0.0], [0.4, 0.5], [4.0, 5.0])
    assert all(gate["holds"] for gate in held)
    bad = {**good, "sham": [0.0, 1e-3], "random_timing": [0.5, 0.53], "wrong_frequency": [0.6, 0.5]}
    flat = {20.0: [0.2, 0.2], 50.0: [0.5, 0.53], 130.0: [0.5, 0.52], 150.0: [0.3, 0.3], 200.0: [0.5, 0.53]}
    failed = gates_of(bad, flat, [0.3, 1.2], [0.05, 0.3], [0.4, 0.5], [4.0, 0.9])
    idle = gates_of(good, sweep, [0.0, 0.0], [0.05, 0.05], [0.05, 0.05], [4.0, 5.0])
    assert [gate["what"] for gate in idle if not gate["holds"]] == ["Closed loop"]
    assert not any(gate["holds"] for gate in failed)


def test_the_preset_asks_this_part():
    assert TWINS["closed-loop-stimulation"].parts == ("stimulation",)
    assert PARTS["stimulation"].place == "engine.twin.stimulation.part:stimulation"


def test_an_electrode_of_ones_own_is_tried():
    told = []
    tried = try_stimulation(
        {"amplitude_ma": 3.0}, "open_loop", 4, seconds=2.0, progress=lambda f, what: told.append(f)
    )
    assert tried["electrode"]["amplitude_ma"] == 3.0
    assert tried["n_pulses"] == len(tried["pulses"]["s"]) == 260
    assert tried["set_point_mv"] is None
    assert tried["untreated"]["s"] == tried["treated"]["s"]
    assert tried["safety"]["pulse_uc"] == pytest.approx(0.18)
    json.dumps(tried, allow_nan=False)
    assert told == sorted(told)
    assert tried == try_stimulation(electrode(amplitude_ma=3.0), "open_loop", 4, seconds=2.0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"values": {"amplitude_ma": 25.0}}, "Electrode.amplitude_ma: must be at most 22.95 mA"),
        ({"controller": "pid"}, "controller: must be a known one"),
        ({"seconds": 1.0}, "stimulation.seconds: must be from 2 to 60"),
        ({"seed": -1}, "stimulation.seed: must be from 0"),
        ({"patient": 100}, "stimulation.patient: must be from 0 to 99"),
    ],
)
def test_what_cannot_be_tried_is_said_before_anything_runs(given, words):
    with pytest.raises(ParameterError, match=words):
        try_stimulation(**{"values": {}, **given})
