"""One write to the network for a whole message.

A message of Bokeh's is three texts and two more for every array in it, and Panel gives each to
Tornado by itself, which hands each to the kernel at once: forty system calls a frame, each of which
gives the interpreter's lock away and waits to get it back from the engine. Here the frames of a
message are gathered and written together; the bytes are the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from panel.io import document as panel_document

__all__ = ["join_writes", "joined"]


def join_writes() -> None:
    """Let Panel write its messages whole; once a process."""
    if not hasattr(panel_document.dispatch_tornado, "writes_apart"):
        panel_document.dispatch_tornado = joined(panel_document.dispatch_tornado)


def joined(dispatch: Callable[..., Any]) -> Callable[..., Any]:
    """`dispatch_tornado` of Panel, with its writes gathered into one.

    Parameters
    ----------
    dispatch : callable
        Takes a connection, and events or a message; writes them, and returns futures.
    """

    def whole(connection: Any, *arguments: Any, **named: Any) -> Any:
        protocol = getattr(connection._socket, "ws_connection", None)
        stream = getattr(protocol, "stream", None)
        if protocol is None or stream is None or stream.closed():
            return dispatch(connection, *arguments, **named)
        gathered = _Gathered(stream)
        protocol.stream = gathered
        try:
            futures = dispatch(connection, *arguments, **named)
        finally:
            protocol.stream = stream
            gathered.write_out()
        return futures

    whole.writes_apart = dispatch  # type: ignore[attr-defined]
    return whole


class _Gathered:
    """Stands for a stream while a message is written to it, from the stream's event loop."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._frames: list[bytes] = []
        self._done = asyncio.get_running_loop().create_future()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, frame: bytes) -> asyncio.Future[None]:
        """Keep a frame; the future is done when all of them have been written."""
        self._frames.append(bytes(frame))
        return self._done

    def write_out(self) -> None:
        """Write what was kept."""
        if not self._frames:
            return
        try:
            written = self._stream.write(b"".join(self._frames))
        except Exception as error:  # the stream has closed meanwhile: those who wait are told
            self._done.set_exception(error)
        else:
            written.add_done_callback(self._tell)

    def _tell(self, written: asyncio.Future[None]) -> None:
        if self._done.done():
            return
        if written.cancelled():
            self._done.cancel()
        elif (error := written.exception()) is not None:
            self._done.set_exception(error)
        else:
            self._done.set_result(None)
