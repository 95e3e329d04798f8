"""What a store is after its server was killed: at random moments, again and again.

Writers are processes of their own. Each says over a pipe what the store has promised it; then it is
killed, and what the next server finds is held against that.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

from dtb_app.benchmarks import Row
from dtb_app.store.entry import RUN, RUNNING, Entry
from dtb_app.store.store import Store
from engine.errors import DataError

__all__ = ["bench_crash"]

_MAX_BYTES = 3_000_000
_PINNED_BYTES = 600_000  # of one writer; there is always room beside it
_LARGEST_BYTES = 200_000
_LIVES_S = 0.12  # a writer is killed within this time of its first word
_TOGETHER = 3  # one time of so many, two servers write into the folder
_RUNS_SHARE = 15  # one kill of so many is of a run that goes on
_BEGUN_S, _ENDED_S = (2.5, 6.0), 60.0
_PATIENCE_S = 120.0


@dataclass
class _Found:
    """What was found, over all kills."""

    n_kills: int = 0
    n_inside: int = 0  # which left a draft, or a file without a row
    n_promised: int = 0
    n_lost: int = 0
    n_broken: int = 0
    n_pinned: int = 0
    n_pinned_lost: int = 0
    n_strays: int = 0
    opened_s: list[float] = field(default_factory=list)


@dataclass
class _Promised:
    """What the store has promised the writers of one name, in its order."""

    entries: list[str] = field(default_factory=list)
    pinned: list[str] = field(default_factory=list)
    parts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    replaced: set[str] = field(default_factory=set)

    def take(self, words: tuple[str, ...]) -> None:
        """One promise."""
        kind, id, *before = words
        if kind == "part":
            self.parts[id] += 1
        elif kind == "pinned":
            self.pinned.append(id)
        else:
            self.entries.append(id)
            self.replaced.update(before)


def bench_crash(n_kills: int = 300, seed: int = 1) -> list[Row]:
    """What kills at random moments leave of a store, and of runs that go on.

    Parameters
    ----------
    n_kills : int
        How many processes are killed.
    seed : int
        Of the moments.
    """
    draw = random.Random(seed)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["dtb_app.benchmarks.crash"])
    n_runs = n_kills // _RUNS_SHARE
    with tempfile.TemporaryDirectory(prefix="dtb-crash-") as folder:
        found = _kill_writers(processes, Path(folder), n_kills - n_runs, draw)
        rows = _table(found)
        if n_runs:
            rows += _kill_runs(processes, Path(folder) / "runs", n_runs, draw)
    return rows


def _table(found: _Found) -> list[Row]:
    note = f"{found.n_inside} left something half done"
    return [
        Row("crash", "servers killed at random moments", found.n_kills, "", None, note),
        Row("crash", f"of {found.n_promised:,} that were kept, lost or changed", found.n_lost, "", 0.0),
        Row("crash", "listed and half written", found.n_broken, "", 0.0),
        Row("crash", f"of {found.n_pinned} pinned ones, lost or changed", found.n_pinned_lost, "", 0.0),
        Row("crash", "left over once the store is open again", found.n_strays, "", 0.0),
        Row(
            "crash",
            "until the store is open again, longest",
            1e3 * max(found.opened_s),
            "ms",
            None,
            f"median {1e3 * median(found.opened_s):.0f}",
        ),
    ]


# ---- stores ----------------------------------------------------------------------------------


def _kill_writers(processes: Any, folder: Path, n_kills: int, draw: random.Random) -> _Found:
    """Writers one after another on one folder, now and then two at the same time."""
    found, promised = _Found(), {name: _Promised() for name in ("first", "second")}
    while found.n_kills < n_kills:
        n = min(2 if found.n_kills % _TOGETHER == 0 else 1, n_kills - found.n_kills)
        names = list(promised)[:n]
        n_before = len(promised["first"].entries)
        writers = [_Writer(processes, folder, name, draw.getrandbits(32)) for name in names]
        for name, writer in zip(names, writers, strict=True):
            time.sleep(draw.uniform(0.0, _LIVES_S))
            writer.kill(promised[name])
            found.n_kills += 1
        found.n_inside += _is_half_done(folder)
        _look(folder, promised, found)
        if n == 1 and len(promised["first"].entries) > n_before:  # nothing newer can have taken its room
            found.n_lost += not _has_newest(folder, promised["first"])
    found.n_promised = sum(len(p.entries) + sum(p.parts.values()) for p in promised.values())
    found.n_pinned = sum(len(p.pinned) for p in promised.values())
    return found


class _Writer:
    """A process that writes into a store until it is killed."""

    def __init__(self, processes: Any, folder: Path, name: str, seed: int):
        self._told, told = processes.Pipe(duplex=False)
        self._process = processes.Process(target=_write, args=(folder, name, seed, told), daemon=True)
        self._process.start()
        told.close()
        self._first = self._told.recv() if self._told.poll(_PATIENCE_S) else None

    def kill(self, promised: _Promised) -> None:
        """End it at once, and take what it was promised."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join(_PATIENCE_S)
        try:
            while True:
                promised.take(self._told.recv())
        except (EOFError, OSError):  # a word that was broken off promises nothing
            self._told.close()


def _content(id: str, number: int) -> bytes:
    """What a part of an entry must hold, so that nobody need remember it."""
    draw = random.Random(f"{id} {number}")
    return draw.randbytes(draw.randrange(1, _LARGEST_BYTES))


def _write(folder: Path, name: str, seed: int, told: Connection) -> None:
    """The program of a writer: entries, pinned ones, and ones in parts."""
    store, draw = Store(folder, _MAX_BYTES), random.Random(seed)
    told.send("begun")
    pinned = sum(e.size for e in store.entries(name) if e.is_pinned)
    going = ""
    while True:
        entry = Entry(name, RUN, f"run of {name}", "{}")
        chance = draw.random()
        if chance < 0.05 and pinned < _PINNED_BYTES:
            content = _content(entry.id, 0)
            store.add(Entry(name, RUN, "pinned", "{}", is_pinned=True, id=entry.id), content)
            pinned += len(content)
            told.send(("pinned", entry.id))
        elif chance < 0.5 and not going:
            store.add(Entry(name, RUNNING, "goes on", "{}", id=entry.id), _content(entry.id, 0))
            going, n_parts = entry.id, 1
            told.send(("part", entry.id))
        elif chance < 0.7 and going and n_parts < 3:
            if store.append(going, _content(going, n_parts), entry):
                n_parts += 1
                told.send(("part", going))
            else:
                going = ""
        else:
            store.add(entry, _content(entry.id, 0), going)
            told.send(("entry", entry.id, going))
            going = ""


def _is_half_done(folder: Path) -> bool:
    """Whether a file lies there that is not listed."""
    link = sqlite3.connect(folder / "store.sqlite3")
    listed = {row[0] for row in link.execute("SELECT file FROM parts")}
    link.close()
    return bool({path.name for path in (folder / "files").iterdir()} - listed)


def _look(folder: Path, promised: dict[str, _Promised], found: _Found) -> None:
    """What the next server finds, held against what was promised."""
    begun = time.perf_counter()
    store = Store(folder, _MAX_BYTES)
    found.opened_s.append(time.perf_counter() - begun)
    n_parts = 0
    for name, words in promised.items():
        found.n_broken += len(store.sentences(name))
        listed = {entry.id: entry for entry in store.entries(name)}
        whole: dict[str, int] = {}
        for id in listed:
            try:
                contents = store.read(id)
            except DataError:
                contents = []
            is_right = contents == [_content(id, k) for k in range(len(contents))] and contents
            found.n_broken += not is_right
            whole[id] = len(contents)
            n_parts += len(contents)
        found.n_pinned_lost += sum(id not in listed for id in words.pinned)
        kept = [id in listed for id in words.entries]
        if True in kept:  # the oldest make room, and no others
            found.n_lost += kept[kept.index(True) :].count(False)
        for id, n in words.parts.items():
            if id in whole:
                found.n_lost += whole[id] < n
    found.n_strays += len(list((folder / "files").iterdir())) - n_parts
    found.n_strays += len(list((folder / "damaged").iterdir()))
    store.close()


def _has_newest(folder: Path, words: _Promised) -> bool:
    """Whether the last entry that was promised to the first writer is there."""
    store = Store(folder, _MAX_BYTES)
    ids = {entry.id for entry in store.entries("first")}
    store.close()
    return words.entries[-1] in ids


# ---- runs ------------------------------------------------------------------------------------


def _kill_runs(processes: Any, folder: Path, n_kills: int, draw: random.Random) -> list[Row]:
    """Runs that go on as on a page, each killed and read back."""
    lost_s: list[float] = []
    n_other = 0
    for k in range(n_kills):
        place = folder / str(k)
        told, end = processes.Pipe(duplex=False)
        process = processes.Process(target=_run, args=(place, k + 1, end), daemon=True)
        process.start()
        end.close()
        told.poll(_PATIENCE_S)
        time.sleep(draw.uniform(*_BEGUN_S))
        os.kill(process.pid, signal.SIGKILL)
        process.join(_PATIENCE_S)
        done: tuple[float, int] = 0.0, 0
        moments = [done]
        try:
            while True:
                moments.append(told.recv())
        except (EOFError, OSError):
            told.close()
        until_ms, is_same = _read_back(place, k + 1)
        n_other += not is_same
        ended_s = moments[-1][0]
        lost_s.append(ended_s - max(s for s, ms in moments if ms <= until_ms))
    return [
        Row("crash", "runs that went on, killed", n_kills, ""),
        Row("crash", "of these, read back with other spikes", n_other, "", 0.0),
        Row(
            "crash",
            "time of a run that is lost, longest",
            max(lost_s),
            "s",
            3.0,
            f"median {median(lost_s):.1f}; kept every 2 s",
        ),
    ]


def _scenario(seed: int) -> Any:
    from engine.scenario.presets import preset

    values = {"seed": seed, "duration": 60_000.0, "network.neurons_per_region": 40, "network.in_degree": 20}
    return preset("two-regions").with_values(values)


def _run(folder: Path, seed: int, told: Connection) -> None:
    """The program of a page without a page: a run at the speed of life, and its store."""
    from dtb_app.explorer.kept_runs import KeptRuns
    from dtb_app.session.session import Session
    from dtb_app.work.pool import RunPool
    from dtb_app.work.runner import Runner

    session = Session("two-regions")
    kept = KeptRuns(Store(folder), session, lambda sentence: None, lambda: None)
    kept.begin("visitor")
    runner = Runner(_scenario(seed), session.connectome, RunPool(1), 1.0)
    runner.start()
    while True:
        kept.poll(runner)
        if runner.frame is not None and runner.frame.time_ms:
            told.send((time.monotonic(), runner.frame.time_ms))
        time.sleep(0.1)


def _read_back(folder: Path, seed: int) -> tuple[int, bool]:
    """How far a killed run is there [ms], and whether with the spikes that it had."""
    from engine.run.recording_file import read_recording
    from engine.run.simulation import Simulation

    store = Store(folder)
    found = store.entries("visitor")
    if not found:
        store.close()
        return 0, True
    recording = read_recording(store.read(found[0].id))
    store.close()
    again = Simulation(_scenario(seed))
    again.advance(recording.duration_ms)
    return recording.duration_ms, again.recording().spike_hash == recording.spike_hash
