"""The section Compare without a browser: a pair picked in one picture is picked in all."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

from dtb_app.pages.fit.compare.section import CompareSection
from dtb_app.pages.fit.compare.words import NO_RUN
from dtb_app.session.session import Session
from dtb_app.work.services import Services
from engine import Simulation
from engine.fit import METRICS, fc_correlation
from engine.fit.compared_fc import ComparedFc
from engine.scenario.scenario import Scenario
from layouts.theme import DARK, LIGHT

REGIONS = ("L.TH", "L.SFG", "L.PrCG", "L.PCAL", "L.HI", "R.TH")
SIX = Scenario(
    title="Six of dk84",
    duration=2600.0,
    transient=200.0,
    dt=0.5,
    regions={"default": "off", "digital": REGIONS},
    network={"neurons_per_region": 50, "in_degree": 40},
)


@pytest.fixture(scope="module")
def recording():
    return Simulation(SIX).run()


class Visit(SimpleNamespace):
    """A session and the section, as a page would use them."""

    def __init__(self, recording=None):
        super().__init__(recording=recording, session=Session("two-regions"))
        self.section = CompareSection(
            SimpleNamespace(
                session=self.session,
                services=Services(1),
                recording=lambda: self.recording,
                theme=lambda: LIGHT,
                later=lambda handler: handler,
            )
        )

    def settle(self):
        end = time.monotonic() + 240
        while self.section.is_working:
            assert time.monotonic() < end
            self.section.tick()
            time.sleep(0.02)
        return self.section


@pytest.fixture(scope="module")
def section(recording):
    visit = Visit(recording)
    visit.section.opened()
    yield visit.settle()
    visit.section.close()


def test_without_a_run_it_says_what_to_do_and_shows_no_box():
    section = Visit().section
    section.opened()
    assert section.said["head"] == NO_RUN
    assert not section.is_working
    assert not any(part.visible for part in (section._pictures, *section._rest))


def test_matrices_hold_the_connectivities_of_the_same_regions(section, recording):
    found = section._found
    evidence = recording.evidence()
    r, n = fc_correlation(evidence.simulated_fc, recording.connectome.fc_matrix, evidence.picked)
    assert (found.fc.r, found.fc.n_pairs) == (pytest.approx(r), n)
    assert n == 15
    cells = {name: section.views[name].data["cells"] for name in ("simulated", "measured", "difference")}
    k, m = 1, 4
    i, j = (int(found.layout.region[x]) for x in (k, m))
    drawn = {name: np.asarray(cell[name][0])[k, m] for name, cell in cells.items()}
    assert drawn["measured"] == pytest.approx(recording.connectome.fc_matrix[i, j], rel=1e-6)
    assert drawn["simulated"] == pytest.approx(evidence.simulated_fc[i, j], rel=1e-5)
    assert drawn["difference"] == pytest.approx(drawn["simulated"] - drawn["measured"], abs=1e-6)
    ends = {
        (v._cells.glyph.color_mapper.low, v._cells.glyph.color_mapper.high) for v in found.matrices.values()
    }
    assert ends == {(-found.fc.limit, found.fc.limit)}


def test_a_pair_picked_in_one_picture_is_picked_in_all(section):
    found = section._found
    x, y = 4.5, 1.5
    section.views["measured"]._on_tap(SimpleNamespace(x=x, y=y))
    for name in ("simulated", "measured", "difference"):
        marks = section.views[name].data["selected"]
        assert sorted(marks["x0"]) == [0.0, 0.0, 1.5, 4.5]
    (measured,) = section.views["pairs"].data["selected"]["x"]
    i, j = (int(found.layout.order[k]) for k in (1, 4))
    assert measured == pytest.approx(found.fc.measured[i, j])
    pair = f"{found.layout.labels[4]} and {found.layout.labels[1]}"
    assert all(pair in section.cards[name].said for name in ("simulated", "measured", "difference", "pairs"))
    assert set(section.views["spectra"].data["lines"]["label"]) == {
        found.layout.labels[1],
        found.layout.labels[4],
    }
    dots = section.views["pairs"]
    at = int(np.argmax(dots._x))
    dots._on_tap(SimpleNamespace(x=dots._x[at], y=dots._y[at]))
    marks = section.views["difference"].data["selected"]
    assert sorted(marks["y0"])[2:] == sorted([dots._i[at] + 0.5, dots._j[at] + 0.5])


def test_a_click_beside_the_cells_or_on_the_diagonal_picks_nothing(section):
    before = section.views["simulated"].data["selected"]
    for x, y in ((2.5, 2.5), (-0.1, 1.0), (None, None), (6.2, 1.0)):
        section.views["simulated"]._on_tap(SimpleNamespace(x=x, y=y))
    assert section.views["simulated"].data["selected"] == before


def test_every_score_has_a_row_with_its_sentence(section):
    said = section.said["scores"]
    for metric in METRICS:
        assert metric.short in said
        assert section._judged.scores[metric.name].sentence in said
    html = section._texts["scores"].pane.object
    known = [s for s in section._judged.scores.values() if s.value is not None]
    assert html.count("radial-gradient") == len(known)


def test_pictures_come_first_and_a_second_look_works_out_no_score_again(section, recording):
    visit = Visit(recording)
    visit.section.opened()
    end = time.monotonic() + 240
    while visit.section._found is None:
        assert time.monotonic() < end
        visit.section.tick()
    assert visit.section._pictures.visible
    assert not visit.section._rest[1].visible
    assert visit.section.is_working
    visit.settle()
    assert visit.section._rest[1].visible
    assert visit.section._judged is section._judged
    assert visit.section.said["scores"] == section.said["scores"]


def test_it_says_that_a_short_run_is_compared_by_its_rates(section):
    assert "region rates" in section.said["head"]
    assert "Six of dk84" in section.said["head"]
    section.choose(signal="calcium")
    assert len(section.views["course"].data["lines"]["x"]) == 2
    section.choose(signal="bold")
    assert "BOLD" in section.cards["course"].said


def test_another_theme_changes_no_number(section):
    before = {name: str(view.data) for name, view in section.views.items() if name in section._found.matrices}
    palette = section._found.matrices["measured"]._cells.glyph.color_mapper.palette
    section.restyle(DARK)
    after = section._found.matrices["measured"]
    assert after._cells.glyph.color_mapper.palette != palette
    marks = after.data["selected"]
    section.restyle(LIGHT)
    assert after.data["selected"] == marks
    assert before.keys() == section._found.matrices.keys()


def test_a_connectome_without_measured_connectivity_shows_the_simulated_one_alone():
    scenario = Scenario(
        connectome="four_regions",
        duration=2500.0,
        transient=100.0,
        dt=0.5,
        network={"neurons_per_region": 50, "in_degree": 40},
    )
    visit = Visit(Simulation(scenario).run())
    visit.section.opened()
    section = visit.settle()
    assert set(section.views) == {"simulated", "course", "spectra", "fcd"}
    assert not section.cards["pairs"].panel.visible
    assert "No measured functional connectivity" in section.said["head"]
    visit.recording = None
    section.run_shown()
    assert section.said["head"] == NO_RUN
    assert "simulated" not in section.views


def test_a_run_that_is_too_short_has_no_connectivity():
    run = Simulation(SIX.with_values({"duration": 300.0, "transient": 100.0})).run()
    fc = ComparedFc.of(run.evidence())
    assert not fc.has_simulated
    assert np.isfinite(fc.measured).sum() == 30
    assert np.isnan(fc.r)
    assert fc.n_pairs == 0
