"""A run on disk, as `Recording.write` left it; judged once, when it is read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.amounts import number
from engine.brain.connectome import Connectome, load_connectome
from engine.brain.network import Network
from engine.errors import DataError
from engine.export.run_content import read_content
from engine.fit import evidence_of
from engine.fit.evidence import Evidence
from engine.fit.fcd_histogram import shipped_fcd
from engine.hdf5 import copied
from engine.run.recording import uncoupled_hz
from engine.run.run_file import CONNECTOME, TUNING, connectome_from_json
from engine.run.spike_log import spike_hash
from engine.scenario.remarks import statistics_begin_ms
from engine.scenario.scenario import Scenario
from engine.scenario.tuning_file import MAX_BYTES, keep_tuning, read_tuning
from engine.stored_results import read_bytes
from engine.whole_files import HDF5_FAULTS

__all__ = ["RunFolder"]


@dataclass(frozen=True)
class RunFolder:
    """A run on disk, or a scenario that needs none.

    Attributes
    ----------
    path : Path or None
    scenario : Scenario
    run : dict
        The content of run.json; empty where there is none.
    loaded : Connectome or None
        The connectome, where it is known already.
    """

    path: Path | None
    scenario: Scenario
    run: dict[str, Any]
    loaded: Connectome | None = None

    @classmethod
    def of(cls, scenario: Scenario, connectome: Connectome) -> RunFolder:
        """What is known of a scenario without running it."""
        return cls(None, scenario, {}, connectome)

    @classmethod
    def read(cls, path: Path | str) -> RunFolder:
        """Read a folder that `dtb run --out` wrote.

        Raises
        ------
        EngineError
            It is none, a key of its run.json is missing or of another form, or its scenario is not
            the one that was run.
        """
        path = Path(path)
        file = path / "run.json"
        name = f"{path.name}/run.json"
        if not os.path.isfile(file):
            raise DataError(
                f"{path.name}: must be a folder with a run.json (got none). "
                "Write one with dtb run SCENARIO --out DIR."
            )
        run = read_content(file, name)
        scenario = Scenario.from_dict(run["scenario"], name)
        if run.get("tuning_file"):
            _keep_tuning_of(path)
        if scenario.digest() != run["scenario_digest"]:
            raise DataError(
                f"{name}: scenario: must be the one that was run (its scenario_digest differs). Run it again."
            )
        return cls(path, scenario, run)

    def rate_hz(self, label: str, population: str) -> float:
        """Mean rate of a region's population in this run [Hz]; 0 where it has none."""
        return float(self.run["region_rate_hz"].get(label, {}).get(population, 0.0))

    def connectome(self) -> Connectome:
        """The connectome the run had: the folder's own, else the one its scenario names.

        Raises
        ------
        DataError
            It cannot be found, or is not the one of run.json by its checksum.
        """
        if self.loaded is not None:
            return self.loaded
        assert self.path is not None
        if self.run.get("connectome_file"):
            name = f"{self.path.name}/{CONNECTOME}"
            try:
                text = (self.path / CONNECTOME).read_text(encoding="utf-8")
            except OSError as error:
                raise DataError(f"{name}: must be readable ({error.strerror}).") from None
            except UnicodeDecodeError:
                raise DataError(f"{name}: must be UTF-8 text (got binary data).") from None
            found = connectome_from_json(text, name)
        else:
            name = "connectome"
            found = load_connectome(self.scenario.connectome, self.path)
        if found.checksum != self.run["connectome_sha256"]:
            raise DataError(
                f"{name}: must be the one of {self.path.name}/run.json (their checksums differ). "
                "Run it again."
            )
        return found

    def network(self) -> Network:
        """The neurons of the run.

        Raises
        ------
        EngineError
            There is no such connectome, or it gives other neurons than run.json counts.
        """
        network = Network.of(self.scenario, self.connectome())
        if network.n_neurons != self.run["n_neurons"]:
            raise DataError(
                f"run.json: n_neurons: must be {network.n_neurons:,} as its scenario makes (got "
                f"{self.run['n_neurons']:,}). Run it again."
            )
        return network

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Times [ms] and neurons of all spikes, (n_spikes,) each, held to run.json's hash.

        Returns
        -------
        times : (n_spikes,) float64 [ms]
            Ascending; spikes of one moment by neuron.
        ids : (n_spikes,) int64

        Raises
        ------
        DataError
            The file is missing, is no SONATA file, or belongs to another run.
        """
        assert self.path is not None
        name, n = f"{self.path.name}/spikes.h5", self.run["n_spikes"]
        times, ids = self._arrays(name, n)
        times = times.astype(np.float64)
        last, n_neurons = float(self.run["duration_ms"]), self.run["n_neurons"]
        half = self.scenario.dt / 2
        if not np.all(np.isfinite(times) & (times > half) & (times < last + half)):
            raise DataError(
                f"{name}: timestamps: must lie in the run of {number(last, 6)} ms (got some that do not). "
                "Run it again."
            )
        if ids.size and not 0 <= int(ids.min()) <= int(ids.max()) < n_neurons:
            strange = int(ids.max()) if int(ids.max()) >= n_neurons else int(ids.min())
            raise DataError(
                f"{name}: node_ids: must be neurons of the run, 0 to {n_neurons - 1} (got "
                f"{strange}). Run it again."
            )
        ids = ids.astype(np.int64)
        steps = np.round(times / self.scenario.dt).astype(np.int64) - 1
        if spike_hash(steps, ids) != self.run["spike_hash"]:
            raise DataError(f"{name}: must be the spikes of run.json (their hash differs). Run it again.")
        order = np.lexsort((ids, steps))
        return times[order], ids[order]

    def counts(self) -> np.ndarray:
        """Spikes of each population in each millisecond, made of all spikes.

        Returns
        -------
        (n_ms, n_populations) int64

        Raises
        ------
        DataError
            The spikes cannot be read, or belong to another run.
        """
        return self._counted(*self._steps())

    def _steps(self) -> tuple[np.ndarray, np.ndarray]:
        """Membrane steps and neurons of all spikes, (n_spikes,) int64 each."""
        times, ids = self.spikes()
        return np.round(times / self.scenario.dt).astype(np.int64) - 1, ids

    def _counted(self, steps: np.ndarray, ids: np.ndarray) -> np.ndarray:
        network = self.network()
        n_ms, n = int(self.run["duration_ms"]), network.n_populations
        places = steps // self.scenario.n_sub * n + network.population_of[ids]
        return np.bincount(places, minlength=n_ms * n).reshape(n_ms, n)

    @property
    def has_spikes(self) -> bool:
        """Whether the file of the spikes is there."""
        return self.path is not None and (self.path / "spikes.h5").exists()

    def evidence(self) -> Evidence:
        """What the run is judged by, over all regions that ran, worked out from its spikes.

        A run that was fitted to own data has no measured connectivity here: the folder does not hold it.

        Raises
        ------
        DataError
            The spikes cannot be read, or belong to another run.
        """
        network, connectome, scenario = self.network(), self.connectome(), self.scenario
        steps, ids = self._steps()
        counts = self._counted(steps, ids)
        return evidence_of(
            counts=counts,
            region_of_population=network.region_index[network.population_region],
            is_excitatory=network.population_is_excitatory,
            sizes=network.population_sizes,
            picked=network.region_index,
            dt=scenario.dt,
            t_refrac=scenario.recipe_parameters.t_refrac,
            weights=connectome.weights,
            empirical_fc=None if self.run.get("measured_fc") else connectome.fc_matrix,
            transient_ms=statistics_begin_ms(scenario.transient, len(counts)),
            spikes=(steps, ids.astype(np.int32)),
            baseline_rate_hz=uncoupled_hz(scenario),
            measured_fcd=None if self.run.get("measured_fc") else shipped_fcd(connectome.name),
        )

    def _arrays(self, name: str, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Times and neurons of the spikes' file, (n,) each.

        Raises
        ------
        DataError
            The file is missing, damaged, or holds something else.
        """
        assert self.path is not None
        found: list[np.ndarray] = []
        key = "timestamps"
        try:
            with copied((self.path / "spikes.h5").read_bytes()) as opened:
                for key, kinds in (("timestamps", "f"), ("node_ids", "iu")):
                    data = opened["spikes/dtb"][key]
                    if data.shape != (n,) or data.dtype.kind not in kinds:
                        what = "numbers" if "f" in kinds else "whole numbers"
                        raise DataError(
                            f"{name}: {key}: must be {n:,} {what}, the n_spikes of run.json (got "
                            f"{data.dtype} of shape {data.shape}). Run it again."
                        )
                    found.append(np.asarray(data[()]))
        except DataError:
            raise
        except HDF5_FAULTS:
            raise DataError(f"{name}: must be a SONATA spike file with {key}. Run it again.") from None
        return found[0], found[1]


def _keep_tuning_of(folder: Path) -> None:
    """Read the tuning that lies in a run's folder, so that its scenario finds it by its content."""
    name = f"{folder.name}/{TUNING}"
    keep_tuning(read_tuning(read_bytes(folder / TUNING, MAX_BYTES, name), name))
