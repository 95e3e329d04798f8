"""Who has closed the tab is told from who has lost the network, and from who is there again."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from dtb_app.panel_fixes import left_tabs


class Session:
    destroyed = False

    def __init__(self):
        self.connection_count, self.is_given_up = 1, False

    def request_expiration(self):
        self.is_given_up = True


def _closed(session, code, count_after=0, connected=True):
    """Close a connection of this session with a code, and wait as long as the server does."""

    def on_close(socket):
        session.connection_count = count_after
        socket.connection = SimpleNamespace(_session=None)  # as Bokeh does

    async def close():
        connection = SimpleNamespace(_session=session) if connected else None
        left_tabs._told(on_close)(SimpleNamespace(connection=connection, close_code=code))
        assert not session.is_given_up
        await asyncio.sleep(0.05)
        return session.is_given_up

    return asyncio.run(close())


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(left_tabs, "LEFT_S", 0.01)


@pytest.mark.parametrize("code", [1000, 1001])
def test_the_page_of_a_closed_tab_is_given_up(code):
    assert _closed(Session(), code)


@pytest.mark.parametrize("code", [None, 1006, 1011])
def test_that_of_a_broken_connection_is_kept(code):
    assert not _closed(Session(), code)


def test_one_that_somebody_looks_at_again_is_kept():
    assert not _closed(Session(), 1001, count_after=1)


def test_a_connection_that_never_had_a_page_is_none_of_its_business():
    assert not _closed(Session(), 1001, connected=False)
