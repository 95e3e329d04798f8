"""Simulation: one scenario, advanced in chunks; knows nothing about screens or threads.

An exchange step is 1 ms of biological time. In each, every backend advances on its own, then all
spikes are handed to all backends. Nothing is drawn or measured in between, so watching a run
cannot change it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from engine.backends.analog.backend import AnalogBackend
from engine.backends.analog.layout import hemispheres_of
from engine.backends.column import ColumnBackend
from engine.backends.column_regions import ColumnRegions
from engine.backends.contract import Backend, LiveParameters
from engine.backends.digital import DigitalBackend
from engine.backends.parts import Progress, no_progress
from engine.backends.wiring import SynapseTable, wire
from engine.capacity import Capacity, require_capacity
from engine.connectome import Connectome, load_connectome
from engine.errors import DataError, SimulationError
from engine.frame import Frame
from engine.kernels.compiling import CompileClock
from engine.model.network import COLUMN, Network
from engine.model.neuron_choice import NeuronName
from engine.noc.fabric import Fabric, source_keys
from engine.noc.feedback import Carriage
from engine.recording import Recording, SpikeLog, peak_memory_mb, versions
from engine.scenario import Scenario
from engine.snapshot import Snapshot

__all__ = ["Simulation", "Stopped"]

RUNAWAY_HZ = 200.0
RUNAWAY_REGION_HZ = 300.0
_HEALTH_WINDOW_MS = 100

BackendFactory = Callable[[Scenario, Network, np.ndarray, SynapseTable], Backend]


def _groups(network: Network) -> dict[tuple[str, str], np.ndarray]:
    """Neurons of each (substrate, neuron) that occurs, ascending; all circuits are one group."""
    analog = network.is_analog[network.region_of]
    groups = {}
    for neuron in (*get_args(NeuronName), COLUMN):
        here = (network.neurons == neuron)[network.region_of, network.kind_of]
        ids = np.flatnonzero(here & ~analog).astype(np.int32)
        if ids.size:
            groups["digital", neuron] = ids
    if analog.any():
        groups["analog", "circuit"] = np.flatnonzero(analog).astype(np.int32)
    return groups


class Stopped(Exception):  # noqa: N818 - an answer to a request, not an error
    """Raised by a progress callback to give up a build."""


class Simulation:
    """A run in the making.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome, optional
        Loaded by the scenario's name where left out.
    threads : int
        For the digital backend; the spikes do not depend on it.
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
        scenario: Scenario,
        connectome: Connectome | None = None,
        threads: int = 1,
        progress: Progress = no_progress,
        factories: Mapping[str, BackendFactory] | None = None,
    ):
        begun = time.perf_counter()
        self.scenario = scenario
        self.connectome = connectome or load_connectome(scenario.connectome)
        progress(0.0, "laying out regions")
        self.capacity: Capacity = require_capacity(scenario, self.connectome)
        self.network = Network.of(scenario, self.connectome)
        with CompileClock() as compiling:
            if scenario.network.recipe == "microcircuit":
                self._make_columns(threads, progress)
            else:
                self._make_brain(threads, progress, factories or {})
        self.n_synapses = sum(b.n_synapses for b in self.backends)
        self._prepare()
        self.build_s = time.perf_counter() - begun - compiling.seconds

    def _make_columns(self, threads: int, progress: Progress) -> None:
        """Columns; nothing runs between regions."""
        self.fabric = Fabric.expected(self.scenario, self.network)  # columns, all digital
        self.backends = [ColumnBackend(self.scenario, self.network, threads, progress)]
        self.missing_inputs = {}

    def _make_brain(
        self, threads: int, progress: Progress, factories: Mapping[str, BackendFactory]
    ) -> None:
        """Regions of the DTB and the tracts between them: a backend a substrate and neuron."""
        scenario, network = self.scenario, self.network
        groups = _groups(network)
        key_of, _ = source_keys(scenario, network)
        wiring = wire(
            network, scenario.wiring_seed, list(groups.values()), key_of, threads, progress
        )
        halves = hemispheres_of(scenario, network)
        self.fabric = Fabric.of(scenario, network, wiring.reach, halves)
        self.backends = []
        for ((substrate, neuron), ids), table in zip(groups.items(), wiring.tables, strict=True):
            if substrate in factories:
                backend = factories[substrate](scenario, network, ids, table)
            elif substrate == "analog":
                backend = AnalogBackend(scenario, network, ids, table, threads)
            elif neuron == COLUMN:
                backend = ColumnRegions(
                    scenario, self.connectome, network, ids, table, threads, progress
                )
            else:
                backend = DigitalBackend(scenario, network, ids, table, threads, neuron)
            self.backends.append(backend)
        self.missing_inputs = {
            "without_source": wiring.n_without_source,
            "population_used_up": wiring.n_unplaced,
            "cut_by_lesion": wiring.n_cut,
        }

    def _prepare(self) -> None:
        network, scenario = self.network, self.scenario
        self._population_of = network.population_of
        self._on_analog = network.is_analog[network.region_of]
        self._mixed = bool(network.is_analog.any() and not network.is_analog.all())
        self._span = 1 if len(self.backends) > 1 else self.backends[0].max_span
        self._live = LiveParameters.of(scenario)
        self._live_changes: list[dict[str, float]] = []
        self._counts = np.zeros((scenario.n_exchanges, network.n_populations), np.uint16)
        self._log = SpikeLog()
        self._time = 0
        self._n_events = 0
        self._wall_s = 0.0
        self._version = 0
        self._crossings = {"digital>analog": 0, "analog>digital": 0}
        self._traffic_from = 0
        self._checked = 0
        noc = scenario.noc
        self._carriage = Carriage(
            self.fabric, noc.deadline_ms, noc.drop_after_ms, scenario.seed, noc.feedback
        )
        self._link_packets = self._carriage.links
        self._injected, self._delivered = self._carriage.injected, self._carriage.delivered
        self._stop = False

    # ---- running -----------------------------------------------------------------------------

    @property
    def time_ms(self) -> int:
        """Biological time done [ms]."""
        return self._time

    @property
    def is_finished(self) -> bool:
        """Whether the scenario's duration is done."""
        return self._time >= self.scenario.n_exchanges

    def stop(self) -> None:
        """Make :meth:`advance` return after the exchange step it is in; safe from any thread."""
        self._stop = True

    def set_live(self, live: LiveParameters) -> None:
        """Use these values from the next exchange step on, and note the change."""
        if live == self._live:
            return
        for name in ("coupling", "ou_mean", "stimulus_scale", "background_rate_hz"):
            before, after = getattr(self._live, name), getattr(live, name)
            if before != after:
                self._live_changes.append({"time_ms": self._time, name: after})
        self._live = live
        for backend in self.backends:
            backend.set_live(live)

    def advance(self, n_exchanges: int) -> Frame:
        """Run up to `n_exchanges` exchange steps of 1 ms and return the frame after them.

        Raises
        ------
        SimulationError
            Activity has run away, or a membrane potential is no number; looked for every 100 ms.
        """
        begun = time.perf_counter()
        with CompileClock() as compiling:
            self._advance(n_exchanges)
        self._wall_s += time.perf_counter() - begun - compiling.seconds
        self._check_health()
        self._version += 1
        return self.frame()

    def _advance(self, n_exchanges: int) -> None:
        last = min(self._time + n_exchanges, self.scenario.n_exchanges)
        n_sub = self.scenario.n_sub
        steps, ids = [], []
        self._stop = False
        while self._time < last and not self._stop:
            now = self._time
            span = min(self._span, last - now)
            parts = [backend.advance(now, span) for backend in self.backends]
            sources = parts[0][0] if len(parts) == 1 else np.concatenate([p[0] for p in parts])
            subs = parts[0][1] if len(parts) == 1 else np.concatenate([p[1] for p in parts])
            if sources.size:
                steps.append(subs.astype(np.int64) + now * n_sub)
                ids.append(sources)
            self._exchange(sources, subs // n_sub, now, span)
            self._time = now + span
        if ids:
            self._log.append(np.concatenate(steps), np.concatenate(ids))

    def _exchange(self, sources: np.ndarray, after: np.ndarray, now: int, span: int) -> None:
        """Hand over the spikes of `span` exchange steps; `after` says in which each was made."""
        lateness = self._carry(sources, after, now, span)
        for backend in self.backends:
            self._n_events += (
                backend.deliver(sources, now)
                if lateness is None
                else backend.deliver(sources, now, lateness)
            )
        n = self._counts.shape[1]
        cells = (
            self._population_of[sources] if span == 1 else after * n + self._population_of[sources]
        )
        self._counts[now : now + span] = np.bincount(cells, minlength=span * n).reshape(span, n)
        if self._mixed:
            n_analog = int(np.count_nonzero(self._on_analog[sources]))
            self._crossings["analog>digital"] += n_analog
            self._crossings["digital>analog"] += sources.size - n_analog

    def _carry(
        self, sources: np.ndarray, after: np.ndarray, now: int, span: int
    ) -> np.ndarray | None:
        """Send spikes over the network on chip; say which act late, where any do."""
        if span == 1:
            return self._carriage.carry(sources, now)
        for step in range(span):  # only regions without tracts run on by themselves
            self._carriage.carry(sources[after == step], now + step)
        return None

    def _check_health(self) -> None:
        """Stop where the numbers have stopped to mean anything; what was recorded stays."""
        if self._time - self._checked < _HEALTH_WINDOW_MS:
            return
        self._checked = self._time
        names, seconds = self.network.labels, _HEALTH_WINDOW_MS / 1000.0
        recent = self._counts[self._time - _HEALTH_WINDOW_MS : self._time].sum(axis=0, dtype=int)
        spikes = recent.reshape(self.network.n_regions, -1).sum(axis=1)
        rates = spikes / self.network.region_sizes / seconds
        worst = int(rates.argmax())
        mean_hz = spikes.sum() / self.network.n_neurons / seconds
        if mean_hz > RUNAWAY_HZ or rates[worst] > RUNAWAY_REGION_HZ:
            raise SimulationError(
                f"simulation: rates must stay below {RUNAWAY_HZ:.0f} Hz on average and "
                f"{RUNAWAY_REGION_HZ:.0f} Hz in a region (got {mean_hz:.0f} Hz, and "
                f"{rates[worst]:.0f} Hz in {names[worst]}, at {self._time} ms): activity has run "
                "away. Lower the coupling, the background or the excitatory weights."
            )
        for backend in self.backends:
            bad = np.flatnonzero(~np.isfinite(backend.membrane()))
            if bad.size:
                region = names[self.network.region_of[backend.neurons[bad[0]]]]
                raise SimulationError(
                    f"simulation: membrane potentials must be finite (got {bad.size} that are not, "
                    f"the first in {region}, at {self._time} ms). Lower dt or the weights."
                )

    def frame(self) -> Frame:
        """The run as it is now."""
        return Frame(
            version=self._version,
            time_ms=self._time,
            n_chunks=len(self._log),
            n_spikes=self._log.n_spikes,
            n_events=self._n_events,
            counts=self._counts,
            log=self._log,
            link_packets=self._link_packets.copy(),
            injected=self._injected.copy(),
            delivered=self._delivered.copy(),
            crossings=dict(self._crossings),
            wall_s=self._wall_s,
            live=self._live,
            noc=self._carriage.report(),
        )

    def run(self, progress: Progress = no_progress, chunk: int = 20) -> Recording:
        """Run to the end and return what it left behind."""
        while not self.is_finished:
            self.advance(chunk)
            progress(self._time / self.scenario.n_exchanges, "running")
        return self.recording()

    # ---- leaving -----------------------------------------------------------------------------

    def recording(self) -> Recording:
        """What the run has left behind so far."""
        steps, ids = self._log.joined()
        reports: dict[str, dict[str, Any]] = {b.name: b.report() for b in self.backends}
        return Recording(
            scenario=self.scenario,
            connectome=self.connectome,
            network=self.network,
            fabric=self.fabric,
            spike_steps=steps,
            spike_ids=ids,
            counts=self._counts[: self._time].copy(),
            n_events=self._n_events,
            n_synapses=self.n_synapses,
            link_packets=self._link_packets.copy(),
            injected=self._injected.copy(),
            delivered=self._delivered.copy(),
            crossings=dict(self._crossings),
            reports=reports,
            missing_inputs=dict(self.missing_inputs),
            live_changes=tuple(dict(c) for c in self._live_changes),
            traffic_from_ms=self._traffic_from,
            noc=self._carriage.report(),
            build_s=self.build_s,
            wall_s=self._wall_s,
            peak_memory_mb=peak_memory_mb(),
            versions=versions(),
        )

    def close(self) -> None:
        """Let threads go."""
        for backend in self.backends:
            backend.close()

    # ---- branching ---------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Copies of all that changes; :meth:`restore` goes on from it exactly."""
        state = {
            "time": self._time,
            "names": [b.name for b in self.backends],
            "backends": [b.state() for b in self.backends],
            "counts": self._counts[: self._time].copy(),
            "log": self._log.joined(),
            "n_events": self._n_events,
            "traffic_from": self._traffic_from,
            "link_packets": self._link_packets.copy(),
            "injected": self._injected.copy(),
            "delivered": self._delivered.copy(),
            "crossings": dict(self._crossings),
            "noc": self._carriage.state(),
            "live": replace(self._live),
            "live_changes": [dict(c) for c in self._live_changes],
        }
        return Snapshot(self.scenario, self.connectome.checksum, state)

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot of this scenario, or of one that differs in what runs, not where.

        Neurons, their backends and the longest delay must be the same; lesions, stimuli, weights
        and parameters may differ, so that a what-if can branch from the middle of a run.

        Raises
        ------
        DataError
            It is of another network; nothing has changed.
        """
        saved = snapshot.state
        self._check_fits(snapshot)
        for backend, state in zip(self.backends, saved["backends"], strict=True):
            backend.restore(state)
        if snapshot.scenario == self.scenario:
            self._live = saved["live"]
            for backend in self.backends:
                backend.set_live(self._live)
        self._time = self._checked = saved["time"]
        self._counts[:] = 0
        self._counts[: self._time] = saved["counts"]
        self._log = SpikeLog()
        if saved["log"][1].size:
            self._log.append(*saved["log"])
        self._n_events = saved["n_events"]
        # Another scenario may have other trees; what it costs the network on chip counts from here.
        is_same = snapshot.scenario == self.scenario
        self._traffic_from = saved["traffic_from"] if is_same else self._time
        for name in ("link_packets", "injected", "delivered"):
            getattr(self, f"_{name}")[:] = saved[name] if is_same else 0
        self._carriage.restore(saved["noc"] if is_same else None)
        self._crossings = dict(saved["crossings"])
        self._live_changes = [dict(c) for c in saved["live_changes"]]
        self._version += 1

    def _check_fits(self, snapshot: Snapshot) -> None:
        saved, scenario = snapshot.state, self.scenario
        if snapshot.connectome_checksum != self.connectome.checksum:
            raise DataError("snapshot: must be of the same connectome. Open that one first.")
        if snapshot.time_ms >= scenario.n_exchanges:
            raise DataError(
                f"snapshot: must be taken before the run ends (taken at {snapshot.time_ms} ms, the "
                f"run ends at {scenario.n_exchanges} ms). Give a longer duration."
            )
        if snapshot.scenario.dt != scenario.dt:
            raise DataError(
                f"dt: must be {snapshot.scenario.dt:g} ms as in the snapshot (got {scenario.dt:g})."
            )
        same = saved["names"] == [b.name for b in self.backends] and all(
            {k: v.shape for k, v in b.state().items() if not k.startswith("flight")}
            == {k: v.shape for k, v in state.items() if not k.startswith("flight")}
            for b, state in zip(self.backends, saved["backends"], strict=True)
        )
        before = snapshot.scenario.backend_of(self.connectome.labels)
        if not same or before != scenario.backend_of(self.connectome.labels):
            raise DataError(
                "snapshot: must have the same neurons on the same backends, the same plastic "
                "projections and the same longest delay as the scenario that goes on from it."
            )
