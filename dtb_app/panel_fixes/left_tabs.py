"""The page of a tab that was closed is given up soon, that of a broken connection later.

Bokeh waits as long for who has closed the tab as for whose network is gone, or whose browser still
reads the scripts of the page. A browser says which: it closes a tab's connection with a code.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from bokeh.server.views.ws import WSHandler

__all__ = ["LEFT_S", "give_up_left_tabs"]

LEFT_S = 2.0
_LEFT = (1000, 1001)  # closed normally; going away, as with a tab or to another page


def give_up_left_tabs() -> None:
    """Let the server give up a page `LEFT_S` after its tab was closed; once a process."""
    if not hasattr(WSHandler.on_close, "waits_alike"):
        WSHandler.on_close = _told(WSHandler.on_close)


def _told(on_close: Any) -> Any:
    def closed(self: Any) -> None:
        session = getattr(self.connection, "_session", None)
        on_close(self)
        if session is not None and self.close_code in _LEFT:
            asyncio.get_running_loop().call_later(LEFT_S, partial(_give_up, session))

    closed.waits_alike = on_close  # type: ignore[attr-defined]
    return closed


def _give_up(session: Any) -> None:
    """Have a page discarded when the server next looks, unless somebody is there again."""
    if not session.destroyed and session.connection_count == 0:
        session.request_expiration()
