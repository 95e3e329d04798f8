"""Stored results: JSON of a known form, read into typed records or refused in one sentence.

A format is a dataclass whose annotations say what may be in it; its configuration is `STORED`, which
those inside it take over.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from engine.errors import DataError
from engine.model.quantity import rule_broken, shown
from engine.whole_files import write_file

__all__ = [
    "STORED",
    "ExtendedFloat",
    "Whatever",
    "first_refusal",
    "read_bytes",
    "read_stored",
    "stored_from",
    "strict_json",
    "write_stored",
]

Result = TypeVar("Result")

STORED = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _in_words(value: Any) -> Any:
    """The number that JSON has no word for, where a table names one."""
    if not isinstance(value, dict) or value.keys() != {"float"}:
        return value
    if value["float"] not in list(_WORDS):
        raise ValueError(f"must be one of {', '.join(_WORDS)} (got {shown(value['float'])})")
    return _WORDS[value["float"]]


ExtendedFloat = Annotated[float, Field(allow_inf_nan=True), BeforeValidator(_in_words)]
"""A number that need not be finite; such a one is written ``{"float": "nan"}`` (or ``inf``)."""

Whatever = Annotated[Any, AfterValidator(_in_words)]
"""Any plain value; a number as in `ExtendedFloat`."""


def read_bytes(path: Path, max_bytes: int, name: str = "") -> bytes:
    """The bytes of a file.

    Parameters
    ----------
    path : Path
    max_bytes : int
        A larger one is not read.
    name : str
        Opens the sentence; that of the file where left out.

    Raises
    ------
    DataError
        It is too large, or cannot be read.
    """
    name = name or path.name
    try:
        if (size := path.stat().st_size) > max_bytes:
            raise DataError(f"{name}: must be at most {max_bytes} bytes (got {size}).")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror}).") from None


def strict_json(data: bytes, name: str, hint: str = "") -> dict[str, Any]:
    """One JSON object as plain values, all numbers finite.

    Raises
    ------
    DataError
        It is something else; `name` opens the sentence.
    """
    try:
        found = json.loads(data.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise DataError(f"{name}: must be JSON with finite numbers (got something else).{hint}") from None
    if not isinstance(found, dict):
        raise DataError(f"{name}: must be one JSON object (got {shown(found)}).{hint}")
    return found


def read_stored(
    path: Path | str, form: TypeAdapter[Result], max_bytes: int, plain: Callable[[Result], Any]
) -> Result:
    """Read a stored result; no code in the file is run.

    Parameters
    ----------
    path : path
    form : TypeAdapter
        Of a dataclass with `STORED` as its configuration.
    max_bytes : int
    plain : callable
        What would be written of a result as plain values; the file must hold just that.

    Raises
    ------
    DataError
        It cannot be read, or something in it is not as its form declares.
    """
    path = Path(path)
    return stored_from(read_bytes(path, max_bytes), path.name, form, plain)


def stored_from(data: bytes, name: str, form: TypeAdapter[Result], plain: Callable[[Result], Any]) -> Result:
    """A stored result from the bytes of a file, read as :func:`read_stored` does.

    Parameters
    ----------
    data : bytes
    name : str
        Opens the sentence of a refusal.
    form, plain
        As of :func:`read_stored`.

    Raises
    ------
    DataError
        Something in it is not as its form declares.
    """
    given = strict_json(data, name)
    try:
        found = form.validate_json(data)
    except ValidationError as error:
        raise first_refusal(error, name) from None
    again = json.loads(json.dumps(plain(found)))
    for key in (k for k, value in again.items() if k not in given or given[k] != value):
        raise DataError(f"{name}: {key}: must be as it would be written (got it in another way).")
    return found


def write_stored(path: Path | str, result: Any) -> None:
    """Write a result as :func:`read_stored` reads it, the same bytes for the same content.

    Parameters
    ----------
    path : path
    result : dataclass
        Of plain values and of dataclasses of them.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    write_file(path, json.dumps(asdict(result), allow_nan=False) + "\n")


def first_refusal(error: ValidationError, name: str, hint: str = "") -> DataError:
    """The first of what a check has found: ``file: place: rule (got value). Hint.``"""
    first = error.errors(include_url=False)[0]
    place = "".join(f"{part}: " for part in [".".join(map(str, first["loc"]))] if part)
    return DataError(f"{name}: {place}{rule_broken(first)}.{hint}")


def _refuse(constant: str) -> float:
    raise ValueError(constant)
