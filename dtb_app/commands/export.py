"""``dtb export``: a run, or a scenario, as what other programs read."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.connectome import load_connectome
from engine.errors import DataError, ParameterError
from engine.export.nest import nest_script
from engine.export.pynn import pynn_script
from engine.export.run_folder import RunFolder
from engine.model.network import Network
from engine.presets import load_scenario, preset_names
from engine.simulation import Simulation
from layouts.run_report import report_html

__all__ = ["TARGETS", "add"]


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("export", help="write a run as what other programs read")
    p.add_argument(
        "run",
        help="a folder that dtb run --out wrote, or a scenario, which is run where that is needed",
    )
    p.add_argument("--to", required=True, metavar="FORMAT", help=", ".join(sorted(TARGETS)))
    p.add_argument("--out", required=True, metavar="PATH", help="the file to write")
    p.add_argument("--region", action="append", default=[], metavar="LABEL",
                   help="pynn: this analog region alone (all where left out)")  # fmt: skip
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Export it."""
    if arguments.to not in TARGETS:
        raise ParameterError(
            f"--to: must be one of {', '.join(sorted(TARGETS))} (got '{arguments.to}')."
        )
    out = Path(arguments.out)
    with tempfile.TemporaryDirectory() as scratch:
        needs_run = arguments.to not in _FROM_SCENARIO
        folder, base = _run_folder(arguments.run, Path(scratch), needs_run)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            said = TARGETS[arguments.to](folder, base, out, tuple(arguments.region))
        except OSError as error:
            raise DataError(f"{out.name}: cannot be written ({error.strerror}).") from None
    if arguments.json:
        print(json.dumps({"target": arguments.to, "out": str(out), **said}, allow_nan=False))
        return 0
    print(f"Written to {out}: " + _listed(said))
    for loss in said.get("not_carried", ()):
        print(f"  not carried  {loss['count']:,} {loss['what']}: {loss['sentence']}")
    return 0


def _listed(said: dict[str, Any]) -> str:
    return ", ".join(f"{v:,} {k.replace('_', ' ')}" for k, v in said.items()
                     if isinstance(v, int)) + "."  # fmt: skip


def _run_folder(given: str, scratch: Path, needs_run: bool) -> tuple[RunFolder, Path | None]:
    """The run that is meant, made where a scenario was given; where its connectome may lie."""
    path = Path(given)
    if given not in preset_names() and path.is_dir():
        return RunFolder.read(path), path
    scenario, base = load_scenario(given)
    if not needs_run:
        return RunFolder(scratch, scenario, {}), base
    print(f"running {scenario.title} for its rates and spikes", file=sys.stderr)
    simulation = Simulation(scenario, load_connectome(scenario.connectome, base))
    simulation.run().write(scratch)
    simulation.close()
    return RunFolder.read(scratch), base


def _to_pynn(
    folder: RunFolder, base: Path | None, out: Path, regions: tuple[str, ...]
) -> dict[str, Any]:
    connectome = load_connectome(folder.scenario.connectome, base)
    script = pynn_script(folder.scenario, connectome, folder.rate_hz, regions)
    out.write_text(script.text)
    return script.as_json()


def _to_nest(
    folder: RunFolder, base: Path | None, out: Path, regions: tuple[str, ...]
) -> dict[str, Any]:
    script = nest_script(folder.scenario, load_connectome(folder.scenario.connectome, base))
    out.write_text(script.text)
    return script.as_json()


def _to_sonata(
    folder: RunFolder, base: Path | None, out: Path, regions: tuple[str, ...]
) -> dict[str, Any]:
    times, _ = folder.spikes()
    shutil.copyfile(folder.path / "spikes.h5", out)
    return {"spikes": int(times.size)}


def _to_csv(
    folder: RunFolder, base: Path | None, out: Path, regions: tuple[str, ...]
) -> dict[str, Any]:
    network = Network.of(folder.scenario, load_connectome(folder.scenario.connectome, base))
    times, ids = folder.spikes()
    labels = np.array(network.labels)[network.region_of[ids]]
    kinds = np.array(network.kinds)[network.kind_of[ids]]
    with out.open("w") as file:
        file.write("time_ms,neuron,region,population\n")
        for row in zip(times, ids, labels, kinds, strict=True):
            file.write("{:.4f},{},{},{}\n".format(*row))
    return {"spikes": int(times.size)}


def _to_report(
    folder: RunFolder, base: Path | None, out: Path, regions: tuple[str, ...]
) -> dict[str, Any]:
    html = report_html(folder.run, folder.scenario.to_toml())
    out.write_text(html)
    return {"characters": len(html)}


_FROM_SCENARIO = ("nest",)  # need no run
TARGETS: dict[str, Callable[..., dict[str, Any]]] = {
    "csv": _to_csv,
    "nest": _to_nest,
    "pynn": _to_pynn,
    "report": _to_report,
    "sonata": _to_sonata,
}
