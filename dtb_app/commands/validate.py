"""``dtb validate``: the analog student against its digital teacher."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from dtb_app.commands.progress import on_stderr
from dtb_app.commands.run import parse_values
from dtb_app.scenario_names import find_scenario
from engine.connectome import load_connectome
from engine.errors import ParameterError
from engine.scenario import Scenario

__all__ = ["add", "table"]

DEFAULT_MS = 3000.0


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("validate", help="hold the analog student against its digital teacher")
    p.add_argument("scenario", help="a preset, or the beginning of its name, or a scenario file")
    p.add_argument("--chips", type=int, default=5, metavar="N", help="chips (default 5)")
    p.add_argument("--seeds", type=int, default=4, metavar="N",
                   help="teachers under other noise, the floor (default 4)")  # fmt: skip
    p.add_argument("--duration", type=float, metavar="MS",
                   help="biological time of every run [ms]; the scenario's, at most "
                   f"{DEFAULT_MS:g}, if left out")  # fmt: skip
    p.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="values",
                   help="change one value of the scenario")  # fmt: skip
    p.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N",
                   help="runs at once; does not change the result")  # fmt: skip
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Validate and print."""
    from engine.codesign import validate

    scenario, base = find_scenario(arguments.scenario)
    scenario = scenario.with_values(parse_values(arguments.values))
    connectome = load_connectome(scenario.connectome, base)
    scenario = shortened(scenario, arguments.duration)
    if arguments.workers < 1:
        raise ParameterError(f"validate.workers: must be at least 1 (got {arguments.workers}).")
    found = validate(
        scenario, connectome, arguments.chips, arguments.seeds, arguments.workers, on_stderr()
    )
    print(json.dumps(found.as_json(), allow_nan=False) if arguments.json else table(found))
    return 0


def shortened(scenario: Scenario, duration: float | None) -> Scenario:
    """The scenario over the time that was asked for."""
    if duration is None:
        duration = min(scenario.duration, max(DEFAULT_MS, scenario.transient + 1000.0))
        if duration < scenario.duration:
            print(
                f"Every run is {duration:g} ms long instead of the scenario's "
                f"{scenario.duration:g}; --duration changes that.",
                file=sys.stderr,
            )
    return scenario.with_values({"duration": duration})


def table(found: Any) -> str:
    """A validation as text."""
    scenario = found.scenario
    lines = [
        f"{scenario.title}: {', '.join(found.labels)} ({found.n_neurons:,} neurons) on "
        f"{len(found.chip_seeds)} chips, mode {scenario.analog.mode}, against the digital teacher; "
        f"{scenario.duration - scenario.transient:g} ms each",
        f"  {'measure':27} {'student':>9} {'±':>8} {'floor':>9} {'±':>8} {'nudged':>8} "
        f"{'Poisson':>9} {'unit':4} {'n':>9}  verdict",
    ]
    for s in found.standings.values():
        lines.append(
            f"  {s.label:27} {_said(s.value):>9} {_said(s.spread):>8} {_said(s.floor):>9} "
            f"{_said(s.floor_spread):>8} {_said(s.nudged):>8} {_said(s.baseline):>9} {s.unit:4} "
            f"{s.n:>9,}  {s.verdict}"
        )
    lines += [
        f"  {found.sentence}",
        "  student: mean and standard deviation over chips, each under the teacher's noise. "
        f"floor: teachers under {len(found.noise_seeds)} noises, all pairs. nudged: the teacher "
        "after 100 pA for 1 ms. Poisson: neurons of the teacher's rates that hear nothing.",
        "  The chip is a software model.",
    ]
    for name, control in found.controls.items():
        lines.append(
            f"  control {name:14} {'holds' if control['passed'] else 'FAILS'}: "
            f"{control['sentence']}"
        )
    return "\n".join(lines)


def _said(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3g}"
