"""A page that neither shows nor watches whether the server is busy.

`panel_material_ui.Page` mirrors Panel's busy flag, which every callback moves twice. The mirror
walks all models of the page, 20 ms each time; and its watcher, held by the one `state` of the
server, outlives the visit: it keeps the whole page, and every later callback of every visitor
calls it. Nothing here shows the flag, so neither is wanted.
"""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
from panel.util import edit_readonly

__all__ = ["quiet_page"]


def quiet_page(**params: Any) -> pmui.Page:
    """Make a page that does not watch the server's busy flag.

    Parameters
    ----------
    **params
        As of `panel_material_ui.Page`.
    """
    before = list(_busy_watchers())
    page = pmui.Page(**params)
    with edit_readonly(page):
        page.busy = False  # no longer a reference
    for watcher in _busy_watchers():
        if not any(watcher is known for known in before):
            pn.state.param.unwatch(watcher)
    return page


def _busy_watchers() -> list[Any]:
    """Who is told when the server's busy flag moves."""
    return list(pn.state.param.watchers.get("busy", {}).get("value", []))
