"""``dtb check``: says everything that is wrong with a scenario or a connectome."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from dtb_app.commands.progress import on_stderr
from engine.brain.connectome import connectome_findings, load_connectome
from engine.brain.network import Network
from engine.brain.readers import Note
from engine.errors import EngineError, first_of
from engine.run.capacity import require_capacity
from engine.scenario.presets import load_scenario, preset_names
from engine.scenario.rules import label_problems
from engine.scenario.scenario import Scenario, scenario_problems

__all__ = ["add"]

MAX_LINES = 20


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("check")
    p.add_argument("file", help="a scenario (.toml) or a connectome: .zip, .csv, .tsv, .txt, .json")
    p.add_argument("--graph", action="store_true", help="also measure the connectome as a graph")
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Check it."""
    problems, notes = find(arguments.file)
    remarks = [] if problems else find_remarks(arguments.file)
    graph = _graph(arguments.file) if arguments.graph and not problems else ()
    if arguments.json:
        found = {"file": arguments.file, "ok": not problems, "problems": problems}
        told = {"remarks": remarks, "notes": [note._asdict() for note in notes]}
        if graph:
            told["graph"] = [dict(zip(("measure", "value", "rewired"), row, strict=True)) for row in graph]
        print(json.dumps(found | told))
    elif not problems:
        print(f"{Path(arguments.file).name}: fine.")
        for said in (*remarks, *(note.said for note in notes)):
            print(f"  {said}")
        for name, value, rewired in graph:
            print(f"  {name:<36}{value:<20}{rewired and 'rewired: ' + rewired}".rstrip())
    if problems:
        print("\n".join(first_of(problems, MAX_LINES)), file=sys.stderr)
    return 2 if problems else 0


def _graph(name: str) -> tuple[tuple[str, str, str], ...]:
    """The connectome, or that of a scenario, as a graph: name, value, what rewired graphs have."""
    from engine.brain.graph import graph_measures  # NetworkX is loaded when it is needed

    if name not in preset_names() and Path(name).suffix.lower() != ".toml":
        connectome = load_connectome(name)
    else:
        scenario, base = load_scenario(name)
        connectome = load_connectome(scenario.connectome, base)
    return graph_measures(connectome, on_stderr()).rows()


def find_problems(name: str) -> list[str]:
    """One sentence for each thing that is wrong; empty where nothing is."""
    return find(name)[0]


def find(name: str) -> tuple[list[str], tuple[Note, ...]]:
    """One sentence for each thing that is wrong, and what the reader of the connectome decided."""
    path = Path(name)
    if name in preset_names():
        return [], ()
    if path.suffix.lower() != ".toml":
        return connectome_findings(path)
    try:
        if path.stat().st_size > 1_000_000:
            said = f"{path.name}: must be at most 1000000 bytes (got {path.stat().st_size})."
            return [said], ()
        data = path.read_bytes()
    except OSError as error:
        return [f"{path.name}: cannot be read ({error.strerror})."], ()
    problems = scenario_problems(data, path.name)
    if problems:
        return problems, ()
    scenario = Scenario.from_toml(data, path.name)
    found, notes = _with_its_connectome(scenario, path.resolve().parent)
    return [f"{path.name}: {problem}" for problem in found], notes


def find_remarks(name: str) -> list[str]:
    """What a scenario that can be run says without effect; empty for a connectome."""
    if name not in preset_names() and Path(name).suffix.lower() != ".toml":
        return []
    scenario, base = load_scenario(name)
    return scenario.remarks(load_connectome(scenario.connectome, base))


def _with_its_connectome(scenario: Scenario, folder: Path) -> tuple[list[str], tuple[Note, ...]]:
    """What is wrong with a valid scenario on its connectome, and what was decided of that."""
    try:
        connectome = load_connectome(scenario.connectome, folder)
    except EngineError as error:
        return [str(error)], ()
    notes = connectome.notes_for(scenario.network.delays)
    if wrong := label_problems(scenario, connectome.labels):
        return wrong, notes
    found: list[str] = []
    for test in (require_capacity, Network.of):
        try:
            test(scenario, connectome)
        except EngineError as error:
            found.append(str(error))
    return list(dict.fromkeys(found)), notes
