"""``dtb sweep``: many runs over the values of some keys, as one table."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dtb_app.commands.asked.scenario_names import find_scenario
from dtb_app.commands.asked.values import ELECTRODE, MAX_RUNS, parse_axis, parse_values, unit_of
from dtb_app.commands.progress import on_stderr
from dtb_app.commands.run import folder_of
from dtb_app.commands.sweep_electrode import sweep_electrode
from dtb_app.commands.sweep_folder import SweepFolder
from engine.brain.connectome import Connectome, load_connectome
from engine.codesign.workers import Check, run_all
from engine.errors import ParameterError, SimulationError
from engine.run.capacity import require_capacity
from engine.run.simulation import Simulation, Stopped
from engine.scenario.scenario import Scenario

__all__ = ["add"]

_RESULTS = (
    "rate_e_hz",
    "rate_i_hz",
    "cv_isi",
    "n_spikes",
    "n_synaptic_events",
    "packets",
    "max_link_load",
    "real_time_factor",
    "spike_hash",
    "error",
)


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("sweep")
    p.add_argument("scenario", help="a preset, or the beginning of its name, or a scenario file")
    p.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="KEY=A:B:N",
        dest="axes",
        help="N values from A to B, or KEY=x,y,z, or KEY=all for every name of a choice; several make a "
        "grid; `dtb keys` lists the keys",
    )
    p.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="values",
        help="change one value in every run",
    )
    p.add_argument("--duration", type=float, metavar="MS", help="biological time [ms]")
    p.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="runs at once; does not change the results",
    )
    p.add_argument(
        "--patients", type=int, metavar="N", help="circuits at each dose, where an electrode is varied; 10"
    )
    p.add_argument("--scheduler", metavar="ADDRESS", help="of a cluster; not available here")
    p.add_argument(
        "--out",
        required=True,
        metavar="DIR",
        help="gets results.csv and one run-0001.json and so on each run; the "
        "same sweep goes on, another one there is refused",
    )
    p.add_argument("--json", action="store_true", help="print the table as one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Run them all.

    Raises
    ------
    ParameterError
        An option, a key or a value is refused, before the first run.
    KeyboardInterrupt
        It was broken off; the runs that were done are kept.
    """
    if arguments.scheduler:
        raise ParameterError(
            f"sweep.scheduler: must be left out (got '{arguments.scheduler}'): runs go on in this "
            "machine's cores only. Use --workers."
        )
    if not arguments.axes:
        raise ParameterError(
            "sweep.vary: must be given at least once (got none), as in --vary network.coupling=0.5:1.5:5."
        )
    if arguments.workers < 1:
        raise ParameterError(f"sweep.workers: must be at least 1 (got {arguments.workers}).")
    if any(item.startswith(ELECTRODE) for item in (*arguments.axes, *arguments.values)):
        return sweep_electrode(arguments)
    if arguments.patients is not None:
        raise ParameterError(
            f"sweep.patients: must be left out (got {arguments.patients}) where no {ELECTRODE}* is varied."
        )
    scenario, base = find_scenario(arguments.scenario)
    fixed = parse_values(arguments.values)
    if arguments.duration is not None:
        fixed["duration"] = arguments.duration
    scenario = scenario.with_values(fixed)
    axes = dict(parse_axis(text) for text in arguments.axes)
    points = list(_points(scenario, axes))
    connectome = load_connectome(scenario.connectome, folder_of(fixed, base))
    for _, varied in points:  # what cannot run is refused before the first run
        require_capacity(varied, connectome)
    brain = {"connectome_sha256": connectome.checksum}
    out = SweepFolder(Path(arguments.out), axes, {"scenario_digest": scenario.digest(), **brain})
    rows: dict[int, dict[str, Any]] = {}
    if out.goes_on:
        for number, (values, varied) in enumerate(points, 1):
            if data := out.done(number, {"scenario_digest": varied.digest(), **brain}):
                rows[number] = _row(number, values) | _results(data)
        done_before = f"{len(rows)} of {len(points)} runs are done"
        print(f"{out.path} holds this very sweep, which goes on: {done_before}.", file=sys.stderr)
    out.begin()
    columns = ["run", *axes, *_RESULTS]
    try:
        _run(points, connectome, out, arguments.workers, rows)
    except KeyboardInterrupt:
        done = [rows[number] for number in sorted(rows)]
        out.write_table(columns, done)
        raise KeyboardInterrupt(
            f"stopped after {len(done)} of {len(points)} runs, which are in {out.path}; the same "
            "command goes on from there."
        ) from None
    done = [rows[number] for number in sorted(rows)]
    out.write_table(columns, done)
    if arguments.json:
        print(
            json.dumps(
                {"vary": axes, "units": {key: unit_of(key) for key in axes}, "runs": done}, allow_nan=False
            )
        )
    else:
        print(_table(list(axes), done))
        print(f"Written to {out.path}: results.csv and a file run-*.json each run.")
    return 1 if all(row["error"] for row in done) else 0


def _points(scenario: Scenario, axes: dict[str, list[Any]]) -> Iterator[tuple[dict[str, Any], Scenario]]:
    n = math.prod(len(values) for values in axes.values())
    if n > MAX_RUNS:
        raise ParameterError(f"sweep.vary: must make at most {MAX_RUNS} runs (got {n}).")
    for combination in itertools.product(*axes.values()):
        values = dict(zip(axes, combination, strict=True))
        yield values, scenario.with_values(values)


def _run(
    points: Sequence[tuple[dict[str, Any], Scenario]],
    connectome: Connectome,
    out: SweepFolder,
    workers: int,
    rows: dict[int, dict[str, Any]],
) -> None:
    """Make the runs that have no row yet; one that fails says so in its row, the others go on."""

    def one(number: int, values: dict[str, Any], scenario: Scenario, check: Check) -> None:
        row = _row(number, values)
        simulation = Simulation(scenario, connectome)
        try:
            data = simulation.run(lambda _, __: check()).as_json()
        except Stopped:
            return
        except SimulationError as error:
            rows[number] = row | {"error": str(error)}
            return
        finally:
            simulation.close()
        out.keep(number, data)
        rows[number] = row | _results(data)

    jobs = [
        (f"run {k} of {len(points)}", lambda check, k=k, v=values, s=varied: one(k, v, s, check))
        for k, (values, varied) in enumerate(points, 1)
        if k not in rows
    ]
    if jobs:
        run_all(jobs, workers, on_stderr())


def _row(number: int, values: dict[str, Any]) -> dict[str, Any]:
    return {"run": number, **values, **dict.fromkeys(_RESULTS), "error": ""}


def _results(data: dict[str, Any]) -> dict[str, Any]:
    rate = data["mean_rate_hz"]
    return {
        "rate_e_hz": rate["E"],
        "rate_i_hz": rate["I"],
        "cv_isi": data["cv_isi"],
        "n_spikes": data["n_spikes"],
        "n_synaptic_events": data["n_synaptic_events"],
        "packets": data["noc"]["packets"],
        "max_link_load": data["noc"]["max_link_load"],
        "real_time_factor": data["real_time_factor"],
        "spike_hash": data["spike_hash"],
    }


def _table(axes: list[str], rows: list[dict[str, Any]]) -> str:
    units = [f" [{unit}]" if (unit := unit_of(key)) else "" for key in axes]
    heads = [key.rpartition(".")[2] + unit for key, unit in zip(axes, units, strict=True)]
    widths = [max(14, len(head)) for head in heads]

    def cells(items: Iterable[Any]) -> str:
        return "  ".join(f"{item!s:>{width}}" for item, width in zip(items, widths, strict=True))

    lines = [f"  run  {cells(heads)}    E [Hz]    I [Hz]      CV  max link"]
    for row in rows:
        line = f"  {row['run']:3}  {cells(row[key] for key in axes)}"
        if row["error"]:
            lines.append(f"{line}  {row['error']}")
        else:
            cv = "n/a" if row["cv_isi"] is None else f"{row['cv_isi']:.3f}"
            lines.append(
                f"{line}  {row['rate_e_hz']:8.3f}  {row['rate_i_hz']:8.3f}  {cv:>6}  "
                f"{100 * row['max_link_load']:6.2g} %"
            )
    return "\n".join(lines)
