"""``dtb twin``: a preset's questions put to its twin, over patients, as one scorecard."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from dtb_app.commands.progress import on_stderr
from dtb_app.commands.tables.twin import scorecard_table
from engine.errors import ParameterError
from engine.twin.trial.scorecard import FILE, run_trial, write_scorecard
from engine.whole_files import require_folder_place

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("twin", description="For research and teaching, not for clinical use.")
    p.add_argument("preset", help="one of the presets of a twin; a wrong name lists what is near")
    p.add_argument("--patients", type=int, metavar="N", help="that are judged; the preset's own number")
    p.add_argument("--seed", type=int, default=1, metavar="S", help="of all that is drawn (default 1)")
    p.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="patients at once; does not change the result",
    )
    p.add_argument("--out", required=True, metavar="DIR", help="gets scorecard.json")
    p.add_argument("--json", action="store_true", help="one JSON object, as in scorecard.json")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Try, write and print.

    Raises
    ------
    EngineError
        An option is refused, or a brain cannot be run.
    """
    if arguments.workers < 1:
        raise ParameterError(f"twin.workers: must be at least 1 (got {arguments.workers}).")
    require_folder_place(arguments.out, "twin.out")
    card = run_trial(
        arguments.preset,
        patients=arguments.patients,
        seed=arguments.seed,
        workers=arguments.workers,
        progress=on_stderr(),
    )
    write_scorecard(Path(arguments.out) / FILE, card)
    print(json.dumps(card, allow_nan=False) if arguments.json else scorecard_table(card))
    return 0
