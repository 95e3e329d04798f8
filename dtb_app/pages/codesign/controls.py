"""The buttons and selects of the Co-design page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel_material_ui as pmui

from dtb_app.controls.style import NAME_ONLY_CSS

__all__ = ["action_button", "small_select"]

_SELECT_SX = {".MuiInputBase-input": {"fontSize": "12px", "padding": "4px 8px"}}

Later = Callable[[Callable[..., Any]], Callable[..., None]]


def action_button(
    later: Later, words: str, press: Callable[[], None], name: str, variant: str = "outlined"
) -> Any:
    """A button that begins or ends something."""
    button = pmui.Button(
        label=words,
        size="small",
        variant=variant,
        margin=0,
        disable_elevation=True,
        css_classes=[f"dtb-codesign-{name}"],
        sx={"whiteSpace": "nowrap", "minWidth": "0"},
    )
    button.on_click(later(lambda _: press()))
    return button


def small_select(
    later: Later, options: dict[str, str], value: str, show: Callable[[], None], name: str, label: str
) -> Any:
    """A select beside a button, named for who does not see it."""
    select = pmui.Select(
        label=label,
        options=options,
        value=value,
        size="small",
        width=190,
        margin=0,
        sx=_SELECT_SX,
        stylesheets=[NAME_ONLY_CSS],
        css_classes=[f"dtb-codesign-{name}"],
    )
    select.param.watch(later(lambda _: show()), "value")
    return select
