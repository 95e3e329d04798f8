"""A message that Panel forgets while it waits for an earlier one is sent after all."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

from bokeh.document import Document
from bokeh.models import ColumnDataSource
from panel.io import document as panel_document

from dtb_app.panel_fixes.messages.undelivered import note_answer, send_early_changes, send_forgotten


class Socket:
    """Notes what is written and is done when told so."""

    def __init__(self):
        self.sent, self.writing = [], []


class Connection:
    """Makes messages A and B."""

    def __init__(self, socket: Socket):
        names = iter("AB")
        self._socket = socket
        self.protocol = SimpleNamespace(create=lambda kind, events: next(names))


def write(connection, msg):
    """As Panel writes to a kind of socket that it does not know."""
    socket = connection._socket  # the name that Panel uses
    socket.sent.append(msg)
    socket.writing.append(asyncio.get_running_loop().create_future())
    return socket.writing[-1:]


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def race(document: Document) -> tuple[list, list, bool, bool]:
    socket = Socket()
    connection = Connection(socket)
    schedule = panel_document.schedule_write_events
    schedule(document, [connection], [object()])
    await settle()
    socket.writing[0].set_result(None)  # A has been written; its task goes on later
    schedule(document, [connection], [object()])  # but first B is kept, and its task waits behind
    await settle()
    before = list(socket.sent)
    found = send_forgotten(document)
    await settle()
    for future in socket.writing[1:]:
        future.set_result(None)
    await settle()
    return before, socket.sent, found, send_forgotten(document)


def test_a_forgotten_message_is_sent(monkeypatch):
    monkeypatch.setitem(panel_document.extra_socket_handlers, Socket, write)
    with ThreadPoolExecutor(1) as elsewhere:  # this thread may have a loop of its own
        before, after, found, again = elsewhere.submit(lambda: asyncio.run(race(Document()))).result()
    assert before == ["A"], "Panel no longer forgets B: dtb_app/panel_fixes/messages/undelivered.py can go"
    assert after == ["A", "B"]
    assert found
    assert not again


def test_nothing_is_sent_where_nothing_waits():
    assert not send_forgotten(Document())


def changed_under_hold(document: Document, model: ColumnDataSource) -> list[str]:
    """What listeners hear of a change that Panel holds, before the browser has said that it is there."""
    heard: list[str] = []
    document.on_change(lambda event: heard.append(event.attr))
    with panel_document.hold(document):
        model.tags = [*model.tags, "new"]
    return heard


def test_what_changes_once_a_page_has_been_told_is_not_dropped(monkeypatch):
    plain = panel_document._drain_unconnected_events
    drops = getattr(plain, "drops", plain)
    monkeypatch.setattr(panel_document, "_drain_unconnected_events", drops)
    document, model = Document(), ColumnDataSource()
    document.add_root(model)
    assert changed_under_hold(document, model) == []  # as Panel does it
    send_early_changes()
    assert changed_under_hold(document, model) == []  # who comes is told all of it
    note_answer(document)
    assert changed_under_hold(document, model) == ["tags"]
    assert document.callbacks.hold_value is None
