"""Style sheets of components made outside any document name this server."""

from __future__ import annotations

import panel as pn
import pytest
from bokeh.models import ImportedStyleSheet
from panel import reactive
from panel.io import resources

from dtb_app.panel_fixes.own_files import load_own_files


@pytest.fixture
def loaded(monkeypatch):
    for module in (resources, reactive):
        plain = getattr(module.patch_stylesheet, "of_panel", module.patch_stylesheet)
        monkeypatch.setattr(module, "patch_stylesheet", plain)
    load_own_files()
    load_own_files()  # once is enough


def addresses() -> list[str]:
    column = pn.Column(pn.pane.HTML("words"), scroll=True)
    return [sheet.url for sheet in column.get_root().select({"type": ImportedStyleSheet})]


def test_no_style_sheet_is_fetched_from_another_server(loaded):
    found = addresses()
    assert found
    assert not any("://" in url for url in found)
    assert all(url.startswith(resources.LOCAL_DIST) for url in found)
