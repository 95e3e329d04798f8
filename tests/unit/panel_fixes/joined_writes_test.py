"""A message goes to the network in one write, with the bytes it had in many."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.document.events import ColumnsPatchedEvent
from bokeh.models import ColumnDataSource
from bokeh.protocol import Protocol
from panel.io import document as panel_document
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13, _WebSocketParams

from dtb_app.panel_fixes.messages.joined_writes import join_writes, joined
from dtb_app.server import extend


class Stream:
    """Notes what is written; done, or failed, when told so."""

    def __init__(self, fails: bool = False):
        self.written, self.futures, self._fails = [], [], fails

    def closed(self) -> bool:
        return False

    def write(self, data):
        if self._fails:
            raise StreamClosedError()
        self.written.append(bytes(data))
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]


class Connected(WebSocketHandler):
    """A handler whose socket is open, without the request it would come from."""

    def __init__(self, stream: Stream):
        parameters = _WebSocketParams()
        protocol = WebSocketProtocol13(SimpleNamespace(request=None), False, parameters)
        protocol.stream = stream
        self.ws_connection = protocol


def message():
    document = Document()
    source = ColumnDataSource({"a": np.zeros(40), "b": np.zeros(40)})
    document.add_root(source)
    new = {name: [(slice(0, 40), np.arange(40.0))] for name in "ab"}
    return Protocol().create("PATCH-DOC", [ColumnsPatchedEvent(document, source, "data", new)])


def in_a_loop(work):
    with ThreadPoolExecutor(1) as elsewhere:  # this thread may have a loop of its own
        return elsewhere.submit(lambda: asyncio.run(work())).result()


def test_the_bytes_are_the_same_and_the_writes_are_one():
    apart = getattr(panel_document.dispatch_tornado, "writes_apart", None)
    apart = apart or panel_document.dispatch_tornado

    async def write():
        one, many, msg = Stream(), Stream(), message()
        sent = apart(SimpleNamespace(_socket=Connected(many)), msg=msg)
        whole = joined(apart)(SimpleNamespace(_socket=Connected(one)), msg=msg)
        assert len(whole) == len(sent)
        await asyncio.sleep(0)
        assert not any(future.done() for future in whole), "nobody may think it has been written"
        one.futures[0].set_result(None)
        await asyncio.gather(*whole)
        for future in many.futures:
            future.set_result(None)
        await asyncio.gather(*sent)
        return one.written, many.written

    one, many = in_a_loop(write)
    assert len(many) >= 5
    assert one == [b"".join(many)]


@pytest.mark.parametrize("fails_at_once", [True, False])
def test_a_closed_connection_is_told_to_those_who_wait(fails_at_once):
    async def write():
        stream = Stream(fails_at_once)
        socket = Connected(stream)
        apart = panel_document.dispatch_tornado
        futures = joined(apart)(SimpleNamespace(_socket=socket), msg=message())
        assert socket.ws_connection.stream is stream
        for future in stream.futures:
            future.set_exception(StreamClosedError())
        return await asyncio.gather(*futures, return_exceptions=True)

    found = in_a_loop(write)
    assert len(found) >= 3
    assert all(isinstance(error, WebSocketClosedError) for error in found)


def test_a_connection_that_is_gone_is_left_to_panel():
    asked = []
    whole = joined(lambda *arguments: asked.append(arguments) or [])
    gone = SimpleNamespace(_socket=SimpleNamespace(ws_connection=None))
    assert whole(gone, []) == []
    assert asked == [(gone, [])]


def test_the_app_joins_once():
    extend()
    first = panel_document.dispatch_tornado
    join_writes()
    assert panel_document.dispatch_tornado is first
    assert not hasattr(first.writes_apart, "writes_apart")
