"""What is remembered of kinds of models is what Bokeh would find out each time."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from bokeh.core.properties import Override
from bokeh.model import Model
from bokeh.models import ColumnDataSource, Label, LinearAxis, Range1d, Text
from bokeh.models.glyphs import Line
from bokeh.plotting import figure
from bokeh.themes import Theme

from dtb_app.panel_fixes import unsaid_models
from dtb_app.panel_fixes.quick.defaults import know_defaults
from layouts.marks import draw


@pytest.fixture(scope="module", autouse=True)
def known():
    know_defaults()


@pytest.fixture
def f():
    f = figure(x_range=Range1d(0, 1), y_range=Range1d(0, 1))
    draw(f, Line, "x", "y", source=ColumnDataSource({"x": np.arange(3), "y": [1, 2, 3]}))
    f.add_layout(Label(x=0, y=0, text="a"))
    return f


def _read(model):
    """Every model that a property of this one holds, asked one by one."""
    kind, found = type(model).mro()[0], []
    held = [getattr(model, name) for name in kind.properties_with_refs()]
    while held:
        value = held.pop()
        if isinstance(value, (list, tuple)):
            held += value
        elif isinstance(value, dict):
            held += value.values()
        elif hasattr(value, "references"):
            found.append(value)
    return found


def test_all_models_are_found_that_a_figure_refers_to(f, monkeypatch):
    monkeypatch.setattr(unsaid_models, "_UNSAID", {})  # a server that another test began leaves some out
    found, new = {f}, [f]
    while new:
        more = [m for m in _read(new.pop()) if m not in found]
        found.update(more)
        new += more
    assert f.references() == found
    assert len(found) > 20


def test_every_default_is_the_one_that_bokeh_finds(f):
    n = 0
    for model in f.references():
        for name in type(model).properties():
            descriptor = model.lookup(name)
            asked = type(descriptor).instance_default.asks_anew(descriptor, model)
            if isinstance(asked, Model):
                continue  # another one each time
            for _ in range(2):
                found = descriptor.instance_default(model)
                assert (type(found), found) == (type(asked), asked)
            n += 1
    assert n > 800


def test_a_theme_comes_before_what_is_remembered():
    assert LinearAxis().axis_label_text_color == "#444444"
    axis = LinearAxis()
    Theme(json={"attrs": {"Axis": {"axis_label_text_color": "red"}}}).apply_to_model(axis)
    assert axis.axis_label_text_color == "red"
    assert LinearAxis().axis_label_text_color == "#444444"


def test_a_kind_derived_from_another_has_its_own():
    class Thick(Line):
        line_width = Override(default=7.0)

    assert (Line().line_width, Thick().line_width, Line().line_width) == (1, 7, 1)


def test_what_can_be_changed_in_place_is_no_ones_but_the_models():
    one, other = Text(), Text()
    one.tags.append("mine")
    assert other.tags == Text().tags == []


class _Listener:
    def hear(self, of, attr, old, new):
        pass


def test_a_method_that_cannot_listen_is_refused_however_often_another_could():
    axis, hear = LinearAxis(), _Listener().hear
    for name in ("visible", "axis_label"):
        axis.on_change(name, partial(hear, "this"))
    with pytest.raises(ValueError, match="must have signature"):
        axis.on_change("visible", partial(hear, "this", "that"))
    with pytest.raises(ValueError, match="must have signature"):
        axis.on_change("visible", hear)
