"""The Scale page without a browser: what is entered, what is refused, what the pictures hold."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dtb_app.controls.count import parse_count, say_count
from dtb_app.pages.scale.page import ScalePage
from engine.errors import ParameterError
from engine.run.simulation import Simulation
from engine.scale import PARTS, PLAN_PRESETS, make_plan, plan_request, study_of
from engine.scale.wire import SCHEMES
from engine.scenario.presets import preset
from layouts.scale.bars import MemoryBars, PartBars, RoutingBars, WireBars
from layouts.scale.curves import DeviceCurve, RateCurve
from layouts.theme import DARK, LIGHT
from tests.drawn import drawn


@pytest.fixture(scope="module")
def study():
    return study_of(make_plan(plan_request()))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("86 billion", 86_000_000_000),
        ("14,012", 14_012),
        ("8.6e10", 86_000_000_000),
        ("2.5", 2.5),
        ("1.5 Trillion", 1_500_000_000_000),
        (" 7 ", 7),
    ],
)
def test_counts_are_read_as_people_write_them(text, value):
    assert parse_count("x", text) == value
    assert isinstance(parse_count("x", text), type(value))
    assert parse_count("x", say_count(value)) == value


@pytest.mark.parametrize("text", ["", "many", "7 dozen", "1 2 3", "nan", "inf"])
def test_what_is_no_count_is_refused(text):
    with pytest.raises(ParameterError, match="Neurons: must be a number"):
        parse_count("Neurons", text)


@pytest.mark.parametrize("name", PLAN_PRESETS)
def test_every_preset_can_be_planned_and_written(name):
    request = plan_request(**PLAN_PRESETS[name])
    for value in request.model_dump(exclude={"routing"}).values():
        assert parse_count("x", say_count(value)) == value
    assert make_plan(request).slowdown > 0


def test_curves_pass_through_the_plan_and_carry_the_published_points(study):
    assert np.interp(7.0, study.by_rate.x, study.by_rate.slowdown) == pytest.approx(65.0, rel=0.02)
    assert (study.by_rate.low <= study.by_rate.high).all()
    at = int(np.flatnonzero(study.by_devices.x == 14_012)[0])
    assert study.by_devices.slowdown[at] == pytest.approx(study.plan.slowdown)
    assert study.is_published_run
    assert not replace(study, plan=make_plan(plan_request(devices=9000))).is_published_run
    view = RateCurve(LIGHT)
    view.show(study)
    points = drawn(view, "marker")
    assert list(points["y"]) == [65.0, 78.8, 118.8]
    assert list(points["marker"]) == ["square", "circle", "circle"]
    assert "78.8 at 15 Hz" in view.sentence
    devices = DeviceCurve(LIGHT)
    devices.show(study)
    assert drawn(devices, "align")["x"] == [14_012]


def test_bars_show_the_parts_and_keep_their_place_in_both_themes(study):
    for theme in (LIGHT, DARK):
        parts, memory, routing = PartBars(LIGHT), MemoryBars(LIGHT), RoutingBars(LIGHT)
        for view in (parts, memory, routing):
            names = list(drawn(view, "label")["label"])
            view.show(study)
            view.restyle(theme)
            assert [n for n in drawn(view, "label")["label"] if n] == names
            assert view.sentence
        assert drawn(parts, "label")["label"] == list(PARTS.values())
        ends = drawn(memory, "label")["right"]
        assert (np.diff(ends) >= 0).all()
        assert drawn(memory, "text")["text"] == ["16", "32", "64 GB"]
        assert "14,011" in drawn(routing, "label")["value"]


class Tools(SimpleNamespace):
    """What a page may use, without a server."""

    def __init__(self, recording=None):
        super().__init__(
            theme=lambda: LIGHT,
            later=lambda f: f,
            recording=lambda: recording,
            services=SimpleNamespace(jobs=None),
        )


def settle(page: ScalePage) -> None:
    end = time.monotonic() + 120
    while page.is_working and time.monotonic() < end:
        page.tick()
        time.sleep(0.02)
    assert not page.is_working


@pytest.mark.slow
def test_a_preset_stays_chosen_and_an_edit_leaves_it():
    page = ScalePage(Tools())
    page.opened()
    settle(page)
    assert "65×" in page.said["verdict"]
    page.choose(preset="Mission: 150 trillion synapses")
    settle(page)
    assert page.values["preset"].startswith("Mission")
    assert "58,373 devices" in page.said["verdict"]
    before = page.said["verdict"]
    page.choose(devices="0")
    assert "devices: must be a whole number" in page.said["note"]
    assert page.said["verdict"] == before
    page.choose(devices="60 thousand")
    settle(page)
    assert page.values["preset"] == "As entered below"
    assert page.study.plan.request.devices == 60_000
    page.restyle(DARK)
    page.close()


def test_the_run_that_is_shown_is_put_on_the_wire():
    recording = Simulation(preset("two-regions").with_values({"duration": 60.0})).run()
    page = ScalePage(Tools(recording))
    page.opened()
    settle(page)
    data = drawn(page.views["wire"], "label")
    assert data["label"] == list(SCHEMES.values())
    assert all("MB/s" in v for v in data["value"])
    page.choose(wire_size="4 devices")
    settle(page)
    assert "on 4 devices" in page.cards["wire"].said
    alone = WireBars(LIGHT)
    assert "Run a scenario" in alone.sentence
