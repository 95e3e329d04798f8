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
    """

    tabs = param.List(default=[])
    active = param.String(default="")

    _esm = Path(__file__).with_name("tab_bar.js")
