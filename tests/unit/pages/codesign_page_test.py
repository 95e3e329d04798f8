"""The Co-design page without a browser: stored results until there are the visitor's own."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from dtb_app.pages.codesign import fit_on_chip
from dtb_app.pages.codesign import page as codesign
from dtb_app.pages.codesign.stored import stored_results
from dtb_app.pages.codesign.words import verdict_words
from dtb_app.work.job import Job
from dtb_app.work.services import Services
from engine import preset
from engine.codesign import KNOBS, MEASURES, CalibrationState, Validation, knob_values, shortened, standing_of
from engine.codesign.trimming import N_ROUNDS
from engine.errors import DataError
from tests.codesign_visitor import STORED_PRESET, Visitor, captions, n_tried, sentences
from tests.drawn import drawn

STORED = "Stored: Hippocampus on analog, 5 chips. Press Validate for your own scenario."


@pytest.mark.parametrize("name", [STORED_PRESET, "whole-brain-at-rest"])
def test_the_page_is_not_empty_when_opened(name):
    v = Visitor(name)
    assert STORED in v.head()
    assert "that distance is called one floor" in v.head()
    assert not any("Not run yet" in text for text in sentences(v.page).values())
    assert all("stored · " in text for text in captions(v.page).values())
    page = v.page
    assert "–" not in drawn(page.views["validate"], "said")["said"]
    assert n_tried(page) == 1 + N_ROUNDS + 1 + 3
    assert "factor of" in sentences(page)["calibrate"]
    assert "median and range of 3 chips" in sentences(page)["calibrate"]
    assert "Doing nothing is 1" in sentences(page)["calibrate"]
    assert "circuits have a threshold code" in page.said["knobs"]
    assert "The same on other chips" in page.said["knobs"]
    assert len(drawn(page.views["trade_off"], "name")["x"]) > 10
    assert max(drawn(page.views["attribute"], "off")["off"]) > 0
    assert "5 of 5 hold" in page.said["controls"]
    assert "What was fitted" in page.said["knobs"]


def test_stored_knobs_and_designs_are_adopted():
    v = Visitor("two-regions")
    v.page.press("use_fit")
    fitted = stored_results().calibration.scenario
    assert knob_values(v.session.scenario) == knob_values(fitted)
    assert set(knob_values(fitted)) == set(KNOBS)
    assert "fitted to Hippocampus on analog" in v.said[-1]
    assert v.session.scenario.trim == fitted.trim
    assert "The trims are not" not in v.said[-1]
    other = Visitor("two-regions")
    other.session.scenario = other.session.scenario.with_values({"analog.chip_seed": 8})
    other.page.press("use_fit")
    assert other.session.scenario.trim == ()
    assert "The trims are not" in other.said[-1]
    v.page.open_design(0)
    design = stored_results().trade_off.fitting[0].scenario
    assert v.session.scenario == design.with_values({"duration": preset(STORED_PRESET).duration})
    assert v.has_left


def test_an_own_result_replaces_the_stored_one_of_its_panel_alone(monkeypatch):
    v = Visitor("two-regions")
    stored = stored_results()
    own = Validation(
        shortened(v.session.scenario), ("L.HI",), stored.validation.standings, {}, (1, 2), (7,), 240, {}
    )
    monkeypatch.setattr(codesign, "validate", lambda *a: own)
    v.page.press("validate")
    v.until_over()
    assert "Stored:" not in v.head()
    assert "the analog chip is" in v.head()
    has_stored = {kind: "stored · " in text for kind, text in captions(v.page).items()}
    assert has_stored == {"validate": False, "attribute": True, "calibrate": True, "trade_off": True}


def test_a_calibration_that_has_begun_is_the_visitors_own(monkeypatch):
    v = Visitor("two-regions")

    def wait(scenario, connectome, n, workers, progress, before, report):
        while True:
            progress(0.1, "working")
            time.sleep(0.01)

    monkeypatch.setattr(codesign, "calibrate", wait)
    v.page.press("calibrate")
    assert "Not run yet" not in sentences(v.page)["calibrate"]  # stored until something is tried
    assert "stored · " in captions(v.page)["calibrate"]
    end = time.monotonic() + 30
    while "10 % · working" not in v.page.said["calibrate"]:
        assert time.monotonic() < end
        v.page.tick()
        time.sleep(0.01)
    v.page.press("cancel_calibrate")
    assert v.page.control("cancel_calibrate").label == "Cancelling…"
    assert v.page.control("cancel_calibrate").is_off
    assert "cancelling" in v.page.said["calibrate"]
    v.until_over()
    assert v.page.control("cancel_calibrate").label == "Cancel"
    assert "Not run yet" not in sentences(v.page)["calibrate"]  # nothing was tried: stored again


def test_what_was_shown_stays_until_the_first_students_of_a_calibration(monkeypatch):
    v = Visitor("two-regions")
    go_on, tried = threading.Event(), threading.Event()

    def two_rounds(scenario, connectome, n, workers, progress, before, report):
        go_on.wait(30)
        report(CalibrationState(scenario.digest(), 2.5))
        tried.set()
        while True:
            progress(0.1, "working")
            time.sleep(0.01)

    monkeypatch.setattr(codesign, "calibrate", two_rounds)
    v.page.press("calibrate")
    stored = n_tried(v.page)
    v.page.tick()
    assert stored > 1
    assert n_tried(v.page) == stored
    go_on.set()
    assert tried.wait(30)
    v.page.tick()
    assert n_tried(v.page) == 1
    assert "stored" not in captions(v.page)["calibrate"]
    v.page.close()
    v.until_over()
    assert n_tried(v.page) == 1


def test_what_is_not_of_this_scenario_is_grey_and_said_to_be_stored(monkeypatch):
    own = Visitor(STORED_PRESET)
    assert own.page.grey == []
    v = Visitor("two-regions")
    assert v.page.grey == list(v.page.cards)
    assert all("of Hippocampus on analog" in text for text in captions(v.page).values())
    stored = stored_results()
    mine = Validation(
        shortened(v.session.scenario), ("L.HI",), stored.validation.standings, {}, (1, 2), (7,), 240, {}
    )
    monkeypatch.setattr(codesign, "validate", lambda *a: mine)
    v.page.press("validate")
    v.until_over()
    assert v.page.grey == ["attribute", "calibrate", "trade_off"]
    assert "Grey and stored, of Hippocampus on analog, not of your scenario: what" in v.head()


def test_a_run_does_not_wait_for_work_on_the_page():
    services = Services(1)
    begun, leave = threading.Event(), threading.Event()
    job = Job(lambda progress: (begun.set(), leave.wait(30)), services.jobs)
    assert begun.wait(30)
    assert services.pool.acquire(object(), lambda: True)
    leave.set()
    job.join(30)


def test_without_the_file_the_page_says_so_and_what_it_will_show(monkeypatch):
    def broken():
        raise DataError("codesign.json: cannot be read (gone).")

    monkeypatch.setattr(codesign, "stored_results", broken)
    v = Visitor()
    assert v.said == ["codesign.json: cannot be read (gone)."]
    assert "Press Validate: the same brain" in v.head()
    assert all("Not run yet" in text for text in sentences(v.page).values())


@pytest.mark.parametrize(
    ("values", "floors", "word"),
    [([0.1, 0.1], [0.1, 0.1], "Faithful: in 9 of 9"), ([5.0, 5.0], [0.1, 0.1], "Not faithful")],
)
def test_the_verdict_is_in_plain_words(values, floors, word):
    standings = {name: standing_of(m, values, floors, 1.0, 0.01, 7) for name, m in list(MEASURES.items())[:9]}
    found = Validation(preset(STORED_PRESET), ("L.HI",), standings, {}, (1, 2), (7, 8), 240, {})
    assert verdict_words(found).startswith(word)
    assert "second run of the teacher under other random noise" in verdict_words(found)


def test_the_fit_on_the_chip_is_stored_until_there_is_the_visitors_own(monkeypatch):
    v = Visitor("resting-twin")
    card = v.page.fit_on_chip
    stored = card.found
    assert "stored · Resting twin" in card.card.head
    assert "The chip is a software model." in card.card.said
    v.session.measured = SimpleNamespace(target_for=lambda connectome: None)
    asked = {}

    def judged(scenario, connectome, target, sets, **how):
        asked.update(sets=sets, n=len(target), **how)
        how["progress"](0.5, "half")
        return replace(stored, title="Mine", scenario_digest=scenario.digest(), students=stored.students[:1])

    monkeypatch.setattr(fit_on_chip, "fit_students", judged)
    card.begin()
    assert v.page.is_working
    assert card.cancelling.visible
    assert not card.start.visible
    v.until_over()
    assert not any(v.said)
    assert card.found.title == "Mine"
    assert "stored" not in card.card.head
    assert asked["sets"] == {"your regions": ("L.HI", "R.HI")}
    assert (asked["n"], asked["modes"], asked["tune_minutes"]) == (84, ("calibrated",), 5.0)
    v.session.scenario = preset("whole-brain-at-rest")
    v.page.scenario_changed()
    assert "of the scenario as it was before" in card.card.head


@pytest.mark.parametrize(
    ("name", "words"),
    [("hippocampus-on-analog", "network.tuning: must be given"), ("whole-brain-at-rest", "analog")],
)
def test_a_brain_without_a_fit_or_without_a_chip_is_not_judged(name, words):
    v = Visitor(name)
    v.session.measured = SimpleNamespace(target_for=lambda connectome: None)
    v.page.fit_on_chip.begin()
    assert not v.page.is_working
    assert words in v.said[-1]


def test_judging_a_fit_can_be_cancelled(monkeypatch):
    v = Visitor("resting-twin")
    v.session.measured = SimpleNamespace(target_for=lambda connectome: None)
    begun = threading.Event()

    def judged(*given, progress, **how):
        while True:
            begun.set()
            progress(0.1, "all regions")
            time.sleep(0.01)

    monkeypatch.setattr(fit_on_chip, "fit_students", judged)
    card = v.page.fit_on_chip
    stored = card.found
    card.begin()
    assert begun.wait(30)
    card.cancel()
    assert card.cancelling.label == "Cancelling…"
    v.until_over()
    assert card.found is stored
    assert card.start.visible


def test_the_head_names_what_was_judged_not_what_is_in_hand(monkeypatch):
    v = Visitor("two-regions")
    own = replace(stored_results().validation, scenario=shortened(v.session.scenario), labels=("L.HI",))
    monkeypatch.setattr(codesign, "validate", lambda *a: own)
    v.page.press("validate")
    v.until_over()
    assert "as it was before" not in v.head()
    labels = v.session.connectome.labels
    for backends in (("R.AM", "L.HI"), ()):
        v.session.scenario = v.session.scenario.with_backends(
            labels, tuple("analog" if label in backends else "digital" for label in labels)
        )
        v.page.scenario_changed()
        assert "Yours, of" in v.head()
        assert "as it was before. Press Validate for the scenario in hand." in v.head()
        assert "L.HI · mode" in v.head()
        assert "R.AM" not in v.head()
        assert ("No region is on analog" in v.head()) == (not backends)
