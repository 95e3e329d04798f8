"""Pictures of the Fit page that move: what is sent, what stands where, what is said."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.document import Document

from engine import load_connectome
from engine.tuning.tuner import TuningStep
from layouts.fit.fc_matrix import N_SHADES, Layout, shades
from layouts.fit.fit_course import FitCourse
from layouts.fit.live_fc import LiveFc, levels
from layouts.fit.region_rates import BAND_HZ, RegionRates
from layouts.lines import Line, Lines
from layouts.theme import DARK, LIGHT

DK84 = load_connectome("dk84")


def steps(n, first=0):
    return tuple(
        TuningStep((k + 1) / 30, 0.01 * k if k > 5 else float("nan"), 0.5 - 0.01 * k, 4.0, 2.0, 9.0)
        for k in range(first, n)
    )


def test_shades_are_nothing_in_the_middle_and_differ_at_the_ends():
    for theme in (LIGHT, DARK):
        colours = shades(theme)
        assert len(colours) == N_SHADES
        assert colours[N_SHADES // 2] == theme.panel
        assert len({colours[0], colours[-1], theme.panel}) == 3
    fc = np.array([[np.nan, 0.4], [-0.4, 2.0]])
    assert levels(fc, 0.4).tolist() == [[32, 64], [0, 64]]


def test_rows_stand_by_lobe_and_are_found_again():
    region = np.array([3, 40, 12, 77])
    layout = Layout.of(region, DK84)
    assert sorted(layout.region) == sorted(region)
    assert layout.labels == [DK84.labels[k] for k in layout.region]
    assert layout.rows([77, 5]) == [list(layout.region).index(77)]
    assert [b - a for a, b, _ in layout.spans] != []
    assert layout.spans[0][0] == 0
    assert layout.spans[-1][1] == 4


def test_a_square_of_the_whole_brain_is_a_byte_a_pair():
    layout = Layout.of(np.arange(DK84.n_regions), DK84)
    view = LiveFc(LIGHT, "live", "No fit yet.")
    view.lay_out(layout, 0.8)
    view.show(DK84.fc_matrix)
    (image,) = view.data["cells"]["image"]
    assert image.nbytes == DK84.n_regions**2
    k, m = 2, 60
    want = DK84.fc_matrix[layout.region[k], layout.region[m]]
    assert 0.8 * (int(image[k, m]) - 32) / 32 == pytest.approx(want, abs=0.8 / 64)
    assert view.caption == "scale ±0.8"
    view.clear()
    assert view._note.visible
    assert not view._cells.visible


def test_a_course_sends_what_is_new_alone():
    view = FitCourse(LIGHT)
    document, sent = Document(), []
    document.add_root(view.figure)
    curve = steps(12)
    view.show(curve[:10], 5.0, 0.4, 0.5)
    document.on_change(lambda event: sent.append(type(event).__name__))
    view.show(curve, 5.0, 0.4, 0.5)
    assert sent == ["ColumnsStreamedEvent"]
    data = view.data
    assert data["r"]["minutes"] == pytest.approx([step.minutes for step in curve])
    assert data["baselines"]["text"] == ["wiring alone 0.40", "linear noise 0.50"]
    assert "r = 0.11" in view.sentence
    view.show(curve, 5.0, 0.4, 0.5)
    assert sent == ["ColumnsStreamedEvent"]


def test_a_step_back_is_marked_and_another_fit_begins_anew():
    view = FitCourse(LIGHT)
    curve = (*steps(8), steps(8)[-1]._replace(said="L.TH ran away"))
    view.show(curve, 5.0, float("nan"), 0.5)
    assert view.data["steps_back"]["said"] == ["L.TH ran away"]
    assert view.data["baselines"]["text"] == ["linear noise 0.50"]
    other = tuple(step._replace(mean_hz=3.0) for step in steps(4))
    view.show(other, 5.0, 0.4, 0.5)
    assert len(view.data["r"]["minutes"]) == 4
    assert view.data["steps_back"]["said"] == []
    assert "only inhibition moves" in view.sentence
    view.clear()
    assert "Not begun" in view.sentence


def test_a_region_outside_the_band_has_another_colour_and_another_shape():
    layout = Layout.of(np.array([3, 40, 12, 77]), DK84)
    view = RegionRates(LIGHT)
    view.lay_out(layout)
    rates = np.array([0.5 * BAND_HZ[0], 3.0, 5.0, 2.0 * BAND_HZ[1]])
    view.show(rates)
    data = view.data["regions"]
    np.testing.assert_allclose(data["y"], rates[layout.order])
    outside = [m == "diamond" for m in data["marker"]]
    assert sum(outside) == 2
    assert [c == LIGHT.overload for c in data["colour"]] == outside
    assert "2 of 4 lie outside" in view.sentence
    view.restyle(DARK)
    assert [c == DARK.overload for c in view.data["regions"]["colour"]] == outside
    assert view.figure.y_range.end >= rates.max()


def test_lines_hold_what_they_are_given_and_say_which_is_which():
    view = Lines(LIGHT, "lines", "Nothing yet.", is_log=True)
    assert view._note.visible
    x = np.arange(1.0, 5.0)
    view.show([Line("a", x, x**2), Line("b", x, 0 * x)], "x", "y")
    assert not view._note.visible
    assert view.caption == "solid: a · dashed: b"
    assert (view.figure.x_range.start, view.figure.x_range.end) == (1.0, 4.0)
    assert 0 < view.figure.y_range.start < 1 < 16 < view.figure.y_range.end
    view.restyle(DARK)
    assert list(view.data["lines"]["label"]) == ["a", "b"]
    view.show([], "x", "y", "Too short.")
    assert view._note.visible
    assert view._note.text == "Too short."
