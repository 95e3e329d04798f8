"""Simulation: one scenario, advanced in chunks; knows nothing about screens or threads.

An exchange step is 1 ms of biological time. In each, every backend advances on its own, then all
spikes are handed to all backends. Nothing is drawn or measured in between, so watching a run
cannot change it.

A step is all or nothing. What is recorded counts up to the last whole step, whatever interrupts
the next one; Ctrl-C waits for the step it falls into, and after anything else that breaks a step
off the simulation keeps its recording and refuses to go on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple

import numpy as np

from engine.backends.contract import LiveParameters
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.errors import SimulationError
from engine.interrupts import HeldInterrupt
from engine.kernels.compiling import CompileClock
from engine.noc.flow.carriage import Carriage
from engine.progress import Progress, no_progress
from engine.run.assembly import Assembly, BackendFactory
from engine.run.capacity import Capacity, require_capacity
from engine.run.frame import Frame
from engine.run.given import named, whole_number
from engine.run.health import WINDOW_MS, require_health
from engine.run.large_arrays import large_zeros, leave_to_file
from engine.run.provenance import peak_memory_mb, versions
from engine.run.recording import Recording
from engine.run.settling import Settling
from engine.run.snapshot import Snapshot, require_fit
from engine.run.spike_log import SpikeLog
from engine.run.stretch import Stretch
from engine.run.traffic import Traffic
from engine.scenario.scenario import Scenario

__all__ = ["Simulation", "Stopped"]

_RECENT_MS = 60_000  # of the counts, which stays in memory


class _Done(NamedTuple):
    """What is done, replaced at the end of every exchange step and never changed."""

    time: int = 0  # exchange steps
    n_events: int = 0
    from_digital: int = 0  # spikes offered to the other substrate
    from_analog: int = 0

    @property
    def crossings(self) -> dict[str, int]:
        return {"digital>analog": self.from_digital, "analog>digital": self.from_analog}


class Stopped(Exception):  # noqa: N818 - an answer to a request, not an error
    """Raised by a progress callback to give up a build."""


class Simulation:
    """A run in the making.

    Parameters
    ----------
    scenario : Scenario or str
        A name is that of a preset, or of a scenario file.
    connectome : Connectome or str, optional
        Loaded by the scenario's name where left out; a name is that of a shipped one or of a file.
    threads : int
        For the digital backend, 1 or more; the spikes do not depend on it.
    progress : callable
        Called with (fraction, what) while building; may raise :class:`Stopped`.
    factories : mapping of str to callable
        Replaces a backend, for tests: ``{"digital": make}``.

    Raises
    ------
    EngineError
        The scenario cannot be run; the sentence says why and what would help.
    """

    def __init__(
        self,
        scenario: Scenario | str,
        connectome: Connectome | str | None = None,
        threads: int = 1,
        progress: Progress = no_progress,
        factories: Mapping[str, BackendFactory] | None = None,
    ):
        begun = time.perf_counter()
        threads = whole_number("threads", threads, 1)
        scenario, self.connectome = named(scenario, connectome)
        self.scenario = scenario
        with CompileClock() as compiling:
            self._build(threads, progress, factories or {})
        self.build_s = time.perf_counter() - begun - compiling.seconds

    def _build(self, threads: int, progress: Progress, factories: Mapping[str, BackendFactory]) -> None:
        scenario, connectome = self.scenario, self.connectome
        progress(0.0, "laying out regions")
        self.capacity: Capacity = require_capacity(scenario, connectome)
        self.network = Network.of(scenario, connectome)
        parts = Assembly.of(scenario, connectome, self.network, threads, progress, factories)
        self.fabric, self.backends = parts.fabric, parts.backends
        self.missing_inputs = parts.missing_inputs
        self.n_synapses = sum(b.n_synapses for b in self.backends)
        self._prepare()

    def _prepare(self) -> None:
        network, scenario = self.network, self.scenario
        self._population_of = network.population_of
        self._on_analog = network.is_analog[network.region_of]
        self._mixed = bool(network.is_analog.any() and not network.is_analog.all())
        self._span = 1 if len(self.backends) > 1 or scenario.noc.feedback else self.backends[0].max_span
        self._live = LiveParameters.of(scenario)
        self._live_changes: list[dict[str, float]] = []
        self._counts = large_zeros((scenario.n_exchanges, network.n_populations), np.uint16)
        self._log = SpikeLog()
        self._settling: Settling | None = None
        if scenario.network.settling.duration and network.tuning is not None:
            self._settling = Settling(network, self.backends, scenario.network.settling)
        self._done = _Done()
        self._heading = 0  # exchange steps that the backends are on their way to
        self._is_readable = True
        self._wall_s, self._version, self._checked = 0.0, 0, 0
        self.traffic = Traffic(scenario, self.fabric)
        self._stop = False

    def __repr__(self) -> str:
        return (
            f"<Simulation of '{self.scenario.title}': {self.network.n_neurons:,} neurons, "
            f"{self.n_synapses:,} synapses, {self.time_ms:,} of {self.scenario.n_exchanges:,} ms>"
        )

    # ---- running -----------------------------------------------------------------------------

    @property
    def time_ms(self) -> int:
        """Biological time done [ms]."""
        return self._done.time

    @property
    def is_finished(self) -> bool:
        """Whether the scenario's duration is done."""
        return self._done.time >= self.scenario.n_exchanges

    def stop(self) -> None:
        """Make :meth:`advance` or :meth:`run` return after the exchange step it is in.

        Safe from any thread.
        """
        self._stop = True

    def set_live(self, live: LiveParameters) -> None:
        """Use these values from the next exchange step on, and note the change."""
        if live == self._live:
            return
        self._require_whole()
        for name in (field.name for field in fields(LiveParameters)):
            before, after = getattr(self._live, name), getattr(live, name)
            if before != after:
                value = float(after) if isinstance(after, bool) else after
                self._live_changes.append({"time_ms": self._done.time, name: value})
        self._live = live
        self._heading = -1
        for backend in self.backends:
            backend.set_live(live)
        self._heading = self._done.time

    def advance(self, n_exchanges: int) -> Frame:
        """Run up to `n_exchanges` exchange steps of 1 ms and return the frame after them.

        Parameters
        ----------
        n_exchanges : int
            0 or more; the scenario's duration is never passed.

        Raises
        ------
        SimulationError
            Activity has run away, or a membrane potential is no number; looked for every 100 ms
            and at the end. Or an earlier step was broken off: then nothing goes on.
        """
        n_exchanges = whole_number("n_exchanges", n_exchanges, 0)
        self._stop = False
        return self._go(n_exchanges)

    def _go(self, n_exchanges: int) -> Frame:
        self._require_whole()
        last = self._done.time + n_exchanges
        while True:
            begun, compiling = time.perf_counter(), CompileClock()
            try:
                with compiling:
                    self._advance(min(last, self._checked + WINDOW_MS) - self._done.time)
            finally:
                self._wall_s += time.perf_counter() - begun - compiling.seconds
            self._check_health()
            if self._done.time >= last or self.is_finished or self._stop:
                break
        self._version += 1
        return self.frame()

    def _require_whole(self) -> None:
        if self._heading != self._done.time:
            raise SimulationError(
                "simulation: must not go on after an exchange step that was broken off (got one "
                f"at {self._done.time} ms). What was recorded until then is right; make a new "
                "Simulation, which may restore an earlier snapshot."
            )

    def _advance(self, n_exchanges: int) -> None:
        last = min(self._done.time + n_exchanges, self.scenario.n_exchanges)
        self.traffic.keep(self._done.time)
        held = HeldInterrupt()
        try:
            with held:
                while self._done.time < last and not (self._stop or held.is_asked):
                    self._step(last)
        finally:
            held.release()
            self._close_log()

    def _step(self, last: int) -> None:
        """One exchange step, or several; whole once `_done` is replaced."""
        done, n_sub = self._done, self.scenario.n_sub
        now = done.time
        span = min(self._span, last - now)
        if self._settling is not None:
            span = self._settling.until_due(now, span)
        self._heading = now + span
        parts = [backend.advance(now, span) for backend in self.backends]
        sources = parts[0][0] if len(parts) == 1 else np.concatenate([p[0] for p in parts])
        subs = parts[0][1] if len(parts) == 1 else np.concatenate([p[1] for p in parts])
        if sources.size:
            self._log.add(subs.astype(np.int64) + now * n_sub, sources)
        ahead = self._exchange(done, sources, subs // n_sub, span)
        if self._settling is not None and self._settling.is_due(ahead.time):
            every = round(self.scenario.network.settling.interval)
            self._settling.act(self._counts[ahead.time - every : ahead.time])
        self._done = ahead

    def _exchange(self, done: _Done, sources: np.ndarray, after: np.ndarray, span: int) -> _Done:
        """Hand over the spikes of `span` exchange steps; `after` says in which each was made."""
        now, n_events, n_analog, n_digital = done.time, done.n_events, 0, 0
        lateness = self.traffic.carry(sources, after, now, span)
        for backend in self.backends:
            n_events += (
                backend.deliver(sources, now) if lateness is None else backend.deliver(sources, now, lateness)
            )
        n = self._counts.shape[1]
        cells = self._population_of[sources] if span == 1 else after * n + self._population_of[sources]
        self._counts[now : now + span] = np.bincount(cells, minlength=span * n).reshape(span, n)
        if self._mixed:
            n_analog = int(np.count_nonzero(self._on_analog[sources]))
            n_digital = sources.size - n_analog
        return _Done(now + span, n_events, done.from_digital + n_digital, done.from_analog + n_analog)

    def _close_log(self) -> None:
        self._log.close(self._done.time * self.scenario.n_sub)

    def _carried(self) -> Carriage:
        """What went over the network on chip in whole steps."""
        if self._heading <= self._done.time:
            return self.traffic.carriage
        return self.traffic.until(self._done.time, self._log)

    def _check_health(self) -> None:
        """Stop where the numbers have stopped to mean anything; what was recorded stays."""
        unseen = self._done.time - self._checked
        if unseen >= WINDOW_MS or (unseen and self.is_finished):
            self._checked = time = self._done.time
            require_health(self.network, self._counts[:time], unseen, self.backends)
            leave_to_file(self._counts, time - _RECENT_MS)

    def frame(self) -> Frame:
        """The run as it is now, up to the last whole step."""
        self._require_readable()
        done, traffic = self._done, self._carried()
        return Frame(
            version=self._version,
            time_ms=done.time,
            n_chunks=len(self._log),
            n_spikes=self._log.n_spikes,
            n_events=done.n_events,
            counts=self._counts,
            log=self._log,
            link_packets=traffic.links.copy(),
            injected=traffic.injected.copy(),
            delivered=traffic.delivered.copy(),
            crossings=done.crossings,
            wall_s=self._wall_s,
            live=self._live,
            noc=traffic.report(),
        )

    def run(self, progress: Progress = no_progress, chunk: int = 20) -> Recording:
        """Run to the end, or until :meth:`stop`, and return what it left behind.

        Raises
        ------
        SimulationError
            See :meth:`advance`; :meth:`recording` has what was done until then.
        """
        chunk = whole_number("chunk", chunk, 1)
        self._stop = False
        while not (self.is_finished or self._stop):
            self._go(chunk)
            progress(self._done.time / self.scenario.n_exchanges, "running")
        return self.recording()

    # ---- leaving -----------------------------------------------------------------------------

    def recording(self) -> Recording:
        """What the run has left behind so far, up to the last whole step.

        After a step that was broken off the backends' own reports may count a part of that step.
        """
        self._require_readable()
        return self._recorded(self._log.joined(), 0)

    def stretch(self, after: Stretch | None = None) -> Stretch:
        """What was recorded since another stretch of this run, to be kept while it goes on.

        Parameters
        ----------
        after : Stretch, optional
            The one before; without it all from the beginning.
        """
        self._require_readable()
        first_ms, chunk = (0, 0) if after is None else (after.until_ms, after.n_chunks)
        return Stretch(
            first_ms, len(self._log), self._recorded(self._log.between(chunk, len(self._log)), first_ms)
        )

    def _recorded(self, spikes: tuple[np.ndarray, np.ndarray], first_ms: int) -> Recording:
        """A recording with these spikes, and the counts from `first_ms` on."""
        steps, ids = spikes
        done, traffic = self._done, self._carried()
        reports: dict[str, dict[str, Any]] = {b.name: b.report() for b in self.backends}
        return Recording(
            scenario=self.scenario,
            connectome=self.connectome,
            network=self.network,
            fabric=self.fabric,
            spike_steps=steps,
            spike_ids=ids,
            counts=self._counts[first_ms : done.time],  # whose rows never change again
            n_events=done.n_events,
            n_synapses=self.n_synapses,
            link_packets=traffic.links.copy(),
            injected=traffic.injected.copy(),
            delivered=traffic.delivered.copy(),
            crossings=done.crossings,
            reports=reports,
            missing_inputs=dict(self.missing_inputs),
            live_changes=tuple(dict(c) for c in self._live_changes),
            traffic_from_ms=self.traffic.from_ms,
            noc=traffic.report(),
            build_s=self.build_s,
            wall_s=self._wall_s,
            peak_memory_mb=peak_memory_mb(),
            versions=versions(),
        )

    def _require_readable(self) -> None:
        if not self._is_readable:
            raise SimulationError(
                "simulation: must be restored whole before it is read (got a restore that was "
                "broken off). Make a new Simulation and restore the snapshot there."
            )
        self._close_log()

    def close(self) -> None:
        """Let threads go."""
        for backend in self.backends:
            backend.close()

    # ---- branching ---------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Copies of all that changes; :meth:`restore` goes on from it exactly."""
        self._require_whole()
        self._close_log()
        done = self._done
        state = {
            "time": done.time,
            "names": [b.name for b in self.backends],
            "backends": [b.state() for b in self.backends],
            "counts": self._counts[: done.time],
            "log": self._log.joined(),
            "n_events": done.n_events,
            "crossings": done.crossings,
            **self.traffic.state(),
            "live": replace(self._live),
            "live_changes": [dict(c) for c in self._live_changes],
        }
        if self._settling is not None:
            state["settling"] = self._settling.inhibition.copy()
        return Snapshot(self.scenario, self.connectome.checksum, state)

    def restore(self, snapshot: Snapshot, last: Frame | None = None) -> None:
        """Go on from a snapshot of this scenario, or of one that differs in what runs, not where.

        Neurons, their backends and the longest delay must be the same; lesions, stimuli, weights
        and parameters may differ, so that a what-if can branch from the middle of a run. Whoever has
        followed the run up to the frame `last`, at the same moment, follows it on from there.

        Raises
        ------
        DataError
            It is of another network; nothing has changed.
        """
        self._require_whole()
        require_fit(snapshot, self.scenario, self.connectome, self.backends)
        with HeldInterrupt():
            self._take(snapshot, last)

    def _take(self, snapshot: Snapshot, last: Frame | None) -> None:
        saved, time = snapshot.state, int(snapshot.state["time"])
        self._heading, self._is_readable = -1, False
        if snapshot.scenario == self.scenario:
            self._live = saved["live"]
            for backend in self.backends:
                backend.set_live(self._live)
        for backend, state in zip(self.backends, saved["backends"], strict=True):
            backend.restore(state)
        if self._settling is not None and "settling" in saved:
            self._settling.set_inhibition(saved["settling"])
        self._checked = time
        self._counts = large_zeros(
            self._counts.shape, np.uint16
        )  # another array: recordings read the one before
        self._counts[:time] = saved["counts"]
        self._log = SpikeLog() if last is None else last.log
        if last is None and saved["log"][1].size:
            self._log.append(*saved["log"])
        self.traffic.restore(saved if snapshot.scenario == self.scenario else None, time)
        self._live_changes = [dict(c) for c in saved["live_changes"]]
        self._version = max(self._version, 0 if last is None else last.version) + 1
        crossings = saved["crossings"]
        self._done = _Done(time, saved["n_events"], crossings["digital>analog"], crossings["analog>digital"])
        self._heading = time
        self._is_readable = True
