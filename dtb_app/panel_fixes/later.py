"""Handlers that wait for the document's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
from panel.io.state import set_curdoc

from dtb_app.work.slices import in_slices

__all__ = ["later"]


def later(handler: Callable[..., Any]) -> Callable[..., None]:
    """Let a handler run as the document's next callback, where it holds the document's lock.

    Some of Panel's events come without the lock, and a Bokeh model must not be changed then. What takes
    long is done in slices: other visitors are served between them, this one after the last.
    """

    def call(*arguments: Any) -> None:
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            handler(*arguments)
            return

        def work() -> None:
            with set_curdoc(document):
                handler(*arguments)

        async def in_turn() -> None:
            await in_slices(work)

        document.add_next_tick_callback(in_turn)

    return call
