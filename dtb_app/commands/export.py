"""``dtb export``: a run, or a scenario, as what other programs read."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine.brain.connectome import load_connectome
from engine.errors import ParameterError
from engine.export.nest import nest_script
from engine.export.pynn import pynn_script
from engine.export.run_folder import RunFolder
from engine.export.run_report import RunArrays, report_html, today
from engine.export.signals import signals_csv
from engine.fit import METRICS
from engine.fit.forward import NetworkFacts
from engine.fit.forward.signals import groups
from engine.run.run_file import spikes_h5
from engine.run.simulation import Simulation
from engine.scenario.presets import load_scenario, preset_names
from engine.whole_files import require_file_place, write_file

__all__ = ["add", "targets"]


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("export")
    p.add_argument(
        "run", help="a folder that dtb run --out wrote, or a scenario, which is run where that is needed"
    )
    p.add_argument("--to", required=True, metavar="FORMAT", help=", ".join(sorted(targets())))
    p.add_argument("--out", required=True, metavar="PATH", help="the file to write")
    p.add_argument(
        "--region",
        action="append",
        default=[],
        metavar="LABEL",
        help="pynn: this analog region alone (all where left out)",
    )
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Export it.

    Raises
    ------
    ParameterError
        The target is unknown.
    """
    known = targets()
    if arguments.to not in known:
        raise ParameterError(f"--to: must be one of {', '.join(sorted(known))} (got '{arguments.to}').")
    out = Path(arguments.out)
    require_file_place(out, "export.out")
    with tempfile.TemporaryDirectory() as scratch:
        needs_run = arguments.to not in _FROM_SCENARIO
        folder = _run_folder(arguments.run, Path(scratch), needs_run)
        said = known[arguments.to](folder, out, tuple(arguments.region))
    if arguments.json:
        print(json.dumps({"target": arguments.to, "out": str(out), **said}, allow_nan=False))
        return 0
    print(f"Written to {out}: " + _listed(said))
    for loss in said.get("not_carried", ()):
        print(f"  not carried  {loss['count']:,} {loss['what']}: {loss['sentence']}")
    for remark in said.get("remarks", ()):
        print(f"  {remark}")
    return 0


def _listed(said: dict[str, Any]) -> str:
    return ", ".join(f"{v:,} {k.replace('_', ' ')}" for k, v in said.items() if isinstance(v, int)) + "."


def _run_folder(given: str, scratch: Path, needs_run: bool) -> RunFolder:
    """The run that is meant, made where a scenario was given."""
    path = Path(given)
    if given not in preset_names() and path.is_dir():
        return RunFolder.read(path)
    scenario, base = load_scenario(given)
    connectome = load_connectome(scenario.connectome, base)
    if not needs_run:
        return RunFolder.of(scenario, connectome)
    print(f"running {scenario.title} for its rates and spikes", file=sys.stderr)
    simulation = Simulation(scenario, connectome)
    simulation.run().write(scratch)
    simulation.close()
    return RunFolder.read(scratch)


def _to_pynn(folder: RunFolder, out: Path, regions: tuple[str, ...]) -> dict[str, Any]:
    script = pynn_script(folder.scenario, folder.connectome(), folder.rate_hz, regions)
    write_file(out, script.text)
    return script.as_json()


def _to_nest(folder: RunFolder, out: Path, regions: tuple[str, ...]) -> dict[str, Any]:
    script = nest_script(folder.scenario, folder.connectome())
    write_file(out, script.text)
    return script.as_json()


def _to_sonata(folder: RunFolder, out: Path, regions: tuple[str, ...]) -> dict[str, Any]:
    times, ids = folder.spikes()
    write_file(out, spikes_h5(times, ids))
    return {"spikes": int(times.size)}


def _to_csv(folder: RunFolder, out: Path, regions: tuple[str, ...]) -> dict[str, Any]:
    network = folder.network()
    times, ids = folder.spikes()
    labels = np.array(network.labels)[network.region_of[ids]].tolist()
    kinds = np.array(network.kinds)[network.kind_of[ids]].tolist()
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("time_ms", "neuron", "region", "population"))
    at = (f"{ms:.4f}" for ms in times.tolist())
    table.writerows(zip(at, ids.tolist(), labels, kinds, strict=True))
    write_file(out, text.getvalue())
    return {"spikes": int(times.size)}


def _to_report(folder: RunFolder, out: Path, regions: tuple[str, ...]) -> dict[str, Any]:
    arrays, remarks = None, []
    if folder.has_spikes:
        arrays = RunArrays(folder.evidence(), folder.network(), folder.connectome())
    else:
        remarks.append("The folder has no spikes.h5, so the report has no pictures.")
    html = report_html(folder.run, folder.scenario.to_toml(), arrays, today())
    write_file(out, html)
    return {"characters": len(html), "measures": len(METRICS.names), "remarks": remarks}


def _to_signals(group: str, folder: RunFolder, out: Path, regions: tuple[str, ...]) -> dict[str, Any]:
    facts = NetworkFacts.of(folder.network(), folder.scenario)
    text, n_samples, remarks = signals_csv(group, folder.counts(), facts)
    write_file(out, text)
    return {"samples": n_samples, "regions": facts.n_regions, "remarks": remarks}


_FROM_SCENARIO = ("nest",)  # need no run


def targets() -> dict[str, Callable[..., dict[str, Any]]]:
    """What writes each format, by its name; every group of signals is one."""
    return {
        "csv": _to_csv,
        "nest": _to_nest,
        "pynn": _to_pynn,
        "report": _to_report,
        "sonata": _to_sonata,
        **{group: partial(_to_signals, group) for group in groups()},
    }
