"""``dtb sweep`` over keys of an electrode: dose and response of stimulation in the beta circuit."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dtb_app.commands.asked.values import ELECTRODE, MAX_RUNS, parse_axis, parse_values, unit_of
from dtb_app.commands.progress import on_stderr
from dtb_app.commands.sweep_folder import SweepFolder
from engine.errors import ParameterError
from engine.progress import part_of
from engine.scenario.presets import preset
from engine.stored_results import read_bytes, strict_json
from engine.twin.stimulation.dose import DOSE_UNITS, DoseStudy
from engine.twin.stimulation.electrode import Electrode, electrode
from engine.twin.trial.registry import TWINS

__all__ = ["sweep_electrode"]

_PATIENTS = 10
_MAX_BYTES = 100_000
_SEED = "seed"
_ROW = "dose"


def sweep_electrode(arguments: argparse.Namespace) -> int:
    """Stimulate the same circuits at every setting; one that may harm is refused in its row.

    Raises
    ------
    ParameterError
        An option, a key or a value is refused, before anything is run.
    KeyboardInterrupt
        It was broken off; the settings that were done are kept.
    """
    name = _twin_of(arguments.scenario)
    if arguments.duration is not None:
        raise ParameterError(
            f"sweep.duration: must be left out (got {arguments.duration:g}): it is 10 s here."
        )
    fixed = parse_values(arguments.values)
    seed = fixed.pop(_SEED, preset(name).seed)
    axes = dict(parse_axis(text) for text in arguments.axes)
    for key in (*fixed, *axes):
        if not key.startswith(ELECTRODE):
            raise ParameterError(
                f"sweep.vary: must be keys of the electrode only (got '{key}'): the beta circuit is no "
                f"scenario's brain. Leave out that one, or those that begin with '{ELECTRODE}'."
            )
    patients = _PATIENTS if arguments.patients is None else arguments.patients
    study = DoseStudy(seed, patients, arguments.workers)
    points = list(_points(fixed, axes))
    same = {"preset": name, "seed": seed, "patients": patients, "electrode": _plain(fixed)}
    out = SweepFolder(Path(arguments.out), axes, same, _read)
    rows: dict[int, dict[str, Any]] = {}
    electrodes: dict[int, Electrode] = {}
    for number, values in enumerate(points, 1):
        row = {"run": number, **values, **dict.fromkeys(DOSE_UNITS), "error": ""}
        try:
            electrodes[number] = electrode(**_plain(fixed | values))
        except ParameterError as error:
            rows[number] = row | {"error": str(error)}
    if not electrodes:
        raise ParameterError(rows[1]["error"])
    columns = ["run", *axes, *DOSE_UNITS, "error"]
    if out.goes_on:
        for number, used in electrodes.items():
            if data := out.done(number, _facts(name, seed, patients, used)):
                rows[number] = _row(number, points[number - 1], data)
        done = sum(not row["error"] for row in rows.values())
        print(
            f"{out.path} holds this very sweep, which goes on: {done} of {len(electrodes)} are done.",
            file=sys.stderr,
        )
    out.begin()
    left = [number for number in electrodes if number not in rows]
    told = on_stderr()
    try:
        for k, number in enumerate(left):
            share = part_of(told, k / len(left), (k + 1) / len(left))
            data = _facts(name, seed, patients, electrodes[number])
            data[_ROW] = study.row(electrodes[number], share)
            out.keep(number, data)
            rows[number] = _row(number, points[number - 1], data)
    except KeyboardInterrupt:
        out.write_table(columns, [rows[number] for number in sorted(rows)])
        raise KeyboardInterrupt(
            f"stopped after {len(rows)} of {len(points)} settings, which are in {out.path}; the same command "
            "goes on from there."
        ) from None
    done_rows = [rows[number] for number in sorted(rows)]
    out.write_table(columns, done_rows)
    if arguments.json:
        units = {key: unit_of(key) for key in axes} | DOSE_UNITS
        print(json.dumps({"vary": axes, "units": units, **same, "runs": done_rows}, allow_nan=False))
    else:
        print(_table(list(axes), done_rows, patients, seed))
        print(f"Written to {out.path}: results.csv and a file run-*.json each setting.")
    return 0


def _twin_of(name: str) -> str:
    """The preset that asks for stimulation, by its name or the beginning of it."""
    asked = [twin.name for twin in TWINS if "stimulation" in twin.parts]
    found = [one for one in asked if one.startswith(name.casefold())]
    if len(found) != 1:
        raise ParameterError(
            f"sweep.scenario: must be {' or '.join(asked)} where an electrode is varied (got '{name}'): it "
            "stands in the beta circuit."
        )
    return found[0]


def _points(fixed: Mapping[str, Any], axes: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    if both := sorted(set(fixed) & set(axes)):
        raise ParameterError(f"sweep.vary: must not vary what --set holds (got '{both[0]}').")
    n = math.prod(len(values) for values in axes.values())
    if n > MAX_RUNS:
        raise ParameterError(f"sweep.vary: must make at most {MAX_RUNS} runs (got {n}).")
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key.removeprefix(ELECTRODE): value for key, value in values.items()}


def _facts(name: str, seed: int, patients: int, used: Electrode) -> dict[str, Any]:
    return {"preset": name, "seed": seed, "patients": patients, "electrode": used.model_dump()}


def _row(number: int, values: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    return {"run": number, **values, **data[_ROW], "error": ""}


def _read(path: Path, name: str) -> dict[str, Any]:
    data = strict_json(read_bytes(path, _MAX_BYTES, name), name)
    row = data.get(_ROW)
    return data if isinstance(row, dict) and row.keys() == DOSE_UNITS.keys() else {}


def _table(axes: list[str], rows: Sequence[Mapping[str, Any]], patients: int, seed: int) -> str:
    heads = [
        key.rpartition(".")[2].rpartition("_")[0] + f" [{unit}]" if (unit := unit_of(key)) else key
        for key in axes
    ]
    widths = [max(16, len(head)) for head in heads]

    def cells(items: Sequence[Any]) -> str:
        return "  ".join(f"{item!s:>{width}}" for item, width in zip(items, widths, strict=True))

    lines = [
        f"Beta of {patients} circuit{'s' * (patients != 1)}, seed {seed}; less is more effect. For research "
        "and teaching, not for clinical use.",
        f"  run  {cells(heads)}  beta [%]      95 %     charge [uC]  energy [uJ]  [%/uC]",
    ]
    for row in rows:
        line = f"  {row['run']:3}  {cells([row[key] for key in axes])}"
        if row["error"]:
            lines.append(f"{line}  {row['error']}")
            continue
        between = "–"
        if row["effect_low"] is not None:
            between = f"{-100 * row['effect_high']:.0f} to {-100 * row['effect_low']:.0f}"
        each = "–" if row["effect_per_uc"] is None else f"{100 * row['effect_per_uc']:.2f}"
        lines.append(
            f"{line}  {-100 * row['effect']:8.1f}  {between:>12}  {row['charge_uc']:11.4g}  "
            f"{row['energy_uj']:11.4g}  {each:>6}"
        )
    chance = next((row["chance_effect"] for row in rows if not row["error"]), None)
    if chance is not None:
        lines.append(f"Nothing at all, in another noise, changes beta by {-100 * chance:+.1f} %.")
    return "\n".join(lines)
