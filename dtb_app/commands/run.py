"""``dtb run``: one headless run."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from dtb_app.commands.asked.measured import add_options, target_of
from dtb_app.commands.asked.values import parse_values
from engine.amounts import number, quantity
from engine.brain.connectome import load_connectome
from engine.errors import ParameterError, SimulationError
from engine.fit.measured import MeasuredFc
from engine.noc.energy import ENERGY_BOUNDARY
from engine.run.recording import Recording
from engine.run.run_file import require_run_place
from engine.run.simulation import Simulation
from engine.run.snapshot import read_snapshot, write_snapshot
from engine.scenario.presets import load_scenario
from engine.whole_files import require_file_place

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("run")
    p.add_argument("scenario", help="a preset's name or a scenario file")
    p.add_argument("--seed", type=int, help="gives every random number")
    p.add_argument("--duration", type=float, metavar="MS", help="biological time [ms]")
    p.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="values",
        help="change one value, for instance network.coupling=1.3; `dtb keys` lists them",
    )
    p.add_argument("--threads", type=int, default=1, help="threads of the digital backend")
    p.add_argument("--snapshot", metavar="MS:FILE", help="keep the run as it is at MS in FILE")
    p.add_argument(
        "--continue", metavar="FILE", dest="origin", help="go on from a snapshot, for instance with a lesion"
    )
    p.add_argument(
        "--out",
        metavar="DIR",
        help="write run.json, spikes.h5 and rates.csv here, and a connectome that is "
        "not shipped; an older run in it is replaced",
    )
    p.add_argument("--json", action="store_true", help="print run.json, nothing else")
    p.add_argument(
        "--data", metavar="FILE", help="measured data to fit, instead of what comes with the connectome"
    )
    add_options(p)
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Run it.

    Raises
    ------
    ParameterError
        A value or an option is refused.
    KeyboardInterrupt
        It was broken off; says what is kept.
    """
    scenario, base = load_scenario(arguments.scenario)
    values = parse_values(arguments.values)
    if arguments.seed is not None:
        values["seed"] = arguments.seed
    if arguments.duration is not None:
        values["duration"] = arguments.duration
    scenario = scenario.with_values(values)
    base = folder_of(values, base)
    if arguments.threads < 1:
        raise ParameterError(f"threads: must be at least 1 (got {arguments.threads}).")
    if arguments.snapshot:
        _require_snapshot(arguments.snapshot)
    if arguments.out and require_run_place(arguments.out, "run.out"):
        print(f"The older run in {arguments.out} is replaced once this one ends.", file=sys.stderr)
    connectome = load_connectome(scenario.connectome, base)
    target = target_of(arguments, connectome)
    simulation = Simulation(scenario, connectome, threads=arguments.threads)
    try:
        if target is not None:
            target.require_among(simulation.network.region_index)
        if arguments.origin:
            simulation.restore(read_snapshot(arguments.origin))
        else:
            simulation.advance(1)  # compile before the clock that counts
        if arguments.snapshot:
            _keep(simulation, arguments.snapshot)
        recording = replace(_run(simulation), measured=target)
    except (SimulationError, KeyboardInterrupt) as error:
        said = _kept(simulation, arguments.out, target)
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt(said) from None
        raise
    finally:
        simulation.close()
    if arguments.json:
        print(json.dumps(recording.as_json(), allow_nan=False), flush=True)
    else:
        print(summary(recording), flush=True)
    if arguments.out:  # last, so that a disk that is full takes the numbers from nobody
        recording.write(arguments.out)
        if not arguments.json:
            names = ["run.json", "spikes.h5", "rates.csv", recording.connectome_file]
            print(f"Written to {arguments.out}: {', '.join(name for name in names if name)}.")
    return 0


def folder_of(values: dict[str, Any], base: Path | None) -> Path | None:
    """Where the connectome's path starts: this folder where it was typed, else the file's."""
    return None if "connectome" in values else base


def _kept(simulation: Simulation, out: str | None, target: MeasuredFc | None) -> str:
    """Keep what a run that was broken off has recorded; say where it stopped and what is kept."""
    done, whole = simulation.time_ms, simulation.scenario.n_exchanges
    where = f"stopped at {done:,} of {whole:,} ms"
    if not out:
        return f"{where}; nothing is kept without --out."
    try:
        recording = replace(simulation.recording(), measured=target)
    except SimulationError:  # a restore that was broken off
        return f"{where}; nothing is kept."
    if not done:
        return f"{where}; there is nothing to keep."
    recording.write(out)
    return f"{where}; what was recorded until then is in {out}."


def _require_snapshot(wish: str) -> None:
    """Refuse a wish for a snapshot that is none, or whose file cannot be written."""
    when, sign, path = wish.partition(":")
    if not sign or not path or not when.isdigit():
        raise ParameterError(f"--snapshot: must be MS:FILE, as in 500:half.h5 (got '{wish}').")
    if not Path(path).parent.is_dir():
        raise ParameterError(
            f"--snapshot: must go into a folder that exists (got {Path(path).parent.absolute()})."
        )
    require_file_place(path, "--snapshot")


def _keep(simulation: Simulation, wish: str) -> None:
    """Run up to the moment that is asked for and write it."""
    when, _, path = wish.partition(":")
    if not simulation.time_ms <= int(when) < simulation.scenario.n_exchanges:
        raise ParameterError(
            f"--snapshot: must lie between {simulation.time_ms} ms and the end of the run at "
            f"{simulation.scenario.n_exchanges} ms (got {when} ms)."
        )
    while simulation.time_ms < int(when):
        simulation.advance(min(20, int(when) - simulation.time_ms))
    write_snapshot(path, simulation.snapshot())


def _run(simulation: Simulation) -> Recording:
    shown = time.monotonic()

    def progress(fraction: float, what: str) -> None:
        nonlocal shown
        if sys.stderr.isatty() and time.monotonic() - shown > 0.2:
            shown = time.monotonic()
            print(f"\r{what} {100 * fraction:3.0f} %", end="", file=sys.stderr)

    recording = simulation.run(progress)
    if sys.stderr.isatty():
        print("\r" + " " * 30 + "\r", end="", file=sys.stderr)
    return recording


def summary(recording: Recording) -> str:
    """A run in a few lines."""
    data = recording.as_json()
    rate, noc = data["mean_rate_hz"], data["noc"]
    lines = [
        f"{recording.scenario.title}: {data['n_neurons']:,} neurons, {data['n_synapses']:,} "
        f"synapses, {number(recording.duration_ms / 1000, 6)} s of biological time",
        f"  rate        E {rate['E']:.2f} Hz, I {rate['I']:.2f} Hz; CV of intervals "
        f"{data['cv_isi'] if data['cv_isi'] is not None else 'n/a'}",
        f"  speed       {data['real_time_factor']:.2f} s of wall clock per biological second "
        f"(building {data['build_s']:.2f} s)",
        f"  network     {noc['packets']:,} packets, {noc['link_hops']:,} link crossings, busiest "
        f"{noc['worst_link'] or 'none'} at {number(100 * noc['max_link_load'], 2)} % "
        f"({number(noc['speedup'])}x the clock of life)",
    ]
    if noc["link_hops"]:
        lines += [
            f"              They cost {quantity(noc['energy_uj'], 'µJ')} over links of "
            f"{quantity(noc['mean_link_length_mm'], 'mm')} on average (estimate, pitch assumed;",
            f"              {ENERGY_BOUNDARY}).",
        ]
    if noc["late"] or noc["dropped"]:
        acts = "act on the spikes" if noc["feedback"] else "are counted only"
        late, dropped = (100 * noc[name] / noc["copies"] for name in ("late", "dropped"))
        lines.append(
            f"  arrivals    {number(late, 2)} % of copies later than {noc['deadline_ms']:g} ms, "
            f"{number(dropped, 2)} % dropped; they {acts} (estimates)"
        )
    if "analog" in data:
        a = data["analog"]
        chips = "chip" if a["chips"] == 1 else "chips"
        lines.append(
            f"  analog      {a['chips']} {chips}, {a['circuits']} circuits, mode {a['mode']}, "
            f"fullest: {a['binding']} at {100 * a['utilisation'][a['binding']]:.0f} %; "
            f"{a['clipped_weights']} weights clipped, {a['dropped_events']} of {a['bus_events']:,} "
            "bus events dropped"
        )
        lines += [f"              {sentence}" for sentence in a["sentences"]]
    lines += [f"  connectome  {note['said']}" for note in data["connectome"]["notes"]]
    lines += [_tuned(report) for report in recording.reports.values() if "tuned" in report]
    lines += [_learning(p) for p in data.get("plasticity", ())]
    if measured := data.get("measured_fc"):
        lines.append(
            f"  fit to      {measured['name']} (sha256 {measured['sha256'][:12]}), "
            f"{measured['regions']} regions"
        )
    for score in data["fit"].values():
        lines.append(f"  fit         {score['sentence']}")
    lines += [f"  remark      {remark}" for remark in data["remarks"]]
    lines.append(f"  spike hash  {data['spike_hash']}")
    return "\n".join(lines)


def _tuned(report: dict[str, Any]) -> str:
    """What coarser synapses could not hold of a tuned backend's weights, as a line."""
    said = [
        f"{bits.replace('_', '-')} synapses could not hold {lost['too_large']:,} and would round "
        f"{lost['lost']:,} to 0"
        for bits, lost in report["tuned"].items()
    ]
    return f"  tuning      of {report['synapses']:,} weights {', '.join(said)}"


def _learning(p: dict[str, Any]) -> str:
    """One projection that learned, as a line."""
    line = (
        f"  learning    {p['source']} → {p['target']}: mean weight {p['mean_weight_before']:.3f} "
        f"to {p['mean_weight']:.3f} of full over {p['synapses']:,} synapses"
    )
    if "updates" not in p:
        return line
    line += f"; {p['updates']} updates by {p['rule']}, {p['clipped_weights']:,} changes clipped"
    if p["rule"] == "homeostasis":  # reads counters of spikes, no sensor
        return line
    return (
        f"{line}, {p['invisible_pairs']:,} of {p['pairs']:,} pairs too few to be seen, "
        f"{p['saturated_readings']:,} readings saturated, {p['dead_sensors']} dead sensors"
    )
