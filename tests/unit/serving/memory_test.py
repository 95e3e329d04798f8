"""When pages are set aside from garbage collection, and when all is looked through."""

from __future__ import annotations

import gc
import time

import pytest

from dtb_app.serving.memory import Memory


class Pages:
    """A server as far as its memory is concerned."""

    def __init__(self):
        self.is_quiet = True
        self.memory = Memory(lambda: self.is_quiet)
        self.begun_s = time.monotonic()

    def left(self, n):
        for _ in range(n):
            self.memory.note_left()

    def look(self, after_s):
        return self.memory.look(self.begun_s + after_s)


@pytest.fixture
def pages(monkeypatch):
    pages = Pages()
    pages.did = []
    for name in ("freeze", "unfreeze", "collect"):
        monkeypatch.setattr(gc, name, lambda name=name: pages.did.append(name))
    monkeypatch.setattr(gc, "set_threshold", lambda *each: pages.did.append(each))
    return pages


def test_what_is_there_before_the_first_page_is_never_looked_at_again(pages):
    pages.memory.begin()
    assert pages.did[:2] == ["collect", "freeze"]
    young, middle, old = pages.did[2]
    assert (young, middle) == gc.get_threshold()[:2]
    assert old > 1_000_000
    pages.left(30)
    assert pages.look(1)
    assert pages.did[3:] == ["collect"]


def test_it_is_done_now_and_then_though_nobody_leaves(pages):
    assert not pages.look(599)
    assert pages.look(601)
    assert not pages.look(1190)


def test_what_was_left_is_given_back_after_a_minute(pages):
    pages.left(1)
    assert not pages.look(30)
    assert pages.look(61)
    assert pages.did == ["collect"]
    assert not pages.look(200)  # nobody has left since


def test_where_many_leave_it_is_given_back_earlier_but_not_while_somebody_would_notice(pages):
    pages.left(6)
    pages.is_quiet = False
    assert not pages.look(16)
    pages.is_quiet = True
    assert pages.look(17)


def test_it_is_not_put_off_for_ever(pages):
    pages.is_quiet = False
    pages.left(30)
    assert pages.look(1)
