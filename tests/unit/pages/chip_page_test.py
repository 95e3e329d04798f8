"""The Analog chip page without a browser: what it records by itself, when it waits, its offer."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

from dtb_app.pages.chip import membranes as chip_membranes
from dtb_app.pages.chip.page import ChipPage, with_hippocampi
from dtb_app.session.session import Session
from engine import Scenario, Simulation, load_connectome, preset
from engine.codesign.membranes import record_membranes
from layouts.theme import LIGHT
from tests.drawn import all_drawn

SMALL = {"regions": {"default": "off", "analog": ["L.HI", "R.HI"], "digital": ["L.TH"]}}
DIGITAL = {"regions": {"default": "off", "digital": ["L.TH", "L.HI"]}}


class Visitor:
    """A page, the session it looks at, and a run that may go on."""

    def __init__(self, values, monkeypatch):
        self.session, self.run, self.recorded, self.is_held = Session(), None, [], False
        self.recording = None
        self.session.adopt(Scenario(**values))

        def record(scenario, connectome, region, duration_ms, start_ms, progress):
            self.recorded.append(region)
            while self.is_held:
                progress(0.0, "")
                time.sleep(0.005)
            return record_membranes(scenario, connectome, region, 20, 5, progress)

        monkeypatch.setattr(chip_membranes, "record_membranes", record)
        monkeypatch.setattr(chip_membranes, "_CALM_S", 0.0)
        self.page = ChipPage(
            SimpleNamespace(
                session=self.session,
                services=SimpleNamespace(jobs=None),
                theme=lambda: LIGHT,
                later=lambda handler: handler,
                recording=lambda: self.recording,
                runner=lambda: self.run,
                say=lambda text, good=False: None,
                adopt=self.adopt,
            )
        )
        self.card = self.page.membranes

    def adopt(self, scenario):
        changed = self.session.adopt(scenario)
        self.page.scenario_changed()
        return changed

    def change(self, values):
        self.adopt(self.session.scenario.with_values(values))

    def until(self, condition, seconds=60.0):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end
            self.page.tick()
            time.sleep(0.02)

    def rest(self):
        """Tick until nothing goes on."""
        self.page.tick()
        self.until(lambda: not self.card.bar.is_working)

    def n_lines(self):
        """How many lines stand for teacher, student and thresholds, in ascending order."""
        return sorted(len(lines["xs"]) for lines in all_drawn(self.card.traces, "xs"))

    def apart_mv(self):
        """How far the two traces of a neuron come apart at most, as they are drawn."""
        p = self.session.scenario.network.parameters
        lines = [np.array(one["ys"]) for one in all_drawn(self.card.traces, "xs")]
        teacher, student = (one for one in lines if one.shape[1] > 2)
        return (p.v_thresh - p.v_rest) * np.abs(teacher - student).max()

    @property
    def said(self):
        return self.page.cards["membranes"].said


@pytest.fixture
def visitor(monkeypatch):
    return lambda values: Visitor(values, monkeypatch)


def test_membranes_are_recorded_by_themselves_and_once(visitor):
    v = visitor(SMALL)
    v.page.opened()
    assert v.n_lines() == [0, 0, 3]  # the rows stand before there is a trace
    assert "Recording L.HI" in v.said
    v.until(lambda: v.card.traces.is_shown)
    assert v.n_lines() == [3, 3, 3]
    assert "Three neurons of L.HI" in v.said
    assert v.card.bar.controls.state("start").label == "Record again"
    v.page.opened()
    v.page.scenario_changed()
    v.rest()
    assert v.recorded == ["L.HI"]
    v.card.bar.press()
    v.rest()
    assert v.recorded == ["L.HI", "L.HI"]


def test_a_changed_scenario_and_a_picked_region_are_recorded_anew(visitor):
    v = visitor(SMALL)
    v.page.opened()
    v.until(lambda: v.card.traces.is_shown)
    assert v.apart_mv() > 0.05
    v.change({"analog.mode": "ideal"})
    v.until(lambda: v.apart_mv() < 0.05)
    v.session.pick([v.session.connectome.labels.index("R.HI")])
    v.page.scenario_changed()
    v.until(lambda: "Three neurons of R.HI" in v.said)
    assert v.recorded == ["L.HI", "L.HI", "R.HI"]


def test_a_recording_of_an_older_scenario_is_not_shown(visitor):
    v = visitor(SMALL)
    v.page.opened()
    v.until(lambda: v.card.bar.is_working)
    v.change({"analog.mode": "ideal"})
    v.until(lambda: v.card.traces.is_shown)
    assert v.apart_mv() < 0.05


def test_it_waits_for_a_run_and_gives_way_to_one(visitor):
    v = visitor(SMALL)
    v.run = SimpleNamespace(state="running")
    v.page.opened()
    v.rest()
    assert v.recorded == []
    assert "A run goes on" in v.said
    assert not v.card.bar.controls.state("start").is_off
    v.run, v.is_held = SimpleNamespace(state="paused"), True
    v.until(lambda: v.card.bar.is_working)
    v.run = SimpleNamespace(state="running")
    v.rest()
    v.is_held = False
    v.page.tick()
    assert not v.card.traces.is_shown
    assert "A run goes on" in v.said
    v.card.bar.press()  # beside the run, because the visitor asks
    v.until(lambda: v.card.traces.is_shown)
    v.run = None
    n_recorded = len(v.recorded)
    v.rest()
    assert len(v.recorded) == n_recorded


def test_a_report_of_the_run_before_says_so_while_another_goes_on(visitor):
    v = visitor(SMALL)
    v.run = SimpleNamespace(state="running")
    v.page.opened()
    v.page.tick()
    report = v.page.cards["report"]
    assert "run before" not in report.head
    v.recording = Simulation(v.session.scenario.with_values({"duration": 60.0})).run()
    v.page.run_shown()
    assert "of the run before, until this one ends" in report.head
    v.run = None
    v.page.tick()
    assert "run before" not in report.head
    assert "mode calibrated" in report.said
    v.page.close()


def test_without_an_analog_region_the_hippocampi_are_offered(visitor):
    v = visitor(DIGITAL)
    v.page.opened()
    v.rest()
    assert v.recorded == []
    assert v.page.offers_hippocampi
    assert not v.page.control("chip").is_shown
    assert "No region is analog" in v.said
    before = v.session.scenario
    v.page.press("put_hippocampi")
    assert not v.page.offers_hippocampi
    assert v.page.control("chip").is_shown
    backends = v.session.scenario.backend_of(v.session.connectome.labels)
    analog = [lab for lab, b in zip(v.session.connectome.labels, backends, strict=True) if b == "analog"]
    assert analog == ["L.HI", "R.HI"]
    v.until(lambda: v.card.traces.is_shown)
    assert v.session.undo()
    assert v.session.scenario == before
    v.page.scenario_changed()
    assert v.page.offers_hippocampi
    assert not v.card.traces.is_shown
    v.rest()
    assert "No region is analog" in v.said


def test_a_connectome_without_hippocampi_gets_no_offer():
    rest = preset("whole-brain-at-rest")
    dk84 = load_connectome("dk84")
    backends = with_hippocampi(rest, dk84).backend_of(dk84.labels)
    assert backends.count("analog") == 2  # the parahippocampal gyri are others
    assert with_hippocampi(rest, load_connectome("four_regions")) is None


def test_a_large_network_waits_to_be_asked(visitor):
    v = visitor({**SMALL, "network": {"neurons_per_region": 200}})
    v.session.__class__ = type("Large", (Session,), {"capacity": SimpleNamespace(n_synapses=7_000_000)})
    v.page.opened()
    v.rest()
    assert v.recorded == []
    assert "not recorded by itself" in v.said
