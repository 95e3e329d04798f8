"""Tunings by name, from a file, and by the checksum that a scenario gives one."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal
from weakref import WeakValueDictionary

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

import sample_data
from engine.errors import DataError, nearest_hint
from engine.scenario.reference import Reference
from engine.scenario.tuning import MAX_FACTOR, Tuning
from engine.stored_results import STORED, Whatever, first_refusal, read_bytes, strict_json
from engine.whole_files import write_file

__all__ = [
    "MAX_BYTES",
    "SHIPPED_TUNINGS",
    "is_at_hand",
    "keep_tuning",
    "load_tuning",
    "pinned_tuning",
    "read_tuning",
    "tuning_json",
    "write_tuning",
]

SHIPPED_TUNINGS = {"dk84-rest": "tuning.dk84-rest", "dk84-left": "tuning.dk84-left"}
"""The shipped ones, each with its name in `sample_data`."""

MAX_BYTES = 20_000_000
_KEPT: MutableMapping[str, Tuning] = WeakValueDictionary()  # while anybody holds them
_LATEST: deque[Tuning] = deque(maxlen=16)  # held here
_LOCK = Lock()

_Factor = Annotated[float, Field(ge=0.0, le=MAX_FACTOR)]


@dataclass(frozen=True)
class _File:
    """What a file holds."""

    __pydantic_config__ = STORED

    format: Literal["dtb-tuning"]
    version: Literal[1]
    labels: list[str]
    onto_excitatory: list[list[_Factor]]
    onto_inhibitory: list[list[_Factor]]
    local_inhibition: list[_Factor]
    bias: list[float]
    provenance: dict[str, Whatever] = field(default_factory=dict)


_FORM = TypeAdapter(_File)


def read_tuning(data: bytes, filename: str) -> Tuning:
    """A tuning from the bytes of a file; no code in it is run.

    Parameters
    ----------
    data : bytes
    filename : str
        Opens the sentence of a refusal, and names the tuning.

    Raises
    ------
    DataError
        It is no tuning.
    """
    name = Path(filename).name
    if len(data) > MAX_BYTES:
        raise DataError(f"{name}: must be at most {MAX_BYTES} bytes (got {len(data)}).")
    strict_json(data, name, " A tuning is what dtb fit writes.")
    try:
        found = _FORM.validate_json(data)
    except ValidationError as error:
        raise first_refusal(error, name, " A tuning is what dtb fit writes.") from None
    for key in ("onto_excitatory", "onto_inhibitory"):
        if len({len(row) for row in getattr(found, key)}) > 1:
            raise DataError(f"{name}: {key}: must have rows of one length (got different ones).")
    try:
        return Tuning(
            Path(name).stem,
            tuple(found.labels),
            np.array(found.onto_excitatory),
            np.array(found.onto_inhibitory),
            np.array(found.local_inhibition),
            np.array(found.bias),
            found.provenance,
        )
    except DataError as error:
        raise DataError(f"{name}: {error}") from None


def tuning_json(tuning: Tuning) -> str:
    """The content of a tuning's file."""
    stored = _File(
        "dtb-tuning",
        1,
        list(tuning.labels),
        tuning.onto_excitatory.tolist(),
        tuning.onto_inhibitory.tolist(),
        tuning.local_inhibition.tolist(),
        tuning.bias.tolist(),
        dict(tuning.provenance),
    )
    parts = (f" {json.dumps(key)}: {_text(value)}" for key, value in asdict(stored).items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _text(value: Any) -> str:
    """JSON with a line for each row of a matrix."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "[\n  " + ",\n  ".join(json.dumps(row) for row in value) + "\n ]"
    return json.dumps(value, allow_nan=False)


def write_tuning(path: Path | str, tuning: Tuning) -> None:
    """Write a tuning's file, whole or not at all.

    Raises
    ------
    DataError
        It cannot be written.
    """
    write_file(path, tuning_json(tuning))


@lru_cache(maxsize=4)
def _shipped(name: str) -> Tuning:
    path = sample_data.path(SHIPPED_TUNINGS[name])
    return read_tuning(read_bytes(path, MAX_BYTES), path.name)


def load_tuning(text: str, base: Path | None = None) -> Tuning:
    """The tuning that a scenario names.

    Parameters
    ----------
    text : str
        The name of a shipped one, or a file; either may be followed by ``@sha256:`` and digits of the
        checksum that its content must have. What :func:`pinned_tuning` has read is kept, so that such a
        text means the same wherever it is read.
    base : Path, optional
        Where a relative path starts; the working directory without it.

    Raises
    ------
    DataError
        There is none, it is no tuning, or its content is another.
    """
    named = Reference.of(text)
    if (kept := _kept(named)) is not None:
        return kept
    if named.name in SHIPPED_TUNINGS:
        tuning = _shipped(named.name)
    else:
        path = Path(base or "", named.name)
        try:
            there = path.is_file()
        except (OSError, ValueError):
            there = False
        if not there:
            raise DataError(
                f"network.tuning: must be a shipped tuning or a file (got '{named.name[:80]}'). "
                + nearest_hint(named.name[:80], SHIPPED_TUNINGS)
            )
        tuning = read_tuning(read_bytes(path, MAX_BYTES), path.name)
    if named.checksum and not named.fits(tuning.checksum):
        raise DataError(
            f"network.tuning: {named.name} must have the checksum {named.checksum} that the scenario names "
            f"(got {tuning.checksum[: len(named.checksum)]}). It is another tuning of that name, or it has "
            "been changed."
        )
    return tuning


def is_at_hand(text: str) -> bool:
    """Whether a tuning can be had without reading a file of this machine: shipped, kept, or none at all.

    Parameters
    ----------
    text : str
        As of :func:`load_tuning`.
    """
    named = Reference.of(text)
    return not text or named.name in SHIPPED_TUNINGS or _kept(named) is not None


def _kept(named: Reference) -> Tuning | None:
    with _LOCK:
        return next((tuning for tuning in _KEPT.values() if named.fits(tuning.checksum)), None)


def pinned_tuning(text: str, base: Path | None = None) -> str:
    """The same text with the checksum of what it names; "" of "".

    Parameters
    ----------
    text : str
    base : Path, optional
        As of :func:`load_tuning`.

    Raises
    ------
    DataError
        As :func:`load_tuning`.
    """
    if not text:
        return ""
    tuning = load_tuning(text, base)
    keep_tuning(tuning)
    return str(Reference.to(Reference.of(text).name, tuning.checksum))


def keep_tuning(tuning: Tuning) -> str:
    """Keep a tuning in memory, so that a scenario can name it; return how.

    The last ones are kept in any case, another as long as somebody holds the record.

    Returns
    -------
    str
        Its name with its checksum, as ``network.tuning`` takes it.
    """
    with _LOCK:
        _KEPT[tuning.checksum] = tuning
        _LATEST.append(tuning)
    return str(Reference.to(tuning.name, tuning.checksum))
