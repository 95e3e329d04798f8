"""What takes long of a finished run, done beside the event loop: its scores, and its files."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from dtb_app.session.files import file_to_save
from dtb_app.session.session import Session
from dtb_app.work.job import Job
from dtb_app.work.pool import RunPool
from engine.fit import Metric, Score
from engine.progress import Progress
from engine.run.recording import Recording

__all__ = ["LONG_MS", "Judging", "Saving"]

LONG_MS = 60_000
"""Biology of a run above which nobody waits on the event loop for its scores [ms]."""

_TELL_S = 1.0
_FILES = {"run": "run", "rates": "table of rates", "report": "report", "pynn": "script"}


class Judging:
    """Scores of a long run, over what is picked.

    Parameters
    ----------
    places : RunPool
        Where the work takes its place.
    """

    def __init__(self, places: RunPool):
        self._places = places
        self._asked: tuple[Any, ...] | None = None
        self._job: Job | None = None

    def scores(
        self, recording: Recording, picked: np.ndarray | None, metrics: list[Metric]
    ) -> dict[str, Score] | None:
        """The scores, None while they are worked out; what was asked for before is given up.

        Parameters
        ----------
        recording : Recording
        picked : (n_picked,) int or None
            Places in the connectome; all that ran if None.
        metrics : list of Metric
        """
        asked = id(recording), None if picked is None else tuple(picked.tolist())
        if asked != self._asked or self._job is None:
            self.drop()

            def work(progress: Progress) -> dict[str, Score]:
                found: dict[str, Score] = {}
                for k, metric in enumerate(metrics):
                    progress(k / len(metrics), metric.label)
                    found |= recording.scores(picked, [metric])
                return found

            self._asked, self._job = asked, Job(work, self._places)
        return self._job.result

    @property
    def has_ended(self) -> bool:
        """Whether scores that were asked for are there, or will never be."""
        return self._job is not None and self._job.is_over

    @property
    def sentence(self) -> str:
        """How far it is, or why there are none."""
        job = self._job
        if job is None:
            return ""
        return job.error or f"Judging the run: {100 * job.fraction:.0f} % …"

    def drop(self) -> None:
        """Give up what is asked for."""
        if self._job is not None:
            self._job.cancel()
        self._asked = self._job = None


class Saving:
    """Files of the run that is shown; one at a time, the newest that was asked for.

    Parameters
    ----------
    session : Session
    places : RunPool
        Where the work takes its place.
    say, give : callable
        Gets a sentence for the visitor; gets name, text and type of a file.
    """

    def __init__(
        self, session: Session, places: RunPool, say: Callable[..., None], give: Callable[..., None]
    ):
        self._session, self._places, self._say, self._give = session, places, say, give
        self._job: Job | None = None
        self._what, self._begun_s, self._next_s = "", 0.0, 0.0

    def ask(self, recording: Recording | None, what: str) -> None:
        """Have a file made, as of `file_to_save`."""
        self.drop()

        def work(progress: Progress) -> dict[str, str]:
            progress(0.0, what)
            file = file_to_save(self._session, recording, what)
            progress(1.0, what)  # where it was given up meanwhile, it ends here
            return file

        self._what, self._begun_s = what, time.monotonic()
        self._next_s = self._begun_s + _TELL_S
        self._job = Job(work, self._places)

    def poll(self) -> None:
        """Hand over what is done; say how long it takes where it takes long."""
        job, now = self._job, time.monotonic()
        if job is None:
            return
        if job.is_over:
            self._job = None
            self._say(job.error)
            if job.result is not None:
                self._give(**job.result)
        elif now >= self._next_s:
            self._next_s = now + _TELL_S
            name = _FILES.get(self._what, self._what)
            self._say(f"Writing the {name}: {now - self._begun_s:.0f} s …", good=True)

    def drop(self) -> None:
        """Give up what is being made."""
        if self._job is not None:
            self._job.cancel()
        self._job = None
