"""What is drawn has the models that it needs, and no others."""

from __future__ import annotations

import pytest
from bokeh.models import BoxAnnotation, ColumnDataSource, Range1d, Title
from bokeh.models.glyphs import HBar, Line, Scatter, Segment
from bokeh.plotting import figure

from layouts.axes import bare_figure
from layouts.marks import Boxes, draw


@pytest.fixture
def f():
    return figure(x_range=Range1d(0, 1), y_range=Range1d(0, 1), tools="")


@pytest.fixture
def source():
    return ColumnDataSource({"a": [0.0], "b": [1.0]})


def test_coordinates_come_in_the_order_of_the_glyph(f, source):
    glyph = draw(f, Segment, "a", 2, "b", 3, source=source).glyph
    assert (glyph.x0, glyph.y0, glyph.x1, glyph.y1) == ("a", 2, "b", 3)


def test_a_figure_draws_its_marks_in_the_order_in_which_they_were_made(f, source):
    marks = [draw(f, Line, "a", "b", source=source, name=name) for name in ("below", "above")]
    assert f.renderers == marks
    assert [mark.name for mark in f.renderers] == ["below", "above"]


def test_it_has_one_glyph(f, source):
    mark = draw(f, Scatter, "a", "b", source=source, size=4)
    assert [m for m in mark.references() if isinstance(m, Scatter)] == [mark.glyph]


def test_it_looks_otherwise_where_others_are_selected_or_the_pointer_is(f, source):
    look = {"line_alpha": 0.5, "fill_color": "red"}
    mark = draw(f, HBar, "a", source=source, **look, nonselection={}, hover={"fill_color": "blue"})
    assert [g.fill_color for g in (mark.glyph, mark.nonselection_glyph)] == ["red", "red"]
    assert mark.hover_glyph.fill_color == "blue"
    assert mark.hover_glyph.line_alpha == 0.5


def test_marks_of_a_figure_share_what_chooses_rows_and_not_the_view_of_them(f, source):
    one, other = (draw(f, Line, "a", "b", source=source) for _ in range(2))
    assert one.view.filter is other.view.filter
    assert one.view is not other.view
    beside = draw(f, Line, "a", "b", source=ColumnDataSource({"a": [], "b": []}))
    assert beside.data_source.selection_policy is source.selection_policy


def test_a_single_mark_needs_no_columns(f):
    mark = draw(f, Segment, 0, 1, 2, 3)
    assert mark.data_source.data == {}


def test_what_a_glyph_does_not_have_is_refused(f, source):
    with pytest.raises(AttributeError, match="radius"):
        draw(f, Line, "a", "b", source=source, radius=1)


def test_boxes_are_there_before_they_are_shown_and_stay(f):
    boxes = Boxes(f, 3, left=1, fill_alpha=0.2)
    one, two, three = there = f.center[-3:]
    boxes.show([{"right": 2}, {"right": 3}])
    boxes.restyle(fill_color="red")
    boxes.show([{"right": 4}])
    assert [(box.left, box.right, box.visible) for box in (one, two)] == [(1, 4, True), (1, 3, False)]
    assert not three.visible
    assert {(box.fill_color, box.fill_alpha) for box in there} == {("red", 0.2)}
    assert one.handles is two.handles is three.handles
    assert set(f.select(BoxAnnotation)) == set(there)


def test_a_figure_of_marks_alone_has_nothing_round_them():
    f = bare_figure("marks", x_range=Range1d(0, 1), y_range=Range1d(0, 1))
    assert [*f.axis, *f.grid, *f.select(Title)] == []
