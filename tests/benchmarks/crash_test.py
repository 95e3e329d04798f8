"""Servers killed at random moments lose nothing that was kept; the bench that says so can tell."""

from __future__ import annotations

import pytest

from dtb_app.benchmarks import crash
from dtb_app.commands.bench import table


@pytest.mark.slow
def test_killed_servers_lose_nothing_that_was_kept(capsys):
    rows = crash.bench_crash(n_kills=31, seed=2)
    print(table(rows))
    found = {row.what: row.value for row in rows}
    assert found["servers killed at random moments"] == 29
    assert found["runs that went on, killed"] == 2
    counted = [row for row in rows if row.target == 0.0]
    assert len(counted) == 5
    assert [row.what for row in counted if row.value] == []
    promised = [row.what for row in rows if row.what.endswith("that were kept, lost or changed")]
    assert int(promised[0].split()[1].replace(",", "")) > 50


def test_what_is_missing_changed_or_left_over_is_counted(tmp_path):
    store = crash.Store(tmp_path, crash._MAX_BYTES)
    promised = crash._Promised()
    for k in range(6):
        entry = crash.Entry("first", crash.RUN, "run", "{}", is_pinned=k == 5)
        store.add(entry, crash._content(entry.id, 0))
        promised.take(("pinned" if k == 5 else "entry", entry.id))
    store.close()
    names = {"first": promised}
    whole = crash._Found()
    crash._look(tmp_path, names, whole)
    assert (whole.n_lost, whole.n_broken, whole.n_pinned_lost, whole.n_strays) == (0, 0, 0, 0)
    files = tmp_path / "files"
    (files / f"{promised.entries[2]}-00000.h5").unlink()
    changed = files / f"{promised.entries[3]}-00000.h5"
    changed.write_bytes(changed.read_bytes()[::-1])
    (files / f"{promised.pinned[0]}-00000.h5").write_bytes(b"short")
    assert not crash._is_half_done(tmp_path)
    (files / ".0123456789ab.part").write_bytes(b"draft")
    assert crash._is_half_done(tmp_path)
    found = crash._Found()
    crash._look(tmp_path, names, found)
    assert found.n_lost == 1
    assert found.n_pinned_lost == 1
    assert found.n_broken == 3  # told of two when it was opened, and one that does not read
    assert found.n_strays > 0
