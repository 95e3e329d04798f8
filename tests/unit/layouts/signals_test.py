"""Signals on the brain and over time: how a course is worked out, and what is drawn of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sample_data
from dtb_app.benchmarks.views import Wire
from dtb_app.explorer.views import LiveViews
from engine import Simulation, load_connectome, preset
from engine.fit.forward import SIGNALS, NetworkFacts
from layouts.explorer.brain_map import BrainMapView
from layouts.explorer.signal_course import MAX_SAMPLES, SignalCourse
from layouts.explorer.signal_trace import SignalTrace, round_up
from layouts.scene import Scene
from layouts.theme import DARK, LIGHT

ATLAS = json.loads(sample_data.path("dk84.atlas").read_text(encoding="utf-8"))
CONNECTOME = load_connectome("dk84")
FOREVER_S = 60.0


@pytest.fixture(scope="module")
def run():
    """Two regions for 2.6 s."""
    simulation = Simulation(preset("two-regions").with_values({"duration": 2600.0}))
    return simulation, simulation.run()


def course_of(run, name: str) -> SignalCourse:
    course = SignalCourse()
    course.choose(SIGNALS[name])
    course.lay_out(Scene.of(run[0]))
    return course


@pytest.mark.parametrize("name", SIGNALS.names)
def test_a_course_is_the_signal_however_it_is_followed(name, run):
    counts = run[1].counts
    course = course_of(run, name)
    for n_ms in (130, 700, 701, 1999, 2600):
        course.follow(counts, n_ms)
        course.advance(FOREVER_S)
        assert course.done_ms == n_ms
    signal = SIGNALS[name]
    facts = NetworkFacts.of(run[1].network, run[1].scenario)
    expected = (signal.fine or signal.stream)(facts).advance(counts)
    assert np.array_equal(course.latest, expected[-1])
    stride = 5 if name == "lfp" else 1
    n = len(expected) // stride
    means = expected[: n * stride].reshape(n, stride, -1).mean(axis=1)
    np.testing.assert_allclose(course.values, means, rtol=1e-12)
    assert course.times_s[-1] <= 2.6


def test_work_is_done_bit_by_bit(run):
    course = course_of(run, "bold")
    course.follow(run[1].counts, 2600)
    assert course.advance(0.0)  # a slice of a tenth of a second
    assert (course.done_ms, course.is_behind) == (100, True)
    assert course.remark.startswith("Worked out up to 0.1 of 2.6 s. BOLD takes 20 s to settle")
    course.advance(FOREVER_S)
    assert (course.done_ms, course.is_behind) == (2600, False)
    assert course.remark == "BOLD takes 20 s to settle; a run of 2.6 s has hardly begun it."


def test_a_long_course_keeps_means_and_no_more_than_it_may(run):
    counts = np.tile(run[1].counts, (4, 1))  # 10.4 s, 2080 means of 5 ms
    course = course_of(run, "lfp")
    course.follow(counts, len(counts))
    course.advance(FOREVER_S)
    assert MAX_SAMPLES / 2 <= course.n_kept <= MAX_SAMPLES
    facts = NetworkFacts.of(run[1].network, run[1].scenario)
    width = 5 * 2 ** int(np.ceil(np.log2(2080 / MAX_SAMPLES)))
    n = len(counts) // width
    means = SIGNALS["lfp"].of(counts, facts).values[: n * width].reshape(n, width, -1).mean(axis=1)
    np.testing.assert_allclose(course.values[:n], means, rtol=1e-10)
    assert course.times_s[:n] == pytest.approx(width / 1000 * np.arange(1, n + 1))


def test_a_model_that_does_not_hold_is_said(run):
    course = course_of(run, "bold")
    counts = np.zeros((12_000, run[1].network.n_populations))
    counts[:3000] = run[1].network.population_sizes  # a spike of every neuron in every millisecond
    course.follow(counts, len(counts))
    course.advance(FOREVER_S)
    assert "must keep blood flow above 0" in course.remark
    assert not course.is_behind


def test_another_signal_begins_anew(run):
    course = course_of(run, "bold")
    course.follow(run[1].counts, 2600)
    course.advance(FOREVER_S)
    course.choose(SIGNALS["calcium"])
    assert (course.done_ms, course.n_kept, course.latest) == (0, 0, None)
    course.choose(None)
    assert not course.is_behind


@pytest.fixture(scope="module")
def whole_brain():
    """The scene of all regions, and its frames over 2.4 s."""
    simulation = Simulation(preset("hippocampus-on-analog").with_values({"duration": 2400.0}))
    return Scene.of(simulation), [simulation.advance(100) for _ in range(24)]


@pytest.mark.parametrize("name", SIGNALS.names)
@pytest.mark.slow
def test_a_frame_of_the_whole_brain_is_small(name, whole_brain):
    scene, frames = whole_brain
    brain, course = BrainMapView(LIGHT, ATLAS), SignalCourse()
    brain.course, trace = course, SignalTrace(LIGHT, course)
    course.choose(SIGNALS[name])
    brain.colour_by = "signal"
    course.lay_out(scene)
    for view in (brain, trace):
        view.lay_out(scene)
    trace.pick(range(8))
    wires = [Wire(view.figure) for view in (brain, trace)]
    for frame in frames:
        course.follow(frame.counts, frame.time_ms)
        course.advance(FOREVER_S)
        brain.tick(frame)
        brain.show_signal()
        trace.tick(frame)
        assert sum(wire.take() for wire in wires) < 20_000
    assert len(trace.data["signal"]["t"]) == course.n_kept > 0


def test_brightness_is_the_newest_sample_on_the_printed_scale(run):
    brain, course = BrainMapView(LIGHT, ATLAS), course_of(run, "calcium")
    brain.course = course
    brain.colour_by = "signal"
    brain.lay_out(Scene.of(run[0]))
    assert brain.caption == "brightness: Calcium, not yet"
    course.follow(run[1].counts, 2600)
    course.advance(FOREVER_S)
    brain.show_signal()
    full = round_up(float(np.percentile(course.latest, 95)))
    assert brain.caption.startswith("brightness: Calcium, 0 to 0.")
    columns = brain.data["regions"]
    for place, region in enumerate(run[1].network.region_index):
        level = np.asarray(columns["level"])[np.asarray(columns["region"]) == region]
        assert set(level % 64) == {int(min(course.latest[place] / full, 1) * 63)}
    top = run[1].network.region_index[int(np.argmax(course.latest))]
    assert f"{CONNECTOME.names[top]} has most" in brain.sentence
    brain.show(run[1])
    assert "has most" in brain.sentence
    brain.colour_by = "rate"
    assert "fires most" in brain.sentence


def test_the_trace_has_the_mean_and_what_is_picked(run):
    course = course_of(run, "calcium")
    trace = SignalTrace(DARK, course)
    trace.lay_out(Scene.of(run[0]))
    course.follow(run[1].counts, 2600)
    course.advance(FOREVER_S)
    region = int(run[1].network.region_index[1])
    trace.pick([region])
    columns = trace.data["signal"]
    assert columns["t"] == pytest.approx(course.times_s, abs=5e-4)
    assert columns["all"] == pytest.approx(course.values.mean(axis=1), rel=1e-3)
    assert columns["0"] == pytest.approx(course.values[:, 1], rel=1e-3)
    highest = max(max(columns["all"]), max(columns["0"]))
    assert highest <= trace.scale[1] <= 2.5 * highest
    assert trace.figure.y_range.end > trace.scale[1]
    assert trace.sentence.startswith("Calcium is 0.")


def test_views_show_a_signal_of_a_run_that_is_there_already(run):
    views = LiveViews(LIGHT, ATLAS)
    views.show(run[1], ATLAS)
    views.show_signal("bold")
    while views.course.is_behind:
        views.work_out()
    assert views.brain.caption.startswith("brightness: BOLD, 0 to 0.")
    assert "has hardly begun it" in views.brain.sentence
    assert views.trace is not None
    assert len(views.trace.data["signal"]["t"]) == 26
    views.show_signal("")
    views.brain.colour_by = "rate"
    assert "fires most" in views.brain.sentence


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.0, 0.0), (0.011, 0.02), (1.0, 1.0), (2.1, 5.0), (70.0, 100.0), (500.0, 500.0)]
)
def test_scales_are_1_2_or_5_times_a_power_of_ten(value, rounded):
    assert round_up(value) == pytest.approx(rounded)
