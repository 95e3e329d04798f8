"""``dtb student``: how much of a fitted brain survives on the analog chip."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from typing import Any, get_args

import numpy as np

from dtb_app.commands.asked.measured import add_options, target_of
from dtb_app.commands.asked.scenario_names import asked_scenario
from dtb_app.commands.progress import on_stderr
from dtb_app.commands.tables.student import student_table
from engine.brain.connectome import Connectome
from engine.errors import DataError, ParameterError
from engine.scenario.hardware import AnalogMode
from engine.scenario.scenario import Scenario
from engine.whole_files import require_file_place

__all__ = ["add", "call"]

_MODES = get_args(AnalogMode)


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("student")
    p.add_argument("scenario", help="a fitted preset, or the beginning of its name, or a scenario file")
    p.add_argument(
        "--regions",
        action="append",
        default=[],
        metavar="LABELS",
        help="regions that go to the chip together, with commas between, or the word all; more than once "
        "for more sets (default: those of the scenario)",
    )
    p.add_argument(
        "--mode",
        action="append",
        default=[],
        choices=_MODES,
        help="of the chip; more than once for more (default: all)",
    )
    p.add_argument(
        "--target",
        metavar="FILE",
        dest="data",
        help="measured connectivity or signals of regions; that of the connectome where left out",
    )
    add_options(p)
    p.add_argument(
        "--judge", type=float, default=10.0, metavar="M", help="biology of each judgement [min] (default 10)"
    )
    p.add_argument(
        "--tune",
        type=float,
        default=10.0,
        metavar="M",
        help="biology of the tuning with the chip in the loop [min]; 0 leaves it out (default 10)",
    )
    p.add_argument(
        "--seed", type=int, metavar="N", help="of the tuning in the loop; it is judged with another"
    )
    p.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="values", help="change a value"
    )
    p.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="brains at once; changes nothing",
    )
    p.add_argument("--out", metavar="FILE", help="gets the results as JSON")
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Judge, write and print.

    Raises
    ------
    ParameterError
        An option is refused.
    DataError
        There is no measured connectivity.
    """
    from engine.tuning.student import fit_students, write_students

    scenario, connectome = asked_scenario(arguments)
    if not arguments.judge >= 1:
        raise ParameterError(f"student.judge: must be at least 1 (got {arguments.judge:g}).")
    if not (arguments.tune == 0 or arguments.tune >= 1):
        raise ParameterError(f"student.tune: must be 0 or at least 1 (got {arguments.tune:g}).")
    if arguments.workers < 1:
        raise ParameterError(f"student.workers: must be at least 1 (got {arguments.workers}).")
    if arguments.out:
        require_file_place(arguments.out, "student.out")
    measured = target_of(arguments, connectome)
    target = connectome.fc_matrix if measured is None else measured.matrix
    if target is None:
        raise DataError(f"target: must be given, since {connectome.name} brings no measured connectivity.")
    on = [k for k, b in enumerate(scenario.backend_of(connectome.labels)) if b != "off"]
    found = fit_students(
        scenario,
        connectome,
        np.asarray(target)[np.ix_(on, on)],
        _sets(arguments.regions, scenario, connectome),
        command=f"dtb student {arguments.scenario}",
        modes=tuple(arguments.mode) or _MODES,
        tune_minutes=arguments.tune,
        judge_minutes=arguments.judge,
        workers=arguments.workers,
        progress=on_stderr(),
    )
    if arguments.out:
        write_students(arguments.out, found)
    print(json.dumps(asdict(found), allow_nan=False) if arguments.json else student_table(found))
    return 0


def _sets(asked: list[str], scenario: Scenario, connectome: Connectome) -> dict[str, tuple[str, ...]]:
    backends = scenario.backend_of(connectome.labels)
    on = tuple(x for x, b in zip(connectome.labels, backends, strict=True) if b != "off")
    if not asked:
        chosen = tuple(x for x, b in zip(connectome.labels, backends, strict=True) if b == "analog")
        if not chosen:
            raise ParameterError("student.regions: must be given where none is on analog (got none).")
        return {"its own regions": chosen}
    sets = {}
    for text in asked:
        labels = on if text == "all" else tuple(label.strip() for label in text.split(","))
        for label in labels:
            if label not in on:
                raise ParameterError(f"student.regions: must be simulated regions (got '{label}').")
        sets["all regions" if text == "all" else text] = labels
    return sets
