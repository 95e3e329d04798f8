"""A page's clock that does not tell the server at every tick that it is busy.

A periodic callback of Panel's moves the busy flag of the server's one `state` before and after each
call, and writes two lines to a log: half of what a tab costs that does nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
from panel.io.state import set_curdoc

__all__ = ["begin_clock"]


def begin_clock(tick: Callable[[], None], period_ms: int) -> None:
    """Call `tick` again and again, where the document's lock is held, until the visitor has left.

    A page without a document has no clock: whoever made it calls.
    """
    document = pn.state.curdoc
    if document is None:
        return

    def call() -> None:
        with set_curdoc(document):
            tick()

    document.add_periodic_callback(call, period_ms)
