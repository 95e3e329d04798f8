"""What a visitor has opened is there after a reload, where the address names it."""

from __future__ import annotations

import base64
import time
from dataclasses import replace

import pytest

from dtb_app.explorer.opened_files import OpenedFiles
from dtb_app.pages.own_files import bundle, keep_own_tuning, unbundle
from dtb_app.session.files import contents_of, open_upload
from dtb_app.session.session import Session
from dtb_app.store.entry import Entry
from dtb_app.store.store import Store
from dtb_app.work.kept_work import KeptWork
from engine.errors import DataError
from engine.scenario import tuning_file
from engine.scenario.tuning_file import keep_tuning, load_tuning

MINE = b",lA,rA\nlA,0,1\nrA,2,0\n"
OTHER = b",lA,rA\nlA,0,3\nrA,2,0\n"


class Visit:
    """A page's session, what is kept for its visitor, and the address that it was asked for."""

    def __init__(self, store: Store | str, visitor: str = "who"):
        self.session, self.kept = Session(), KeptWork(store)
        self.said: list[str] = []
        self.refused, self.address = "", ""
        self.files = OpenedFiles(self.session, self.kept, self.said.append, lambda: self.go(self.address))
        self.kept.begin(visitor)

    def go(self, address: str) -> None:
        self.address, self.refused = address, ""
        try:
            self.session.open_query(address)
        except DataError as error:
            self.refused = str(error)

    def open(self, **files: bytes) -> None:
        sent = [
            {"name": f"{name}.csv", "size": len(data), "data": base64.b64encode(data).decode()}
            for name, data in files.items()
        ]
        file = {**sent[0], "beside": sent[1:]}
        open_upload(self.session, file)
        self.files.opened(contents_of(file))
        self.settle()

    def settle(self) -> None:
        end = time.monotonic() + 30
        self.files.poll()
        while self.kept.is_busy:
            assert time.monotonic() < end
            self.kept.poll()
            self.files.poll()
            time.sleep(0.005)


def test_an_own_connectome_is_back_after_a_reload_with_what_was_changed(tmp_path):
    store = Store(tmp_path)
    first = Visit(store)
    first.open(other=OTHER)
    first.open(mine=MINE, mine_lengths=b",lA,rA\nlA,0,40\nrA,40,0\n")
    first.session.assign([0], "off")
    address = "?" + first.session.to_query()
    for visit in (Visit(store), Visit(Store(tmp_path))):
        visit.go(address)
        assert "must be opened in this session" in visit.refused
        visit.settle()
        assert visit.refused == ""
        assert visit.session.scenario == first.session.scenario
        assert visit.session.connectome.checksum == first.session.connectome.checksum
        assert not visit.session.can_undo
        assert visit.session.own == "connectome"
        assert visit.said == []


def test_another_visitor_and_another_file_get_nothing(tmp_path):
    store = Store(tmp_path)
    first = Visit(store)
    first.open(mine=MINE)
    other = Visit(store, "somebody else")
    other.go("?" + first.session.to_query())
    other.settle()
    assert "must be opened in this session" in other.refused
    elsewhere = Visit("")
    elsewhere.open(mine=OTHER)
    again = Visit(store)
    again.go("?" + elsewhere.session.to_query())
    again.settle()
    assert "must be opened in this session" in again.refused
    again.open(mine=OTHER)  # the link's file, opened by hand
    assert again.session.connectome.checksum == elsewhere.session.connectome.checksum


def test_an_own_tuning_is_back_after_the_server_has_ended(tmp_path, monkeypatch):
    store = Store(tmp_path)
    first = Visit(store)
    shipped = load_tuning("dk84-rest")
    mine = replace(shipped, name="mine", bias=shipped.bias + 1.0)
    named = keep_tuning(mine)
    keep_own_tuning(first.kept, mine)
    first.settle()
    first.session.change({"network.tuning": named, "network.coupling": 1.5})
    address = "?" + first.session.to_query()
    monkeypatch.setattr(tuning_file, "_KEPT", {})  # as in another process
    again = Visit(store)
    again.go(address)
    assert "must be a shipped tuning" in again.refused
    again.settle()
    assert again.refused == ""
    assert again.session.scenario == first.session.scenario


def test_what_was_kept_and_is_damaged_is_said(tmp_path):
    store = Store(tmp_path)
    first = Visit(store)
    first.open(mine=MINE)
    (entry,) = store.entries("who")
    store.remove(entry.id)
    store.add(Entry("who", entry.kind, entry.label, "{}"), b'{"mine.csv": 3}')
    again = Visit(store)
    again.go("?" + first.session.to_query())
    again.settle()
    assert again.said == ["mine.csv: must be files that were kept together (got something else)."]
    assert "must be opened in this session" in again.refused


def test_files_are_the_same_after_they_were_joined():
    files = {"a.csv": bytes(range(256)), "b": b""}
    assert unbundle(bundle(files), "it") == files
    for wrong in (b"[]", b"{", b'{"a": "*"}', b'{"a": 1}'):
        with pytest.raises(DataError, match=r"^it: must be"):
            unbundle(wrong, "it")
