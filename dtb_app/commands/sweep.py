"""``dtb sweep``: many runs over the values of some keys, as one table."""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import math
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dtb_app.commands.progress import on_stderr
from dtb_app.commands.run import folder_of, parse_values
from dtb_app.scenario_names import find_scenario
from engine.capacity import require_capacity
from engine.codesign.workers import run_all
from engine.connectome import Connectome, load_connectome
from engine.errors import DataError, ParameterError, SimulationError
from engine.recording import Recording
from engine.scenario import Scenario
from engine.simulation import Simulation

__all__ = ["add", "parse_axis"]

MAX_RUNS = 10_000
_RESULTS = (
    "rate_e_hz", "rate_i_hz", "cv_isi", "n_spikes", "n_synaptic_events", "packets",
    "max_link_load", "real_time_factor", "spike_hash", "error",
)  # fmt: skip


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("sweep", help="run a scenario over the values of some keys")
    p.add_argument("scenario", help="a preset, or the beginning of its name, or a scenario file")
    p.add_argument("--vary", action="append", default=[], metavar="KEY=A:B:N", dest="axes",
                   help="N values from A to B, or KEY=x,y,z; several make a grid")  # fmt: skip
    p.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="values",
                   help="change one value in every run")  # fmt: skip
    p.add_argument("--duration", type=float, metavar="MS", help="biological time [ms]")
    p.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N",
                   help="runs at once; does not change the results")  # fmt: skip
    p.add_argument("--scheduler", metavar="ADDRESS", help="of a cluster; not available here")
    p.add_argument("--out", required=True, metavar="DIR",
                   help="gets results.csv and one run-0001.json and so on each run; must "
                   "not hold a sweep already")  # fmt: skip
    p.add_argument("--json", action="store_true", help="print the table as one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Run them all."""
    if arguments.scheduler:
        raise ParameterError(
            f"sweep.scheduler: must be left out (got '{arguments.scheduler}'): runs go on in this "
            "machine's cores only. Use --workers."
        )
    if not arguments.axes:
        raise ParameterError(
            "sweep.vary: must be given at least once (got none), as in "
            "--vary network.coupling=0.5:1.5:5."
        )
    if arguments.workers < 1:
        raise ParameterError(f"sweep.workers: must be at least 1 (got {arguments.workers}).")
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
    out = _new_folder(Path(arguments.out))
    rows = _run(points, connectome, out, arguments.workers)
    _write_table(out / "results.csv", list(axes), rows)
    if arguments.json:
        print(json.dumps({"vary": axes, "runs": rows}, allow_nan=False))
    else:
        print(_table(list(axes), rows))
        print(f"Written to {out}: results.csv and {len(rows)} files run-*.json.")
    return 1 if all(row["error"] for row in rows) else 0


def _new_folder(out: Path) -> Path:
    """Make the folder of a sweep; one that holds a sweep already is left as it is and refused."""
    try:
        found = sorted(p.name for p in out.glob("run-*.json")) if out.is_dir() else []
        found += ["results.csv"] if (out / "results.csv").exists() else []
        if found:
            n = len(found)
            files = found[0] if n == 1 else f"{found[0]} and {n - 1} file{'s' * (n > 2)} more"
            raise DataError(
                f"sweep.out: must be a folder without a sweep in it (got {out}, which holds "
                f"{files}). Choose another --out, or remove it first."
            )
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{out.name}: cannot be written ({error.strerror}).") from None
    return out


def parse_axis(text: str) -> tuple[str, list[Any]]:
    """A key and its values, from ``key=a:b:n`` or ``key=x,y,z``.

    Whole numbers stay whole where all values are.
    """
    key, sign, wish = text.partition("=")
    if not sign or not key or not wish:
        raise ParameterError(f"sweep.vary: must be KEY=A:B:N or KEY=x,y,z (got '{text}').")
    parts = wish.split(":")
    if len(parts) == 1:
        return key, [_value(item) for item in wish.split(",")]
    try:
        low, high, n = float(parts[0]), float(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        raise ParameterError(
            f"sweep.vary: must be KEY=A:B:N with numbers A, B and a whole N (got '{text}')."
        ) from None
    if len(parts) != 3 or not 1 <= n <= MAX_RUNS or not math.isfinite(low + high):
        raise ParameterError(
            f"sweep.vary: must be KEY=A:B:N with N from 1 to {MAX_RUNS} (got '{text}')."
        )
    step = (high - low) / (n - 1) if n > 1 else 0.0
    values: list[Any] = [float(f"{low + k * step:.12g}") for k in range(n)]
    if all(v.is_integer() for v in values) and "." not in parts[0] + parts[1]:
        values = [int(v) for v in values]
    return key, values


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _points(
    scenario: Scenario, axes: dict[str, list[Any]]
) -> Iterator[tuple[dict[str, Any], Scenario]]:
    n = math.prod(len(values) for values in axes.values())
    if n > MAX_RUNS:
        raise ParameterError(f"sweep.vary: must make at most {MAX_RUNS} runs (got {n}).")
    for combination in itertools.product(*axes.values()):
        values = dict(zip(axes, combination, strict=True))
        yield values, scenario.with_values(values)


def _run(
    points: Sequence[tuple[dict[str, Any], Scenario]],
    connectome: Connectome,
    out: Path,
    workers: int,
) -> list[dict[str, Any]]:
    """Every run's row; one that fails says so in its row and the others go on."""
    writing = threading.Lock()

    def one(number: int, values: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
        row: dict[str, Any] = {"run": number, **values, **dict.fromkeys(_RESULTS)}
        row["error"] = ""
        simulation = Simulation(scenario, connectome)
        try:
            recording = simulation.run()
        except SimulationError as error:
            row["error"] = str(error)
            return row
        finally:
            simulation.close()
        with writing:
            data = recording.as_json()
            (out / f"run-{number:04d}.json").write_text(json.dumps(data, allow_nan=False) + "\n")
        row.update(_results(recording, data))
        return row

    jobs = [
        (f"run {k} of {len(points)}", lambda check, k=k, v=values, s=varied: one(k, v, s))
        for k, (values, varied) in enumerate(points, 1)
    ]
    return run_all(jobs, workers, on_stderr())


def _results(recording: Recording, data: dict[str, Any]) -> dict[str, Any]:
    rate = data["mean_rate_hz"]
    return {
        "rate_e_hz": rate["E"], "rate_i_hz": rate["I"], "cv_isi": data["cv_isi"],
        "n_spikes": data["n_spikes"], "n_synaptic_events": data["n_synaptic_events"],
        "packets": data["noc"]["packets"], "max_link_load": data["noc"]["max_link_load"],
        "real_time_factor": data["real_time_factor"], "spike_hash": recording.spike_hash,
    }  # fmt: skip


def _write_table(path: Path, axes: list[str], rows: list[dict[str, Any]]) -> None:
    try:
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["run", *axes, *_RESULTS])
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise DataError(f"{path.name}: cannot be written ({error.strerror}).") from None


def _table(axes: list[str], rows: list[dict[str, Any]]) -> str:
    heads = [key.rpartition(".")[2] for key in axes]
    lines = [
        "  run  " + "  ".join(f"{h:>14}" for h in heads) + "    E [Hz]    I [Hz]      CV  max link"
    ]
    for row in rows:
        line = f"  {row['run']:3}  " + "  ".join(f"{row[key]!s:>14}" for key in axes)
        if row["error"]:
            lines.append(f"{line}  {row['error']}")
        else:
            cv = "n/a" if row["cv_isi"] is None else f"{row['cv_isi']:.3f}"
            lines.append(
                f"{line}  {row['rate_e_hz']:8.3f}  {row['rate_i_hz']:8.3f}  {cv:>6}  "
                f"{100 * row['max_link_load']:6.2g} %"
            )
    return "\n".join(lines)
