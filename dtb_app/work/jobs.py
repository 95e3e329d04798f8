"""Work in the background that a page starts, watches and can end: progress, note, result, error."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from dtb_app.work.priority import give_way, make_room
from dtb_app.work.runner import RunPool
from engine.backends.parts import Progress
from engine.errors import EngineError
from engine.run.simulation import Stopped

__all__ = ["Job", "JobState"]

JobState = Literal["waiting", "working", "done", "stopped", "failed"]


class Job:
    """One piece of work in a daemon thread, read by polling; no callback crosses threads.

    Parameters
    ----------
    work : callable
        Gets ``progress(fraction, note)``, which it must call at least a few times a second and
        which raises :class:`Stopped` once the job was asked to end; returns the result.
    pool : RunPool, optional
        Where it takes a place among the engines at work, so that many visitors cannot start more
        than the machine bears; without one it starts at once.

    Attributes
    ----------
    state : str
        "waiting", "working", "done", "stopped" or "failed".
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

    def __init__(self, work: Callable[[Progress], Any], pool: RunPool | None = None):
        self._work, self._pool = work, pool
        self._given_up = threading.Event()
        self.state: JobState = "waiting"
        self.fraction, self.note, self.error = 0.0, "", ""
        self.partial: Any = None
        self.result: Any = None
        self.begun_s = time.monotonic()
        self._thread = threading.Thread(target=self._guarded, name="dtb-job", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Ask it to end; it does at its next word of progress."""
        self._given_up.set()

    def join(self, timeout: float) -> None:
        """Wait for it to end, at most `timeout` seconds."""
        self._thread.join(timeout)

    def progress(self, fraction: float, note: str) -> None:
        """What `work` is given.

        Raises
        ------
        Stopped
            The job was asked to end.
        """
        if self._given_up.is_set():
            raise Stopped
        self.fraction, self.note = fraction, note
        make_room()

    def _guarded(self) -> None:
        give_way()
        if self._pool is not None and not self._pool.acquire(self, self._given_up.is_set):
            self.state = "stopped"
            return
        try:
            self.state = "working"
            self.result = self._work(self.progress)
            self.fraction = 1.0
            self.state = "done"
        except Stopped:
            self.state = "stopped"
        except (EngineError, MemoryError) as error:
            self.error = str(error) or "It needs more memory than this machine has."
            self.state = "failed"
        except Exception as error:
            self.error = f"The work failed: {type(error).__name__}: {error}."
            self.state = "failed"
            raise
        finally:
            if self._pool is not None:
                self._pool.release(self)
