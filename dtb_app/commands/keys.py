"""``dtb keys``: what of a scenario can be set and varied, as it is declared."""

from __future__ import annotations

import argparse
import json
from typing import Any

from dtb_app.commands.asked.values import electrode_keys, range_words
from engine.errors import ParameterError, nearest_hint
from engine.model.quantity import shown
from engine.scenario.declarations import Declaration, declarations, item_declarations

__all__ = ["add"]

_WHEN = {"live": "acts at once", "branch": "acts where a resting run goes on", "build": "acts in a new run"}


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("keys")
    p.add_argument("text", nargs="?", default="", help="part of a key, of its label or of its sentence")
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """List them.

    Raises
    ------
    ParameterError
        No key has the text.
    """
    known = {one.key: one for one in (*declarations().values(), *item_declarations())} | electrode_keys()
    word = arguments.text.casefold()
    found = [one for one in known.values() if word in f"{one.key}\n{one.label}\n{one.sentence}".casefold()]
    if not found:
        hint = nearest_hint(arguments.text, known, limit=6)
        raise ParameterError(f"keys: must be in a key or its sentence (got '{arguments.text}'). {hint}")
    if arguments.json:
        print(json.dumps({one.key: _as_json(one) for one in found}, allow_nan=False))
    else:
        print("\n".join(_words(one) for one in found))
    return 0


def _as_json(one: Declaration) -> dict[str, Any]:
    return {
        "unit": one.unit,
        "low": one.low,
        "high": one.high,
        "names": list(one.names),
        "range": range_words(one),
        "default": None if one.is_required else one.default,
        "acts": one.acts,
        "sentence": one.sentence,
        "source": one.source,
    }


def _words(one: Declaration) -> str:
    unit = f" [{one.unit}]" if one.unit else ""
    default = "must be given" if one.is_required else f"default {_plain(one.default)}"
    return f"{one.key}{unit}: {range_words(one)}; {default}; {_WHEN[one.acts]}\n    {one.sentence}"


def _plain(default: Any) -> str:
    if isinstance(default, str):
        return default or "''"
    return f"{default:.12g}" if isinstance(default, float) else shown(default)
