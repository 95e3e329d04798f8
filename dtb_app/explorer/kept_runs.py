"""The runs of one page between visits: brought back, kept when they end, loaded when they are wanted.

All that touches the store is a job, one after another in the order in which it was asked for; the
page looks at them with its clock.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from dtb_app.session.finished_runs import MAX_RUNS_KEPT, Outline, Run
from dtb_app.session.session import Session
from dtb_app.store.entry import RUN, RUNNING, Entry
from dtb_app.store.store import Store
from dtb_app.work.job import Job
from dtb_app.work.runner import Runner
from engine.errors import DataError, EngineError
from engine.progress import Progress
from engine.run.recording import Recording
from engine.run.recording_file import read_recording, recording_bytes
from engine.run.stretch import Stretch
from engine.scenario.scenario import Scenario

__all__ = ["KeptRuns"]

STRETCH_S = 2.0
_STRETCH_SHARE = 50.0  # keeping a run that goes on takes at most this part of a core
_LOOK_AGAIN_S = 2.0
_MOST_LOOKS = 30
_LEFT_S = 30.0
_SCORED_MS = 60_000


@dataclass
class _Task:
    """Something that the store is asked for, and what the page does with it."""

    work: Callable[[Progress], Any]
    done: Callable[[Any], None] = lambda result: None
    failed: Callable[[str], None] = lambda sentence: None


@dataclass
class _Going:
    """A run that goes on, as far as it is kept."""

    runner: Runner
    entry: Entry
    next_s: float  # when it is kept again
    is_listed: bool = False  # once its first stretch is in the store
    is_asked: bool = False
    seen: Stretch | None = None  # the last that was taken from the runner
    kept: Stretch | None = None  # the last that is in the store

    @property
    def listed_id(self) -> str:
        """Of its entry, "" where there is none."""
        return self.entry.id if self.is_listed else ""


class KeptRuns:
    """What the store has of one visitor's runs.

    Parameters
    ----------
    store : Store or str
        Without one nothing is kept; a sentence says why, once the first run has ended.
    session : Session
    say : callable
        Gets one sentence for the visitor.
    changed : callable
        Called once the runs of the strip are others.
    """

    def __init__(
        self, store: Store | str, session: Session, say: Callable[[str], None], changed: Callable[[], None]
    ):
        self._store = store if isinstance(store, Store) else None
        self._trouble = store if isinstance(store, str) else ""
        self._session, self._say, self._changed = session, say, changed
        self._visitor = ""
        self._tasks: deque[_Task] = deque()
        self._job: tuple[_Task, Job] | None = None
        self._going: _Going | None = None
        self._look_s, self._looks_left = 0.0, 0
        self._loading: dict[int, list[Callable[[], None]]] = {}

    # ---- what the page asks for --------------------------------------------------------------

    def begin(self, visitor: str) -> None:
        """The page is live: bring back what is kept for its visitor, "" for one who is not known."""
        if self._store is not None and visitor and not self._visitor:
            self._visitor, self._looks_left = visitor, _MOST_LOOKS
            self._look()

    @property
    def is_on(self) -> bool:
        """Whether runs are kept for this visitor."""
        return bool(self._visitor)

    @property
    def is_busy(self) -> bool:
        """Whether something is being read or written."""
        return self._job is not None or bool(self._tasks)

    def is_loading(self, run: Run) -> bool:
        """Whether the recording of a run is being read."""
        return id(run) in self._loading

    def keep(self, run: Run) -> None:
        """Keep a run that has ended, in the place of what was kept of it while it went on."""
        going, self._going = self._going, None
        if self._visitor:
            self._keep(run, going)
        elif self._trouble:
            self._say(self._trouble)
            self._trouble = ""

    def _keep(self, run: Run, going: _Going | None) -> None:
        assert run.recording is not None
        recording = run.recording
        entry = self._entry(run.letter, run.name, recording.scenario, recording.duration_ms)
        entry = replace(entry, is_pinned=run.is_pinned, created_s=run.created_s)

        def work(progress: Progress) -> None:
            self._put(entry, recording, going)

        def done(result: Any) -> None:
            run.id = entry.id
            if run.is_pinned != entry.is_pinned:
                self._note_pin(run)

        self._ask(_Task(work, done, lambda sentence: self._say(f"The run is not kept. {sentence}")))

    def _put(self, entry: Entry, recording: Recording, going: _Going | None) -> None:
        """In a job: keep a run that has ended; where that cannot be, what was kept of it before."""
        before = going.listed_id if going is not None else ""
        try:
            self._opened.add(entry, recording_bytes(recording), before, MAX_RUNS_KEPT)
        except EngineError:
            if before:
                self._opened.stop(before)
            raise

    def pin(self, run: Run, is_pinned: bool) -> None:
        """Let a run stay for good, or no longer."""
        try:
            self._session.runs.pin(run, is_pinned)
        except DataError as error:
            self._say(str(error))
            return
        if run.id:
            self._note_pin(run)
        self._changed()

    def load(self, run: Run, then: Callable[[], None]) -> None:
        """Read the recording of a run, then call `then`."""
        waiting = self._loading.setdefault(id(run), [])
        waiting.append(then)
        if len(waiting) > 1:
            return

        def work(progress: Progress) -> Recording:
            progress(0.0, "reading")
            recording = read_recording(self._opened.read(run.id))
            progress(0.5, "judging")
            _ = recording.spikes_in_time
            if recording.duration_ms <= _SCORED_MS:
                recording.scores()
            return recording

        def done(recording: Recording) -> None:
            run.recording = recording
            for call in self._loading.pop(id(run)):
                call()

        def failed(sentence: str) -> None:
            del self._loading[id(run)]
            self._session.runs.drop(run)
            self._changed()
            self._say(f"Run {run.letter} cannot be shown. {sentence}")
            self._tell()

        self._ask(_Task(work, done, failed))

    def forget(self) -> None:
        """The run that goes on is thrown away."""
        going, self._going = self._going, None
        if going is not None and self.is_on:
            self._ask(_Task(lambda progress: self._opened.remove(going.entry.id)))

    def leave(self, runner: Runner | None) -> Job | None:
        """The visitor has left: keep what their run has come to; what does, if anything is to be done."""
        going, self._going = self._going, None
        tasks, self._tasks = list(self._tasks), deque()
        if not self._visitor or not (tasks or self._job or runner):
            return None
        running = self._job[1] if self._job is not None else None
        name_next = self._session.runs.name_next

        def work(progress: Progress) -> None:
            if running is not None:
                running.join(_LEFT_S)
            for task in tasks:
                with suppress(EngineError):
                    task.work(progress)
            if runner is None:
                return
            runner.join(_LEFT_S)
            if runner.recording is not None:
                made = runner.recording
                letter, name = name_next(made.scenario, made.traffic_from_ms)
                self._put(self._entry(letter, name, made.scenario, made.duration_ms), made, going)
            elif going is not None and going.is_listed:
                self._opened.stop(going.entry.id)

        return Job(work)

    # ---- the clock ---------------------------------------------------------------------------

    def poll(self, runner: Runner | None) -> None:
        """Take what has been read, and have a run that goes on kept as far as it is."""
        if not self._visitor:
            return
        if self._job is not None and self._job[1].is_over:
            task, job = self._job
            self._job = None
            if job.state == "done":
                task.done(job.result)
            else:
                task.failed(job.error)
        if self._job is None and self._tasks:
            task = self._tasks.popleft()
            self._job = task, Job(task.work)
        if self._looks_left and self._look_s and time.monotonic() >= self._look_s:
            self._look()
        if runner is not None and not runner.is_over:
            self._follow(runner)

    def _follow(self, runner: Runner) -> None:
        now, going = time.monotonic(), self._going
        if going is None or going.runner is not runner:
            going = self._going = _Going(runner, self._entry("", "", runner.scenario, 0), now + STRETCH_S)
        stretch = runner.stretch
        if going.is_asked and stretch is not None and stretch is not going.seen:
            going.is_asked, going.seen = False, stretch
            self._keep_stretch(going, stretch)
            return
        done_ms = runner.frame.time_ms if runner.frame is not None else 0
        kept_ms = going.kept.until_ms if going.kept is not None else 0
        if now >= going.next_s and not going.is_asked and done_ms > kept_ms:
            going.is_asked = True
            runner.ask_stretch(going.kept)

    def _keep_stretch(self, going: _Going, stretch: Stretch) -> None:
        going.next_s = float("inf")
        if going.kept is None:  # now it is known whether it is a branch
            letter, name = self._session.runs.name_next(stretch.part.scenario, stretch.part.traffic_from_ms)
            named = self._entry(letter, name, stretch.part.scenario, stretch.until_ms)
            going.entry = replace(named, id=going.entry.id, kind=RUNNING)
        entry = replace(going.entry, facts={**going.entry.facts, "duration_ms": stretch.until_ms})

        def work(progress: Progress) -> float:
            begun = time.thread_time()
            content = recording_bytes(stretch)
            if not going.is_listed:
                self._opened.add(entry, content)
                going.is_listed = True
            elif not self._opened.append(entry.id, content, entry):
                raise DataError("store: must have room for the run that goes on (got none).")
            return time.thread_time() - begun

        def done(seconds: float) -> None:
            going.kept = stretch
            going.next_s = time.monotonic() + max(STRETCH_S, _STRETCH_SHARE * seconds)

        def failed(sentence: str) -> None:  # said once it has ended, if it cannot be kept then
            going.next_s = time.monotonic() + _STRETCH_SHARE * STRETCH_S

        self._ask(_Task(work, done, failed))

    # ---- inside ------------------------------------------------------------------------------

    @property
    def _opened(self) -> Store:
        assert self._store is not None
        return self._store

    def _ask(self, task: _Task) -> None:
        self._tasks.append(task)

    def _entry(self, letter: str, name: str, scenario: Scenario, duration_ms: int) -> Entry:
        facts = {"letter": letter, "name": name, "duration_ms": duration_ms}
        text = json.dumps(scenario.model_dump(mode="json"))
        return Entry(self._visitor, RUN, f"{letter}  {name}", text, facts)

    def _note_pin(self, run: Run) -> None:
        is_pinned = run.is_pinned

        def done(is_listed: bool) -> None:
            if not is_listed and is_pinned and run.recording is not None:  # it had made way for newer ones
                self._keep(run, None)

        self._ask(_Task(lambda progress: self._opened.pin(run.id, is_pinned), done, self._say))

    def _look(self) -> None:
        """Bring back what is listed; where a run goes on elsewhere, look again until it has ended."""
        self._look_s = 0.0
        self._looks_left -= 1
        visitor = self._visitor

        def work(progress: Progress) -> tuple[list[Run], list[str], bool]:
            entries = self._opened.entries(visitor)
            runs, said = [], self._opened.sentences(visitor)
            for entry in (e for e in entries if e.kind == RUN):
                try:
                    runs.append(_run_of(entry))
                except (EngineError, KeyError, TypeError, ValueError):
                    said.append(f"The stored run '{entry.label}' is of another version and cannot be shown.")
            return runs, said, any(e.kind == RUNNING for e in entries)

        def done(found: tuple[list[Run], list[str], bool]) -> None:
            runs, said, goes_on = found
            before = list(self._session.runs)
            self._session.runs.bring_back(runs)
            if list(self._session.runs) != before:
                self._changed()
            if said:
                self._say(" ".join(said))
            if goes_on and self._going is None:
                self._look_s = time.monotonic() + _LOOK_AGAIN_S

        self._ask(_Task(work, done, self._say))

    def _tell(self) -> None:
        """Say what the store has to say."""

        def done(said: list[str]) -> None:
            if said:
                self._say(" ".join(said))

        self._ask(_Task(lambda progress: self._opened.sentences(self._visitor), done))


def _run_of(entry: Entry) -> Run:
    facts = entry.facts
    outline = Outline(Scenario.from_dict(json.loads(entry.scenario)), int(facts["duration_ms"]))
    return Run(
        str(facts["letter"]), str(facts["name"]), None, outline, entry.id, entry.is_pinned, entry.created_s
    )
