"""An assimilation that can rest: kept between pieces of work, and what is known of it meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dtb_app.pages.fit.assimilate.asked import TR_MS, Asked, apart_names
from engine.assimilation.baselines import persistence
from engine.assimilation.brain_filter import BrainFilter, values_of
from engine.assimilation.members import Wired, wired
from engine.assimilation.observations import Observations, observations_of, regions_apart
from engine.assimilation.offline import OfflineFit
from engine.assimilation.report import chance_shrinkage, fits_of, learnt, report_of
from engine.assimilation.state_file import restore_state, state_bytes
from engine.assimilation.twin import observed_twin
from engine.errors import DataError
from engine.fit.measured import RegionSeries
from engine.progress import Progress

__all__ = ["Standing", "Study"]


_NOTE_S = 30.0  # after which it is noted where an assimilation stands


@dataclass(frozen=True, eq=False)
class Standing:
    """Where an assimilation stands; never changed.

    Attributes
    ----------
    observations : Observations
    time : int
        TRs done; generations of an offline fit.
    targets, forecast : (time, n_regions) float64
        As they are compared; none of an offline fit.
    mean, sd : (time, n_driven, n_parameters) float64
        In units.
    truth : (n_driven, n_parameters) float64, optional
        In units.
    errors : dict of str to (time,) float64 [1]
        Root mean square over regions, in their own deviations: "driven", "held_out", "expected" of the
        driven by the spread of the members, "persistence" of the driven.
    rows : list of dict
        As of `engine.assimilation.report.learnt`.
    chance : float [1]
        Shrinkage that one in twenty numbers that act on nothing exceeds.
    fits : dict
        By forecast, group and half.
    losses : (n_generations, n_candidates) float64 [1]
        Of an offline fit.
    values : (n_parameters,) float64
        Where an offline fit stands, in units.
    report : dict, optional
        Once it is finished.
    replay : (n_trs, n_regions) float64, optional
    """

    observations: Observations
    time: int
    targets: NDArray[np.float64]
    forecast: NDArray[np.float64]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    truth: NDArray[np.float64] | None
    errors: dict[str, NDArray[np.float64]]
    rows: list[dict[str, Any]]
    chance: float
    fits: dict[str, Any]
    losses: NDArray[np.float64]
    values: NDArray[np.float64]
    report: dict[str, Any] | None = None
    replay: NDArray[np.float64] | None = None


class Study:
    """One assimilation; its work is done by jobs, one after the other.

    Parameters
    ----------
    asked : Asked
    state : (str, bytes), optional
        Name and content of a file that it goes on from.

    Attributes
    ----------
    standing : Standing or None
        Where it stands; replaced while it goes on.
    can_rest : bool
        Whether it is where it can be paused.
    noted : (bytes, int, int) or None
        The content of a file that it goes on from, noted every half minute and where it rests or ends, how
        much of it was done then, and of how much; replaced, and still there once it is dropped.
    """

    def __init__(self, asked: Asked, state: tuple[str, bytes] | None = None):
        self.asked = asked
        self.standing: Standing | None = None
        self.can_rest = False
        self.noted: tuple[bytes, int, int] | None = None
        self._noted_s = time.monotonic()
        self._state = state
        self._running: BrainFilter | OfflineFit | None = None
        self._x: NDArray[np.float64] | None = None
        self._rests, self._lock, self._is_dropped = Event(), Lock(), False
        self._times = _Times(asked)

    # ---- in a job's thread -------------------------------------------------------------------

    def go_on(self, progress: Progress) -> None:
        """Advance to the end, or until it is asked to rest; broken off otherwise it is of no more use.

        Raises
        ------
        EngineError
            The brain or the data cannot be assimilated, or the state is of another assimilation.
        """
        self._rests.clear()
        try:
            with self._lock:
                self._advance(progress)
        finally:
            self.can_rest = False
            self._close_if_dropped()

    def _advance(self, progress: Progress) -> None:
        if self._running is None:
            self._running = self._build(progress)
        running, times = self._running, self._times
        n, unit = self.n_wanted, self.unit
        self._stand()
        self.can_rest = True
        times.begin(1, self._done / n)
        while self._done < n:
            done = self._done

            def told(fraction: float, what: str, done: int = done) -> None:
                progress(*times.at(1, (done + fraction) / n, f"{done} of {n} {unit}"))

            told(0.0, "")
            running.step(told)
            self._stand()
            rests = self._rests.is_set() and self._done < n
            if rests or self._done == n or time.monotonic() - self._noted_s > _NOTE_S:
                self._note(running)
            if rests:
                return
        self.can_rest = False
        if self.standing is None or self.standing.report is None:
            self._judge(running, progress)

    def _note(self, running: BrainFilter | OfflineFit) -> None:
        self.noted = state_bytes(running), self._done, self.n_wanted
        self._noted_s = time.monotonic()

    @property
    def _done(self) -> int:
        running = self._running
        assert running is not None
        return running.n_generations if isinstance(running, OfflineFit) else running.time

    def _judge(self, running: BrainFilter | OfflineFit, progress: Progress) -> None:
        times, threads = self._times, self.asked.threads
        times.begin(2)

        def told(fraction: float, what: str) -> None:
            progress(*times.at(2, fraction, "baselines and replay"))

        if isinstance(running, OfflineFit):
            self._stand(running.report(told))
        else:
            self._stand(report_of(running, self._x, threads=threads, progress=told))

    def _build(self, progress: Progress) -> BrainFilter | OfflineFit:
        asked, times = self.asked, self._times
        progress(0.0, "building the brain")
        brain = wired(asked.scenario, asked.connectome, asked.threads, lambda f, what: progress(0.0, what))
        times.begin(0)

        def told(fraction: float, what: str) -> None:
            progress(*times.at(0, fraction, "observing a brain whose parameters are known"))

        observations, self._x = self._observed(brain, told)
        if asked.is_offline:
            made: BrainFilter | OfflineFit = OfflineFit(brain, observations, asked.settings, asked.threads)
        else:
            made = BrainFilter(
                brain,
                observations,
                asked.settings,
                asked.threads,
                lambda f, what: progress(times.share(1, 0.0), "members run in"),
            )
        if self._state is not None:
            name, data = self._state
            try:
                restore_state(data, name, made)
            except BaseException:
                if isinstance(made, BrainFilter):
                    made.close()
                raise
            self._state = None
        return made

    def _observed(self, brain: Wired, progress: Progress) -> tuple[Observations, NDArray[np.float64] | None]:
        asked, labels = self.asked, brain.network.labels
        if asked.own is None:
            away = apart_names(labels, asked.n_held_out)
            apart = regions_apart(labels, np.ones(len(labels), bool), (), away)
            known = observed_twin(
                brain, "bold", TR_MS, asked.n_trs, *apart, asked.settings, progress=progress
            )
            if asked.is_offline:
                return known.observations, None  # regions differ there; one value for all is none of theirs
            return known
        series, matching = asked.own.data, asked.own.matching
        if not isinstance(series, RegionSeries) or matching is None:
            raise DataError(f"{asked.own.name}: must be signals of regions over time to be assimilated.")
        places = {int(place) for place in matching.places()}
        index = brain.network.region_index
        there = tuple(label for label, k in zip(labels, index, strict=True) if int(k) in places)
        if not there:
            raise DataError(f"{asked.own.name}: must have a region that is simulated (got none).")
        away = apart_names(there, asked.n_held_out)
        given = observations_of(series, matching, brain.network, "bold", held_out=away, n_trs=asked.n_trs)
        return given, None

    def _stand(self, report: dict[str, Any] | None = None) -> None:
        running = self._running
        assert running is not None
        given = running.observations
        flat, none = np.zeros((0, len(given.labels))), np.zeros((0, 0, 0))
        if isinstance(running, OfflineFit):
            self.standing = Standing(
                given,
                running.n_generations,
                flat,
                flat,
                none,
                none,
                None,
                {},
                [],
                0.0,
                {},
                running.losses,
                running.values,
                report,
            )
            return
        n, series = running.time, running.series
        truth = None if self._x is None else values_of(self._x, running.settings)
        forecasts = {"assimilated": series["forecast"][:n], "persistence": persistence(running.targets)[:n]}
        targets = running.targets[:n]
        if report is not None:
            fits, rows = report["fits"], report["parameters"]
        else:
            rows = learnt(running, self._x) if n else []
            fits = {name: fits_of([one], targets, given) for name, one in forecasts.items()}
        self.standing = Standing(
            given,
            n,
            targets,
            forecasts["assimilated"],
            series["mean"][:n],
            series["sd"][:n],
            truth,
            _errors(running, forecasts["persistence"]),
            rows,
            chance_shrinkage(running),
            fits,
            flat[:, :0],
            np.zeros(0),
            report,
            None if report is None else np.array(report["series"]["replay"], np.float64),
        )

    # ---- from the page -----------------------------------------------------------------------

    def rest(self) -> None:
        """Ask it to rest once the observation at hand is used, or the generation tried."""
        self._rests.set()

    @property
    def unit(self) -> str:
        """Of what is done step by step."""
        return "generations" if self.asked.is_offline else "TR"

    @property
    def n_wanted(self) -> int:
        """Steps in all; once it is built."""
        running = self._running
        assert running is not None
        return self.asked.n_generations if self.asked.is_offline else running.observations.n_trs

    @property
    def is_built(self) -> bool:
        """Whether there is something to go on with and to keep."""
        return self._running is not None

    @property
    def is_done(self) -> bool:
        """Whether it is finished and judged."""
        return self.standing is not None and self.standing.report is not None

    def state(self) -> bytes:
        """The content of the file that it goes on from; while no job works on it."""
        assert self._running is not None
        return state_bytes(self._running)

    def drop(self) -> None:
        """It is needed no more: let go of the brain, once nothing works on it."""
        self._is_dropped = True
        self._close_if_dropped()

    def _close_if_dropped(self) -> None:
        if self._is_dropped and self._lock.acquire(blocking=False):
            try:
                if isinstance(self._running, BrainFilter):
                    self._running.close()
                self._running = None
            finally:
                self._lock.release()


class _Times:
    """How far data, assimilation and judging are, and what is left of them."""

    def __init__(self, asked: Asked):
        self._parts = np.array(asked.parts())
        self._from, self._begun = 0.0, 0.0

    def begin(self, part: int, done: float = 0.0) -> None:
        """A part begins, or goes on where a share of it is done."""
        if part != 2 or not self._begun:
            self._from, self._begun = self.share(part, done), time.monotonic()

    def share(self, part: int, done: float) -> float:
        """Of the whole, with so much of a part done."""
        return float((self._parts[:part].sum() + done * self._parts[part]) / self._parts.sum())

    def at(self, part: int, done: float, what: str) -> tuple[float, str]:
        """The share of the whole, and words with the time that is left."""
        share, took = self.share(part, done), time.monotonic() - self._begun
        gone = share - self._from
        is_known = part > 0 and gone > 0.01  # the first part may have to compile
        left = f", {_clock(took / gone * (1.0 - share))} left" if is_known else ""
        return share, what + left


def _errors(running: BrainFilter, persisted: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """See `Standing.errors`."""
    n, series, given = running.time, running.series, running.observations
    with np.errstate(invalid="ignore", divide="ignore"):
        off = series["innovation"][:n] / running.targets.std(axis=0)
        variance = (series["spread"][:n] ** 2 + running.noise_sd**2) / running.targets.var(axis=0)
        last = (running.targets[:n] - persisted) / running.targets.std(axis=0)

    def rms(values: NDArray[np.float64], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        if not mask.any():
            return np.full(n, np.nan)
        return np.sqrt((values[:, mask] ** 2).mean(axis=1))

    return {
        "driven": rms(off, given.driven),
        "held_out": rms(off, given.held_out),
        "expected": rms(np.sqrt(variance), given.driven),
        "persistence": rms(last, given.driven),
    }


def _clock(seconds: float) -> str:
    """A time to wait in words: "40 s", "12 min", "1.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
