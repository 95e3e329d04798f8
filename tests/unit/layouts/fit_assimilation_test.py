"""Pictures of an assimilation: what is sent, what stands where, what is said to be unknown."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.protocol.messages.patch_doc import patch_doc

from layouts.fit.innovations import Innovations
from layouts.fit.loss_course import LossCourse
from layouts.fit.parameter_tracks import ParameterTracks, Track
from layouts.fit.region_traces import RegionTraces, Trace
from layouts.fit.tiles import MOST_POINTS, MOST_TILES, thinned
from layouts.theme import DARK, LIGHT

RNG = np.random.default_rng(1)
MOST_BYTES = 20_000


def track(n=20, *, informed=True, truth=10.0):
    mean = np.linspace(0.0, 30.0, n)
    return Track("L.TH", "pA", mean, np.full(n, 5.0), -60.0, 60.0, 0.0, truth, informed)


def trace(n=20, *, away=False, replay=None):
    return Trace("L.TH", away, RNG.normal(0, 1, n), RNG.normal(0, 1, n), replay)


def errors(n, held_out=True):
    names = ("driven", "held_out", "persistence", "expected")
    found = {name: np.full(n, float(k + 1)) for k, name in enumerate(names)}
    return found if held_out else {**found, "held_out": np.full(n, np.nan)}


def sent_by(view, show):
    """Bytes of what a browser is sent."""
    document, events = Document(), []
    document.add_root(view.figure)
    document.on_change(events.append)
    show()
    message = patch_doc.create(events)
    return len(message.content_json) + sum(len(b.data) for b in message.buffers)


def test_a_long_course_keeps_its_ends():
    assert thinned(0).size == 0
    assert thinned(5).tolist() == [0, 1, 2, 3, 4]
    kept = thinned(1000)
    assert (kept[0], kept[-1], kept.size) == (0, 999, MOST_POINTS)


def test_a_frame_is_small_however_many_regions_there_are():
    tracks, traces = ParameterTracks(LIGHT), RegionTraces(LIGHT)
    every = [trace(600, replay=RNG.normal(0, 1, 600)) for _ in range(84)]
    assert sent_by(tracks, lambda: tracks.show([track(600)] * 84, 600)) < MOST_BYTES
    assert sent_by(traces, lambda: traces.show(every, 600)) < MOST_BYTES
    assert len(tracks.data["bands"]["xs"]) == len(traces.data["observed"]["xs"]) == MOST_TILES
    view = Innovations(LIGHT)
    assert sent_by(view, lambda: view.show(errors(5000), 5000, 0.72)) < MOST_BYTES


def test_a_track_stands_between_its_bounds():
    view = ParameterTracks(LIGHT)
    view.show([track(), track()], 20)
    left, right = (view.data["tiles"][name][1] for name in ("left", "right"))
    bottom, top = (view.data["tiles"][name][1] for name in ("bottom", "top"))
    xs, ys = view.data["means"]["xs"][1], view.data["means"]["ys"][1]
    assert xs[-1] == pytest.approx(right)
    assert xs[0] > left
    assert ys[0] == pytest.approx((bottom + top) / 2, abs=1e-6)
    assert ys[-1] == pytest.approx(bottom + (top - bottom) * 90 / 120, abs=1e-6)
    band = view.data["bands"]["ys"][1]
    assert band.max() == pytest.approx(bottom + (top - bottom) * 100 / 120, abs=1e-6)
    truth = view.data["truths"]["y"][1]
    assert truth == pytest.approx(bottom + (top - bottom) * 70 / 120, abs=1e-6)
    view.show([track(truth=None)], 20)
    assert view.data["truths"]["y"] == []


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_the_data_say_nothing_of_is_drawn_as_such(theme):
    view = ParameterTracks(theme)
    view.show([track(), track(informed=False)], 20)
    known, unknown = view.data["bands"]["fill"]
    assert unknown == "transparent" != known
    assert view.data["bands"]["colour"] == [theme.digital, theme.muted]
    assert view.data["heads"]["text"] == ["L.TH", "L.TH: unknown"]
    assert "the data say nothing of it" in view.data["bands"]["said"][1]
    assert "Of 1 the data say no more than chance" in view.sentence
    view.clear()
    assert view.data["bands"]["xs"] == []


def test_regions_that_are_held_out_are_named_so():
    view = RegionTraces(LIGHT)
    view.show([trace(), trace(away=True)], 20)
    assert view.data["heads"]["text"] == ["L.TH", "L.TH, held out"]
    assert view.data["replay"]["xs"] == []
    assert "replay" not in view.caption
    view.show([trace(replay=np.zeros(20)), trace(away=True, replay=np.zeros(20))], 20)
    assert len(view.data["replay"]["xs"]) == 2
    assert "replay" in view.caption
    view.show([trace(), trace()], 20)
    assert view.data["replay"]["xs"] == []


def test_halves_and_groups_of_innovations_are_told_apart():
    view = Innovations(LIGHT)
    view.show(errors(10), 20, 0.5)
    marks = {m.name: m.glyph for m in view.figure.renderers if m.name}
    looks = {(m.line_width, tuple(m.line_dash)) for m in marks.values()}
    assert len(looks) == 4
    assert view._middle.location == pytest.approx(5.25)
    assert view.figure.x_range.end == 10.0
    assert "driven 1, held out 2, persistence, driven 3" in view.sentence
    view.show(errors(10, held_out=False), 20, 0.5)
    assert "held out" not in view.sentence


def test_a_first_forecast_far_off_does_not_set_the_scale():
    view, far = Innovations(LIGHT), errors(10)
    far["driven"][0] = 50.0
    view.show(far, 20, 0.5)
    assert view.figure.y_range.end < 6.0
    assert "driven 1," in view.sentence
    traces = RegionTraces(LIGHT)
    forecast = np.linspace(0.0, 1.0, 20)
    forecast[0] = 50.0
    traces.show([Trace("L.TH", False, np.linspace(0.0, 1.0, 20), forecast, None)], 20)
    ys = traces.data["observed"]["ys"][0]
    top, bottom = traces.data["tiles"]["top"][0], traces.data["tiles"]["bottom"][0]
    assert ys.max() - ys.min() > 0.7 * (top - bottom)


def test_an_offline_fit_shows_candidates_and_the_best_so_far():
    view = LossCourse(LIGHT)
    losses = np.array([[3.0, 2.0], [4.0, 5.0], [1.0, 2.0]])
    view.show(losses, 10)
    assert view.data["best"]["y"].tolist() == [2.0, 4.0, 1.0]
    assert view.data["best_so_far"]["least"].tolist() == [2.0, 2.0, 1.0]
    assert view.data["candidates"]["x"].tolist() == [1, 1, 2, 2, 3, 3]
    assert "After 3 of 10 generations" in view.sentence
    view.clear()
    assert view.data["best"]["y"] == []
