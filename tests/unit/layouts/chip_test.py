"""The floor plan and the traces show what the layout and the recording say."""

import numpy as np
import pytest

from dtb_app.controls.term_table import term_rows
from engine import ParameterError, Scenario, Simulation, load_connectome, preset
from engine.backends.analog.layout import layout_of
from engine.brain.network import Network
from engine.codesign.membranes import digitised, record_membranes
from engine.model.chip_terms import TERMS
from layouts.chip.floor import ChipFloor
from layouts.chip.membrane_traces import MembraneTraces
from layouts.theme import DARK, LIGHT

CONNECTOME = load_connectome("dk84")
SMALL = {"regions": {"default": "off", "analog": ["L.HI", "R.HI"], "digital": ["L.TH"]}}


@pytest.fixture(scope="module")
def run():
    return Simulation(Scenario(**SMALL, duration=200.0, transient=0.0)).run()


def shown(run, chip=0, report=True):
    layout = layout_of(run.scenario, run.network)
    view = ChipFloor(LIGHT)
    view.show(layout, run.network, chip, run.reports["analog"] if report else None, run.duration_ms)
    return view, layout


def test_every_circuit_in_use_is_drawn_once(run):
    view, layout = shown(run)
    data = view.data["circuits"]
    drawn = [
        (left, right)
        for left, right, text in zip(data["left"], data["right"], data["text"], strict=True)
        if text
    ]
    here = layout.merged[layout.hemisphere // 2 == 0]
    assert sum(right - left for left, right in drawn) == here.sum() == 240
    assert any("L.HI" in text for text in data["text"])


def test_bars_are_rows_and_words_are_events(run):
    view, layout = shown(run)
    widths = [r - x for x, r in zip(view.data["bars"]["left"], view.data["bars"]["right"], strict=True)]
    assert np.allclose(widths, layout.drivers[:2].ravel() / 32 * 256)
    assert sum("% events" in text for text in view.data["words"]["text"]) == 8
    assert "none was dropped" in view.sentence
    before, _ = shown(run, report=False)
    assert "No run yet" in before.sentence


def test_drops_are_said(run):
    report = dict(run.reports["analog"])
    drops = np.zeros((2, 4), int)
    drops[1, 2] = 17
    report |= {"dropped_events": 17, "dropped_events_per_bus": drops.tolist()}
    view, layout = shown(run)
    view.show(layout, run.network, 0, report, run.duration_ms)
    assert "17 of" in view.sentence
    assert any("17 events dropped" in text for text in view.data["words"]["text"])
    assert LIGHT.overload in view.data["bars"]["colour"]


def test_nothing_is_shown_with_its_reason(run):
    view, _ = shown(run)
    view.clear("No region is analog.")
    assert view.sentence == "No region is analog."
    assert not view.data["circuits"]["left"]
    view.restyle(DARK)


def test_half_a_chip_can_be_empty():
    scenario = Scenario(regions={"default": "off", "analog": ["L.HI"], "digital": ["L.TH"]})
    scenario = scenario.with_values({"network.in_degree": 40})
    network = Network.of(scenario, CONNECTOME)
    view = ChipFloor(DARK)
    view.show(layout_of(scenario, network), network, 0, None, 0)
    assert any("Lower half: empty" in text for text in view.data["titles"]["text"])


def test_teacher_and_student_are_recorded_side_by_side():
    scenario = Scenario(**SMALL, duration=500.0)
    found = record_membranes(scenario, CONNECTOME, "L.HI", 60, 20)
    assert found.teacher.shape == found.student.shape == (3, 60)
    assert found.time[0] == 21.0
    assert np.isfinite(found.teacher).all()
    assert np.isfinite(found.student).all()
    assert not np.array_equal(found.teacher, found.student)
    again = record_membranes(scenario, CONNECTOME, "L.HI", 60, 20)
    assert np.array_equal(found.student, again.student)
    view = MembraneTraces(LIGHT)
    view.show(found)
    assert len(view.data["student"]["xs"]) == 3
    assert "L.HI" in view.sentence
    view.restyle(DARK)
    view.clear("Nothing.")
    adex = scenario.with_values({"neuron": [{"region": "L.HI", "model": "adex"}]})
    mixed = record_membranes(adex, CONNECTOME, "L.HI", 10, 5)
    assert np.isfinite(mixed.teacher).all()
    with pytest.raises(ParameterError, match="must be an analog one"):
        record_membranes(scenario, CONNECTOME, "L.TH")


def test_an_ideal_student_is_its_teacher():
    scenario = Scenario(**SMALL, duration=500.0).with_values({"analog.mode": "ideal"})
    found = record_membranes(scenario, CONNECTOME, "L.HI", 20, 5)
    assert np.abs(found.teacher - found.student).max() < 0.05


def test_the_converter_has_eight_bits():
    scenario = Scenario()
    v = np.array([[-70.0, -60.1, 500.0, -500.0]])
    out = digitised(scenario.with_values({"analog.mode": "quantised"}), v, np.ones(1))
    lsb = 80 + (out + 70.0) * 45 / 20
    assert np.allclose(lsb, np.round(lsb))
    assert lsb.max() == pytest.approx(255)
    assert lsb.min() == pytest.approx(0)
    moved = digitised(scenario, v, np.ones(1))
    assert moved[0, 0] == pytest.approx(-70.0 + 3 * 20 / 45)
    assert digitised(scenario.with_values({"analog.mode": "ideal"}), v, np.ones(1)) is v


def test_every_term_is_a_row_that_edits_the_scenario():
    rows = term_rows(preset("hippocampus-on-analog"))
    assert len(rows) == len(TERMS)
    for row in rows:
        changed = Scenario().with_values({row["key"]: 0.5})
        assert dict((r["key"], r["scale"]) for r in term_rows(changed))[row["key"]] == 0.5
    quantised = term_rows(Scenario().with_values({"analog.mode": "quantised"}))
    acts = {r["key"].rpartition(".")[2] for r in quantised if r["acts"]}
    assert acts == {"weight_quantisation", "parameter_code", "refractory", "time_grid", "readout"}
