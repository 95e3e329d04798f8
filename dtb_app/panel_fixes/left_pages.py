"""What a visitor has left is given back at once, and by counting references.

A page is twenty thousand objects that refer to one another in circles. Panel leaves them to the garbage
collector, which it calls five seconds after somebody has left: it walks all pages that are open, for
half a second with a class of thirty, during which nobody is answered; and where somebody leaves every
few seconds it is put off again and again. Here what a page's components and models listen to is cleared
a little after its visitor has left, so that most of it goes at once; the rest waits for a quiet moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from bokeh.document import Document
from panel.io import application
from panel.io import document as panel_document
from panel.io.state import state
from panel.pane import PaneBase

from dtb_app.work.slices import breathe, in_slices

__all__ = ["LEFT_S", "clear_left_pages"]

LEFT_S = 1.0  # after which nothing of a session that is destroyed is at work any more
_OF_MODEL = (
    "_property_values",
    "_unstable_default_values",
    "_unstable_themed_values",
    "_callbacks",
    "_event_callbacks",
)
_NOTHING: list[Any] = []
_clearing_now: set[asyncio.Task[None]] = set()
_OF_COMPONENT = ("_models", "_documents", "_internal_callbacks", "_links")


def clear_left_pages(note: Callable[[], None]) -> None:
    """Clear pages whose session is destroyed; once a process.

    Parameters
    ----------
    note : callable
        Called for each, once it is cleared.
    """
    if not hasattr(application._destroy_document, "leaves_it_whole"):
        application._destroy_document = _clearing(application._destroy_document, note)
        panel_document._garbage_collect = lambda: None


def _clearing(destroy: Callable[..., None], note: Callable[[], None]) -> Callable[..., None]:
    def destroyed(document: Document, session: Any) -> None:
        models = list(document.models)
        roots: list[Any] = [view for view, _, of, _ in state._views.values() if of is document]
        components = [one for root in roots for one in root.select()]
        destroy(document, session)
        clear = partial(_clear, models, components, note)
        try:
            task = asyncio.get_running_loop().create_task(_later(clear))
        except RuntimeError:  # no event loop: nothing is at work
            clear()
        else:
            _clearing_now.add(task)
            task.add_done_callback(_clearing_now.discard)

    destroyed.leaves_it_whole = destroy  # type: ignore[attr-defined]
    return destroyed


async def _later(clear: Callable[[], None]) -> None:
    await asyncio.sleep(LEFT_S)
    await in_slices(clear)


def _clear(models: list[Any], components: list[Any], note: Callable[[], None]) -> None:
    for model in models:
        breathe()
        for name in _OF_MODEL:
            getattr(model, name).clear()
    around = [component.layout for component in components if isinstance(component, PaneBase)]
    for component in (*components, *around):
        breathe()
        private = component._param__private
        private.watchers.clear()
        private.values.clear()
        private.params.clear()
        for name in _OF_COMPONENT:
            getattr(component, name, _NOTHING).clear()
    note()
