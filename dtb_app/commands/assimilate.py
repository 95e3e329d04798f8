"""``dtb assimilate``: keep a running brain near measured activity, and see what that says of it."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dtb_app.commands.asked.measured import add_options, series_of
from dtb_app.commands.asked.scenario_names import find_scenario
from dtb_app.commands.asked.values import parse_values
from dtb_app.commands.progress import on_stderr
from dtb_app.commands.run import folder_of
from engine.brain.connectome import load_connectome
from engine.errors import ParameterError
from engine.interrupts import HeldInterrupt
from engine.progress import part_of
from engine.whole_files import require_file_place, write_file

__all__ = ["add"]

_STATE_EVERY_S = 20.0


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("assimilate")
    p.add_argument("scenario", help="a preset, or the beginning of its name, or a scenario file")
    p.add_argument("--data", metavar="FILE", help="measured signals of regions over time")
    p.add_argument(
        "--synthetic",
        action="store_true",
        help="data of a brain like this one whose parameters are known, to see how well they are found",
    )
    p.add_argument("--observe", choices=("bold", "rate"), default="bold", help="what the data are")
    p.add_argument("--members", type=int, default=30, metavar="N", help="brains at once (default 30)")
    p.add_argument(
        "--parameters", nargs="+", default=["bias"], metavar="NAME", help="bias, excitation, inhibition"
    )
    p.add_argument(
        "--regions",
        nargs="+",
        default=[],
        metavar="REGION",
        help="whose parameters are estimated; all measured ones where left out",
    )
    p.add_argument(
        "--held-out",
        nargs="+",
        default=[],
        metavar="REGION",
        help="measured regions that are only compared; all others where --regions is given",
    )
    p.add_argument("--trs", type=int, metavar="N", help="only so many samples (60 of a synthetic brain)")
    p.add_argument("--tr", type=int, default=720, metavar="MS", help="of a synthetic brain [ms]")
    p.add_argument(
        "--noise", type=float, default=0.3, metavar="X", help="of the data, a share of their deviation"
    )
    p.add_argument("--walk", type=float, default=0.05, metavar="X", help="step of a parameter a TR")
    p.add_argument(
        "--own-share", type=float, default=1.0, metavar="X", help="the rest goes by the mean of all regions"
    )
    p.add_argument("--seed", type=int, default=1, metavar="N", help="of the members and of their noise")
    add_options(p)
    p.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="values", help="change a value"
    )
    p.add_argument(
        "--threads",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="members at once; does not change the result",
    )
    p.add_argument(
        "--offline",
        action="store_true",
        help="instead of a filter: one value of each parameter for all regions, fitted to the first half",
    )
    p.add_argument(
        "--generations", type=int, default=10, metavar="N", help="of an offline fit, 8 brains each"
    )
    p.add_argument("--resume", metavar="FILE", help="the state, kept there; it goes on from it")
    p.add_argument("--out", required=True, metavar="FILE", help="gets the result, as JSON")
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Assimilate, replay, write and print.

    Raises
    ------
    ParameterError
        An option is refused.
    KeyboardInterrupt
        It was broken off; with --resume it goes on from there.
    """
    from engine.assimilation.brain_filter import FilterSettings
    from engine.assimilation.members import wired
    from engine.run.provenance import versions

    begun = time.monotonic()
    scenario, base = find_scenario(arguments.scenario)
    values = parse_values(arguments.values)
    scenario = scenario.with_values(values)
    connectome = load_connectome(scenario.connectome, folder_of(values, base))
    _require(arguments)
    settings = FilterSettings(
        parameters=tuple(arguments.parameters),
        n_members=arguments.members,
        walk_sd=arguments.walk,
        own_share=arguments.own_share,
        seed=arguments.seed,
    )
    brain = wired(scenario, connectome, arguments.threads, on_stderr())
    observations, truth = _observed(arguments, connectome, brain, settings)
    report = (
        _offline(arguments, brain, observations, settings)
        if arguments.offline
        else _filtered(arguments, brain, observations, settings, truth)
    )
    report |= {
        "scenario": scenario.digest(),
        "connectome": connectome.name,
        "data": "synthetic" if arguments.synthetic else Path(arguments.data).name,
        "wall_s": round(time.monotonic() - begun, 1),
        "versions": versions(),
    }
    write_file(arguments.out, json.dumps(report, allow_nan=False))
    told = _told_offline if arguments.offline else _told
    print(json.dumps(report, allow_nan=False) if arguments.json else told(report, arguments.out))
    return 0


def _filtered(
    arguments: argparse.Namespace, brain: Any, observations: Any, settings: Any, truth: Any
) -> dict[str, Any]:
    """The report of a filter that has used all observations."""
    from engine.assimilation.brain_filter import BrainFilter
    from engine.assimilation.report import report_of

    running = BrainFilter(brain, observations, settings, arguments.threads)
    progress, n = on_stderr(), observations.n_trs

    def steps() -> Iterator[None]:
        while not running.is_finished:
            with HeldInterrupt():  # a state is of whole steps
                running.step()
            progress(running.time / n, f"{running.time} of {n} TR")
            yield

    try:
        _run(running, arguments.resume, steps())
        report = report_of(running, truth, threads=arguments.threads, progress=on_stderr())
        return {**report, "memory_mb": round(running.members.n_bytes / 2**20, 1)}
    finally:
        running.close()


def _offline(arguments: argparse.Namespace, brain: Any, observations: Any, settings: Any) -> dict[str, Any]:
    """The report of a fit of as many generations as are wanted, or as its state has."""
    from engine.assimilation.offline import OfflineFit, next_generation

    fit, progress = OfflineFit(brain, observations, settings, arguments.threads), on_stderr()

    def steps() -> Iterator[None]:
        while fit.n_generations < arguments.generations:
            next_generation(fit, arguments.generations, part_of(progress, 0.0, 0.8))
            yield

    _run(fit, arguments.resume, steps())
    return fit.report(part_of(progress, 0.8, 1.0))


def _observed(arguments: argparse.Namespace, connectome: Any, brain: Any, settings: Any) -> Any:
    """The observations, and what is true of a brain that is known."""
    from engine.assimilation.observations import observations_of

    if arguments.synthetic:
        return _synthetic(arguments, brain, settings)
    series, matching = series_of(arguments, connectome)
    given = observations_of(
        series,
        matching,
        brain.network,
        arguments.observe,
        regions=tuple(arguments.regions),
        held_out=tuple(arguments.held_out),
        n_trs=arguments.trs,
        noise_share=arguments.noise,
    )
    return given, None


def _require(arguments: argparse.Namespace) -> None:
    from engine.assimilation.offline import require_generations

    if bool(arguments.data) == arguments.synthetic:
        raise ParameterError("assimilate.data: must be given, or --synthetic instead (got both or none).")
    if arguments.offline:
        require_generations(arguments.generations)
    if arguments.threads < 1:
        raise ParameterError(f"assimilate.threads: must be at least 1 (got {arguments.threads}).")
    if arguments.trs is not None and arguments.trs < 1:
        raise ParameterError(f"assimilate.trs: must be at least 1 (got {arguments.trs}).")
    if not arguments.noise > 0:
        raise ParameterError(f"assimilate.noise: must be above 0 (got {arguments.noise:g}).")
    require_file_place(arguments.out, "assimilate.out")
    if arguments.resume:
        require_file_place(arguments.resume, "assimilate.resume")


def _synthetic(arguments: argparse.Namespace, brain: Any, settings: Any) -> Any:
    """Observations of a brain that is known, and what is true of it."""
    import numpy as np

    from engine.assimilation.observations import regions_apart
    from engine.assimilation.twin import observed_twin

    labels = brain.network.labels
    apart = regions_apart(
        labels, np.ones(len(labels), bool), tuple(arguments.regions), tuple(arguments.held_out)
    )
    return observed_twin(
        brain,
        arguments.observe,
        arguments.tr,
        arguments.trs or 60,
        *apart,
        settings,
        noise_share=arguments.noise,
        progress=on_stderr(),
    )


def _run(running: Any, resume: str | None, steps: Iterator[None]) -> None:
    """Go through all steps, keeping the state in a file now and then and where it is broken off."""
    from engine.assimilation.state_file import read_state, write_state

    file, kept = Path(resume) if resume else None, time.monotonic()
    if file is not None and file.exists():
        read_state(file, running)
    try:
        for _ in steps:
            if file is not None and time.monotonic() - kept > _STATE_EVERY_S:
                write_state(file, running)
                kept = time.monotonic()
    except KeyboardInterrupt:
        if file is None:
            raise KeyboardInterrupt("stopped; nothing is kept without --resume.") from None
        print("assimilate: stopping.", file=sys.stderr)
        write_state(file, running)
        raise KeyboardInterrupt(f"stopped; the same command goes on from {file}.") from None
    if file is not None:
        write_state(file, running)


def _told_offline(report: dict[str, Any], out: str) -> str:
    """An offline fit as text."""
    lines = ["One value for all regions, fitted to the first half and judged on the second with other noise"]
    lines += [
        f"  {row['parameter']:11} {row['value']:8.2f} {row['unit']} (neutral {row['neutral']:g})"
        for row in report["parameters"]
    ]
    lines.append(f"  {'distance':11} {'driven':>10} {'held out':>10}")
    for name in ("fitted", "neutral"):
        cells = [report[name][group] for group in ("driven", "held_out")]
        said = " ".join(f"{'n/a' if c is None else f'{c:.3g}':>10}" for c in cells)
        lines.append(f"  {name:11} {said}")
    lines.append(f"Written to {out}.")
    return "\n".join(lines)


def _told(report: dict[str, Any], out: str) -> str:
    """A result as text: what was learnt, and the fits beside their baselines."""
    lines = [
        f"{report['n_members']} members, {report['n_trs']} TR of {report['tr_ms']} ms of "
        f"{report['observed']}; {len(report['driven'])} regions driven, {len(report['held_out'])} held out; "
        f"{report['memory_mb']:.0f} MB, {report['wall_s']:.0f} s",
        f"  {'region':10} {'parameter':11} {'mean':>8} {'sd':>7} {'learnt':>7} {'truth':>8} {'z':>6}",
    ]
    for row in report["parameters"]:
        known = [
            f"{row[key]:{width}}" if row[key] is not None else f"{'':{width.partition('.')[0]}}"
            for key, width in (("truth", "8.2f"), ("z", "6.1f"))
        ]
        mark = "" if row["is_informed"] else "  the data say nothing of it"
        lines.append(
            f"  {row['region']:10} {row['parameter']:11} {row['mean']:8.2f} {row['sd']:7.2f} "
            f"{row['shrinkage']:7.2f} {known[0]} {known[1]}{mark}"
        )
    lines.append(f"  learnt by chance: up to {report['chance_shrinkage']:.2f} in 19 of 20 controls")
    ranks = report["ranks"]
    lines.append(
        f"  ranks of the data among the members {' '.join(map(str, ranks['counts']))}, "
        f"at least so uneven by chance: p {ranks['p']:.2g}"
    )
    lines.append(f"  {'r (rmse in sd)':28} {'driven: halves':>26} {'held out: halves':>26}")
    for name, fit in report["fits"].items():
        cells = [
            " ".join(f"{_said(fit[group][half]):>13}" for half in ("first", "second"))
            for group in ("driven", "held_out")
        ]
        lines.append(f"  {name:28} {cells[0]} {cells[1]}")
    if report["is_relative"]:
        lines.append("  Level and amplitude of the data were laid over the members': they are no prediction.")
    lines.append(f"Written to {out}.")
    return "\n".join(lines)


def _said(fit: dict[str, float | None]) -> str:
    if fit["rmse"] is None:
        return "n/a"
    r = "n/a" if fit["r"] is None else f"{fit['r']:.2f}"
    return f"{r} ({fit['rmse']:.2f})"
