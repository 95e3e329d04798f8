"""The analog regions alone, hearing what the rest of the brain sent while they were digital.

The rest is replayed from the teacher's recording, so nothing the student does comes back to it:
what differs is the chip's own doing. It costs what the regions cost, not what the brain costs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.backends.analog.backend import AnalogBackend
from engine.backends.analog.layout import hemispheres_of
from engine.backends.contract import Backend
from engine.backends.digital.backend import DigitalBackend
from engine.backends.wiring import wire
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.codesign.measures import Observation, trains_of
from engine.codesign.workers import Check, unchecked
from engine.errors import SimulationError
from engine.noc.fabric import Fabric, source_keys
from engine.noc.flow.flow import FlowSummary
from engine.progress import Progress, no_progress
from engine.run.recording import Recording
from engine.scenario.scenario import Scenario

__all__ = ["Heard", "OpenLoop"]

RUNAWAY_HZ = 300.0
_LOOK_MS = 100


@dataclass(frozen=True, eq=False)
class Heard:
    """What the rest of the brain sent, millisecond by millisecond, and what the teacher answered.

    Attributes
    ----------
    scenario : Scenario
        The teacher's; its seed and stimuli are those of every student that hears this.
    indptr : (n_ms + 1,) int64
    sources : (n_spikes,) int32
        Neurons that fired in exchange step t: ``sources[indptr[t]:indptr[t + 1]]``.
    teacher : Observation
        Of the compared regions alone.
    is_lif : bool
        Whether the teacher's neurons there are LIF, which :meth:`OpenLoop.teacher` can repeat.
    """

    scenario: Scenario
    indptr: np.ndarray
    sources: np.ndarray
    teacher: Observation
    is_lif: bool


class OpenLoop:
    """The compared regions with their synapses, ready to be run on any chip.

    Parameters
    ----------
    scenario : Scenario
        With analog regions; gives the network and its connectivity.
    connectome : Connectome
    labels : tuple of str
        The analog regions.
    threads : int
        For drawing the synapses.
    progress : callable
    """

    def __init__(
        self,
        scenario: Scenario,
        connectome: Connectome,
        labels: tuple[str, ...],
        threads: int = 1,
        progress: Progress = no_progress,
    ):
        self.scenario = scenario
        self._labels = labels
        network = self._network = Network.of(scenario, connectome)
        self._regions = np.array([network.labels.index(label) for label in labels])
        is_mine = np.isin(network.region_of, self._regions)
        self._neurons = np.flatnonzero(is_mine).astype(np.int32)
        rest = np.flatnonzero(~is_mine).astype(np.int32)
        groups = [self._neurons, rest] if rest.size else [self._neurons]
        key_of, _ = source_keys(scenario, network)
        wiring = wire(network, scenario.wiring_seed, groups, key_of, threads, progress)
        self._table = wiring.tables[0]
        halves = hemispheres_of(scenario, network)
        self._fabric = Fabric.of(scenario, network, wiring.reach, halves)

    @property
    def n_neurons(self) -> int:
        """Compared neurons."""
        return self._neurons.size

    @property
    def region_of(self) -> np.ndarray:
        """(n_neurons,) int64, place of each compared neuron's region among the labels."""
        place = np.full(self._network.n_regions, -1, np.int64)
        place[self._regions] = np.arange(self._regions.size)
        return place[self._network.region_of[self._neurons]]

    @property
    def is_excitatory(self) -> np.ndarray:
        """(n_neurons,) bool."""
        return self._network.is_excitatory[self._neurons]

    @property
    def is_lif(self) -> bool:
        """Whether all compared neurons are LIF, so that :meth:`teacher` can be asked."""
        return bool((self._network.neurons[self._regions] == "lif").all())

    @property
    def n_synapses(self) -> int:
        """Synapses onto the compared neurons."""
        return self._table.n_synapses

    def flow(self, heard: Heard, student: Observation) -> FlowSummary:
        """What the student's spikes, and those of the rest that it heard, cost the network on chip.

        After the transient, as the student was observed.
        """
        flow, start = self._fabric.flow, int(student.trains.start)
        packets = np.zeros(flow.n_sources, np.int64)
        rest = heard.sources[heard.indptr[start] :]
        np.add.at(packets, self._fabric.source_of[rest], 1)
        np.add.at(packets, self._fabric.source_of[self._neurons], student.trains.counts)
        links = flow.loads(packets)
        return flow.summarise(links, packets, student.trains.stop - student.trains.start)

    def heard(self, teacher: Recording) -> Heard:
        """Take what the rest sent from a teacher's recording."""
        network, n_sub = self._network, teacher.scenario.n_sub
        is_rest = ~np.isin(network.region_of, self._regions)
        mine = is_rest[teacher.spike_ids]
        step = teacher.spike_steps[mine] // n_sub
        indptr = np.searchsorted(step, np.arange(teacher.duration_ms + 1))
        seen = Observation.of(teacher, self._labels)
        alone = Observation(seen.trains, seen.region_of, seen.counts, None, np.zeros(0, np.int64))
        return Heard(teacher.scenario, indptr, teacher.spike_ids[mine], alone, self.is_lif)

    def student(self, scenario: Scenario, heard: Heard, check: Check = unchecked) -> Observation:
        """Run the regions on the chip that `scenario` describes.

        Everything but the tables `analog` and `trim` is taken from what was heard. `check` is called
        now and then; it may raise to end the run.

        Raises
        ------
        SimulationError
            Activity has run away.
        """
        wanted = scenario.model_dump(mode="json")["analog"]
        mixed = heard.scenario.model_copy(update={"regions": scenario.regions, "trim": scenario.trim})
        mixed = mixed.with_values({"analog": wanted})
        return self._run(AnalogBackend(mixed, self._network, self._neurons, self._table), heard, check)

    def rehearsed(self, heard: Heard, scenario: Scenario, check: Check = unchecked) -> Heard:
        """LIF regions under another noise and stimuli, hearing what was heard once more.

        Parameters
        ----------
        heard : Heard
        scenario : Scenario
            Its seed and its stimuli are taken, as far as they reach the compared regions.
        check : callable
            Called now and then; may raise to end the run.
        """
        values = scenario.model_dump(mode="json")
        seeds = {"seed": scenario.seed, "network.wiring_seed": scenario.wiring_seed}
        other = heard.scenario.with_values({**seeds, "stimulus": values["stimulus"]})
        told = replace(heard, scenario=other)
        return replace(told, teacher=self.teacher(told, check))

    def teacher(self, heard: Heard, check: Check = unchecked) -> Observation:
        """Run LIF regions on the digital backend: it repeats the teacher, spike for spike."""
        table = replace(self._table, weights=self._table.weights.copy())  # learning changes them
        backend = DigitalBackend(heard.scenario, self._network, self._neurons, table)
        return self._run(backend, heard, check)

    def _run(self, backend: Backend, heard: Heard, check: Check) -> Observation:
        n_ms, n_sub = len(heard.indptr) - 1, heard.scenario.n_sub
        steps, ids = [], []
        recent = 0
        limit = RUNAWAY_HZ * self.n_neurons * _LOOK_MS / 1000.0
        for t in range(n_ms):
            mine, subs = backend.advance(t)
            rest = heard.sources[heard.indptr[t] : heard.indptr[t + 1]]
            backend.deliver(np.concatenate([mine, rest]), t)
            steps.append(subs.astype(np.int64) + t * n_sub)
            ids.append(mine)
            recent += mine.size
            if (t + 1) % _LOOK_MS == 0:
                check()
                if recent > limit:
                    raise SimulationError(
                        f"codesign.student: rates must stay below {RUNAWAY_HZ:.0f} Hz (got "
                        f"{1000 * recent / (_LOOK_MS * self.n_neurons):.0f} Hz at {t + 1} ms): "
                        "activity has run away. Lower the weight scales or the bias."
                    )
                recent = 0
        backend.close()
        return self._observe(np.concatenate(steps), np.concatenate(ids), heard)

    def _observe(self, steps: np.ndarray, ids: np.ndarray, heard: Heard) -> Observation:
        known = heard.teacher
        times = (steps + 1) * heard.scenario.dt
        trains, region_of = trains_of(
            times, ids, self._network.region_of, self._regions, known.trains.start, known.trains.stop
        )
        n_sub, start = heard.scenario.n_sub, int(known.trains.start)
        n_ms, n_regions = known.counts.shape
        place = np.full(self._network.n_regions, -1, np.int64)
        place[self._regions] = np.arange(n_regions)
        cells = (steps // n_sub - start) * n_regions + place[self._network.region_of[ids]]
        counts = np.bincount(cells[cells >= 0], minlength=n_ms * n_regions)
        return Observation(trains, region_of, counts.reshape(n_ms, n_regions), None, known.rest_sizes)
