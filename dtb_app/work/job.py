"""Work in the background: a thread, progress, an end that can be asked for, a place, a sentence.

Everything that a page lets happen beside itself is a job: runs, networks built ahead, opening runs,
the work of deeper pages. No callback crosses threads; a page reads by polling.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from dtb_app.work.log import said
from dtb_app.work.pool import RUN, RunPool
from dtb_app.work.priority import give_way, make_room
from engine.errors import EngineError
from engine.progress import Progress
from engine.run.simulation import Stopped

__all__ = ["END_HEARERS", "Job", "State"]

#: Called with kind and final state of every job that has ended, in its thread.
END_HEARERS: list[Callable[[str, str], None]] = []

State = Literal[
    "waiting", "working", "building", "running", "paused", "ending", "done", "finished", "stopped", "failed"
]
"""A run builds, runs, rests and ends where other jobs work, and is finished where they are done."""


class Job:
    """One piece of work in a daemon thread.

    Parameters
    ----------
    work : callable
        Gets ``progress(fraction, note)``, which it must call at least a few times a second and
        which raises :class:`Stopped` once the job was asked to end; returns the result. None where
        a kind of job has its own.
    pool : RunPool, optional
        Where it takes a place among the engines at work, so that many visitors cannot start more
        than the machine bears; without one it starts at once.
    rank : int
        Who is served first there, see `dtb_app.work.pool`.
    begins : bool
        Whether it begins at once, or with :meth:`start`.

    Attributes
    ----------
    state : str
        One of `State`.
    fraction : float
        0 to 1.
    note : str
        What it is doing.
    partial : object
        What the work last put there, for a picture that moves while it goes on; replaced, never
        changed.
    result : object
        What `work` returned; None before.
    error : str
        One sentence; "" unless it has failed.
    """

    def __init__(
        self,
        work: Callable[[Progress], Any] | None,
        pool: RunPool | None = None,
        rank: int = RUN,
        begins: bool = True,
    ):
        self._work, self._places, self._rank = work, pool, rank
        self._asked_to_end = threading.Event()
        self.state: State = "waiting"
        self.fraction, self.note, self.error = 0.0, "", ""
        self.partial: Any = None
        self.result: Any = None
        self.begun_s = time.monotonic()
        self._thread = threading.Thread(target=self._guarded, name="dtb-job", daemon=True)
        if begins:
            self.start()

    # ---- from any thread ---------------------------------------------------------------------

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def cancel(self) -> None:
        """Ask it to end; it does at its next word of progress."""
        self._asked_to_end.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was asked to end."""
        return self._asked_to_end.is_set()

    def join(self, timeout: float) -> None:
        """Wait for it to end, at most `timeout` seconds."""
        self._thread.join(timeout)

    # ---- its thread --------------------------------------------------------------------------

    def progress(self, fraction: float, note: str) -> None:
        """What `work` is given.

        Raises
        ------
        Stopped
            The job was asked to end.
        """
        if self.is_cancelled:
            raise Stopped
        self.fraction, self.note = fraction, note
        make_room()

    def wait_cancelled(self, timeout: float) -> bool:
        """Sleep so long [s], or until the job is asked to end; whether it was."""
        return self._asked_to_end.wait(timeout)

    def _do(self) -> State:
        """All of the work; returns the state in which it ends."""
        assert self._work is not None
        self.state = "working"
        self.result = self._work(self.progress)
        self.fraction = 1.0
        return "done"

    def _failed(self, sentence: str) -> None:
        """It cannot go on."""
        self.error, self.state = sentence, "failed"

    def _ended(self) -> None:
        """Let go of what it holds."""

    @property
    def about(self) -> dict[str, object]:
        """What the log says of it, as plain values."""
        return {"kind": "job"}

    def _say_end(self) -> None:
        said(
            "job ended",
            **self.about,
            state=self.state,
            wall_s=round(time.monotonic() - self.begun_s, 3),
            **({"error": self.error} if self.error else {}),
        )
        for hear in END_HEARERS:
            hear(str(self.about["kind"]), self.state)

    def _guarded(self) -> None:
        give_way()
        pool = self._places
        if pool is not None and not pool.acquire(self, self._asked_to_end.is_set, self._rank):
            self.state = "stopped"
            self._say_end()
            return
        try:
            self.state = self._do()
        except Stopped:
            self.state = "stopped"
        except (EngineError, MemoryError) as error:
            self._failed(str(error) or "It needs more memory than this machine has.")
        except Exception as error:
            self._failed(f"The work failed: {type(error).__name__}: {error}.")
            raise
        finally:
            if pool is not None:
                pool.release(self)
            self._ended()
            self._say_end()
