"""The row of tabs below the bar: which page is open."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent

__all__ = ["TabBar"]


class TabBar(JSComponent):
    """Tabs that arrow keys move along.

    Parameters
    ----------
    tabs : list of dict
        ``name``, ``title`` and ``hint``.
    active : str
        Name of the open one; written by both sides.
    called : str
        What the row is to who does not see it.
    is_inner : bool
        Whether it stands inside a page: lower, without a ground of its own.
    """

    tabs = param.List(default=[])
    active = param.String(default="")
    called = param.String(default="Pages")
    is_inner = param.Boolean(default=False)

    _esm = _bundle = Path(__file__).with_name("tab_bar.js")
