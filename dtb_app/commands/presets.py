"""``dtb presets``: the scenarios that ship."""

from __future__ import annotations

import argparse
import json
from typing import Any

from engine.amounts import number
from engine.scenario.presets import preset, preset_names

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("presets")
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """List them."""
    found = {name: preset(name) for name in preset_names()}
    if arguments.json:
        print(
            json.dumps(
                {
                    n: {"title": s.title, "duration_ms": s.duration, "toml": s.to_toml()}
                    for n, s in found.items()
                }
            )
        )
    else:
        width = max(map(len, found))
        for name, scenario in found.items():
            print(f"{name:{width}}  {scenario.title}, {number(scenario.duration / 1000, 6)} s")
    return 0
