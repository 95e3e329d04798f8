"""The strip of runs, the capacity and a job's bar without a browser: names in full, room kept."""

from __future__ import annotations

import re
import threading
import time
from types import SimpleNamespace

import panel as pn
import pytest

from dtb_app.controls.cards import capacity_html
from dtb_app.controls.job_bar import JobBar
from dtb_app.explorer.board import Board
from dtb_app.explorer.run_strip import RunStrip, chip_label, full_name
from dtb_app.explorer.views import LiveViews
from dtb_app.session.finished_runs import Outline, Run
from dtb_app.work.job import Job
from dtb_app.work.services import Services
from engine import Simulation, load_connectome, preset
from engine.run.capacity import capacity_of
from layouts.theme import DARK, LIGHT


def run(letter: str, name: str, scenario, seconds: float | None = None) -> Run:
    duration_ms = scenario.duration if seconds is None else 1000 * seconds
    return Run(letter, name, SimpleNamespace(scenario=scenario, duration_ms=duration_ms))


REST = preset("two-regions").with_values({"duration": 3000.0})


def test_the_same_again_says_how_long_and_a_stopped_run_where():
    assert chip_label(run("B", "same again", REST)) == "B  same again, 3 s"
    assert chip_label(run("C", "seed 1 → 2", REST)) == "C  seed 1 → 2"
    assert chip_label(run("D", "seed 1 → 2", REST, 1.2)) == "D  seed 1 → 2, stopped at 1.2 s"


def test_all_that_differs_is_in_the_full_name():
    other = REST.with_values({"seed": 9, "lesion": [{"region": "L.TH"}], "duration": 2000.0})
    name = full_name(run("B", "cut …", other), run("A", "", REST))
    assert name == "Run B of 2 s: lesion L.TH; duration 3 s → 2 s; seed 1 → 9"


def test_two_of_three_runs_stand_side_by_side(monkeypatch):
    seen: list[int] = []
    monkeypatch.setattr("dtb_app.explorer.run_strip.compare", lambda runs: seen.append(len(runs)) or [])
    strip = RunStrip(lambda run: None, lambda what: None, lambda: None)
    strip.restyle(LIGHT)
    strip.set([run(letter, "same again", REST) for letter in "ABC"], None)
    assert [label[0] for label in strip.chips] == ["C", "B", "A"]
    strip.open_table()
    assert seen[-1] == 3
    strip.choose("AC")
    assert seen[-1] == 2
    strip.choose("A")
    assert "Choose two runs" in strip.table


def test_distributions_are_worked_out_beside_the_page_when_they_are_looked_at(small_recording):
    runs = [Run(letter, "same again", small_recording) for letter in "ABC"]
    strip = RunStrip(lambda run: None, lambda what: None, lambda: None)
    strip.restyle(LIGHT)
    strip.set(runs, None)
    strip.open_table()
    strip.poll()
    assert not strip.is_weighing
    assert not strip.figures
    strip.choose("AC")
    strip.look_at("Distributions")
    assert "Comparing" in strip.said
    end = time.monotonic() + 60
    while strip.is_weighing:
        assert time.monotonic() < end
        strip.poll()
        time.sleep(0.01)
    assert "C against A: rate of a region KS 0.000 (n = 4 and 4)" in strip.said
    figures = strip.figures
    assert len(figures) == 3
    strip.restyle(DARK)
    assert figures[0].renderers[0].glyph.line_color == DARK.ink
    strip.look_at("Numbers")
    assert not strip.figures
    strip.look_at("Distributions")
    assert not strip.is_weighing, "what is shown is not worked out again"
    assert strip.figures == figures


@pytest.mark.parametrize("name", ["two-regions", "whole-brain-at-rest", "limbic-on-analog"])
def test_the_capacity_has_as_many_lines_with_analog_chips_as_without(name):
    capacity = capacity_of(preset(name), load_connectome("dk84"))
    assert len(re.findall("<dt", capacity_html(capacity, ""))) == 5
    refused = capacity_html(capacity, "analog.max_chips: needs 42 chips, 24 available.")
    assert len(re.findall("<dt", refused)) == 2
    assert "needs 42 chips" in refused


def test_a_job_that_is_cancelled_says_so_at_once():
    leave = threading.Event()
    bar = JobBar("Go", lambda: Job(lambda progress: leave.wait(30)), lambda job: None)
    bar.press()
    bar.cancel()
    bar.tick()
    assert bar.controls.state("cancel").label == "Cancelling…"
    assert bar.controls.state("cancel").is_off
    assert "Cancelling…" in bar.said
    leave.set()
    bar.job.join(30)
    bar.tick()
    assert bar.controls.state("cancel").label == "Cancel"
    assert not bar.controls.state("cancel").is_off


def test_a_message_that_has_been_replaced_takes_nothing_away(monkeypatch):
    due = []
    document = SimpleNamespace(
        session_context=SimpleNamespace(), add_timeout_callback=lambda f, ms: due.append(f)
    )
    services = Services(1)
    board = Board(LiveViews(LIGHT, services.atlas(load_connectome("dk84"))), lambda: None)
    with monkeypatch.context() as patch:
        patch.setattr(type(pn.state), "curdoc", document)
        board.say("Good.", good=True)
        board.say("Refused.")
        assert len(due) == 1
        due[0]()
        assert board.said == "Refused."
        board.say("Good again.", good=True)
        assert board.said == "Good again."
        due[1]()
    assert board.said == ""


def test_runs_of_an_earlier_visit_and_pinned_ones_are_marked_and_the_shown_one_can_be_pinned():
    pins = []
    strip = RunStrip(
        lambda run: None, lambda what: None, lambda: None, lambda run, is_pinned: pins.append(is_pinned)
    )
    stored = Run("A", "seed 1 → 2", None, Outline(REST, 1200), "id")
    here = run("B", "same again", REST)
    strip.set([stored, here], None)
    assert strip.chips == ["B  same again, 3 s", "A  seed 1 → 2, stopped at 1.2 s"]
    assert [chip.icon for chip in strip._chips.objects] == [None, "history"]
    assert "from an earlier visit" in strip._chips.objects[1].description
    strip.set([stored, here], here)
    pin = strip._chips.objects[0]
    assert pin.description == "Pin run B: it stays when newer ones come"
    assert len(strip.chips) == 2
    pin.param.trigger("clicks")
    here.is_pinned = True
    strip.set([stored, here], here)
    assert strip._chips.objects[1].icon == "push_pin"
    assert strip._chips.objects[0].description == "Unpin run B: it goes when newer ones come"
    strip._chips.objects[0].param.trigger("clicks")
    assert pins == [True, False]


def test_a_chip_stays_on_the_page_while_only_words_change_so_no_press_is_lost():
    shown = []
    strip = RunStrip(shown.append, lambda what: None, lambda: None)
    first, second = run("A", "seed 1", REST), run("B", "same again", REST)
    strip.set([first, second], second)
    pin, _, chip = before = list(strip._chips.objects)
    first.is_pinned = True
    strip.set([first, second], second)
    assert list(strip._chips.objects) == before
    assert chip.icon == "push_pin"
    chip.param.trigger("clicks")
    assert shown == [first]
    strip.set([first, second], first)
    assert [("dtb-run-pin" in one.css_classes) for one in strip._chips.objects] == [False, True, False]
    assert pin not in strip._chips.objects


def test_runs_that_are_compared_are_loaded_first(small_recording):
    asked = []
    strip = RunStrip(
        lambda run: None, lambda what: None, lambda: None, on_load=lambda run, then: asked.append((run, then))
    )
    strip.restyle(LIGHT)
    outline = Outline(small_recording.scenario, small_recording.duration_ms)
    runs = [Run(letter, "same again", None, outline, letter) for letter in "ABC"]
    strip.set(runs, None)
    strip.open_table()
    assert [run.letter for run, _ in asked] == ["B", "C"]  # the newest two
    assert strip.table == "Loading run B, run C …"
    for run, then in list(asked):
        run.recording = small_recording
        then()
    assert "Rate, excitatory" in strip.table
    strip.choose("AB")
    assert [run.letter for run, _ in asked] == ["B", "C", "A"]
    strip.set(runs[1:], None)  # it is damaged
    assert "Rate, excitatory" in strip.table


def test_weights_are_offered_where_something_learned_and_chosen_by_projection(small_recording):
    rule = {"source": "L.TH", "target": "L.HI", "learning_rate": 0.05}
    rules = [rule, {**rule, "source": "L.HI"}]
    regions = {"default": "off", "digital": ["L.TH", "L.HI"]}
    values = {"regions": regions, "plasticity": rules, "duration": 300.0}
    learned = Simulation(REST.with_values(values)).run()
    strip = RunStrip(lambda run: None, lambda what: None, lambda: None)
    strip.restyle(LIGHT)
    strip.set([Run("A", "", small_recording)], None)
    assert strip._compare.disabled
    strip.set([Run("A", "", small_recording), Run("B", "learns", small_recording)], None)
    strip.open_table()
    assert strip._what.options == ["Numbers", "Distributions"]
    strip.set([Run("B", "learns", learned)], None)  # one run that learned is worth a look
    assert not strip._compare.disabled
    strip.open_table()
    assert strip._what.value == "Weights"
    strip.poll()
    weights = strip.weights
    assert weights.panel.visible
    assert not strip._table.visible
    assert weights.choices == ["B  L.TH → L.HI, E to E", "B  L.HI → L.HI, E to E"]
    assert "Run B, L.TH → L.HI" in weights.said
    assert "median weight" in weights.figures[0].html_attributes["aria-label"]
    weights.choose("B  L.HI → L.HI, E to E")
    assert "Run B, L.HI → L.HI" in weights.said
    strip.restyle(DARK)
    assert weights.figures[0].select_one({"name": "before"}).glyph.line_color == DARK.ink
    strip.set([Run("A", "", small_recording), Run("B", "learns", learned)], None)
    strip.open_table()
    strip.choose("A")
    strip.poll()
    assert weights.said == "Nothing learned in these runs."
    assert all(len(columns) == 0 for columns in weights.figures[0].renderers[0].data_source.data.values())
    strip.look_at("Numbers")
    assert not weights.panel.visible
    assert "Choose two runs" in strip.table
