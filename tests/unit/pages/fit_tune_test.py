"""The section Tune without a browser: a fit that rests, goes on, is judged, saved, used and refused."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import numpy as np
import pytest

import sample_data
from dtb_app.pages.fit.tune import fitting
from dtb_app.pages.fit.tune.example import shipped_example
from dtb_app.pages.fit.tune.fitting import Fit, seeded
from dtb_app.pages.fit.tune.section import TuneSection
from dtb_app.session.measured import OwnData
from dtb_app.session.session import Session
from dtb_app.store.entry import Entry
from dtb_app.store.store import Store
from dtb_app.work.kept_work import KeptWork
from dtb_app.work.services import Services
from engine.fit import rate_fc
from engine.fit.measured import read_measured
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import load_tuning, tuning_json
from engine.tuning import FCTuner
from engine.tuning.stored_controls import read_controls
from layouts.fit.fc_matrix import N_SHADES
from layouts.theme import DARK, LIGHT
from tests.gate import Gate
from tests.measured_files import signals, text_of

pytestmark = pytest.mark.slow

REGIONS = ("L.TH", "L.SFG", "L.PrCG", "L.PCAL", "L.HI")
SMALL = Scenario(
    title="Five of dk84",
    dt=0.5,
    regions={"default": "off", "digital": REGIONS},
    network={"neurons_per_region": 50, "in_degree": 40},
)


class Visit(SimpleNamespace):
    """A session and the section, as a page would use them."""

    def __init__(self, scenario, store=""):
        session, said = Session("two-regions"), []
        session.adopt(scenario)
        super().__init__(session=session, said=said, kept=KeptWork(store))
        self.kept.begin("who")
        self.tools = SimpleNamespace(
            session=session,
            services=Services(1),
            say=lambda text, good=False: said.append(text),
            adopt=session.adopt,
            recording=lambda: None,
            runner=lambda: None,
            theme=lambda: LIGHT,
            later=lambda handler: handler,
            moved=lambda: None,
            kept=self.kept,
        )
        self.section = TuneSection(self.tools)
        self.section.opened()

    def until(self, condition, seconds=240.0):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.section.said["status"]
            self.section.tick()
            self.kept.poll()
            time.sleep(0.02)

    def settle(self):
        self.until(lambda: not self.section.is_working)

    def drawn(self, name):
        return self.section.views[name].data


@pytest.fixture(scope="module")
def rested():
    """A fit that was paused, and has gone on to its end."""
    visit = Visit(SMALL)
    section = visit.section
    section.choose(minutes="1.0", seed="3", judge_minutes="1.0")
    with pytest.MonkeyPatch.context() as patching:
        gate = Gate(patching, FCTuner, "advance", 10)
        section.press("start")
        visit.until(lambda: len(visit.drawn("course")["r"]["minutes"]) > 2)
        section.press("pause")
        gate.open()
        visit.settle()
    visit.when = section._fit.standing.minutes
    visit.status = section.said["status"]
    visit.label = section.control("start").label
    section.press("start")
    visit.settle()
    visit.comes_to = section._fit.tuning().checksum
    yield visit
    section.close()


def test_a_fit_rests_and_goes_on(rested):
    assert 0 < rested.when < 1.0
    assert "Paused" in rested.status
    assert rested.label == "Go on"
    assert "Done" in rested.section.said["status"]
    minutes = rested.drawn("course")["r"]["minutes"]
    assert len(minutes) == 30
    np.testing.assert_allclose(np.diff(minutes), 1 / 30, rtol=1e-6)


def test_pauses_do_not_change_it(rested):
    tuner = FCTuner(seeded(SMALL, 3), rested.session.connectome)
    while tuner.minutes < 1.0:
        tuner.advance()
    assert tuner.tuning("same").checksum == rested.section._fit.tuning().checksum
    tuner.close()


def test_pictures_show_where_it_stands(rested):
    standing, layout = rested.section._fit.standing, rested.section.views["live"]._layout
    (live,) = rested.drawn("live")["cells"]["image"]
    (measured,) = rested.drawn("measured")["cells"]["image"]
    assert live.dtype == np.uint8
    assert live.max() < N_SHADES
    k, m = 1, 3
    i, j = layout.order[k], layout.order[m]
    want = N_SHADES // 2 * (1 + standing.target[i, j] / rested.section.views["live"]._limit)
    assert measured[k, m] == pytest.approx(want, abs=0.51)
    rates = rested.drawn("rates")["regions"]
    np.testing.assert_allclose(rates["y"], standing.rates_hz[layout.order])
    assert sorted(rates["label"]) == sorted(REGIONS)
    texts = rested.drawn("course")["baselines"]["text"]
    assert texts == [f"wiring alone {standing.wiring:.2f}", f"linear noise {standing.linear:.2f}"]
    rested.section.restyle(DARK)
    assert rested.drawn("rates")["regions"]["y"][0] == rates["y"][0]


def test_the_hardest_pairs_are_those_that_lie_furthest_off(rested):
    standing = rested.section._fit.standing
    error = np.abs(standing.fc - standing.target)
    i, j = standing.hardest[0]
    assert error[i, j] == np.nanmax(error)
    labels = rested.session.connectome.labels
    assert f"{labels[standing.region[i]]} and {labels[standing.region[j]]}" in rested.section.said["hardest"]


def test_it_is_judged_saved_and_used(rested):
    section = rested.section
    assert "Not judged" in section.said["judged"]
    section.press("judge")
    assert section.control("judge").is_off
    rested.settle()
    report = section._judged.report
    assert f"r = {report['r']:.2f}" in section.said["judged"]
    saved = json.loads(section._controls.save.callback().getvalue())
    assert saved["provenance"]["reached"]["r"] == report["r"]
    before = rested.session.scenario
    section.press("use")
    after = rested.session.scenario
    assert load_tuning(after.network.tuning).checksum == section._fit.tuning().checksum
    assert after.seed != before.seed
    assert after.wiring_seed == before.wiring_seed
    rested.session.undo()
    section.press("cancel")
    assert section.said["status"].startswith("Five of dk84")
    assert not section.control("judge").is_shown or section.control("judge").is_off


def test_it_goes_on_from_a_file_and_from_no_other(rested):
    connectome = rested.session.connectome
    fit = Fit(seeded(SMALL, 3), connectome, 0.5)
    fit.go_on(lambda fraction, what: None)
    kept = fit.state()
    fit.drop()
    visit = Visit(SMALL)
    visit.section.choose(minutes="0.6", seed="3")
    visit.section._controls.resumed.param.update(filename="kept.h5", value=kept)
    visit.settle()
    curve = visit.section._fit.standing.curve
    assert curve[-1].minutes == pytest.approx(0.6, abs=0.05)
    assert [step.mean_hz for step in curve[:15]] == [step.mean_hz for step in fit.standing.curve[:15]]
    visit.section.close()
    other = Visit(SMALL)
    other.section.choose(minutes="0.6", seed="4")
    other.section._controls.resumed.param.update(filename="kept.h5", value=kept)
    other.settle()
    assert "must be of the same scenario" in other.section.said["status"]
    assert other.section._fit is None


def test_a_tuning_is_opened_or_refused_with_a_sentence():
    visit = Visit(SMALL)
    opened = visit.section._controls.opened
    tuning = Tuning.neutral(REGIONS, 1.5, 2.0)
    opened.param.update(filename="mine.json", value=tuning_json(tuning).encode())
    assert load_tuning(visit.session.scenario.network.tuning) == tuning
    assert "mine is in the scenario" in visit.said[-1]
    before = visit.session.scenario
    opened.param.update(filename="bad.json", value=b"{}")
    assert visit.said[-1].startswith("bad.json: ")
    assert visit.session.scenario == before


@pytest.mark.parametrize(
    ("scenario", "why"),
    [
        (SMALL.with_values({"regions.digital": list(REGIONS[:3])}), "must know at least 4 regions"),
        (
            Scenario(connectome="four_regions", network={"neurons_per_region": 50, "in_degree": 40}),
            "brings no measured connectivity",
        ),
    ],
)
def test_what_cannot_be_tuned_says_why(scenario, why):
    visit = Visit(scenario)
    visit.section.press("start")
    visit.settle()
    assert why in visit.section.said["status"]
    assert visit.section.control("start").label == "Start"


def test_a_visitor_who_leaves_ends_the_work():
    visit = Visit(SMALL)
    visit.section.choose(minutes="30.0")
    visit.section.press("start")
    visit.until(lambda: visit.section._fit.standing is not None)
    job, fit = visit.section._job, visit.section._fit
    visit.section.close()
    job.join(60.0)
    assert job.is_over
    assert not fit.is_built


def test_measured_data_that_are_the_target_are_what_a_fit_aims_at():
    visit = Visit(SMALL)
    values = signals(60, len(REGIONS))
    draft = read_measured(text_of(values, REGIONS), "mine.csv")
    measured = visit.session.measured
    measured.take(OwnData.of(draft, visit.session.connectome, {"unit": "%", "interval_s": 0.72}))
    measured.use_as_target()
    visit.section.choose(minutes="1.0")
    visit.section.press("start")
    visit.until(lambda: visit.section._fit.standing is not None)
    labels = visit.session.connectome.labels
    order = [REGIONS.index(labels[k]) for k in visit.section._fit.standing.region]
    off = ~np.eye(len(REGIONS), dtype=bool)
    np.testing.assert_allclose(
        visit.section._fit.standing.target[off], rate_fc(values)[np.ix_(order, order)][off]
    )
    assert "mine.csv, 5 of 84 regions" in visit.section.cards["measured"].said
    visit.section.close()
    visit.settle()


def test_what_is_no_number_is_refused_and_nothing_is_begun_or_lost():
    visit = Visit(SMALL)
    section = visit.section
    for values, sentence in (
        ({"minutes": "many"}, "Biology (min): must be a number from 0.1 to 600 (got 'many')."),
        ({"minutes": "0"}, "Biology (min): must be a number from 0.1 to 600 (got '0')."),
        ({"minutes": "2", "seed": "1.5"}, "Seed: must be a whole number from 0 to 2147483647 (got '1.5')."),
    ):
        section.choose(**values)
        section.press("start")
        assert sentence in section.said["status"]
        assert not section.is_working
    section.close()


def test_before_a_fit_it_shows_how_the_shipped_tuning_came_about():
    visit = Visit(SMALL)
    section, example = visit.section, shipped_example()
    stored, standing = example.stored, example.standing
    assert stored.tuning in section.said["status"]
    assert f"r = {stored.reached['r']:.2f}" in section.said["judged"]
    assert visit.drawn("course")["r"]["minutes"][-1] == stored.minutes
    i, j = standing.hardest[0]
    labels = example.connectome.labels
    assert f"{labels[standing.region[i]]} and {labels[standing.region[j]]}" in section.said["hardest"]
    assert f"{stored.n_parameters:,} parameters" in section.cards["measured"].said
    controls = read_controls(sample_data.path("fit-controls"))
    for r in (controls.held_out.r, controls.held_out.linear, controls.rewired, controls.shuffled):
        assert f"{r:.2f}" in section.said["controls"]
    section.press("start")
    assert len(visit.drawn("course")["r"]["minutes"]) == 0
    assert stored.tuning not in section.said["status"]
    section.press("cancel")
    visit.settle()
    assert stored.tuning in section.said["status"]
    assert visit.drawn("course")["r"]["minutes"][-1] == stored.minutes


def test_a_fit_is_offered_after_a_reload_and_comes_to_the_same(tmp_path, monkeypatch, rested):
    monkeypatch.setattr(fitting, "_NOTE_S", 0.0)
    store = Store(tmp_path)
    visit = Visit(SMALL, store)
    visit.section.choose(minutes="1.0", seed="3")
    visit.section.press("start")
    visit.until(lambda: any(e.facts["minutes"] > 0.3 for e in store.entries("who")))
    visit.section.close()  # the page is gone
    visit.until(lambda: visit.section._job.is_over)

    other = Visit(SMALL.with_values({"title": "Something else"}), store)
    other.until(lambda: other.section.control("kept").is_shown)
    label = other.section.control("kept").label
    assert label.startswith("Go on with 'Five of dk84', 0.")
    assert label.endswith("of 1 min")
    other.section.press("kept")
    other.until(lambda: other.section.is_working)
    assert not other.section.control("kept").is_shown
    assert other.session.scenario.title == "Five of dk84"
    other.settle()
    curve = other.section._fit.standing.curve
    assert len(curve) == 30
    assert other.section._fit.tuning().checksum == rested.comes_to
    other.until(lambda: not other.kept.is_busy)
    (entry,) = store.entries("who")
    assert entry.facts == {"minutes": pytest.approx(1.0), "wanted": 1.0}

    other.section.press("cancel")  # what is given up is not offered again
    other.until(lambda: not other.kept.is_busy)
    assert store.entries("who") == []
    store.close()


def test_a_kept_fit_that_cannot_be_read_is_said_and_nothing_is_lost(tmp_path):
    store = Store(tmp_path)
    store.add(Entry("who", "fit", "Old", json.dumps({"future": 1}), {"minutes": 1.0, "wanted": 2.0}), b"x")
    store.add(Entry("else", "fit", "Not mine", "{}", {"minutes": 1.0, "wanted": 2.0}), b"x")
    visit = Visit(SMALL, store)
    visit.until(lambda: visit.section.control("kept").is_shown)
    assert "'Old'" in visit.section.control("kept").label
    visit.section.press("kept")
    visit.until(lambda: visit.said)
    assert "another version" in visit.said[0]
    assert visit.session.scenario.title == "Five of dk84"
    assert not visit.section.is_working
    store.close()


def test_a_kept_fit_that_does_not_fit_is_said_and_still_kept(tmp_path):
    store = Store(tmp_path)
    scenario = json.dumps(SMALL.model_dump(mode="json"))
    store.add(Entry("who", "fit", "Five", scenario, {"minutes": 1.0, "wanted": 2.0}), b"of something else")
    visit = Visit(SMALL, store)
    visit.until(lambda: visit.section.control("kept").is_shown)
    visit.section.press("kept")
    visit.until(lambda: visit.section.is_working)
    visit.settle()
    assert "kept fit of 'Five'" in visit.section.said["status"]
    assert visit.section.control("kept").is_shown
    visit.until(lambda: not visit.kept.is_busy)
    (entry,) = store.entries("who")
    assert store.read(entry.id) == [b"of something else"]
    store.close()
