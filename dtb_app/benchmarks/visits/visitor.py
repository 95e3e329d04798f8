"""One visitor without a browser: opens a page as Bokeh's script does, and stays or leaves."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from bokeh.document import Document
from bokeh.document.events import MessageSentEvent
from bokeh.events import DocumentReady
from bokeh.protocol import Protocol
from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

__all__ = ["MAX_WAIT_S", "Opened", "Visitor", "fetch", "plain"]

MAX_WAIT_S = 120.0
_MAX_MESSAGE_BYTES = 64_000_000
_PORT = r'"type":"object","name":"PagePort\d+","id":"(\w+)"'
_GATE = r'"sent":\{"id":"(\w+)"\},"drawn":\{"type":"object","name":"ColumnDataSource","id":"(\w+)"'
_FRAME = r'"model":\{"id":"%s"\},"attr":"data","data":\{"n":\[(\d+)\]'
_DRAW_S = 2 / 60  # two frames of a screen
_RUN_SHOWN = "A finished run of"  # what the top bar says where there is one


@dataclass(frozen=True)
class Opened:
    """What it took until all of a page was there to be drawn.

    Attributes
    ----------
    seconds : float
        From the request to the last byte of the document [s].
    n_bytes, n_bytes_sent : int
        Of the page and its document, and of these as they came over the network [bytes].
    html : str
        The page.
    has_data : bool
        Whether a run came with it, so that there are spikes to draw.
    """

    seconds: float
    n_bytes: int
    n_bytes_sent: int
    html: str
    has_data: bool


class Visitor:
    """One visitor.

    Parameters
    ----------
    url : str
        Of the page.

    Attributes
    ----------
    frames : list of float
        When a frame of a run has come, by the clock of `time.monotonic` [s].
    """

    def __init__(self, url: str):
        self._url = url
        self._connection: WebSocketClientConnection | None = None
        self._port, self._n_told = "", 0
        self._frame, self._drawn = re.compile(_FRAME % "none"), ""
        self._drawing: set[asyncio.Task[None]] = set()
        self.frames: list[float] = []

    async def open(self) -> Opened:
        """Ask for the page, connect, and pull the document, as a browser does.

        Raises
        ------
        OSError
            The server does not answer, or closes the connection.
        """
        begun = time.perf_counter()
        page = await fetch(self._url)
        html = plain(page).decode("utf-8")
        token = re.search(r'"token":\s*"([^"]+)"', html)
        if token is None:
            raise OSError("The page has no token.")
        request = HTTPRequest(
            self._url.partition("?")[0].replace("http", "ws", 1) + "/ws",
            connect_timeout=MAX_WAIT_S,
            request_timeout=MAX_WAIT_S,
        )
        connection = self._connection = await websocket_connect(
            request,
            compression_options={},
            max_message_size=_MAX_MESSAGE_BYTES,
            subprotocols=["bokeh", token.group(1)],
        )
        await self._receive("ACK")
        await self._send(Protocol().create("PULL-DOC-REQ"))
        fragments = await self._receive("PULL-DOC-REPLY")
        self.know("".join(part for part in fragments if isinstance(part, str)))
        seconds = time.perf_counter() - begun
        document = Document()
        ready = MessageSentEvent(document, "bokeh_event", DocumentReady())
        await self._send(Protocol().create("PATCH-DOC", [ready]))
        wire = getattr(connection.protocol, "_wire_bytes_in", 0)
        return Opened(
            seconds,
            len(html.encode("utf-8")) + sum(map(_length, fragments)),
            len(page.body) + wire,
            html,
            has_data=any(_RUN_SHOWN in part for part in fragments if isinstance(part, str)),
        )

    def know(self, text: str) -> None:
        """Find in a document's text what a visitor presses, and what tells of frames."""
        port, gate = re.search(_PORT, text), re.search(_GATE, text)
        self._port = port.group(1) if port is not None else ""
        if gate is not None:
            self._frame, self._drawn = re.compile(_FRAME % gate.group(1)), gate.group(2)

    async def stay(self, hear: Callable[[str], None] | None = None) -> None:
        """Read what the server sends, until the connection is closed, and say which frames are drawn.

        Parameters
        ----------
        hear : callable, optional
            Gets each text.
        """
        connection = self._connection  # also while it is being closed
        while connection is not None and (read := await connection.read_message()) is not None:
            if not isinstance(read, str):
                continue
            if (frame := self._frame.search(read)) is not None:
                self.frames.append(time.monotonic())
                drawing = asyncio.create_task(self._draw(int(frame.group(1))))
                self._drawing.add(drawing)
                drawing.add_done_callback(self._drawing.discard)
            if hear is not None:
                hear(read)

    async def _draw(self, n: int) -> None:
        await asyncio.sleep(_DRAW_S)
        with suppress(OSError):  # the visitor has left
            await self._change(self._drawn, "data", {"n": [n]})

    async def press(self, name: str) -> None:
        """Press a key of the page: "run", "stop", "step", "reset", "undo", "redo".

        Raises
        ------
        OSError
            The connection is closed.
        """
        await self._tell("key", name=name)

    async def go(self, query: str) -> None:
        """Go where an address says, as the Back button does.

        Raises
        ------
        OSError
            The connection is closed.
        """
        await self._tell("went", search=query)

    async def _tell(self, what: str, **said: str) -> None:
        """Set one property of the page's port, as its script does.

        Raises
        ------
        OSError
            The connection is closed.
        """
        self._n_told += 1
        told = {"type": "map", "entries": [*map(list, said.items()), ["nonce", self._n_told]]}
        await self._change(self._port, what, told)

    async def _change(self, model: str, what: str, new: Any) -> None:
        """Set a property of a model.

        Raises
        ------
        OSError
            The connection is closed.
        """
        change = {"kind": "ModelChanged", "model": {"id": model}, "attr": what, "new": new}
        message = Protocol().create(
            "PATCH-DOC", [MessageSentEvent(Document(), "bokeh_event", DocumentReady())]
        )
        await self._write(message.header_json, message.metadata_json, json.dumps({"events": [change]}))

    def leave(self) -> None:
        """Close the tab."""
        if self._connection is not None:
            self._connection.close(1001)  # as browsers do
            self._connection = None

    async def _send(self, message: Any) -> None:
        """Write a message.

        Raises
        ------
        OSError
            The connection is closed.
        """
        await self._write(message.header_json, message.metadata_json, message.content_json)

    async def _write(self, *fragments: str) -> None:
        """Write the fragments of one message in one go: between them no other message may pass.

        Raises
        ------
        OSError
            The connection is closed.
        """
        connection = self._connection  # also while it is being closed
        if connection is None:
            raise OSError("The connection is closed.")
        try:
            await asyncio.gather(*[connection.write_message(fragment) for fragment in fragments])
        except WebSocketClosedError:
            raise OSError("The server has closed the connection.") from None

    async def _receive(self, kind: str) -> list[str | bytes]:
        """All fragments of the next message of a kind; others are passed over."""
        while True:
            fragments = await self._message()
            if json.loads(fragments[0])["msgtype"] == kind:
                return fragments

    async def _message(self) -> list[str | bytes]:
        header = await self._fragment()
        n_more = 2 + 2 * int(json.loads(header).get("num_buffers", 0))
        return [header, *[await self._fragment() for _ in range(n_more)]]

    async def _fragment(self) -> str | bytes:
        assert self._connection is not None
        fragment = await self._connection.read_message()
        if fragment is None:
            raise OSError("The server has closed the connection.")
        return fragment


async def fetch(url: str) -> HTTPResponse:
    """What a browser gets that takes compressed answers, as it came over the network."""
    with closing(SimpleAsyncHTTPClient(force_instance=True)) as client:
        return await client.fetch(
            url,
            headers={"Accept-Encoding": "gzip"},
            decompress_response=False,
            connect_timeout=MAX_WAIT_S,
            request_timeout=MAX_WAIT_S,
        )


def plain(response: HTTPResponse) -> bytes:
    """The content of an answer, unpacked."""
    is_pressed = response.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(response.body) if is_pressed else response.body


def _length(fragment: str | bytes) -> int:
    return len(fragment.encode("utf-8") if isinstance(fragment, str) else fragment)
