"""Handlers that wait for the document's lock."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
from panel.io.state import set_curdoc

from dtb_app.work.priority import page_at_work
from dtb_app.work.slices import in_slices

__all__ = ["later", "later_in_slices"]


def later(handler: Callable[..., Any]) -> Callable[..., None]:
    """Let a handler run as the document's next callback, where it holds the document's lock.

    Some of Panel's events come without the lock, and a Bokeh model must not be changed then.
    """

    def at_work(*arguments: Any) -> None:
        with page_at_work():
            handler(*arguments)

    def call(*arguments: Any) -> None:
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            at_work(*arguments)
        else:
            document.add_next_tick_callback(partial(at_work, *arguments))

    return call


def later_in_slices(handler: Callable[..., Any]) -> Callable[..., None]:
    """As `later`, for what takes long: other visitors are served between its slices, this one after it."""

    def call(*arguments: Any) -> None:
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            handler(*arguments)
            return

        def work() -> None:
            with set_curdoc(document):
                handler(*arguments)

        async def at_work() -> None:
            await in_slices(work)

        document.add_next_tick_callback(at_work)

    return call
