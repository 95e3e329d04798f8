"""Recording: what a run leaves behind, with everything needed to know where it came from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.backends.analog.energy import energy_of
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.fit import METRICS, Metric, Score, cv_isi, evaluate, evidence_of, population_rates_hz
from engine.fit.bold_series import MIN_MINUTES, BoldSeries
from engine.fit.evidence import Evidence
from engine.fit.fcd_histogram import shipped_fcd
from engine.fit.forward import SIGNALS, NetworkFacts, Series
from engine.model.lif import DtbParameters
from engine.noc.energy import links_energy_uj
from engine.noc.fabric import Fabric
from engine.noc.flow.flow import FlowSummary
from engine.run.run_file import CONNECTOME, TUNING, connectome_json, is_shipped, require_run_place, spikes_h5
from engine.run.run_json import rates_table, run_json
from engine.run.spike_log import spike_hash
from engine.scenario.reference import Reference
from engine.scenario.remarks import statistics_begin_ms
from engine.scenario.scenario import Scenario
from engine.scenario.tuning_file import SHIPPED_TUNINGS, load_tuning, tuning_json
from engine.whole_files import write_files

if TYPE_CHECKING:
    from engine.fit.measured import MeasuredFc

__all__ = ["UNCOUPLED_HZ", "Recording", "uncoupled_hz"]

# Mean rate of neurons with the default parameters and no synapses [Hz]: 3.845 +- 0.008 over eight
# seeds in an independent simulator; tests/reference/dtb_test.py holds this engine to it.
UNCOUPLED_HZ = 3.845

_CHUNK_MS = 10_000


def uncoupled_hz(scenario: Scenario) -> float | None:
    """What neurons do without synapses [Hz], the baseline of rates; None where it is not known."""
    network = scenario.network
    is_lif = {network.excitatory_neuron, network.inhibitory_neuron} == {"lif"}
    is_lif &= not (scenario.neuron or network.columns or scenario.focus or network.ions.is_on)
    known = is_lif and scenario.recipe_parameters == DtbParameters()
    return UNCOUPLED_HZ if known else None


@dataclass(frozen=True, eq=False)
class Recording:
    """A finished or stopped run.

    Attributes
    ----------
    scenario : Scenario
        As it was asked for; what was moved during the run stands in `live_changes`.
    connectome : Connectome
    network : Network
    fabric : Fabric
    spike_steps : (n_spikes,) int64
        Membrane step of each spike, ascending; its time is ``(step + 1) * dt``.
    spike_ids : (n_spikes,) int32
    counts : (n_done, n_populations) uint16
        Spikes of each population in each ms.
    n_events, n_synapses : int
    link_packets : (n_links,) int64
    injected, delivered : (n_tiles,) int64
    crossings : dict
        Spikes offered from one substrate to the other.
    reports : dict
        Each backend's own numbers.
    missing_inputs : dict
        Inputs that were not made, by reason.
    live_changes : tuple of dict
    build_s, wall_s : float [s]
    peak_memory_mb : float [MB]
    versions : dict
    traffic_from_ms : int
        Since when the network on chip is counted: 0, or where this run branched from another [ms].
    noc : dict of str to int
        Copies of packets: "copies" offered, "late", "dropped" and "pending" at the end.
    measured : MeasuredFc or None
        Own data whose functional connectivity is the target of the fit instead of the connectome's.
    """

    scenario: Scenario
    connectome: Connectome
    network: Network
    fabric: Fabric
    spike_steps: np.ndarray
    spike_ids: np.ndarray
    counts: np.ndarray
    n_events: int
    n_synapses: int
    link_packets: np.ndarray
    injected: np.ndarray
    delivered: np.ndarray
    crossings: dict[str, int]
    reports: dict[str, dict[str, Any]]
    missing_inputs: dict[str, int]
    live_changes: tuple[dict[str, float], ...]
    build_s: float
    wall_s: float
    peak_memory_mb: float
    versions: dict[str, str] = field(default_factory=dict)
    traffic_from_ms: int = 0
    noc: dict[str, int] = field(default_factory=dict)
    measured: MeasuredFc | None = None
    _scored: dict[tuple[str, ...], dict[str, Score]] = field(default_factory=dict, init=False, repr=False)

    def __repr__(self) -> str:
        rate = self.mean_rate_hz()
        return (
            f"<Recording of '{self.scenario.title}': {self.network.n_neurons:,} neurons, "
            f"{self.duration_ms:,} ms, {self.spike_ids.size:,} spikes, E {rate['E']:.2f} Hz, "
            f"I {rate['I']:.2f} Hz>"
        )

    @property
    def duration_ms(self) -> int:
        """Biological time done [ms]."""
        return len(self.counts)

    @property
    def real_time_factor(self) -> float:
        """Wall time over biological time, building left out."""
        return self.wall_s * 1000.0 / self.duration_ms if self.duration_ms else 0.0

    @cached_property
    def spike_hash(self) -> str:
        """Identity of the spikes; equal for equal runs."""
        return spike_hash(self.spike_steps, self.spike_ids)

    @cached_property
    def spikes_in_time(self) -> tuple[np.ndarray, np.ndarray]:
        """(n_spikes,) int64 membrane steps, ascending, and (n_spikes,) int32 neurons; for all who look."""
        order = np.argsort(self.spike_steps, kind="stable")
        return self.spike_steps[order], self.spike_ids[order]

    @property
    def transient_ms(self) -> float:
        """Left out of statistics: the scenario's, but never more than half of what there is."""
        return statistics_begin_ms(self.scenario.transient, self.duration_ms)

    @property
    def remarks(self) -> list[str]:
        """What the scenario says that did nothing, or acted otherwise than it reads."""
        return self.scenario.remarks(self.connectome)

    @cached_property
    def population_rates_hz(self) -> np.ndarray:
        """(n_populations,) float64 [Hz], after the transient."""
        if not self.duration_ms:
            return np.zeros(self.network.n_populations)
        return population_rates_hz(self.counts, self.network.population_sizes, self.transient_ms)

    @cached_property
    def cv_isi(self) -> np.ndarray:
        """(n_neurons,) float64, CV of each neuron's intervals; NaN below five spikes."""
        start = round(self.transient_ms / self.scenario.dt)
        return cv_isi(self.spike_steps, self.spike_ids, self.network.n_neurons, start, 5)

    @cached_property
    def bold(self) -> BoldSeries:
        """BOLD of the whole run, by the connectome's regions."""
        network = self.network
        series = BoldSeries(
            network.region_index[network.population_region],
            network.population_is_excitatory,
            network.population_sizes,
            self.connectome.n_regions,
            self.transient_ms,
        )
        for first in range(0, len(self.counts), _CHUNK_MS):
            series.add(self.counts[first : first + _CHUNK_MS])
        return series

    @cached_property
    def flow(self) -> FlowSummary | None:
        """What the spikes cost the network on chip; None before the first millisecond."""
        duration_ms = self.duration_ms - self.traffic_from_ms
        if duration_ms <= 0:
            return None
        first = np.searchsorted(self.spike_steps, self.traffic_from_ms * self.scenario.n_sub)
        ids = self.fabric.source_of[self.spike_ids[first:]]
        packets = np.bincount(ids, minlength=self.fabric.flow.n_sources).astype(np.int64)
        return self.fabric.flow.summarise(
            self.link_packets,
            packets,
            float(duration_ms),
            self.noc.get("late", 0),
            self.noc.get("dropped", 0),
        )

    def mean_rate_hz(self) -> dict[str, float]:
        """Mean rate of all excitatory and of all inhibitory neurons [Hz]."""
        sizes = self.network.population_sizes
        excitatory = self.network.population_is_excitatory
        return {
            "E": float(np.average(self.population_rates_hz[excitatory], weights=sizes[excitatory])),
            "I": float(np.average(self.population_rates_hz[~excitatory], weights=sizes[~excitatory])),
        }

    def scores(
        self, picked: np.ndarray | None = None, metrics: Iterable[Metric] | None = None
    ) -> dict[str, Score]:
        """Fit to data over the picked regions (places in the connectome; all that ran if None).

        Parameters
        ----------
        picked : (n_picked,) int, optional
        metrics : iterable of Metric, optional
            What is judged; by default every metric.
        """
        metrics = tuple(METRICS if metrics is None else metrics)
        if picked is not None:
            return self._judged(picked, metrics)
        names = tuple(metric.name for metric in metrics)
        if names not in self._scored:  # half a second for ten of a whole brain
            self._scored[names] = self._judged(self.network.region_index, metrics)
        return dict(self._scored[names])

    def _judged(self, picked: np.ndarray, metrics: tuple[Metric, ...]) -> dict[str, Score]:
        return evaluate(**self._given(picked), metrics=metrics)

    def evidence(self, picked: np.ndarray | None = None) -> Evidence:
        """What scores are worked out from, over the picked regions (as of :meth:`scores`).

        Parameters
        ----------
        picked : (n_picked,) int, optional
        """
        return evidence_of(**self._given(self.network.region_index if picked is None else picked))

    def _given(self, picked: np.ndarray) -> dict[str, Any]:
        """The run as `evaluate` takes it."""
        network = self.network
        return {
            "counts": self.counts,
            "region_of_population": network.region_index[network.population_region],
            "is_excitatory": network.population_is_excitatory,
            "sizes": network.population_sizes,
            "picked": np.intersect1d(picked, network.region_index),
            "dt": self.scenario.dt,
            "t_refrac": self.scenario.recipe_parameters.t_refrac,
            "weights": self.connectome.weights,
            "empirical_fc": self.connectome.fc_matrix if self.measured is None else self.measured.matrix,
            "transient_ms": self.transient_ms,
            "spikes": (self.spike_steps, self.spike_ids),
            "baseline_rate_hz": uncoupled_hz(self.scenario),
            "measured_fcd": shipped_fcd(self.connectome.name) if self.measured is None else None,
            "bold": self.bold if self.duration_ms >= MIN_MINUTES * 60_000 else None,
        }

    def signal(self, name: str) -> Series:
        """What an instrument would have seen of every region that ran.

        Parameters
        ----------
        name : str
            A signal of `engine.fit.forward.SIGNALS`, for instance "bold".

        Raises
        ------
        ParameterError
            There is no such signal.
        SimulationError
            Regions fire so much that its model does not hold.
        """
        return SIGNALS[name].of(self.counts, NetworkFacts.of(self.network, self.scenario))

    # ---- files -------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """The content of run.json."""
        return run_json(self)

    @property
    def noc_energy_uj(self) -> float:
        """Energy of the routers and links for what crossed them [uJ]; an estimate."""
        noc = self.scenario.noc
        return links_energy_uj(self.fabric.topology, self.link_packets, noc.packet_bits, noc.tile_pitch_mm)

    @property
    def mean_link_length_mm(self) -> float:
        """Mean length of the links [mm], by the assumed pitch; 0 without links."""
        lengths = self.fabric.topology.wire_lengths
        return float(lengths.mean()) * self.scenario.noc.tile_pitch_mm if lengths.size else 0.0

    @property
    def plastic(self) -> list[dict[str, Any]]:
        """Projections that learned: synapses, and their mean weight before and after."""
        return [p for report in self.reports.values() for p in report.get("plastic", ())]

    def chip_estimates(self) -> dict[str, Any]:
        """Time and energy of this run, each with its boundary; estimates."""
        if "analog" not in self.reports:
            return {}
        analog = self.reports["analog"]
        return energy_of(
            self.duration_ms, analog["chips"], analog["synaptic_events"], self.wall_s, analog["neurons"]
        )

    def write(self, folder: Path | str) -> Path:
        """Write run.json, spikes.h5 (SONATA) and rates.csv into `folder`, all or none.

        A connectome or a tuning that is not shipped is written beside them. An older run in the folder goes;
        other files stay.

        Raises
        ------
        DataError
            The folder holds files of these names that are of no run, or cannot be written.
        """
        older = require_run_place(folder, "Recording.write")
        files: dict[str, str | bytes] = {
            "run.json": json.dumps(self.as_json(), indent=2, allow_nan=False) + "\n",
            "spikes.h5": spikes_h5((self.spike_steps + 1) * self.scenario.dt, self.spike_ids),
            "rates.csv": self.rates_csv(),
        }
        if self.connectome_file:
            files[self.connectome_file] = connectome_json(self.connectome)
        if self.tuning_file:
            files[self.tuning_file] = tuning_json(load_tuning(self.scenario.network.tuning))
        return write_files(folder, files, older)

    @property
    def connectome_file(self) -> str | None:
        """Name of the file that holds the connectome beside run.json; None for a shipped one."""
        return None if is_shipped(self.scenario.connectome, self.connectome) else CONNECTOME

    @property
    def tuning_file(self) -> str | None:
        """Name of the file that holds the tuning beside run.json; None for a shipped one, or none."""
        name = Reference.of(self.scenario.network.tuning).name
        return TUNING if name and name not in SHIPPED_TUNINGS else None

    @property
    def stopped_early(self) -> bool:
        """Whether the run ended before its scenario's duration."""
        return self.duration_ms < self.scenario.n_exchanges

    def rates_csv(self) -> str:
        """The content of rates.csv."""
        return rates_table(self)
