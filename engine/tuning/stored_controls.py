"""What a fit is held against, in a file of plain JSON: the same procedure on what it should not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from engine.stored_results import STORED, read_stored
from engine.tuning.stored import MAX_BYTES

__all__ = ["HeldOut", "Repeated", "StoredControls", "controls_of", "read_controls"]


@dataclass(frozen=True)
class HeldOut:
    """Pairs that were not fitted: r of the brain, the wiring alone and linear noise [1], and how many."""

    r: float
    wiring: float
    linear: float
    n: int


@dataclass(frozen=True)
class Repeated:
    """Fits from other starts: r of each, and how alike two of them are, all as correlations [1]."""

    r: tuple[float, ...]
    fc: float
    tracts: float
    inhibition: float


@dataclass(frozen=True)
class StoredControls:
    """A fit with all its controls, and what is needed to make it again.

    Attributes
    ----------
    title, connectome : str
        Of the scenario.
    minutes, judged_minutes : float [min]
        Biology of each fit and of each judgement.
    seed, n_pairs, n_parameters : int
    r, halves : float [1]
        Of the frozen brain with other noise.
    wiring, linear : float [1]
        What the wiring alone and linear noise reach.
    rewired, shuffled : float [1]
        What the same procedure reaches with a rewired connectome, and towards a shuffled target.
    held_out : HeldOut
    refits : Repeated
    command : str
        What made it.
    versions : dict of str to str
        Of everything that can change a number.
    """

    __pydantic_config__ = STORED

    title: str
    connectome: str
    minutes: float
    judged_minutes: float
    seed: int
    n_pairs: int
    n_parameters: int
    r: float
    halves: float
    wiring: float
    linear: float
    rewired: float
    shuffled: float
    held_out: HeldOut
    refits: Repeated
    command: str
    versions: dict[str, str]


def controls_of(
    report: Mapping[str, Any], *, title: str, connectome: str, command: str, versions: Mapping[str, str]
) -> StoredControls:
    """Controls as they are kept.

    Parameters
    ----------
    report : mapping
        What `engine.tuning.study.report_of` says of a fit with controls and refits.
    title, connectome, command, versions
        As in :class:`StoredControls`.

    Raises
    ------
    KeyError, TypeError
        The fit had no controls, or no refits.
    """
    base, again = report["baselines"], report["refits"]
    return StoredControls(
        title=title,
        connectome=connectome,
        minutes=report["minutes"],
        judged_minutes=report["judged_minutes"],
        seed=report["seed"],
        n_pairs=report["n_pairs"],
        n_parameters=report["n_parameters"],
        r=report["r"],
        halves=report["halves"],
        wiring=base["wiring"],
        linear=base["linear"],
        rewired=base["rewired"],
        shuffled=base["shuffled"],
        held_out=HeldOut(**report["held_out"]),
        refits=Repeated(tuple(again["r"]), again["fc"], again["tracts"], again["inhibition"]),
        command=command,
        versions=dict(versions),
    )


def read_controls(path: Path | str) -> StoredControls:
    """Read and check what :func:`engine.stored_results.write_stored` wrote.

    Parameters
    ----------
    path : path

    Raises
    ------
    DataError
        It cannot be read or is something else.
    """
    return read_stored(path, _FORM, MAX_BYTES, asdict)


_FORM = TypeAdapter(StoredControls)
