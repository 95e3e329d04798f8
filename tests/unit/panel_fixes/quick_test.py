"""What takes fewer steps says what it said before."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# In an interpreter of its own, as what has been quickened stays so.
_COMPARE = """
import json, re, sys
import numpy as np
import panel as pn
import panel_material_ui as pmui
from bokeh.core.properties import Required, Int, List, String
from bokeh.document import Document
from bokeh.model import Model
from bokeh.models import BoxAnnotation, ColumnDataSource, HoverTool, Label, Range1d
from bokeh.models.glyphs import Line
from bokeh.plotting import figure
from bokeh.themes import Theme
from panel.io.state import set_curdoc
from dtb_app.controls.tab_bar import TabBar
from dtb_app.panel_fixes.quick.components import quicken_components
from dtb_app.panel_fixes.quick.defaults import know_defaults
from dtb_app.panel_fixes.quick.models import quicken_models
from layouts.marks import Boxes, draw

pn.extension()

class Demanding(Model):
    needed = Required(Int)
    many = List(Int, default=[1, 2])
    none = List(Int)
    name_of_it = String(default="a")

def page(document):
    f = figure(x_range=Range1d(0, 1), y_range=(0, 3), background_fill_color="white", tools="pan")
    draw(f, Line, "x", "y", source=ColumnDataSource({"x": np.arange(3), "y": [1.5, float("nan"), 3]}))
    f.scatter([1, 2], [3, 4], size=4, fill_alpha=0.5)
    f.add_layout(Label(x=0, y=0, text="a"))
    f.add_tools(HoverTool(tooltips=[("a", "@y")]))
    Boxes(f, 2, fill_color="red", left=3)
    f.xaxis.axis_label = "time"
    f.tags.append("kept")
    made = pmui.Button(label="Run", icon="stop", description="hint", css_classes=["a"], sx={"height": "3px"})
    made.on_click(lambda _: None)
    slider = pmui.FloatSlider(label="x", start=0, end=2, value=1)
    slider.param.value.bounds = (0, 2)
    parts = [made, slider, pmui.Select(options={"a": 1, "b": 2}), pn.pane.HTML("text", styles={"a": "b"}),
             pmui.Tabs(("one", pn.Column(pn.pane.Bokeh(f))), ("two", pn.Row(margin=3))), pmui.Dialog(),
             TabBar(tabs=[{"name": "a"}], active="a"), pmui.Checkbox(value=True)]
    pmui.Page(main=[pn.Column(*parts, sizing_mode="stretch_both")], theme_config={"light": {}}).server_doc(
        document)
    document.add_root(Demanding(needed=3))
    document.add_root(Demanding(needed=4, many=[1, 2], none=[7], name_of_it="b" * 100))
    return parts, f

def said(document):
    ids = {}
    content = document.to_json().content
    content.pop("title", None), content.pop("defs", None)
    text = json.dumps(content, default=lambda buffer: list(buffer.to_bytes()))
    text = re.sub(r'"p[0-9]+"', lambda m: ids.setdefault(m.group(0), f'"@{len(ids)}"'), text)
    return re.sub(r"__ref:p[0-9]+|[A-Z][A-Za-z]+[0-9]{4,}", "N", text)

def measured():
    calls = 0
    def count(frame, event, arg):
        nonlocal calls
        calls += event == "call"
    document = Document()
    with set_curdoc(document):
        sys.setprofile(count)
        parts, f = page(document)
        text = said(document)
        sys.setprofile(None)
    refused = []
    for values in ({"needed": "x"}, {"needed": 1, "many": ["x"]}, {"needed": 1, "unknown": 3}):
        try:
            Demanding(**values)
        except Exception as error:
            refused.append(f"{type(error).__name__}: " + re.sub("p[0-9]+", "N", str(error)))
    try:
        document.add_root(Demanding())
        document.to_json()
    except Exception as error:
        refused.append(type(error).__name__)
    n_models = len(document.models)
    references = sorted(type(m).__name__ for m in f.references())
    Theme(json={"attrs": {"Axis": {"axis_label_text_color": "red"}}}).apply_to_model(f.xaxis[0])
    label = Label(text="a")
    label.tags.append(3)
    heard = []
    parts[1].param.watch(lambda event: heard.append(event.new), "value")
    parts[1].value = 2
    try:
        parts[1].value = 5
    except ValueError:
        heard.append("refused")
    copies = sum(len(part._param__private.params) for part in parts)
    return {"text": text, "refused": refused, "n_models": n_models, "references": references,
            "colour": f.xaxis[0].axis_label_text_color, "tags": label.tags, "heard": heard}, calls, copies

measured()
before, calls_before, copies_before = measured()
know_defaults(), quicken_models(), quicken_components()
measured()
after, calls_after, copies_after = measured()
print(json.dumps({"before": before, "after": after, "calls": [calls_before, calls_after],
                  "copies": [copies_before, copies_after]}))
"""


@pytest.fixture(scope="module")
def compared():
    done = subprocess.run(
        [sys.executable, "-c", _COMPARE], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["text", "refused", "n_models", "references", "colour", "tags", "heard"])
def test_a_page_says_and_refuses_what_it_did(compared, what):
    assert compared["after"][what] == compared["before"][what]
    assert compared["before"][what]


@pytest.mark.slow
def test_it_takes_fewer_steps(compared):
    before, after = compared["calls"]
    assert after < 0.5 * before
    before, after = compared["copies"]
    assert after < 0.5 * before
