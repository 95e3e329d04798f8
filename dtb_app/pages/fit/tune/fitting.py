"""A fit that can rest: a tuner that is kept between pieces of work, and what is known of it meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.progress import Progress, part_of
from engine.run.capacity import capacity_of, threads_for
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning
from engine.tuning import FCTuner, Judgement, judge
from engine.tuning.controls import linear_baseline, wiring_baseline
from engine.tuning.standing import Standing, standing_of
from engine.tuning.state_file import restore_tuner, tuner_bytes
from engine.tuning.study import judge_seed, report_of, tuned, with_provenance

__all__ = ["Fit", "Judged", "seeded"]

_NOTE_S = 30.0  # after which it is noted where a fit stands
_MOST_BUILDING = 0.02  # share of the bar that building takes


@dataclass(frozen=True, eq=False)
class Judged:
    """A frozen brain, judged, and the tuning that notes it."""

    judgement: Judgement
    tuning: Tuning
    report: dict[str, Any]


def seeded(scenario: Scenario, seed: int) -> Scenario:
    """The scenario with other noise and the wiring that it has."""
    values: dict[str, Any] = {"seed": seed}
    if scenario.network.wiring_seed == "run":
        values["network.wiring_seed"] = scenario.seed
    return scenario.with_values(values)


class Fit:
    """One fit of one scenario; its work is done by jobs, one after the other.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    minutes : float [min]
    state : (str, bytes), optional
        Name and content of a file that it goes on from.
    target : (n_regions, n_regions) float64 [1], optional
        Measured correlations in the order of the connectome, NaN where not known; those that come with
        the connectome where left out.

    Attributes
    ----------
    asked : Scenario
        As it was to be fitted.
    minutes : float [min]
        Biology that is wanted; may be raised.
    standing : Standing or None
        Where it stands; replaced while it goes on.
    kept : (bytes, float) or None
        The content of a file that it goes on from, noted every half minute and where it rests, and how
        much of it was done then [min]; replaced.
    """

    def __init__(
        self,
        scenario: Scenario,
        connectome: Connectome,
        minutes: float,
        state: tuple[str, bytes] | None = None,
        target: NDArray[np.float64] | None = None,
    ):
        self.asked, self.connectome, self.minutes = scenario, connectome, minutes
        self.standing: Standing | None = None
        self.kept: tuple[bytes, float] | None = None
        self._noted_s = time.monotonic()
        self._state, self._target = state, target
        self._tuner: FCTuner | None = None
        self._baselines = float("nan"), float("nan")
        self._lock, self._is_dropped = Lock(), False
        self._wall_s = 0.0

    # ---- in a job's thread -------------------------------------------------------------------

    def go_on(self, progress: Progress) -> None:
        """Advance until as many minutes are done as are wanted; ending it leaves a fit that can go on.

        Raises
        ------
        EngineError
            The scenario cannot be tuned, or the state is of another fit.
        """
        self._guarded(lambda: self._advance(progress))

    def judge(self, minutes: float, progress: Progress) -> Judged:
        """Freeze it and measure its BOLD with other noise.

        Raises
        ------
        EngineError
            The time is too short, or membrane potentials are no numbers.
        """
        found: list[Judged] = []
        self._guarded(lambda: found.append(self._judge(minutes, progress)))
        return found[0]

    def _guarded(self, work: Callable[[], None]) -> None:
        begun = time.monotonic()
        try:
            with self._lock:
                work()
        finally:
            self._wall_s += time.monotonic() - begun
            self._close_if_dropped()

    def _advance(self, progress: Progress) -> None:
        if self._tuner is None:
            self._build(part_of(progress, 0.0, _MOST_BUILDING))
        tuner = self._tuner
        assert tuner is not None
        first, begun = tuner.minutes, time.monotonic()
        self._stand()
        try:
            while tuner.minutes < self.minutes:
                done, took = tuner.minutes - first, time.monotonic() - begun
                left = f"{_clock(took / done * (self.minutes - tuner.minutes))} left" if done > 0 else ""
                what = f"{tuner.minutes:.1f} of {self.minutes:g} min of biology" + (
                    f", {left}" if left else ""
                )
                progress(min(1.0, tuner.minutes / self.minutes), what)
                self._stand(tuner.advance().said)
                if time.monotonic() - self._noted_s > _NOTE_S:
                    self._note()
        finally:  # done, or it rests
            self._note()

    def _note(self) -> None:
        tuner = self._tuner
        assert tuner is not None
        self.kept = tuner_bytes(tuner), tuner.minutes
        self._noted_s = time.monotonic()

    def _build(self, progress: Progress) -> None:
        progress(0.0, "building the brain")
        n_synapses = capacity_of(self.asked, self.connectome, lays_out=False).n_synapses
        target = self._target
        if target is not None:
            on = [k for k, b in enumerate(self.asked.backend_of(self.connectome.labels)) if b != "off"]
            target = target[np.ix_(on, on)]
        threads = threads_for(n_synapses)
        tuner = FCTuner(self.asked, self.connectome, target, threads=threads, progress=progress)
        try:
            if self._state is not None:
                restore_tuner(self._state[1], self._state[0], tuner)
            progress(1.0, "baselines")
            index = tuner.brain.network.region_index
            self._baselines = (
                wiring_baseline(self.connectome, tuner.target, index),
                linear_baseline(self.connectome, tuner.target, index),
            )
        except BaseException:
            tuner.close()
            raise
        self._tuner, self._state = tuner, None

    def _stand(self, said: str = "") -> None:
        tuner = self._tuner
        assert tuner is not None
        last = self.standing.said if self.standing is not None else ""
        self.standing = standing_of(tuner, *self._baselines, said=said or last)

    def _judge(self, minutes: float, progress: Progress) -> Judged:
        tuner = self._tuner
        assert tuner is not None
        tuning = self.tuning()
        settles = {"network.settling.duration": self.asked.network.settling.duration}
        found = judge(
            tuned(tuner.scenario, tuning).with_values(settles),
            self.connectome,
            tuner.target,
            seed=judge_seed(tuner.scenario.seed),
            minutes=minutes,
            threads=threads_for(capacity_of(self.asked, self.connectome, lays_out=False).n_synapses),
            progress=progress,
        )
        report = report_of(tuner, found, [], self._wall_s)
        return Judged(found, with_provenance(tuning, report), report)

    # ---- while no job works on it ------------------------------------------------------------

    @property
    def is_built(self) -> bool:
        """Whether there is a tuner: it can go on, be judged, saved and used."""
        return self._tuner is not None

    @property
    def is_done(self) -> bool:
        """Whether as many minutes are done as are wanted."""
        return self._tuner is not None and self._tuner.minutes >= self.minutes

    def tuning(self) -> Tuning:
        """The factors as they are, named by scenario and time."""
        assert self._tuner is not None
        words = "".join(c if c.isalnum() else "-" for c in self.asked.title.lower())
        name = "-".join(part for part in words.split("-") if part)[:40]
        return self._tuner.tuning(f"{name or 'twin'}-{self._tuner.minutes:.0f}min")

    def state(self) -> bytes:
        """The content of the file that it goes on from, at most half a minute of biology old."""
        assert self._tuner is not None
        return tuner_bytes(self._tuner)

    def drop(self) -> None:
        """It is needed no more: let go of the brain, once nothing works on it."""
        self._is_dropped = True
        self._close_if_dropped()

    def _close_if_dropped(self) -> None:
        if self._is_dropped and self._lock.acquire(blocking=False):
            try:
                if self._tuner is not None:
                    self._tuner.close()
                    self._tuner = None
            finally:
                self._lock.release()


def _clock(seconds: float) -> str:
    """A time to wait in words: "40 s", "12 min", "1.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
