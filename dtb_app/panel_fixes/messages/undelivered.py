"""Messages that Panel would forget: those put aside for a busy connection, and those of a page just told.

While a connection is being written to, Panel keeps what a callback changes in `_WRITE_MSGS` and
starts a task that sends it later. A message kept just when an earlier task is about to end is
forgotten: that task clears `_WRITE_BLOCK`, and the task of the newer message finds it cleared and
does nothing (`_dispatch_msgs` of panel.io.document in Panel 1.9 and 1.10). It would go out with
the next change, which after a run's last frame may never come: the page would say "Ending" for
ever.

And what changes while Panel holds a document's events is dropped until the browser has said that its page
is there, since who connects is told the whole document (`_drain_unconnected_events`). But the browser says
so a moment after it was told: a page that was made in that moment stayed empty, and what came later spoke of
models that the browser did not know. What changes in that moment is kept, and sent once the page is there
(`in_order`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from bokeh.document import Document
from panel.io import document as panel_document
from panel.io.state import state

__all__ = ["is_being_drawn", "note_answer", "send_early_changes", "send_forgotten"]

_answered: WeakSet[Document] = WeakSet()  # to whoever asked for them


def note_answer(document: Document) -> None:
    """Somebody has been told a document: what changes from now on is news to them."""
    _answered.add(document)


def is_being_drawn(document: Document) -> bool:
    """Whether somebody has been told a document and has not said yet that the page is there."""
    return document in _answered and not state._connected.get(document)


def send_early_changes() -> None:
    """Let nothing be dropped once a document has been told; once a process."""
    drain = getattr(panel_document, "_drain_unconnected_events", None)  # not all versions drop any
    if drain is not None and not hasattr(drain, "drops"):
        panel_document._drain_unconnected_events = _keeping(drain)  # type: ignore[assignment]


def _keeping(drain: Callable[[Any, Any], list[Any]]) -> Callable[[Any, Any], list[Any]]:
    def drained(doc: Any, lock: Any) -> list[Any]:
        if doc not in _answered:
            return drain(doc, lock)
        with lock:
            events = list(doc.callbacks._held_events)
            doc.callbacks._held_events = []
            doc.callbacks._hold = None
        return events

    drained.drops = drain  # type: ignore[attr-defined]
    return drained


def send_forgotten(document: Document) -> bool:
    """Send messages that nobody will send; on the document's event loop.

    Returns
    -------
    bool
        Whether there were any.
    """
    waiting, blocked = panel_document._WRITE_MSGS, panel_document._WRITE_BLOCK
    if document not in waiting or document in blocked:
        return False
    blocked[document] = True
    panel_document._dispatch_write_task(document, panel_document._dispatch_msgs, document)
    return True
