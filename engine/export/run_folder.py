"""A run on disk, as `Recording.write` left it: run.json, spikes.h5 and rates.csv."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from engine.errors import DataError
from engine.recording import spike_hash
from engine.scenario import Scenario

__all__ = ["RunFolder"]

MAX_RUN_BYTES = 200_000_000


@dataclass(frozen=True)
class RunFolder:
    """A run on disk.

    Attributes
    ----------
    path : Path
    scenario : Scenario
    run : dict
        The content of run.json.
    """

    path: Path
    scenario: Scenario
    run: dict[str, Any]

    @classmethod
    def read(cls, path: Path | str) -> RunFolder:
        """Read a folder that `dtb run --out` wrote.

        Raises
        ------
        EngineError
            It is none.
        """
        path = Path(path)
        file = path / "run.json"
        try:
            if file.stat().st_size > MAX_RUN_BYTES:
                raise DataError(f"{file.name}: must be at most {MAX_RUN_BYTES} bytes.")
            run = json.loads(file.read_text())
        except OSError:
            raise DataError(
                f"{path.name}: must be a folder with a run.json (got none). "
                "Write one with dtb run SCENARIO --out DIR."
            ) from None
        except (ValueError, RecursionError):
            raise DataError(f"{path.name}/run.json: must be JSON. Run it again.") from None
        if not isinstance(run, dict) or not isinstance(run.get("scenario"), dict):
            raise DataError(f"{path.name}/run.json: must hold a scenario (got none).")
        return cls(path, Scenario.from_dict(run["scenario"], f"{path.name}/run.json"), run)

    def rate_hz(self, label: str, population: str) -> float:
        """Mean rate of a region's population in this run [Hz]; 0 where it has none."""
        rates = self.run.get("region_rate_hz", {}).get(label, {})
        return float(rates.get(population, 0.0))

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Times [ms] and neurons of all spikes, (n_spikes,) each, held to run.json's hash.

        Raises
        ------
        DataError
            The file is missing, is no SONATA file, or belongs to another run.
        """
        file = self.path / "spikes.h5"
        try:
            with h5py.File(file) as opened:
                group = opened["spikes/dtb"]
                times, ids = group["timestamps"][:], group["node_ids"][:]
        except (OSError, KeyError):
            raise DataError(f"{self.path.name}/spikes.h5: must be a SONATA spike file.") from None
        steps = np.round(times / self.scenario.dt).astype(np.int64) - 1
        if spike_hash(steps, ids) != self.run.get("spike_hash"):
            raise DataError(
                f"{self.path.name}/spikes.h5: must be the spikes of run.json (their hash differs). "
                "Run it again."
            )
        return times, ids.astype(np.int64)
