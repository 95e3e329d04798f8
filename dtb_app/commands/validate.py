"""``dtb validate``: the analog student against its digital teacher."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from dtb_app.commands.asked.scenario_names import find_scenario
from dtb_app.commands.asked.values import parse_values
from dtb_app.commands.progress import on_stderr
from dtb_app.commands.run import folder_of
from engine.amounts import number
from engine.brain.connectome import Connectome, load_connectome
from engine.codesign.substrates import shortened
from engine.codesign.validation import check_validation
from engine.errors import ParameterError
from engine.scenario.scenario import Scenario
from engine.whole_files import require_file_place, write_file

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("validate")
    p.add_argument("scenario", help="a preset, or the beginning of its name, or a scenario file")
    p.add_argument("--chips", type=int, default=5, metavar="N", help="chips (default 5)")
    p.add_argument(
        "--seeds", type=int, default=4, metavar="N", help="teachers under other noise, the floor (default 4)"
    )
    p.add_argument(
        "--duration",
        type=float,
        metavar="MS",
        help="biological time of every run [ms]; the scenario's, at most 3000, if left out",
    )
    p.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="values",
        help="change one value of the scenario",
    )
    p.add_argument("--attribute", action="store_true", help="also say which imperfection costs how much")
    p.add_argument(
        "--calibrate", type=int, metavar="N", help="also trim circuits and fit knobs, trying N students"
    )
    p.add_argument("--resume", metavar="FILE", help="keep the calibration's state here, and go on from it")
    p.add_argument("--fitted", metavar="FILE", help="write the calibrated scenario here, its trims included")
    p.add_argument(
        "--trade-off", action="store_true", help="also say what fidelity costs in bits, mismatch and chips"
    )
    p.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="runs at once; does not change the result",
    )
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Validate and print.

    Raises
    ------
    ParameterError
        An option is refused, or comes without the one it belongs to.
    """
    from dtb_app.commands.tables.codesign import (
        attribution_table,
        calibration_table,
        trade_off_table,
        validation_table,
    )
    from engine.codesign import analog_labels, attribute, trade_off, validate

    scenario, base = find_scenario(arguments.scenario)
    values = parse_values(arguments.values)
    scenario = scenario.with_values(values)
    connectome = load_connectome(scenario.connectome, folder_of(values, base))
    analog_labels(scenario, connectome)  # refused before anything else is said
    if arguments.workers < 1:
        raise ParameterError(f"validate.workers: must be at least 1 (got {arguments.workers}).")
    for name in ("resume", "fitted"):
        if getattr(arguments, name) and arguments.calibrate is None:
            raise ParameterError(f"validate.{name}: must come with --calibrate N (got it alone).")
        if getattr(arguments, name):
            require_file_place(getattr(arguments, name), f"validate.{name}")
    scenario = _with_duration(scenario, arguments)
    n = arguments.workers
    found = validate(scenario, connectome, arguments.chips, arguments.seeds, n, on_stderr())
    data, lines = found.as_json(), [validation_table(found)]
    if arguments.attribute:
        costs = attribute(scenario, connectome, arguments.chips, 2, n, on_stderr())
        data["attribution"] = costs.as_json()
        lines.append(attribution_table(costs))
    if arguments.calibrate is not None:
        fitted = _calibrate(scenario, connectome, arguments)
        data["calibration"] = fitted.as_json()
        if arguments.fitted:
            write_file(arguments.fitted, fitted.scenario.to_toml())
        lines.append(calibration_table(fitted))
    if arguments.trade_off:
        designs = trade_off(scenario, connectome, workers=n, progress=on_stderr())
        data["trade_off"] = designs.as_json()
        lines.append(trade_off_table(designs))
    print(json.dumps(data, allow_nan=False) if arguments.json else "\n\n".join(lines))
    return 0


def _calibrate(scenario: Scenario, connectome: Connectome, arguments: argparse.Namespace) -> Any:
    from engine.codesign import CalibrationState, calibrate, read_state, write_state

    file = Path(arguments.resume) if arguments.resume else None
    state = read_state(file) if file is not None and file.exists() else None

    def report(state: CalibrationState) -> None:
        if file is not None:
            write_state(file, state)

    return calibrate(scenario, connectome, arguments.calibrate, arguments.workers, on_stderr(), state, report)


def _with_duration(scenario: Scenario, arguments: argparse.Namespace) -> Scenario:
    """The scenario over the time that was asked for; nothing is said before it may run."""
    if arguments.duration is not None:
        scenario = scenario.with_values({"duration": arguments.duration})
        check_validation(scenario, arguments.chips, arguments.seeds)
        return scenario
    short = shortened(scenario)
    check_validation(short, arguments.chips, arguments.seeds)
    if short != scenario:
        print(
            f"Every run is {number(short.duration, 6)} ms long instead of the scenario's "
            f"{number(scenario.duration, 6)}; --duration changes that.",
            file=sys.stderr,
        )
    return short
