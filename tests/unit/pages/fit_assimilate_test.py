"""The section Assimilate without a browser: it learns, rests, goes on from a file, ends, and refuses."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest

import sample_data
from dtb_app.pages.fit.assimilate import study
from dtb_app.pages.fit.assimilate.asked import apart_names, linked_regions
from dtb_app.pages.fit.assimilate.controls import OWN, TWIN
from dtb_app.pages.fit.assimilate.kept import read_kept, shipped_example
from dtb_app.pages.fit.assimilate.section import AssimilateSection
from dtb_app.session.measured import OwnData
from dtb_app.session.session import Session
from dtb_app.store.entry import Entry
from dtb_app.store.store import Store
from dtb_app.work.kept_work import KeptWork
from dtb_app.work.services import Services
from engine.assimilation.brain_filter import BrainFilter
from engine.errors import DataError
from engine.fit.measured import read_measured
from engine.scenario.scenario import Scenario
from engine.stored_results import write_stored
from layouts.theme import DARK, LIGHT
from tests.gate import Gate
from tests.measured_files import signals, text_of

FOUR = Scenario(title="Four", connectome="four_regions", dt=0.5).with_values(
    {"network.neurons_per_region": 30, "network.in_degree": 20}
)


class Visit(SimpleNamespace):
    """A session and the section, as a page would use them."""

    def __init__(self, scenario=FOUR, store=""):
        session, said = Session("two-regions"), []
        session.adopt(scenario)
        super().__init__(session=session, said=said, kept=KeptWork(store))
        self.kept.begin("who")
        self.tools = SimpleNamespace(
            session=session,
            services=Services(1),
            say=lambda text, good=False: said.append(text),
            adopt=session.adopt,
            theme=lambda: LIGHT,
            later=lambda handler: handler,
            kept=self.kept,
        )
        self.section = AssimilateSection(self.tools)
        self.section.opened()
        self.section.choose(brain="scenario", members="6", trs="8", held_out="1")

    def until(self, condition, seconds=240.0):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.section.said["status"]
            self.section.tick()
            self.kept.poll()
            time.sleep(0.005)

    def settle(self):
        """Until no work goes on and all of it is drawn."""
        self.until(lambda: not self.section.is_working)
        self.section.tick()
        self.until(lambda: not self.section.board.is_behind)

    @property
    def result(self):
        return json.loads(self.section._report_file())


@pytest.fixture(scope="module")
def whole():
    """An assimilation from its beginning to its end."""
    visit = Visit()
    visit.section.press("start")
    visit.settle()
    yield visit
    visit.section.close()


@pytest.mark.slow
def test_parameters_are_shown_beside_their_truth_and_scores_beside_baselines(whole):
    said, section = whole.section.said, whole.section
    assert "Done" in said["status"]
    tracks = section.views["tracks"].data
    assert len(tracks["bands"]["xs"]) == len(tracks["truths"]["y"]) == 3
    result = whole.result
    informed = [row["is_informed"] for row in result["parameters"]]
    hollow = [fill == "transparent" for fill in tracks["bands"]["fill"]]
    assert hollow == [not one for one in informed]
    for row in result["parameters"]:
        assert row["region"] in said["learnt"]
        assert f"{row['shrinkage']:.2f}" in said["learnt"]
        assert f"{row['z']:.1f}" in said["learnt"]
    for name in ("persistence", "3D-Var", "replay, unassimilated", "Held out, second half"):
        assert name in said["fits"]
    heads = section.views["traces"].data["heads"]["text"]
    assert [h.endswith("held out") for h in heads].count(True) == len(result["held_out"]) == 1
    assert len(section.views["traces"].data["replay"]["xs"]) == 4
    assert len(section.views["innovation"].data["driven"]["x"]) == 8
    assert section.control("start").is_off
    section.restyle(DARK)
    assert section.views["tracks"].data["bands"]["colour"][0] in (DARK.digital, DARK.muted)
    section.restyle(LIGHT)


@pytest.mark.slow
def test_it_rests_is_kept_and_goes_on_from_a_file_to_the_same_result(whole, monkeypatch):
    first, second = Visit(), Visit()
    gate = Gate(monkeypatch, BrainFilter, "step", 3)
    first.section.press("start")
    first.until(
        lambda: first.section._study.standing is not None and not first.section.control("pause").is_off
    )
    first.section.press("pause")
    assert "Pausing" in first.section.said["status"]
    gate.open()
    first.settle()
    assert "Paused" in first.section.said["status"]
    assert 0 < first.section._study.standing.time < 8
    assert first.section.control("start").label == "Go on"
    kept = first.section._state_file()
    second.section._open_state("kept.h5", kept)
    second.settle()
    assert "Done" in second.section.said["status"]
    first.section.press("start")
    first.settle()
    for one in (first, second):
        assert one.result == whole.result
        one.section.close()
    other = Visit()
    other.section.choose(seed="2")
    other.section._open_state("kept.h5", kept)
    other.settle()
    assert "kept.h5: must be of the same scenario" in other.section.said["status"]
    assert not other.section.control("start").is_off
    assert other.section._study is None


@pytest.mark.slow
def test_cancelling_ends_it_within_a_step_and_leaves_nothing(monkeypatch):
    visit, step, inside = Visit(), BrainFilter.step, []

    def slow(self, progress):
        inside.append(True)
        for _ in range(10_000):
            progress(0.0, "members")
            time.sleep(0.01)
        return step(self, progress)

    monkeypatch.setattr(BrainFilter, "step", slow)
    visit.section.press("start")
    visit.until(lambda: inside)
    visit.section.press("cancel")
    assert "Cancelling" in visit.section.said["status"]
    visit.until(lambda: not visit.section.is_working, 20.0)
    assert visit.section._study is None
    assert visit.section.control("start").label == "Start"
    assert not visit.section.control("cancel").is_shown
    assert visit.section.views["tracks"].data["bands"]["xs"] == []


@pytest.mark.slow
def test_an_offline_fit_shows_its_generations_and_its_judgement():
    visit = Visit()
    section = visit.section
    section.choose(method="offline", generations="2")
    assert not section.board.filtered.visible
    section.press("start")
    visit.settle()
    assert "Done" in section.said["status"]
    assert len(section.views["losses"].data["best_so_far"]["least"]) == 2
    for words in ("bias", "distance, driven", "distance, held out", "On held-out regions"):
        assert words in section.said["offline"]
    assert visit.result["curve"] == pytest.approx(
        section.views["losses"].data["best"]["y"].astype(float).tolist(), rel=1e-5
    )
    section.close()


@pytest.mark.slow
def test_own_bold_drives_the_regions_that_it_has():
    visit = Visit()
    labels = visit.session.connectome.labels[:3]
    file = text_of(signals(20, len(labels)), header=labels)
    answers = {"orientation": "time-rows", "interval_s": 0.5, "unit": "%", "signal": "bold"}
    own = OwnData.of(read_measured(file, "mine.csv"), visit.session.connectome, answers)
    assert visit.session.measured.take(own)
    section = visit.section
    section.opened()
    section.choose(data=OWN)
    assert "8 observations every 0.5 s" in section.said["status"]
    section.press("start")
    visit.settle()
    assert "Done" in section.said["status"]
    result = visit.result
    assert result["data"] == "mine.csv"
    assert sorted([*result["driven"], *result["held_out"]]) == sorted(labels)
    assert "no prediction" in section.said["fits"]
    assert section.views["tracks"].data["truths"]["y"] == []
    assert "Truth" not in section.said["learnt"]
    section.close()


def test_what_cannot_be_is_one_sentence_before_it_starts():
    visit = Visit()
    section = visit.section
    section.choose(parameters=[])
    assert section.said["status"].startswith("parameters: must be at least one")
    section.press("start")
    assert not section.is_working
    section.choose(parameters=["bias"], members="30", brain="small")
    assert "twin experiment" in section.said["status"]
    assert "about" in section.said["status"]
    assert "not what the parameters of a person are" in section.said["warning"]
    assert list(section._controls.data.options.values()) == [TWIN]


@pytest.mark.slow
def test_what_a_brain_cannot_be_assimilated_for_is_said():
    visit = Visit(FOUR.with_values({"network.settling.duration": 4000.0}))
    visit.section.press("start")
    visit.settle()
    assert "network.settling.duration" in visit.section.said["status"]
    assert visit.section.control("start").label == "Start"


def test_regions_that_are_taken_are_linked_and_some_are_left_out():
    connectome = Session("two-regions").connectome
    labels = linked_regions(connectome, 8)
    assert len(set(labels)) == 8
    inside = np.isin(connectome.labels, labels)
    both = connectome.weights + connectome.weights.T
    assert both[np.ix_(inside, inside)].sum() / 56 > 3 * both.mean()
    few = connectome.labels[10:14]
    assert linked_regions(connectome, 8, few) == few
    with pytest.raises(DataError, match="at least two"):
        linked_regions(connectome, 8, few[:1])
    assert apart_names(labels, 2) == (labels[2], labels[5])
    assert apart_names(labels, 0) == ()
    with pytest.raises(DataError, match="held out"):
        apart_names(labels, 8)


def test_before_anything_is_done_it_shows_the_shipped_twin_experiment(monkeypatch):
    visit = Visit()
    section, (kept, standing) = visit.section, shipped_example()
    visit.settle()
    assert kept.title in section.said["status"]
    assert "Until then" in section.said["status"]
    learnt = section.said["learnt"]
    assert all(label in learnt for label, on in zip(kept.labels, kept.driven, strict=True) if on)
    assert len(section.views["innovation"].data["driven"]["x"]) == standing.time == 60
    assert "persistence" in section.said["fits"]
    assert kept.fits["assimilated"]["driven"]["second"]["r"] is not None
    gate = Gate(monkeypatch, BrainFilter, "step", 1)
    section.press("start")
    assert len(section.views["innovation"].data["driven"]["x"]) == 0
    assert "Until then" not in section.said["status"]
    section.press("cancel")
    gate.open()
    visit.settle()
    assert kept.title in section.said["status"]


def test_what_the_example_shows_is_what_the_page_offers():
    kept, _ = shipped_example()
    section = Visit(Scenario(title="Any of dk84")).section
    section.choose(brain="small", members="30", trs="60", held_out="2")
    asked = section._asked()
    assert asked.title == kept.title
    assert (asked.settings.parameters, asked.n_trs) == (kept.parameters, len(kept.targets))
    assert sum(kept.held_out) == asked.n_held_out
    assert kept.report.keys() == {"ranks"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"driven": [True]}, "one a region"),
        ({"targets": [[1.0]]}, "targets must be 1 rows of 8 numbers"),
        ({"parameters": ["mood"]}, "must be known"),
        ({"truth": []}, "one a driven region and parameter"),
        ({"errors": {"driven": [0.1]}}, "errors must be one a TR"),
    ],
)
def test_a_kept_file_of_another_form_is_refused(tmp_path, change, sentence):
    kept, _ = shipped_example()
    file = tmp_path / "kept.json"
    write_stored(file, kept)
    assert file.read_bytes() == sample_data.path("assimilation").read_bytes()
    file.write_text(json.dumps({**asdict(kept), **change}))
    with pytest.raises(DataError, match=sentence):
        read_kept(file)


@pytest.mark.slow
def test_an_assimilation_is_offered_after_a_reload_and_comes_to_the_same(whole, monkeypatch, tmp_path):
    monkeypatch.setattr(study, "_NOTE_S", 0.0)
    store = Store(tmp_path)
    visit = Visit(store=store)
    visit.section.press("start")
    visit.until(lambda: any(entry.facts["done"] > 2 for entry in store.entries("who")))
    visit.section.close()  # the page is gone
    while not visit.section._job.is_over:
        time.sleep(0.01)
    visit.section.tick()  # the brain is let go of; what was noted is kept all the same
    visit.until(lambda: not visit.kept.is_busy)
    (entry,) = store.entries("who")
    done = entry.facts["done"]

    other = Visit(FOUR.with_values({"title": "Something else"}), store)
    other.section.choose(members="9", seed="7")
    other.until(lambda: other.section.control("kept").is_shown)
    assert other.section.control("kept").label == f"Go on with 'Four: twin experiment', {done} of 8 TR"
    other.section.press("kept")
    other.until(lambda: other.section.is_working)
    assert not other.section.control("kept").is_shown
    assert other.session.scenario.title == "Four"
    assert other.section.values["members"] == "6"
    other.settle()
    assert other.result == whole.result

    other.section.press("cancel")  # what is given up is not offered again
    other.until(lambda: not other.kept.is_busy)
    assert store.entries("who") == []
    store.close()


def kept_facts(**chosen):
    facts = {"chosen": {**Visit().section.values, **chosen}, "done": 2, "wanted": 8, "unit": "TR"}
    del facts["chosen"]["keep"], facts["chosen"]["report"], facts["chosen"]["state_file"]
    return facts


@pytest.mark.parametrize(
    ("scenario", "facts", "sentence"),
    [
        ({"future": 1}, kept_facts(), "The kept assimilation of 'Mine' is of another version"),
        (FOUR, {**kept_facts(), "chosen": {"data": TWIN}}, "is of another version and cannot go on"),
        (FOUR, kept_facts(brain="hers"), "brain: must be one of what is offered (got 'hers')"),
        (FOUR, kept_facts(data=OWN), "Open its data in the section Own data first"),
        (FOUR, kept_facts(), "kept assimilation of 'Mine': must be the state of an assimilation"),
    ],
)
def test_a_kept_assimilation_that_cannot_go_on_is_said_and_still_kept(tmp_path, scenario, facts, sentence):
    store = Store(tmp_path)
    told = scenario if isinstance(scenario, dict) else scenario.model_dump(mode="json")
    store.add(Entry("who", "assimilation", "Mine", json.dumps(told), facts), b"of something else")
    visit = Visit(store=store)
    visit.until(lambda: visit.section.control("kept").is_shown)
    visit.section.press("kept")

    def said():
        return [*visit.said, visit.section.said["status"]]

    visit.until(lambda: any(sentence in text for text in said()))
    visit.settle()
    assert visit.section.control("kept").is_shown
    assert not visit.section.control("start").is_off
    visit.until(lambda: not visit.kept.is_busy)
    (entry,) = store.entries("who")
    assert store.read(entry.id) == [b"of something else"]
    store.close()
