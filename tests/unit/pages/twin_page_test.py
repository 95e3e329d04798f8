"""The Twin page: each section opens with its stored answer, tries anew, and lets an electrode be tried."""

from __future__ import annotations

import copy
import time
from types import SimpleNamespace

import numpy as np
import panel as pn
import pytest

from dtb_app.controls.cards import words_of
from dtb_app.pages.twin import SECTIONS, section
from dtb_app.pages.twin.stored import stored_card
from dtb_app.session.session import Session
from dtb_app.store.entry import Entry
from dtb_app.store.store import Store
from dtb_app.work.kept_work import KeptWork
from dtb_app.work.services import Services
from engine.errors import DataError
from engine.registry import at
from engine.twin.trial import PARTS, TWINS, summaries
from layouts.theme import DARK, LIGHT


def tools_of(store="") -> SimpleNamespace:
    said: list[str] = []
    kept = KeptWork(store)
    kept.begin("who")
    return SimpleNamespace(
        session=Session("two-regions"),
        services=Services(1),
        theme=lambda: LIGHT,
        later=lambda handler: handler,
        say=lambda text, good=False: said.append(text),
        said=said,
        kept=kept,
    )


@pytest.fixture
def tools():
    return tools_of()


@pytest.fixture(params=SECTIONS.names)
def page(request, tools):
    page = at(SECTIONS[request.param].place)(tools)
    yield page
    page.close()


@pytest.fixture
def stimulation(tools):
    page = at(SECTIONS["stimulation"].place)(tools)
    yield page
    page.close()


def wait_for(page):
    end = time.monotonic() + 120
    page.tick()
    while (page.is_working or page.tools.kept.is_busy) and time.monotonic() < end:
        page.tools.kept.poll()
        page.tick()
        time.sleep(0.02)
    assert not page.is_working


def test_each_part_has_a_section_and_a_preset_that_runs_it():
    assert SECTIONS.names == PARTS.names
    for name in SECTIONS.names:
        kind = at(SECTIONS[name].place)
        assert kind.part == name
        assert name in TWINS[kind.preset].parts


def test_it_opens_with_the_stored_answer_table_and_pictures(page):
    card = stored_card(page.preset)
    summary = summaries(card)[page.part]
    assert page.said["answer"] == summary.sentence
    for row in summary.rows:
        assert all(cell in page.said["table"] for cell in row)
    assert f"--seed {card['seed']}" in page.said["origin"]
    for name, view in page.views.items():
        assert any(len(next(iter(columns.values()))) for columns in view.data.values()), name
        assert page.cards[name].said


def test_the_circuit_stands_there_with_the_standing_of_every_projection(tools):
    page = at(SECTIONS["stimulation"].place)(tools)
    found = stored_card(page.preset)["stimulation"]
    said = page.said["circuit"]
    for one in found["circuit"]["projections"]:
        assert one["label"] in said
        assert one["source"] in said
    assert said.count("assumed") == len(found["circuit"]["projections"])
    assert ": 0 nC are left." in page.cards["pulse"].said  # what goes in comes out again
    page.close()


def test_a_scorecard_from_before_the_warning_curve_opens(tools, monkeypatch):
    old = copy.deepcopy(stored_card("temporal-lobe-epilepsy"))
    for of_kind in old["forecast"]["by_patient_kind"].values():
        for one in of_kind["forecasters"].values():
            for name in ("curve", "brier", "sensitivity_interval", "improvement_interval"):
                del one[name]
    del old["resection"]["tracts"]
    for way in ("intact", "focus", "smallest", "random"):
        for name in ("fc_kept", "fc_kept_interval", "rate_lost_interval"):
            del old["resection"][way][name]
    monkeypatch.setattr(section, "stored_card", lambda preset: old)
    for name, lacks in (("forecast", "curve"), ("resection", "kept")):
        page = at(SECTIONS[name].place)(tools)
        assert page.said["answer"] == summaries(old)[name].sentence
        assert not any(len(next(iter(columns.values()))) for columns in page.views[lacks].data.values())
        page.close()


def test_a_damaged_scorecard_is_said_and_the_page_opens(tools, monkeypatch):
    def damaged(preset):
        raise DataError("patient-drift.json: must be JSON (got something else).")

    monkeypatch.setattr(section, "stored_card", damaged)
    page = at(SECTIONS["adaptation"].place)(tools)
    assert "patient-drift.json: must be JSON" in page.said["answer"]
    page.close()


def test_it_is_said_what_it_is_not_for(page):
    shown = [words_of(pane.object) for pane in page.panel.select(pn.pane.HTML)]
    assert any("not for clinical use" in words for words in shown)


def test_another_theme_changes_colours_and_no_number(page):
    def numbers():
        return {
            name: {mark: len(next(iter(columns.values()))) for mark, columns in view.data.items()}
            for name, view in page.views.items()
        }

    before = numbers()
    page.restyle(DARK)
    assert numbers() == before


def test_trying_anew_asks_for_this_part_alone(page, monkeypatch):
    asked = {}

    def run(preset, **values):
        asked.update(values, preset=preset)
        values["progress"](0.5, "a patient")
        return {**stored_card(preset), "seed": values["seed"], "patients": values["patients"]}

    monkeypatch.setattr(section, "run_trial", run)
    page.choose(patients="2", seed="7")
    page.press("start")
    wait_for(page)
    assert (asked["preset"], asked["parts"]) == (page.preset, (page.part,))
    assert (asked["patients"], asked["seed"]) == (2, 7)
    assert "Tried now" in page.said["origin"]
    assert "--patients 2 --seed 7" in page.said["origin"]


def test_a_trial_that_fails_keeps_what_was_shown(page, monkeypatch):
    def run(preset, **values):
        if values["seed"] == 8:
            raise DataError("brain: must be one.")
        return {**stored_card(preset), "seed": values["seed"], "patients": values["patients"]}

    monkeypatch.setattr(section, "run_trial", run)
    for seed in (7, 8):
        page.choose(seed=str(seed))
        page.press("start")
        wait_for(page)
    assert "Tried now" in page.said["origin"]
    assert "--seed 7" in page.said["origin"]
    shown = [words_of(pane.object) for pane in page.panel.select(pn.pane.HTML)]
    assert any("brain: must be one." in words for words in shown)


def test_what_was_tried_is_there_at_the_next_visit_until_it_is_discarded(monkeypatch, tmp_path):
    def run(preset, **values):
        return {**stored_card(preset), "seed": values["seed"], "patients": values["patients"]}

    monkeypatch.setattr(section, "run_trial", run)
    store, kind = Store(tmp_path), at(SECTIONS["resection"].place)
    first = kind(tools_of(store))
    assert not first.control("stored").is_shown
    first.choose(seed="7")
    first.press("start")
    wait_for(first)
    again = kind(tools_of(store))
    wait_for(again)
    assert "Tried at an earlier visit" in again.said["origin"]
    assert "--seed 7" in again.said["origin"]
    assert again.said["table"] == first.said["table"]
    again.press("stored")
    wait_for(again)
    assert "Stored with the app" in again.said["origin"]
    assert not again.control("stored").is_shown
    assert store.entries("who") == []


@pytest.mark.parametrize("content", [b"{}", b'{"preset": "temporal-lobe-epilepsy"}', b'{"preset": "x"}'])
def test_a_kept_scorecard_of_another_form_is_refused_with_a_sentence(tmp_path, content):
    store, kind = Store(tmp_path), at(SECTIONS["resection"].place)
    store.add(Entry("who", "twin-resection", "Mine", "{}"), content)
    page = kind(tools_of(store))
    wait_for(page)
    (sentence,) = page.tools.said
    assert sentence.startswith("kept results of 'Mine': ")
    assert "Stored with the app" in page.said["origin"]
    assert len(store.entries("who")) == 1


@pytest.mark.parametrize("given", [{"patients": "0"}, {"patients": "few"}, {"seed": "-1"}, {"seed": ""}])
def test_what_cannot_be_tried_is_refused_in_a_sentence(page, given):
    page.choose(**given)
    page.press("start")
    assert not page.is_working
    shown = [words_of(pane.object) for pane in page.panel.select(pn.pane.HTML)]
    assert any("must be" in words and "got" in words for words in shown)
    page.choose(patients="2", seed="5")
    shown = [words_of(pane.object) for pane in page.panel.select(pn.pane.HTML)]
    assert not any("must be" in words and "got" in words for words in shown)


def test_steps_are_drawn_while_a_twin_learns(tools):
    page = at(SECTIONS["adaptation"].place)(tools)
    for k in range(6):
        page.draw_step("adaptation.step", {"minutes": k / 30, "r": 0.1 * k, "rate_error_hz": 1.0})
    assert page.views["course"].data["lines"]["label"] == ["Twin: inhibition and tracts learn"]
    page.close()


def test_an_unsafe_electrode_is_refused_with_its_limit(stimulation):
    before = stimulation.cards["course"].said
    stimulation.choose(own_amplitude_ma="25")
    stimulation.press("own_start")
    assert not stimulation.is_working
    assert "must be" in stimulation.electrode.said
    assert "25" in stimulation.electrode.said
    assert stimulation.cards["course"].said == before
    stimulation.choose(own_amplitude_ma="2")
    assert stimulation.electrode.said == ""


@pytest.mark.slow
def test_an_own_electrode_is_tried(stimulation):
    stimulation.choose(own_frequency_hz="130", own_amplitude_ma="2.5")
    stimulation.press("own_start")
    assert stimulation.is_working
    wait_for(stimulation)
    assert "of beta gone" in stimulation.electrode.said
    assert stimulation.views["course"].data["lines"]["label"] == ["untreated", "treated"]


@pytest.fixture
def years(tools):
    page = at(SECTIONS["years"].place)(tools)
    yield page
    page.close()


def test_the_slider_turns_the_map_the_clocks_and_the_mark_on_the_curves(years):
    example = stored_card(years.preset)["years"]["example"]
    life = example["lives"]["schedule"]
    years.choose(year=8.0)
    shown = dict(
        zip(
            years.views["map"].data["regions"]["name"],
            years.views["map"].data["regions"]["rate"],
            strict=True,
        )
    )
    assert max(shown.values()) == pytest.approx(max(life["rates_hz"][8]))
    assert "Year8" in years.said["clocks"]
    assert f"{life['biology_s'][8]:.0f} s" in years.said["clocks"]
    assert f"{life['rate_hz'][8]:.1f} Hz" in years.said["clocks"]
    for name in ("rates", "connectivity"):
        mark = years.views[name].data["stretches"]
        assert (mark["left"][0] + mark["right"][0]) / 2 == pytest.approx(8.0)
    years.choose(life="none", year=9.0)
    assert f"{example['lives']['none']['rate_hz'][9]:.1f} Hz" in years.said["clocks"]
    assert not years.views["map"].data["signs"]["x"]


def test_a_frame_of_the_time_lapse_is_small(years):
    years.choose(year=3.0)
    regions = years.views["map"].data["regions"]
    assert sum(np.asarray(regions[name]).nbytes for name in ("level", "rate")) < 20_000


def test_it_plays_to_the_end_and_stops(years, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("dtb_app.pages.twin.time_lapse_card.time.monotonic", lambda: now[0])
    last = stored_card(years.preset)["years"]["example"]["lives"]["schedule"]["year"][-1]
    years.press("play")
    assert years.control("play").label == "Pause"
    for _ in range(60):
        now[0] += 1.0
        years.tick()
    assert years.values["year"] == last
    assert years.control("play").label == "Play"
    years.press("play")  # it begins anew
    assert years.values["year"] < last
    years.press("play")
    assert years.control("play").label == "Play"


def test_estimates_are_called_estimates_beside_what_was_measured(years):
    assert "estimate" in years.said["clocks"]
    assert "measured" in years.said["clocks"]
    assert "estimate" in years.said["look_ahead"]
    assert "measured" in years.said["look_ahead"]
    assert "2,100 neurons and 126,000 synapses" in years.said["assumptions"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"own_amount": "130"}, "schedule.amount: must be from 0 to 100 %"),
        ({"own_amount": "much"}, "Amount [%]: must be a number (got 'much')."),
        ({"own_begin": "12", "own_end": "10"}, "schedule.end: must be after the begin"),
        ({"own_end": "30"}, "schedule: must lie within the years"),
        ({"own_regions": "L.HJ"}, "schedule.regions: must be regions that are on (got 'L.HJ')."),
        ({"own_regions": " , "}, "Regions: must be labels with commas between them, or all"),
        ({"own_years": "500"}, "schedule.years: must be above 0 and at most 100"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_and_nothing_is_lost(years, given, said):
    before = years.said["clocks"]
    years.choose(**given)
    years.press("own_start")
    assert not years.is_working
    assert said in years.said["own"]
    assert years.said["clocks"] == before
    years.choose(own_course="linear")
    assert years.said["own"] == ""


def test_an_own_schedule_is_shown_on_the_map_and_the_curves(years, monkeypatch):
    from dtb_app.pages.twin import schedule_form

    stored = stored_card(years.preset)["years"]
    asked = []

    def lived(schedules, of_years, homeostasis, progress):
        asked.append((schedules, of_years, homeostasis))
        progress(0.5, "the brain lives")
        example = stored["example"]
        return {
            "labels": example["labels"],
            "healthy_r": example["healthy_r"],
            "homeostasis": homeostasis,
            "years": of_years,
            "lives": {"own": example["lives"]["elsewhere"], "none": example["lives"]["none"]},
            "held": {
                "own": {"rates": 4.0, "fc": 8.0, "rest": None},
                "none": {"rates": None, "fc": None, "rest": None},
            },
            "cut": 0,
        }

    monkeypatch.setattr(schedule_form, "try_schedules", lived)
    years.choose(
        own_process="inhibition", own_regions="L.HI, L.AM", own_homeostasis="on", own_course="linear"
    )
    years.press("own_start")
    wait_for(years)
    (schedule,), of_years, homeostasis = asked[0]
    assert (schedule.process, schedule.regions, schedule.amount) == ("inhibition", ("L.HI", "L.AM"), 0.6)
    assert (of_years, homeostasis) == (20.0, True)
    assert "no longer holds its rates from year 4 on" in years.said["own"]
    assert "With nothing lost it holds all three" in years.said["own"]
    assert years.views["rates"].data["lines"]["label"] == ["loss of inhibition", "nothing lost"]
    assert set(years.views["map"].data["signs"]["said"]) == {"something is lost here"}
