"""The Small world page without a browser: what its pictures hold, what it refuses, how it ends."""

from __future__ import annotations

import time
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.models import Span

from dtb_app.pages.small_world import page as small_world
from dtb_app.pages.small_world.page import SmallWorldPage
from dtb_app.store.entry import Entry
from dtb_app.store.store import Store
from dtb_app.work.graphs import Graphs
from dtb_app.work.job import Job
from dtb_app.work.kept_work import KeptWork
from dtb_app.work.pool import RunPool
from engine import load_connectome, preset
from engine.model.topologies import TOPOLOGIES
from engine.noc.placement import placement
from engine.noc.placement.placement import PLACEMENT_METHODS
from engine.noc.studies.comparison import METRICS
from engine.noc.studies.small_world import placement_study, small_world_comparison
from engine.noc.studies.stored import read_comparison
from layouts.noc.comparison import LatencyCurves, MetricDots
from layouts.noc.placement import PlacementMap, PlacementTable
from layouts.theme import DARK, LIGHT
from sample_data import path
from tests.drawn import drawn

pytestmark = pytest.mark.slow

SMALL = preset("whole-brain-at-rest").with_values(
    {
        "regions": {"default": "off", "digital": ["L.TH", "L.SFG", "L.PrCG", "L.PCAL", "L.HI"]},
        "noc.size": [3, 2],
        "network.coupling": 1.0,
    }
)
FEWER = {"network.neurons_per_region": 40, "network.in_degree": 20}


@pytest.fixture(scope="module", autouse=True)
def short_searches():
    """A tenth of the usual search for tiles, which is as long as a brain on 64 tiles wants it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(placement, "_TREES_BUDGET", placement._TREES_BUDGET / 10)
        yield


@pytest.fixture(scope="module")
def found():
    return small_world_comparison(SMALL.with_values(FEWER), 2, duration_ms=200.0, loads=(0.1, 0.5))


@pytest.fixture(scope="module")
def study():
    return placement_study(SMALL, load_connectome("dk84"))


@pytest.mark.parametrize("metric", METRICS)
def test_dots_stand_at_the_means_of_brain_and_controls(found, metric):
    view = MetricDots(LIGHT, metric)
    assert view.sentence == "Not compared yet."
    view.show(found)
    view.restyle(DARK)
    data = drawn(view, "mark")
    assert len(data["x"]) == 3 * len(TOPOLOGIES.names)
    for i, kind in enumerate(TOPOLOGIES.names):
        mean = found.values(metric, kind, "brain").mean()
        assert data["x"][3 * i] == pytest.approx(mean)
        assert data["mark"][3 * i] == "circle"
    (mesh,) = view.figure.select({"type": Span})
    assert mesh.location == pytest.approx(found.values(metric, "mesh", "brain").mean())
    assert f"{found.change(metric, 'brain').mean():+.0f} %" in view.sentence


def test_a_line_ends_where_a_topology_is_full(found):
    view = LatencyCurves(LIGHT)
    view.show(found)
    for kind, x in zip(TOPOLOGIES.names, drawn(view, "dash")["x"], strict=True):
        latency = [found.values(f"latency_{k}", kind, "brain") for k in (1, 2)]
        full = [bool(np.isnan(v).any()) for v in latency]
        assert len(x) == 1 + (full.index(True) if any(full) else 2)


def test_names_of_lines_that_end_together_stand_apart(found):
    view = LatencyCurves(LIGHT)
    view.show(found)
    ends = drawn(view, "label_y")
    room, wide = 0.12 * view.figure.y_range.end, 0.3 * view.figure.x_range.end
    at = list(zip(ends["x"], ends["label_y"], strict=True))
    for k, (x, y) in enumerate(at):
        assert y >= ends["y"][k]
        assert all(abs(x - left) >= wide or abs(y - other) >= room for left, other in at[:k])


def test_the_table_and_the_maps_show_the_study(study):
    table = PlacementTable(LIGHT)
    table.show(study)
    assert len(drawn(table, "y", "left")["y"]) == 4 * len(PLACEMENT_METHODS)
    mine, order = study.reports["traffic"], study.reports["sequential"]
    assert mine.objective <= order.objective
    for method in ("sequential", "traffic"):
        view = PlacementMap(DARK, method)
        view.show(study)
        most = max(study.loads[m].max() for m in ("sequential", "traffic"))
        assert np.array(drawn(view, "load")["load"]).max() == study.loads[method].max() / most
        assert f"{study.reports[method].worst_link:,.0f} packets on the busiest link" in (view.sentence)


def page_of(scenario, store="", jobs=None):
    kept = KeptWork(store)
    kept.begin("who")
    tools = SimpleNamespace(
        kept=kept,
        say=lambda text, good=False: said.append(text),
        session=SimpleNamespace(scenario=scenario, connectome=load_connectome("dk84")),
        services=SimpleNamespace(jobs=jobs, graphs=Graphs(None)),
        theme=lambda: LIGHT,
        later=lambda handler: handler,
    )
    said: list[str] = []
    page = SmallWorldPage(tools)
    page.heard = said
    return page


def test_a_page_opens_with_the_stored_comparison_and_replaces_it(found, monkeypatch):
    asked = []
    monkeypatch.setattr(small_world, "small_world_comparison", lambda *a, **k: asked.append(a[1]) or found)
    page = page_of(SMALL)
    stored = read_comparison(path("small_world"))
    said = page.said["verdict"]
    assert "Stored: Whole brain at rest, 3 seeds. Press Compare for your own scenario." in said
    assert stored.comparison.answer() in said
    for metric in METRICS:
        x = drawn(page.views[metric], "mark")["x"]
        assert len(x) == 3 * len(TOPOLOGIES.names)
        assert x[0] == stored.comparison.values(metric, "mesh", "brain").mean()
        assert "Not compared" not in page.cards[metric].said
    assert len(drawn(page.views["latency"], "dash")["x"]) == len(TOPOLOGIES.names)
    page.choose(seeds="5 seeds")
    page.press("compare")
    settle(page)
    said = page.said["verdict"]
    assert asked == [5]
    assert "Compared: Whole brain at rest, 2 seeds." in said  # those that were found
    assert "Stored" not in said
    assert found.answer() in said
    mine = found.values("mean_hops", "mesh", "brain").mean()
    assert drawn(page.views["mean_hops"], "mark")["x"][0] == mine


def test_a_broken_file_is_said_and_the_page_still_opens(monkeypatch, tmp_path):
    broken = tmp_path / "small_world.json"
    broken.write_text("{}")
    monkeypatch.setattr(small_world, "path", lambda name: broken)
    page = page_of(SMALL)
    assert "Nothing is stored: small_world.json: comparison: must be given" in page.said["verdict"]


def test_an_own_comparison_is_there_at_the_next_visit_until_it_is_discarded(found, monkeypatch, tmp_path):
    monkeypatch.setattr(small_world, "small_world_comparison", lambda *a, **k: found)
    store = Store(tmp_path)
    first = page_of(SMALL, store)
    settle(first)
    assert not first.control("discard").is_shown
    first.press("compare")
    settle(first)
    said = first.said["verdict"]
    assert "Compared: Whole brain at rest, 2 seeds." in said
    again = page_of(SMALL, store)
    settle(again)
    assert again.said["verdict"] == said
    assert "half a minute" in again.said["note"]
    elsewhere = page_of(SMALL.with_values({"noc.size": [3, 3]}), store)
    settle(elsewhere)
    assert elsewhere.said["verdict"] == said
    assert "The scenario has changed since" in elsewhere.said["note"]
    again.press("discard")
    settle(again)
    assert "Stored: Whole brain at rest" in again.said["verdict"]
    assert not again.control("discard").is_shown
    assert store.entries("who") == []


def test_a_kept_comparison_of_another_form_is_refused_with_a_sentence_and_stays(tmp_path):
    store = Store(tmp_path)
    store.add(Entry("who", "small-world", "Mine", "{}"), b'{"format": 1}')
    page = page_of(SMALL, store)
    settle(page)
    assert page.heard == ["kept results of 'Mine': comparison: must be given."]
    assert "Stored: Whole brain at rest" in page.said["verdict"]
    assert len(store.entries("who")) == 1


def test_who_waits_for_other_work_is_told(found, monkeypatch):
    monkeypatch.setattr(small_world, "small_world_comparison", lambda *a, **k: found)
    pool, goes = RunPool(1), Event()
    other = Job(lambda progress: goes.wait(60), pool)
    page = page_of(SMALL, jobs=pool)
    page.press("compare")
    page.tick()
    assert "Waiting for other work to end" in page.said["note"]
    goes.set()
    settle(page)
    assert other.is_over
    assert "Compared" in page.said["verdict"]


def settle(page, seconds=60.0):
    end = time.monotonic() + seconds
    page.tick()
    while page.is_working or page.tools.kept.is_busy:
        assert time.monotonic() < end
        page.tools.kept.poll()
        page.tick()
        time.sleep(0.05)


def test_a_page_places_when_opened_and_can_be_ended():
    page = page_of(SMALL)
    page.opened()
    settle(page)
    assert len(drawn(page.views["table"], "y", "left")["y"]) == 4 * len(PLACEMENT_METHODS)
    page.press("compare")
    assert page.control("compare").label == "Stop"
    page.press("compare")
    settle(page)
    assert page.control("compare").label == "Compare"
    assert "Stopped" in page.said["note"]
    page.close()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"noc.size": [2, 1]}, "must have at least 4 tiles here"),
        ({"noc.size": [1, 1]}, "There is one tile, so nothing crosses a link. To see traffic"),
        ({"network.neurons_per_region": 50_000}, "must have at most"),
    ],
)
def test_what_is_too_small_or_too_large_is_refused_in_a_sentence(values, sentence):
    page = page_of(SMALL.with_values(values))
    page.opened()
    page.press("compare")
    assert not page.is_working
    assert sentence in page.said["note"]
