"""Messages arrive in the order in which they were made.

A message names a model in full once, and later ones by its number alone. Panel puts messages aside while a
connection is being written to and tries again every 10 ms; a message that Bokeh makes meanwhile waits for
nothing but the lock, and can get past them. The browser then reads of models that it does not know yet.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bokeh.server.connection import ServerConnection
from panel.io import document as panel_document

__all__ = ["in_order", "send_in_order"]


def send_in_order() -> None:
    """Let Bokeh's messages wait behind those that Panel has put aside; once a process."""
    if not hasattr(ServerConnection.send_patch_document, "gets_past"):
        ServerConnection.send_patch_document = in_order(ServerConnection.send_patch_document)


def in_order(send: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """`send_patch_document` of Bokeh, which puts its message behind those of a connection that wait.

    Parameters
    ----------
    send : callable
        Takes a connection and an event; what it returns is awaited once the callback has ended.
    """

    def ordered(connection: Any, event: Any) -> Awaitable[None]:
        waiting = panel_document._WRITE_MSGS.get(event.document, {}).get(connection)
        if not waiting:
            return send(connection, event)
        waiting.append(connection.protocol.create("PATCH-DOC", [event]))
        return _nothing()

    ordered.gets_past = send  # type: ignore[attr-defined]
    return ordered


async def _nothing() -> None:
    """What has been put aside is written by who writes those before it."""
