"""Messages arrive in the order in which they were made.

A message names a model in full once, and later ones by its number alone: the browser that gets the later
one first reads of a model that it does not know, and the page stays as it is. There are two ways past one
another. Panel puts messages aside while a connection is being written to and tries again every 10 ms; a
message that Bokeh makes meanwhile waits for nothing but the lock. And Bokeh's messages are made in a
callback and sent when that has ended, which may take long; what Panel makes in it, or beside it, it writes
at once.

And a page that is still being drawn for the first time cannot take what changes: a view is told of new data
before it has drawn its old ones, and the page stays empty. What is made before the browser has said that it
is there is put aside, in order, and sent then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from bokeh.document import Document
from bokeh.server.connection import ServerConnection
from panel.io import document as panel_document

from dtb_app.panel_fixes.messages.undelivered import is_being_drawn

__all__ = ["in_order", "patient_tries", "patient_writes", "send_in_order"]

_LOOK_S = 0.01
_LOOK_WHILE_DRAWN_S = 0.05  # thirty pages that open at once look 600 times a second


class _Unsent:
    """A message of Bokeh's that was made; what its callback awaits, once, when it has ended.

    One that is given up, as those of a callback that failed are, is forgotten with whoever held it.
    """

    __slots__ = ("__weakref__", "_all", "_sending")

    def __init__(self, sending: Awaitable[None], all_of_connection: WeakSet[_Unsent]):
        self._sending, self._all = sending, all_of_connection
        all_of_connection.add(self)

    def __await__(self) -> Generator[Any, None, None]:
        try:
            return (yield from self._sending.__await__())
        finally:
            self._all.discard(self)


_unsent: WeakKeyDictionary[Any, WeakSet[_Unsent]] = WeakKeyDictionary()  # by connection
_awaited: WeakSet[Document] = WeakSet()  # somebody looks whether they have been drawn


def send_in_order() -> None:
    """Let messages wait for those that were made before them; once a process."""
    if not hasattr(ServerConnection.send_patch_document, "gets_past"):
        ServerConnection.send_patch_document = in_order(ServerConnection.send_patch_document)
        panel_document.write_events = patient_writes(panel_document.write_events)
        panel_document._dispatch_msgs = patient_tries(panel_document._dispatch_msgs)


def in_order(send: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """`send_patch_document` of Bokeh, which puts its message behind those of a connection that wait.

    One for a page that is still being drawn waits too.

    Parameters
    ----------
    send : callable
        Takes a connection and an event; what it returns is awaited once the callback has ended.
    """

    def ordered(connection: Any, event: Any) -> Awaitable[None]:
        waiting = panel_document._WRITE_MSGS.get(event.document, {}).get(connection)
        if not waiting and is_being_drawn(event.document):
            panel_document.schedule_write_events(event.document, [connection], [event])
            return _nothing()
        if not waiting:
            return _Unsent(send(connection, event), _unsent.setdefault(connection, WeakSet()))
        waiting.append(connection.protocol.create("PATCH-DOC", [event]))
        return _nothing()

    ordered.gets_past = send  # type: ignore[attr-defined]
    return ordered


def patient_writes(write: Callable[..., None]) -> Callable[..., None]:
    """`write_events` of Panel, which puts aside what may not get past messages of Bokeh's.

    What is for a page that is still being drawn is put aside too.

    Parameters
    ----------
    write : callable
        Takes a document, connections and events.
    """

    def patient(doc: Any, connections: Any, events: Any) -> None:
        drawn = not is_being_drawn(doc)
        busy = [one for one in connections if not drawn or _unsent.get(one)]
        free = [one for one in connections if one not in busy]
        if free:
            write(doc, free, events)
        if busy:
            panel_document.schedule_write_events(doc, busy, events)

    return patient


def patient_tries(
    dispatch: Callable[[Any], Coroutine[Any, Any, None]],
) -> Callable[[Any], Coroutine[Any, Any, None]]:
    """`_dispatch_msgs` of Panel, which tries again as long as messages of Bokeh's were made and not sent.

    For a page that is still being drawn, one of its tries waits until that has ended; the others give up.

    Parameters
    ----------
    dispatch : callable
        Takes a document.
    """

    async def patient(doc: Any) -> None:
        if is_being_drawn(doc):
            if doc in _awaited:
                return
            await _drawing(doc)
        if any(_unsent.get(one) for one in panel_document._WRITE_MSGS.get(doc, {})):
            await asyncio.sleep(_LOOK_S)
            panel_document._dispatch_write_task(doc, panel_document._dispatch_msgs, doc)
        else:
            await dispatch(doc)

    return patient


async def _drawing(doc: Document) -> None:
    """Until it has ended, or nothing waits for it any more; who destroys a document cancels its tries."""
    _awaited.add(doc)
    try:
        while is_being_drawn(doc) and doc in panel_document._WRITE_BLOCK:
            await asyncio.sleep(_LOOK_WHILE_DRAWN_S)
    finally:
        _awaited.discard(doc)


async def _nothing() -> None:
    """What has been put aside is written by who writes those before it."""
