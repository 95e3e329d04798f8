"""What the store promises: all of an entry or nothing, pinned ones for good, what is damaged is said."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dtb_app.store import database
from dtb_app.store.damaged import make_room_in_damaged
from dtb_app.store.entry import RUN, RUNNING, Entry
from dtb_app.store.place import default_folder
from dtb_app.store.store import Store
from engine.errors import DataError, WriteError
from tests.sources import ROOT


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "kept", 1000)
    yield opened
    opened.close()


def entry(label: str, visitor: str = "v", kind: str = RUN, **more) -> Entry:
    return Entry(visitor, kind, label, "{}", **more)


def labels(store: Store, visitor: str = "v") -> list[str]:
    return [found.label for found in store.entries(visitor)]


def files(store: Store) -> list[str]:
    return sorted(path.name for path in (store.folder / "files").iterdir())


def again(store: Store) -> Store:
    """The same folder as the next server finds it."""
    store.close()
    return Store(store.folder, store.max_bytes)


def test_an_entry_is_found_by_its_visitor_alone(store):
    mine = entry("A", facts={"seconds": 1.5}, is_pinned=True)
    store.add(mine, b"content")
    store.add(entry("B", "w"), b"other")
    (found,) = store.entries("v")
    assert (found.id, found.facts, found.is_pinned, found.size) == (mine.id, {"seconds": 1.5}, True, 7)
    assert store.read(found.id) == [b"content"]
    assert labels(store, "w") == ["B"]
    assert labels(store, "nobody") == []
    assert store.size == 12


def test_it_is_there_for_the_next_server(store):
    store.add(entry("A"), b"content")
    following = again(store)
    (found,) = following.entries("v")
    assert following.read(found.id) == [b"content"]
    following.close()


def test_the_oldest_makes_room_and_pinned_ones_never(store):
    store.add(entry("pinned", is_pinned=True), bytes(250))
    for k in range(6):
        store.add(entry(f"{k}"), bytes(200))
    assert labels(store) == ["pinned", "3", "4", "5"]
    assert store.size == 850
    assert len(files(store)) == 4


def test_a_full_store_of_pinned_ones_refuses_and_nothing_changes(store):
    for k in range(4):
        store.add(entry(f"{k}", is_pinned=True), bytes(240))
    before = files(store)
    with pytest.raises(WriteError, match="must have room beside what is pinned"):
        store.add(entry("more"), bytes(100))
    with pytest.raises(WriteError, match=r"must take at most 0 MB to be kept"):
        store.add(entry("huge"), bytes(251))
    assert files(store) == before
    assert labels(store) == ["0", "1", "2", "3"]


def test_a_visitor_keeps_the_newest_of_a_kind_and_what_is_pinned(store):
    kept = [entry(f"{k}") for k in range(5)]
    for one in kept:
        store.add(one, b"x", most=2)
        if one is kept[0]:
            assert store.pin(one.id, True)
    assert labels(store) == ["0", "3", "4"]
    store.pin(kept[0].id, False)
    store.add(entry("5"), b"x", most=2)
    assert labels(store) == ["4", "5"]
    assert not store.pin(kept[0].id, True)
    assert len(files(store)) == 2


def test_a_run_that_goes_on_has_parts_and_is_replaced_by_the_whole(store):
    going = entry("A", kind=RUNNING)
    store.add(going, b"one")
    assert store.append(going.id, b"two", entry("A", facts={"ms": 20}))
    store.pin(going.id, True)
    (found,) = store.entries("v")
    assert (found.kind, found.facts, found.size) == (RUNNING, {"ms": 20}, 6)
    assert store.read(going.id) == [b"one", b"two"]
    store.add(entry("whole"), b"all", instead_of=going.id)
    (found,) = store.entries("v")
    assert (found.label, found.is_pinned) == ("whole", True)
    assert not store.append(going.id, b"three", going)
    assert len(files(store)) == 1


@pytest.mark.parametrize("fault", ["changed", "cut", "lost"])
def test_what_is_damaged_is_set_aside_and_told_once(store, fault):
    for label in "AB":
        store.add(entry(label), label.encode() * 10)
    first, _ = store.entries("v")
    path = store.folder / "files" / f"{first.id}-00000.h5"
    if fault == "lost":
        path.unlink()
    else:
        path.write_bytes(b"A" * 9 + (b"x" if fault == "changed" else b""))
    with pytest.raises(DataError, match="it is damaged"):
        store.read(first.id)
    assert labels(store) == ["B"]
    aside = [p.read_bytes()[:9] for p in (store.folder / "damaged").iterdir()]
    assert aside == ([] if fault == "lost" else [b"A" * 9])
    said = store.sentences("v")
    assert said == ["The stored run 'A' is not as it was written; it was set aside and is listed no more."]
    assert store.sentences("v") == store.sentences("w") == []


def test_what_is_set_aside_is_never_overwritten(store):
    for content in (b"first", b"second"):
        one = entry("A", id="0" * 32)
        store.add(one, b"right!")
        (store.folder / "files" / f"{one.id}-00000.h5").write_bytes(content)
        assert store.check() == 1
    assert {p.read_bytes() for p in (store.folder / "damaged").iterdir()} == {b"first", b"second"}


def test_what_was_set_aside_goes_after_a_month_or_where_it_takes_too_much_room(store):
    for k in range(4):
        (store.folder / "damaged" / f"{k}.h5").write_bytes(100 * b"x")
        time.sleep(0.02)  # their order is that of their times
    opened = again(store)  # at most 250 bytes of damaged files
    assert sorted(p.name for p in (store.folder / "damaged").iterdir()) == ["2.h5", "3.h5"]
    opened.close()
    assert make_room_in_damaged(store.folder / "damaged", 250, time.time() + 29 * 86_400) == 0
    assert make_room_in_damaged(store.folder / "damaged", 250, time.time() + 31 * 86_400) == 2
    assert not list((store.folder / "damaged").iterdir())


def test_of_a_run_with_a_damaged_part_the_parts_before_stay(store):
    going = entry("A", kind=RUNNING)
    store.add(going, b"one")
    for part in (b"two", b"three"):
        store.append(going.id, part, going)
    (store.folder / "files" / f"{going.id}-00001.h5").write_bytes(b"tw0")
    assert store.read(going.id) == [b"one"]
    assert store.read(going.id) == [b"one"]
    assert store.sentences("v") == [
        "The end of the stored run 'A' is not as it was written; it is shown up to there."
    ]
    assert len(list((store.folder / "damaged").iterdir())) == 2


def test_opening_removes_drafts_and_strays_and_finds_what_is_lost(store):
    for label in "ABC":
        store.add(entry(label), label.encode())
    first, second, _ = store.entries("v")
    place = store.folder / "files"
    (place / f"{first.id}-00000.h5").unlink()
    (place / f"{second.id}-00000.h5").write_bytes(b"BB")
    (place / ".0123456789ab.part").write_bytes(b"draft")
    (place / "stray.h5").write_bytes(b"stray")
    following = again(store)
    assert labels(following) == ["C"]
    assert len(files(following)) == 1
    assert [p.read_bytes() for p in (store.folder / "damaged").iterdir()] == [b"BB"]
    assert len(following.sentences("v")) == 2
    following.close()


def test_files_of_a_list_that_was_lost_are_set_aside(store):
    store.add(entry("A"), b"content")
    store.close()
    for path in store.folder.glob("store.sqlite3*"):
        path.unlink()
    following = Store(store.folder)
    assert labels(following) == []
    assert [p.read_bytes() for p in (store.folder / "damaged").iterdir()] == [b"content"]
    following.close()


def test_two_servers_share_a_folder(store):
    other = Store(store.folder, 1000)
    going = entry("going", kind=RUNNING)
    store.add(going, b"one")
    other.add(entry("B"), b"two")
    third = Store(store.folder, 1000)  # cleans while the others live
    assert labels(store) == labels(other) == labels(third) == ["going", "B"]
    assert [e.kind for e in other.entries("v")] == [RUNNING, RUN]
    other.close()
    third.close()


def test_a_file_that_another_server_removes_meanwhile_is_none(store, monkeypatch):
    store.add(entry("A"), b"content")
    whole = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: [*whole(self), self / "gone.h5"])
    following = Store(store.folder)
    assert labels(following) == ["A"]
    following.close()


def test_servers_that_begin_at_the_same_time_make_one_store(tmp_path):
    code = f"""
from pathlib import Path
from dtb_app.store.entry import RUN, Entry
from dtb_app.store.store import Store
store = Store(Path({str(tmp_path / "new" / "kept")!r}))
for k in range(20):
    store.add(Entry("v", RUN, "A", "{{}}"), b"content")
store.close()
"""
    servers = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(4)]
    assert [server.wait(120) for server in servers] == [0] * 4
    store = Store(tmp_path / "new" / "kept")
    assert [store.read(found.id) for found in store.entries("v")] == [[b"content"]] * 80
    store.close()


def test_what_a_killed_server_was_running_is_stopped(store):
    code = f"""
import os, sys
from pathlib import Path
from dtb_app.store.entry import RUNNING, Entry
from dtb_app.store.store import Store
store = Store(Path({str(store.folder)!r}))
store.add(Entry("v", RUNNING, "A", "{{}}"), b"one")
(store.folder / "files" / "stray.h5").write_bytes(b"x")
os.kill(os.getpid(), 9)
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=120)
    assert ended.returncode == -9
    (found,) = store.entries("v")
    assert (found.kind, found.owner) == (RUN, "")
    assert store.read(found.id) == [b"one"]
    following = Store(store.folder)
    assert len(files(following)) == len(list((store.folder / "servers").iterdir())) - 1 == 1
    following.close()


def test_threads_write_at_the_same_time(tmp_path):
    store = Store(tmp_path / "kept")

    def write(name: str) -> None:
        for k in range(10):
            store.add(entry(f"{name}{k}", name), f"{name}{k}".encode())

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in "abcd":
        found = store.entries(name)
        assert [store.read(e.id) for e in found] == [[f"{name}{k}".encode()] for k in range(10)]
    store.close()


@pytest.mark.parametrize("where", ["file", "list"])
def test_a_full_disk_leaves_the_store_as_it_was(store, where, monkeypatch):
    store.add(entry("A"), b"content")
    whole = Path.write_bytes

    def write_bytes(self: Path, data: bytes) -> int:
        whole(self, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    if where == "file":
        monkeypatch.setattr(Path, "write_bytes", write_bytes)
    else:
        (pages,) = store._list._link.execute("PRAGMA page_count").fetchone()
        store._list._link.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(WriteError, match=r"No space left|full\)\.$"):
        store.add(entry("B", facts={"long": "x" * 100_000}), b"other")
    monkeypatch.undo()
    store._list._link.execute("PRAGMA max_page_count = 1000000")
    assert labels(store) == ["A"]
    assert len(files(store)) == 1
    store.add(entry("C"), b"again")
    assert labels(store) == ["A", "C"]


def test_wherever_a_disk_is_full_all_of_an_entry_is_there_or_nothing(tmp_path):
    """The system lets no file of the process grow beyond a size, which comes ever later."""
    code = f"""
import resource, sqlite3
from pathlib import Path
from dtb_app.store.entry import RUN, Entry
from dtb_app.store.store import Store
from engine.errors import DataError, WriteError
folder = Path({str(tmp_path / "kept")!r})
said, n_there = set(), 0
for limit in range(100, 120_000, 1_171):
    store = Store(folder)
    before = [e.id for e in store.entries("v")]
    entry = Entry("v", RUN, "A", "{{}}", {{"long": "x" * 9_000}})
    content = entry.id.encode() * 700
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, -1))
    try:
        store.add(entry, content)
        promised = [*before, entry.id]
    except WriteError as error:
        said.add(str(error).rsplit("(", 1)[1])
        promised = before
    try:
        store.close()
        del store
        try:
            Store(folder).close()
        except DataError as error:
            said.add(str(error).rsplit("(", 1)[1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
    store = Store(folder)
    found = [e.id for e in store.entries("v")]
    assert found == promised, (limit, len(found), len(promised))
    assert all(store.read(id) == [id.encode() * 700] for id in found)
    assert len(list((folder / "files").iterdir())) == len(found)
    assert not list((folder / "damaged").iterdir())
    n_there = len(found)
    store.close()
print(n_there, sorted(said))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, timeout=300, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    n, said = ended.stdout.split(maxsplit=1)
    assert int(n) > 10
    assert "File too large" in said
    assert "disk I/O error" in said or "full" in said


def test_a_list_that_is_damaged_or_of_something_else_is_refused_and_stays(tmp_path):
    folder = tmp_path / "kept"
    Store(folder).close()
    path = folder / "store.sqlite3"
    for content in (b"no database at all, " * 100, path.read_bytes()[:3000] + b"\xff" * 5000):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"store\.sqlite3: cannot be used as a store \("):
            Store(folder)
        assert path.read_bytes() == content
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE mine (x)")
    other.close()
    with pytest.raises(DataError, match="got another database"):
        Store(folder)


def test_a_list_that_is_locked_is_waited_for_and_refused(store, monkeypatch):
    monkeypatch.setattr(database, "_PATIENCE_S", 0.1)
    store._list._link.execute("BEGIN IMMEDIATE")
    with pytest.raises(DataError, match=r"\(database is locked\)\.$"):
        Store(store.folder)
    store._list._link.execute("ROLLBACK")


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(DataError, match=r"cannot be used as a store \((File ex|Not a dir)"):
            Store(place)
    (tmp_path / "kept" / "store.sqlite3").mkdir(parents=True)
    with pytest.raises(DataError, match="unable to open database file"):
        Store(tmp_path / "kept")


def test_a_person_s_store_is_where_their_data_are(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_folder() == Path("/data/dtb")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert default_folder() == Path(os.path.expanduser("~/.local/share/dtb"))
