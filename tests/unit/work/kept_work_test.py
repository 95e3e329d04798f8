"""Long work is kept where it stands, found by its visitor alone, and given up."""

from __future__ import annotations

import time

import pytest

from dtb_app.store.store import Store
from dtb_app.work.kept_work import KeptWork
from engine.errors import WriteError


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path)
    yield made
    made.close()


def work_of(store, visitor="who"):
    work = KeptWork(store)
    work.begin(visitor)
    return work


def settle(work):
    end = time.monotonic() + 60
    while work.is_busy:
        assert time.monotonic() < end
        work.poll()
        time.sleep(0.005)


def found_by(work, kind="fit"):
    found = []
    work.find(kind, found.append)
    settle(work)
    return found


def test_the_newest_stands_in_the_place_of_the_one_before(store):
    work = work_of(store)
    for k in range(5):
        work.keep("fit", "mine", "{}", bytes([k]), {"minutes": k})
    settle(work)
    (entry,) = found_by(work)
    assert entry.facts == {"minutes": 4}
    assert store.read(entry.id) == [b"\x04"]
    assert len(store.entries("who")) == 1
    work.keep("fit", "mine", "{}", b"later", {"minutes": 5})
    work.keep("other", "mine too", "{}", b"more", {})
    settle(work)
    assert sorted(e.kind for e in store.entries("who")) == ["fit", "other"]


def test_it_is_found_and_read_by_its_visitor_alone(store):
    work = work_of(store)
    work.keep("fit", "mine", "{}", b"state", {})
    settle(work)
    assert found_by(work_of(store, "somebody else")) == []
    assert found_by(work_of(store, "")) == []
    assert found_by(work_of("not kept: no folder")) == []
    again, got = work_of(store), []
    (entry,) = found_by(again)
    again.read(entry, got.append, pytest.fail)
    settle(again)
    assert got == [b"state"]
    again.keep("fit", "mine", "{}", b"state 2", {})  # in the place of what it goes on from
    settle(again)
    assert len(store.entries("who")) == 1


def test_what_is_given_up_is_found_no_more(store):
    work = work_of(store)
    work.keep("fit", "mine", "{}", b"state", {})
    settle(work)
    work.keep("fit", "mine", "{}", b"state, later", {})
    work.forget("fit")
    settle(work)
    assert found_by(work) == []
    assert store.size == 0


def test_a_store_that_cannot_write_ends_nothing(store, monkeypatch):
    work, said = work_of(store), []
    work.keep("fit", "mine", "{}", b"state", {})
    settle(work)

    def full(*given, **how):
        raise WriteError("store: must have room.")

    monkeypatch.setattr(store, "add", full)
    work.keep("fit", "mine", "{}", b"state 2", {})
    settle(work)
    monkeypatch.undo()
    (entry,) = found_by(work)
    assert store.read(entry.id) == [b"state"]
    store.remove(entry.id)
    work.read(entry, pytest.fail, said.append)
    settle(work)
    assert "must hold" in said[0]
