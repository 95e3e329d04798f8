"""Pictures look as their views say, from the first moment on.

Panel gives axes, grids and titles a look of its own, and the script of `panel_material_ui` paints it over
what a view has said, in the browser, whenever pictures come: labels of axes were 13 px in ink until a
change of theme said 11 px and muted once more. Every view says its whole look, so neither is wanted.
"""

from __future__ import annotations

from typing import Any

import panel_material_ui as pmui
from bokeh.themes import Theme
from panel_material_ui.theme import MuiDarkTheme, MuiDefaultTheme

__all__ = ["OWN", "keep_own_look"]

OWN = ["Axis", "Grid", "Legend", "Title"]
"""Kinds of models that the script of a page leaves as they are."""


def keep_own_look() -> None:
    """Let pictures keep what their views say; once a process, before the first page."""
    plain = pmui.Page.get_root
    if hasattr(plain, "paints_over"):
        return

    def get_root(self: pmui.Page, *args: Any, **named: Any) -> Any:
        root = plain(self, *args, **named)
        root.data._custom_theme = OWN
        return root

    get_root.paints_over = plain  # type: ignore[attr-defined]
    pmui.Page.get_root = get_root  # type: ignore[method-assign]
    for kind in (MuiDefaultTheme, MuiDarkTheme):
        kind.param.bokeh_theme.default = Theme(json={})
