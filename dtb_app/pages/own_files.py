"""How a visitor's own connectomes and tunings are kept between visits: each under its checksum."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from dtb_app.work.kept_work import KeptWork
from engine.errors import DataError
from engine.scenario.reference import Reference
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import tuning_json
from engine.stored_results import strict_json

__all__ = ["CONNECTOME", "TUNING", "bundle", "keep_own_tuning", "kind_of", "unbundle"]

CONNECTOME, TUNING = "connectome", "tuning"


def kind_of(what: str, named: Reference) -> str:
    """Under what the store lists what an address names: `CONNECTOME` or `TUNING`, by its checksum."""
    return f"{what}-{named.checksum}"


def keep_own_tuning(kept: KeptWork, tuning: Tuning) -> None:
    """Keep a tuning that a scenario of this visitor is about to name."""
    kind = kind_of(TUNING, Reference.to(tuning.name, tuning.checksum))
    kept.keep(kind, tuning.name, "{}", tuning_json(tuning).encode(), {})


def bundle(files: Mapping[str, bytes]) -> bytes:
    """Files as one, from which :func:`unbundle` makes the same."""
    return json.dumps({name: base64.b64encode(data).decode() for name, data in files.items()}).encode()


def unbundle(content: bytes, name: str) -> dict[str, bytes]:
    """Name to bytes of what :func:`bundle` has joined.

    Parameters
    ----------
    content : bytes
    name : str
        Opens the sentence of a refusal.

    Raises
    ------
    DataError
        It is something else.
    """
    try:
        return {
            key: base64.b64decode(data, validate=True) for key, data in strict_json(content, name).items()
        }
    except (TypeError, ValueError):
        raise DataError(f"{name}: must be files that were kept together (got something else).") from None
