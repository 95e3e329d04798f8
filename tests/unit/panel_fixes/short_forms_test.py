"""What is written shortly is read as what was meant."""

from __future__ import annotations

import subprocess
import sys

TRIED = """
import json, math
import numpy as np
from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.models import ColumnDataSource, GlyphRenderer
from bokeh.models.glyphs import Scatter
from bokeh.plotting import figure
from dtb_app.panel_fixes.quick.defaults import know_defaults
from dtb_app.panel_fixes.quick.models import quicken_models
from dtb_app.panel_fixes.short_forms import write_short_forms
from dtb_app.panel_fixes.unsaid_models import leave_unsaid

def made():
    f = figure(tags=[{"a": 1.5, "b": {"c": None}}, {"type": "kept"}, {2: "kept"}])
    few = np.array([0.1, np.nan, 3.0], np.float32)
    sources = [ColumnDataSource({"x": few, "y": np.arange(3), "z": np.zeros(3)}) for _ in range(2)]
    sources[1].selected.on_change("indices", lambda attr, old, new: None)
    for source in sources:
        glyph = Scatter(x="x", y="y", fill_color="#112233", size=4)
        f.renderers.append(GlyphRenderer(data_source=source, glyph=glyph))
    document = Document()
    document.add_root(f)
    return document

plain = made()
long = serialize_json(plain.to_json().content)
know_defaults(), quicken_models(), write_short_forms(), leave_unsaid()
document = made()
found = document.to_json()
text = serialize_json(found.content)
again = Document.from_json(json.loads(text))
f = again.roots[0]
first, second = (renderer.data_source for renderer in f.renderers)
xs = first.data["x"]
assert not found.buffers and len(text) < 0.75 * len(long), (len(text), len(long))
assert xs[0] == 0.1 and math.isnan(xs[1]) and list(first.data["y"]) == [0, 1, 2]
assert f.tags == [{"a": 1.5, "b": {"c": None}}, {"type": "kept"}, {2: "kept"}], f.tags
glyph = f.renderers[0].glyph
assert glyph.fill_color in ("#112233", {"value": "#112233"}) and glyph.x["field"] == "x"
assert len(plain.models) - len(document.models) == 2 * 2 + 3  # views, filters, selections
assert text.count('"Selection"') == 1, "the one that somebody hears"
assert "CDSView" not in text and "UnionRenderers" not in text
"""

FILLED = """
import numpy as np
from bokeh.core.json_encoder import serialize_json
from bokeh.core.serialization import Deserializer, Serializer
from dtb_app.panel_fixes.short_forms import write_short_forms

write_short_forms()
for kind in (np.uint8, np.float64):
    zeros, other = np.zeros((336, 500), kind), np.zeros((336, 500), kind)
    other[-1, -1] = 1
    found = Serializer().serialize(zeros)
    assert not found.buffers and len(serialize_json(found.content)) < 120
    assert found.content["array"] == 336 * 500 and found.content["shape"] == [336, 500]
    again = Deserializer().deserialize(found)
    assert again.dtype == kind and again.shape == (336, 500) and not again.any()
    buffers = Serializer().serialize(other).buffers or []
    assert [len(buffer.to_bytes()) for buffer in buffers] == [other.nbytes]
"""


def test_many_zeros_are_as_many_as_their_number_says():
    done = subprocess.run([sys.executable, "-c", FILLED], capture_output=True, text=True, timeout=300)
    assert not done.returncode, done.stderr[-2000:]


def test_a_document_is_shorter_and_is_read_as_it_was():
    done = subprocess.run([sys.executable, "-c", TRIED], capture_output=True, text=True, timeout=300)
    assert not done.returncode, done.stderr[-2000:]
