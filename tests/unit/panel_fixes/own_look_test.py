"""Neither Panel nor the script of its page paints over what a view says of its pictures."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.document import Document
from bokeh.models import LinearAxis
from bokeh.plotting import figure
from panel_material_ui.theme import MuiDarkTheme, MuiDefaultTheme

from dtb_app.panel_fixes.own_look import OWN, keep_own_look


@pytest.fixture
def plain(monkeypatch):
    """Panel as it comes."""
    get_root = pmui.Page.get_root
    monkeypatch.setattr(pmui.Page, "get_root", getattr(get_root, "paints_over", get_root))
    kept = [(kind, kind.param.bokeh_theme.default) for kind in (MuiDefaultTheme, MuiDarkTheme)]
    yield
    for kind, theme in kept:
        kind.param.bokeh_theme.default = theme


def _page(f) -> tuple[list[str], Document]:
    document = Document()
    page = pmui.Page(main=[pn.pane.Bokeh(f)])
    page.server_doc(document)
    return page._models[next(iter(page._models))][0].data._custom_theme, document


def test_a_page_is_told_which_kinds_of_models_are_not_its_own(plain):
    assert _page(figure())[0] != OWN
    keep_own_look()
    keep_own_look()  # once is enough
    assert _page(figure())[0] == OWN


def test_what_a_view_leaves_as_bokeh_has_it_stays_so(plain):
    keep_own_look()
    f = figure()
    f.xaxis.major_label_text_font_size = "11px"  # Bokeh's own, so it counts as not said
    _, document = _page(f)
    (axis,) = (one for one in document.models if isinstance(one, LinearAxis) and one is f.below[0])
    assert axis.major_label_text_font_size == "11px"
    assert axis.themed_values() in (None, {}) or "major_label_text_font_size" not in axis.themed_values()
