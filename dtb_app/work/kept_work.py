"""Long work of one visitor between visits: kept where it stands while it goes on, found again later.

All that touches the store is a job, one after another; the page looks at them with its clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dtb_app.store.entry import Entry
from dtb_app.store.store import Store
from dtb_app.work.job import Job
from engine.progress import Progress

__all__ = ["KeptWork"]


@dataclass
class _Task:
    """Something that the store is asked for, and what the page does with it."""

    kind: str
    work: Callable[[Progress], Any]
    done: Callable[[Any], None] = lambda result: None
    failed: Callable[[str], None] = lambda sentence: None
    is_keeping: bool = False


class KeptWork:
    """What the store has of one visitor's long work: of each kind, the newest.

    Parameters
    ----------
    store : Store or str
        Without one nothing is kept.
    """

    def __init__(self, store: Store | str = ""):
        self._store = store if isinstance(store, Store) else None
        self._visitor = ""
        self._own: dict[str, str] = {}  # entries of work that this page does, by kind
        self._tasks: deque[_Task] = deque()
        self._job: tuple[_Task, Job] | None = None

    def begin(self, visitor: str) -> None:
        """The page is live; "" for a visitor who is not known."""
        if self._store is not None:
            self._visitor = visitor

    @property
    def is_on(self) -> bool:
        """Whether work is kept for this visitor."""
        return bool(self._visitor)

    @property
    def is_busy(self) -> bool:
        """Whether something is being read or written."""
        return self._job is not None or bool(self._tasks)

    def keep(self, kind: str, label: str, scenario: str, content: bytes, facts: Mapping[str, Any]) -> None:
        """Keep where some work stands, in the place of where it stood before.

        Parameters
        ----------
        kind : str
            Of which the visitor's newest is kept.
        label : str
            What it is called.
        scenario : str
            JSON of its scenario.
        content : bytes
        facts : mapping
            What can be said of it without its content; plain values.
        """
        if not self.is_on:
            return
        entry = Entry(self._visitor, kind, label, scenario, facts)

        def work(progress: Progress) -> None:
            self._opened.add(entry, content, instead_of=self._own.get(kind, ""), most=1)
            self._own[kind] = entry.id

        for task in [t for t in self._tasks if t.is_keeping and t.kind == kind]:
            self._tasks.remove(task)  # older, and not begun
        self._tasks.append(_Task(kind, work, is_keeping=True))

    def find(self, kind: str, done: Callable[[Entry], None]) -> None:
        """Look for the newest of a kind; `done` gets it, where there is one that can be read."""
        if not self.is_on:
            return
        visitor = self._visitor

        def work(progress: Progress) -> Entry | None:
            return next((e for e in reversed(self._opened.entries(visitor)) if e.kind == kind), None)

        def found(entry: Entry | None) -> None:
            if entry is not None:
                done(entry)

        self._tasks.append(_Task(kind, work, found))

    def read(self, entry: Entry, done: Callable[[bytes], None], failed: Callable[[str], None]) -> None:
        """Read the content of what was found; `failed` gets a sentence."""

        def work(progress: Progress) -> bytes:
            content = b"".join(self._opened.read(entry.id))
            self._own[entry.kind] = entry.id
            return content

        self._tasks.append(_Task(entry.kind, work, done, failed))

    def recall(self, kind: str, done: Callable[[Entry, bytes], None], failed: Callable[[str], None]) -> None:
        """Find the newest of a kind and read it before anything newer is kept; `done` gets it.

        `failed` gets a sentence where it cannot be read.
        """
        if not self.is_on:
            return
        visitor = self._visitor

        def work(progress: Progress) -> tuple[Entry, bytes] | None:
            for entry in reversed(self._opened.entries(visitor)):
                if entry.kind == kind:
                    self._own[kind] = entry.id
                    return entry, b"".join(self._opened.read(entry.id))
            return None

        def found(result: tuple[Entry, bytes] | None) -> None:
            if result is not None:
                done(*result)

        self._tasks.append(_Task(kind, work, found, failed))

    def forget(self, kind: str) -> None:
        """Keep the newest of a kind no longer."""
        if not self.is_on:
            return
        visitor = self._visitor

        def work(progress: Progress) -> None:
            for entry in self._opened.entries(visitor):
                if entry.kind == kind:
                    self._opened.remove(entry.id)
            self._own.pop(kind, None)

        for task in [t for t in self._tasks if t.is_keeping and t.kind == kind]:
            self._tasks.remove(task)
        self._tasks.append(_Task(kind, work))

    def poll(self) -> None:
        """Take what a job has finished, and begin the next one; on the event loop."""
        if self._job is not None:
            task, job = self._job
            if not job.is_over:
                return
            self._job = None
            if job.state == "done":
                task.done(job.result)
            else:
                task.failed(job.error)
        if self._tasks:
            task = self._tasks.popleft()
            self._job = task, Job(task.work)

    @property
    def _opened(self) -> Store:
        assert self._store is not None
        return self._store
