"""A comparison of topologies as a file of plain JSON, with the runs it rests on."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.model.topologies import TOPOLOGIES
from engine.noc.studies.brain_traffic import BRAINS
from engine.noc.studies.comparison import Comparison, Outcome
from engine.whole_files import write_file

__all__ = [
    "StoredComparison",
    "comparison_as_json",
    "comparison_from_json",
    "read_comparison",
    "write_comparison",
]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NUMBERS = tuple(f.name for f in fields(Outcome) if f.type == "float")


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

    comparison: Comparison
    title: str
    scenario_digest: str
    seeds: tuple[int, ...]
    spike_hashes: tuple[str, ...]
    duration_ms: float
    command: str
    versions: dict[str, str]


def comparison_as_json(comparison: Comparison) -> dict[str, Any]:
    """Plain data; what is not a number (links or ports are full) becomes None.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    dict
        "loads" and "outcomes".
    """
    outcomes = [asdict(o) for o in comparison.outcomes]
    for outcome in outcomes:
        outcome["latency"] = [None if math.isnan(v) else v for v in outcome["latency"]]
    return {"loads": list(comparison.loads), "outcomes": outcomes}


def comparison_from_json(data: Any) -> Comparison:
    """Check plain data, and take a comparison from it.

    Parameters
    ----------
    data : object
        What :func:`comparison_as_json` gave, or what may claim to be that.

    Returns
    -------
    Comparison

    Raises
    ------
    DataError
        A part is missing, is not a positive number, or belongs to another set of topologies.
    """
    table = _table(data, {"loads", "outcomes"}, "comparison")
    loads = tuple(_number(v, "comparison.loads") for v in _list(table["loads"], "comparison.loads"))
    if list(loads) != sorted(set(loads)) or max(loads, default=0.0) >= 1.0:
        raise DataError(f"comparison.loads: must rise and be below 1 (got {list(loads)}).")
    rows = _list(table["outcomes"], "comparison.outcomes")
    outcomes = tuple(_outcome(row, f"comparison.outcomes[{i}]", loads) for i, row in enumerate(rows))
    kinds = list(dict.fromkeys(o.topology for o in outcomes))
    n_seeds = max(1, len(outcomes) // max(1, len(BRAINS) * len(kinds)))
    wanted = [(s, b, t) for s in range(1, n_seeds + 1) for b in BRAINS for t in kinds]
    is_known = {"mesh", "small_world"} <= set(kinds) <= set(TOPOLOGIES.names)
    if not is_known or [(o.seed, o.brain, o.topology) for o in outcomes] != wanted:
        raise DataError(
            "comparison.outcomes: must be every topology under every brain, seed after seed, mesh and "
            f"small_world among them (got {len(outcomes)} others). Topologies: {', '.join(TOPOLOGIES.names)}."
        )
    return Comparison(outcomes, loads)


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
    data = {f.name: getattr(stored, f.name) for f in fields(stored) if f.name != "comparison"}
    data["comparison"] = comparison_as_json(stored.comparison)
    write_file(path, json.dumps(data, indent=1, allow_nan=False) + "\n")


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
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError):
        raise DataError(f"{path.name}: must be plain JSON (got something else).") from None
    try:
        return _stored(data)
    except DataError as error:
        raise DataError(f"{path.name}: {error}") from None


def _stored(data: Any) -> StoredComparison:
    table = _table(data, {f.name for f in fields(StoredComparison)}, "file")
    found = comparison_from_json(table["comparison"])
    n_seeds = len({o.seed for o in found.outcomes})
    seeds = _list(table["seeds"], "seeds")
    if len(set(map(repr, seeds))) != n_seeds or not all(type(s) is int and s >= 0 for s in seeds):
        raise DataError(f"seeds: must be {n_seeds} different whole numbers (got {seeds!r:.60}).")
    hashes = _list(table["spike_hashes"], "spike_hashes")
    if len(hashes) != len(seeds):
        raise DataError(f"spike_hashes: must be one a seed (got {len(hashes)} of {len(seeds)}).")
    versions = _table(table["versions"], None, "versions")
    return StoredComparison(
        found,
        _text(table["title"], "title"),
        _sha256(table["scenario_digest"], "scenario_digest"),
        tuple(seeds),
        tuple(_sha256(h, "spike_hashes") for h in hashes),
        _number(table["duration_ms"], "duration_ms"),
        _text(table["command"], "command"),
        {name: _text(v, f"versions.{name}") for name, v in versions.items()},
    )


def _outcome(data: Any, owner: str, loads: tuple[float, ...]) -> Outcome:
    table = _table(data, {f.name for f in fields(Outcome)}, owner)
    values = {name: _number(table[name], f"{owner}.{name}") for name in _NUMBERS}
    latency = _list(table["latency"], f"{owner}.latency")
    if len(latency) != len(loads):
        raise DataError(f"{owner}.latency: must be one a load (got {len(latency)} of {len(loads)}).")
    if type(table["seed"]) is not int:
        raise DataError(f"{owner}.seed: must be a whole number (got {table['seed']!r:.60}).")
    return Outcome(
        topology=_text(table["topology"], f"{owner}.topology"),
        brain=_text(table["brain"], f"{owner}.brain"),
        seed=table["seed"],
        latency=tuple(math.nan if v is None else _number(v, f"{owner}.latency") for v in latency),
        **values,
    )


def _table(data: Any, names: set[str] | None, owner: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise DataError(f"{owner}: must be a table (got {type(data).__name__}).")
    if names is not None and set(data) != names:
        odd = ", ".join(sorted(set(data) ^ names))
        raise DataError(f"{owner}: must have {', '.join(sorted(names))} (differs in {odd}).")
    return data


def _list(data: Any, owner: str) -> list[Any]:
    if not isinstance(data, list):
        raise DataError(f"{owner}: must be a list (got {type(data).__name__}).")
    return data


def _number(value: Any, owner: str) -> float:
    if type(value) not in (int, float) or not 0.0 < value < 1e300:
        raise DataError(f"{owner}: must be a positive number (got {value!r:.60}).")
    return float(value)


def _text(value: Any, owner: str) -> str:
    if not isinstance(value, str) or not value or len(value) > 200:
        raise DataError(f"{owner}: must be a short text (got {value!r:.60}).")
    return value


def _sha256(value: Any, owner: str) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise DataError(f"{owner}: must be 64 hexadecimal digits (got {value!r:.80}).")
    return value


def _no_constant(name: str) -> float:
    raise ValueError(name)
