"""A comparison of topologies as a file of plain JSON, with the runs it rests on."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from engine.model.topologies import TOPOLOGIES
from engine.noc.studies.brain_traffic import BRAINS
from engine.noc.studies.comparison import Comparison, Positive, Word
from engine.stored_results import STORED, read_stored, stored_from
from engine.whole_files import write_file

__all__ = [
    "OwnComparison",
    "StoredComparison",
    "own_bytes",
    "own_from",
    "read_comparison",
    "write_comparison",
]

MAX_BYTES = 4_000_000

_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _every_topology(found: Comparison) -> Comparison:
    """What types do not say: loads that rise, and an outcome for all that is compared."""
    loads, outcomes = found.loads, found.outcomes
    if list(loads) != sorted(set(loads)):
        raise ValueError(f"loads must rise (got {list(loads)})")
    for k, outcome in enumerate(outcomes):
        if (n := len(outcome.latency)) != len(loads):
            raise ValueError(f"outcomes.{k}.latency must be one a load (got {n} of {len(loads)})")
    kinds = found.topologies
    n_seeds = max(1, len(outcomes) // max(1, len(BRAINS) * len(kinds)))
    wanted = [(s, b, t) for s in range(1, n_seeds + 1) for b in BRAINS for t in kinds]
    is_known = {"mesh", "small_world"} <= set(kinds) <= set(TOPOLOGIES.names)
    if not is_known or [(o.seed, o.brain, o.topology) for o in outcomes] != wanted:
        raise ValueError(
            "outcomes must be every topology under every brain, seed after seed, mesh and small_world "
            f"among them (got {len(outcomes)} others); topologies are {', '.join(TOPOLOGIES.names)}"
        )
    return found


@dataclass(frozen=True)
class StoredComparison:
    """A comparison, and what is needed to make it again and to see that it is still true.

    Attributes
    ----------
    comparison : Comparison
    title : str
        Of the scenario.
    scenario_digest : str
        See `Scenario.digest`; the runs differ from it in seed, duration and transient only.
    seeds : (n_seeds,) tuple of int
        Of the runs, in the order of the outcomes.
    spike_hashes : (n_seeds,) tuple of str
        sha256 of each run's spikes; see `engine.run.recording.spike_hash`.
    duration_ms : float [ms]
        Of each run.
    command : str
        What made it.
    versions : dict of str to str
        Of everything that can change a number.

    Notes
    -----
    Held by ``tests/unit/noc/stored_comparison_test.py``.
    """

    __pydantic_config__ = STORED

    comparison: Annotated[Comparison, AfterValidator(_every_topology)]
    title: Word
    scenario_digest: _Sha256
    seeds: tuple[Annotated[int, Field(ge=0)], ...]
    spike_hashes: tuple[_Sha256, ...]
    duration_ms: Positive
    command: Word
    versions: dict[str, Word]

    @model_validator(mode="after")
    def _one_a_seed(self) -> StoredComparison:
        n_seeds = len({o.seed for o in self.comparison.outcomes})
        if not n_seeds == len(set(self.seeds)) == len(self.seeds):
            raise ValueError(f"seeds must be {n_seeds} different whole numbers (got {list(self.seeds)})")
        if (n := len(self.spike_hashes)) != n_seeds:
            raise ValueError(f"spike_hashes must be one a seed (got {n} of {n_seeds})")
        return self


@dataclass(frozen=True)
class OwnComparison:
    """A comparison that somebody has made of a scenario.

    Attributes
    ----------
    comparison : Comparison
    title : str
        Of the scenario.
    scenario_digest : str
        See `Scenario.digest`.
    format : int
        Of what is written.
    """

    __pydantic_config__ = STORED

    comparison: Annotated[Comparison, AfterValidator(_every_topology)]
    title: Annotated[str, Field(max_length=120)]
    scenario_digest: _Sha256
    format: Literal[1] = 1

    @property
    def n_seeds(self) -> int:
        """How many runs it rests on."""
        return len({outcome.seed for outcome in self.comparison.outcomes})


def own_bytes(own: OwnComparison) -> bytes:
    """The content of a file from which :func:`own_from` makes the same."""
    return json.dumps(_plain(own), allow_nan=False).encode()


def own_from(data: bytes, name: str) -> OwnComparison:
    """A comparison from what :func:`own_bytes` has made.

    Parameters
    ----------
    data : bytes
    name : str
        Opens the sentence of a refusal.

    Raises
    ------
    DataError
        It is something else.
    """
    return stored_from(data, name, _OWN_FORM, _plain)


def write_comparison(path: Path | str, stored: StoredComparison) -> None:
    """Write a stored comparison, the same bytes for the same content.

    Parameters
    ----------
    path : path
    stored : StoredComparison

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    write_file(path, json.dumps(_plain(stored), indent=1, allow_nan=False) + "\n")


def read_comparison(path: Path | str) -> StoredComparison:
    """Read and check what :func:`write_comparison` wrote.

    Parameters
    ----------
    path : path

    Returns
    -------
    StoredComparison

    Raises
    ------
    DataError
        It cannot be read or is not a stored comparison.
    """
    return read_stored(path, _FORM, MAX_BYTES, _plain)


_FORM = TypeAdapter(StoredComparison)
_OWN_FORM = TypeAdapter(OwnComparison)


def _plain(stored: StoredComparison | OwnComparison) -> dict[str, Any]:
    """Plain data; a latency that is none, since links or ports are full, becomes None."""
    data = asdict(stored)
    outcomes = data.pop("comparison")["outcomes"]
    for outcome in outcomes:
        outcome["latency"] = [None if math.isnan(v) else v for v in outcome["latency"]]
    return data | {"comparison": {"loads": stored.comparison.loads, "outcomes": outcomes}}
