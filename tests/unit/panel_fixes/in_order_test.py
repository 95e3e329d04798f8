"""No message gets past one made before it, and none reaches a page that is still being drawn."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from bokeh.document import Document
from bokeh.server.connection import ServerConnection
from panel.io import document as panel_document
from panel.io.state import state

from dtb_app.panel_fixes.messages.in_order import in_order, patient_tries, patient_writes, send_in_order
from dtb_app.panel_fixes.messages.undelivered import note_answer


class Socket:
    """Notes what is written; its lock is held until it is let go."""

    def __init__(self):
        self.sent: list[str] = []
        self.write_lock = SimpleNamespace(_block=SimpleNamespace(_value=0))

    async def send(self, name: str) -> None:
        while self.write_lock._block._value == 0:
            await asyncio.sleep(0)
        self.sent.append(name)


class Connection:
    """Makes messages A, B and so on, in the order in which it is asked."""

    def __init__(self):
        names = iter("ABCDEFGH")
        self._socket = Socket()
        self.protocol = SimpleNamespace(create=lambda kind, events: next(names))


def bokeh_send(connection, event):
    """As Bokeh does: the message is made at once, and sent when the lock is free."""
    return connection._socket.send(connection.protocol.create("PATCH-DOC", [event]))


def panel_write(connection, msg):
    """As Panel writes to a kind of socket that it does not know."""
    connection._socket.sent.append(msg)
    done = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return [done]


async def race(send, monkeypatch):
    monkeypatch.setattr(panel_document, "dispatch_django", panel_write)
    document, connection = Document(), Connection()
    event = SimpleNamespace(document=document)
    panel_document.schedule_write_events(document, [connection], [object()])  # A waits for the lock
    await asyncio.sleep(0)
    pending = [send(connection, event), send(connection, event)]  # B and C, in one callback
    connection._socket.write_lock._block._value = 1
    for one in pending:
        await one
    await asyncio.sleep(0.1)
    await send(connection, event)  # D: nobody waits
    return connection._socket.sent


def test_bokeh_alone_gets_past_what_waits(monkeypatch):
    """Without the fix: should Bokeh or Panel change, this says that the fix is needed no more."""
    assert asyncio.run(race(bokeh_send, monkeypatch)) == ["B", "C", "A", "D"]


def test_messages_arrive_in_the_order_in_which_they_were_made(monkeypatch):
    assert asyncio.run(race(in_order(bokeh_send), monkeypatch)) == ["A", "B", "C", "D"]


async def long_callback(send, monkeypatch, fails=False):
    """Bokeh makes a message in a callback that goes on for a while; Panel writes meanwhile."""
    monkeypatch.setattr(panel_document, "dispatch_django", panel_write)
    document, connection = Document(), Connection()
    connection._socket.write_lock._block._value = 1  # nobody writes
    event = SimpleNamespace(document=document)
    pending = [send(connection, event)]  # A
    panel_document.write_events(document, [connection], [object()])  # B
    await asyncio.sleep(0.03)
    pending.append(send(connection, event))  # C
    await asyncio.sleep(0.03)
    if fails:  # Bokeh awaits nothing then
        for one in pending:
            getattr(one, "_sending", one).close()
        del one
        pending.clear()
    for one in pending:
        await one
    await asyncio.sleep(0.1)
    panel_document.write_events(document, [connection], [object()])  # D
    await asyncio.sleep(0.05)
    return connection._socket.sent


def panel_writes(doc, connections, events):
    """As Panel does to a socket that is free."""
    for one in connections:
        panel_write(one, one.protocol.create("PATCH-DOC", events))


def test_panel_alone_gets_past_what_bokeh_has_made_and_not_sent(monkeypatch):
    """Without the fix: should Bokeh or Panel change, this says that the fix is needed no more."""
    monkeypatch.setattr(panel_document, "write_events", panel_writes)
    assert asyncio.run(long_callback(bokeh_send, monkeypatch)) == ["B", "A", "C", "D"]


@pytest.mark.parametrize(("fails", "sent"), [(False, "ABCD"), (True, "BCD")])
def test_what_panel_makes_in_a_callback_waits_for_what_bokeh_made_before(monkeypatch, fails, sent):
    monkeypatch.setattr(panel_document, "write_events", patient_writes(panel_writes))
    monkeypatch.setattr(panel_document, "_dispatch_msgs", patient_tries(panel_document._dispatch_msgs))
    assert asyncio.run(long_callback(in_order(bokeh_send), monkeypatch, fails)) == list(sent)


def patient_panel(monkeypatch):
    monkeypatch.setattr(panel_document, "dispatch_django", panel_write)
    monkeypatch.setattr(panel_document, "write_events", patient_writes(panel_writes))
    monkeypatch.setattr(panel_document, "_dispatch_msgs", patient_tries(panel_document._dispatch_msgs))
    return in_order(bokeh_send)


async def while_drawn(send):
    """A page is told; Bokeh and Panel write by turns, then the browser says that the page is there."""
    document, connection = Document(), Connection()
    connection._socket.write_lock._block._value = 1
    event = SimpleNamespace(document=document)
    note_answer(document)
    await send(connection, event)  # A
    panel_document.write_events(document, [connection], [object()])  # B
    await asyncio.sleep(0.12)
    await send(connection, event)  # C
    await asyncio.sleep(0.12)
    before = list(connection._socket.sent)
    state._connected[document] = True
    panel_document.schedule_write_events(document, [connection], [object()])  # D
    await asyncio.sleep(0.12)
    await send(connection, event)  # E
    return before, connection._socket.sent


def test_what_is_for_a_page_still_being_drawn_is_sent_when_it_is_there(monkeypatch):
    before, after = asyncio.run(while_drawn(patient_panel(monkeypatch)))
    assert before == []
    assert after == list("ABCDE")


async def left_while_drawn(send):
    """A page is told, something waits for it, and it is closed before it was there."""
    document, connection = Document(), Connection()
    note_answer(document)
    others = asyncio.all_tasks()
    for _ in range(3):
        await send(connection, SimpleNamespace(document=document))
        panel_document.schedule_write_events(document, [connection], [object()])
        await asyncio.sleep(0)
    looking = len(asyncio.all_tasks() - others)
    panel_document._WRITE_MSGS.pop(document)  # as Panel does when a document is destroyed
    panel_document._WRITE_BLOCK.pop(document)
    await asyncio.sleep(0.12)
    return looking, asyncio.all_tasks() - others, connection._socket.sent


def test_one_looks_whether_a_page_is_there_and_stops_when_it_is_closed(monkeypatch):
    send = patient_panel(monkeypatch)
    looking, left, sent = asyncio.run(left_while_drawn(send))
    assert looking <= 2  # one looks; one may be about to give up
    assert not left
    assert sent == []


def test_it_is_put_in_once(monkeypatch):
    monkeypatch.setattr(ServerConnection, "send_patch_document", ServerConnection.send_patch_document)
    monkeypatch.setattr(panel_document, "write_events", panel_document.write_events)
    monkeypatch.setattr(panel_document, "_dispatch_msgs", panel_document._dispatch_msgs)
    send_in_order()
    once = ServerConnection.send_patch_document
    send_in_order()
    assert ServerConnection.send_patch_document is once
    assert hasattr(once, "gets_past")
