"""``dtb fit``: tune a brain to measured functional connectivity, and judge it."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from dtb_app.commands.asked.measured import add_options, target_of
from dtb_app.commands.asked.scenario_names import asked_scenario
from dtb_app.commands.progress import on_stderr
from engine.amounts import number
from engine.errors import ParameterError
from engine.scenario.scenario import Scenario
from engine.whole_files import require_file_place

__all__ = ["add"]

_STATE_EVERY_S = 20.0


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("fit")
    p.add_argument("scenario", help="a preset, or the beginning of its name, or a scenario file")
    p.add_argument("--to", choices=("fc",), required=True, help="what it is fitted to")
    p.add_argument(
        "--target",
        metavar="FILE",
        dest="data",
        help="measured connectivity or signals of regions; that of the connectome where left out",
    )
    add_options(p)
    p.add_argument(
        "--minutes", type=float, default=20.0, metavar="M", help="biology of the fit [min] (default 20)"
    )
    p.add_argument(
        "--judge",
        type=float,
        default=10.0,
        metavar="M",
        help="biology that the frozen brain is judged over, with other noise [min] (default 10)",
    )
    p.add_argument("--seed", type=int, metavar="N", help="of the noise of the fit")
    p.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="values", help="change a value"
    )
    p.add_argument(
        "--controls",
        action="store_true",
        help="make the same fit with a rewired connectome, a shuffled target and half of the pairs: "
        "three more fits",
    )
    p.add_argument(
        "--refits",
        type=int,
        default=0,
        metavar="N",
        help="make the same fit N times from other starts and with other noise (2 to 5), to see what of "
        "it comes out again",
    )
    p.add_argument(
        "--threads", type=int, default=1, metavar="N", help="of the brain; does not change the result"
    )
    p.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="controls at once; changes nothing",
    )
    p.add_argument("--resume", metavar="FILE", help="the state of this fit, kept there; it goes on from it")
    p.add_argument(
        "--out", required=True, metavar="FILE", help="gets the tuning; can stand as network.tuning"
    )
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Fit, judge, write and print.

    Raises
    ------
    ParameterError
        An option is refused.
    KeyboardInterrupt
        It was broken off; with --resume the fit goes on from there.
    """
    from engine.fit.fcd_histogram import shipped_fcd
    from engine.scenario.tuning_file import write_tuning
    from engine.tuning import FCTuner, judge
    from engine.tuning.state_file import read_tuner_state
    from engine.tuning.study import fit_controls, fit_refits, judge_seed, report_of, tuned, with_provenance

    begun = time.monotonic()
    scenario, connectome = asked_scenario(arguments)
    _require(arguments)
    measured = target_of(arguments, connectome)
    on = [k for k, b in enumerate(scenario.backend_of(connectome.labels)) if b != "off"]
    target = None if measured is None else measured.matrix[np.ix_(on, on)]
    tuner = FCTuner(scenario, connectome, target, threads=arguments.threads)
    file = Path(arguments.resume) if arguments.resume else None
    try:
        if file is not None and file.exists():
            read_tuner_state(file, tuner)
        _tune(tuner, arguments.minutes, file)
        tuning = tuner.tuning(Path(arguments.out).stem)
        write_tuning(arguments.out, tuning)
        seed = judge_seed(tuner.scenario.seed)
        judged = judge(
            tuned(tuner.asked, tuning),
            connectome,
            tuner.target,
            seed=seed,
            minutes=arguments.judge,
            threads=arguments.threads,
            fcd=shipped_fcd(connectome.name)
            if measured is None and len(on) == connectome.n_regions
            else None,
            progress=on_stderr(),
        )
        controls = []
        if arguments.controls:
            controls = fit_controls(
                tuner, arguments.minutes, arguments.judge, workers=arguments.workers, progress=on_stderr()
            )
        refits = None
        if arguments.refits:
            refits = fit_refits(
                tuner,
                arguments.minutes,
                arguments.judge,
                arguments.refits,
                workers=arguments.workers,
                progress=on_stderr(),
            )
        report = report_of(tuner, judged, controls, time.monotonic() - begun, refits)
        report["target"] = {"name": connectome.name} if measured is None else measured.as_json()
        write_tuning(arguments.out, with_provenance(tuning, report))
    finally:
        tuner.close()
    print(json.dumps(report, allow_nan=False) if arguments.json else _told(report, scenario, arguments.out))
    return 0


def _require(arguments: argparse.Namespace) -> None:
    from engine.tuning.study import STARTS

    for name, least in (("minutes", 1.0), ("judge", 1.0)):
        if not getattr(arguments, name) >= least:
            raise ParameterError(
                f"fit.{name}: must be at least {least:g} (got {getattr(arguments, name):g})."
            )
    for name in ("threads", "workers"):
        if getattr(arguments, name) < 1:
            raise ParameterError(f"fit.{name}: must be at least 1 (got {getattr(arguments, name)}).")
    if arguments.refits not in (0, *range(2, len(STARTS) + 1)):
        raise ParameterError(f"fit.refits: must be from 2 to {len(STARTS)} (got {arguments.refits}).")
    require_file_place(arguments.out, "fit.out")
    if arguments.resume:
        require_file_place(arguments.resume, "fit.resume")


def _tune(tuner: Any, minutes: float, file: Path | None) -> None:
    """Run the fit, keeping its state in a file now and then and where it is broken off."""
    from engine.tuning.state_file import write_tuner_state

    progress, kept = on_stderr(), time.monotonic()
    try:
        while tuner.minutes < minutes:
            step = tuner.advance()
            if step.said:
                print(f"fit: {step.said}.", file=sys.stderr)
            r = f"r {step.r:.2f}" if step.r == step.r else "settling"
            what = f"{number(step.minutes, 3)} of {number(minutes, 3)} min, {r}, {step.mean_hz:.1f} Hz"
            progress(min(1.0, step.minutes / minutes), what)
            if file is not None and time.monotonic() - kept > _STATE_EVERY_S:
                write_tuner_state(file, tuner)
                kept = time.monotonic()
    except KeyboardInterrupt:
        if file is None:
            raise KeyboardInterrupt("stopped; nothing is kept without --resume.") from None
        write_tuner_state(file, tuner)
        raise KeyboardInterrupt(f"stopped; the same command goes on from {file}.") from None
    if file is not None:
        write_tuner_state(file, tuner)


def _told(report: dict[str, Any], scenario: Scenario, out: str) -> str:
    """A fit in a few lines."""

    def said(value: float | None) -> str:
        return "n/a" if value is None else f"{value:.2f}"

    rate, base, held = report["rate_hz"], report["baselines"], report["held_out"]
    lines = [
        f"{scenario.title}: fitted over {number(report['minutes'], 4)} min of biology, judged over "
        f"{number(report['judged_minutes'], 4)} min with other noise",
        f"  BOLD FC     r {said(report['r'])} over {report['n_pairs']:,} pairs; halves of the run agree at "
        f"{said(report['halves'])}, so an endless run would reach {said(report['corrected'])} (estimate)",
        f"  rates       r {said(report['r_rates'])} in bins of 1 s; {rate['mean']:.1f} Hz on average, "
        f"{rate['min']:.1f} to {rate['max']:.1f} Hz a region, {rate['max_1s']:.0f} Hz at most in a second",
        f"  baselines   the wiring alone {said(base['wiring'])}, linear noise {said(base['linear'])}, "
        f"a rewired brain {said(base['rewired'])}, a shuffled target {said(base['shuffled'])}",
    ]
    if held:
        lines.append(
            f"  held out    r {said(held['r'])} over {held['n']:,} pairs that were not fitted (the wiring "
            f"alone {said(held['wiring'])}, linear noise {said(held['linear'])})"
        )
    if report["fcd_ks"] is not None:
        lines.append(
            f"  dynamics    FCD in windows of 60 s is {said(report['fcd_ks'])} from the measured (KS "
            "distance; the measured window is not stated)"
        )
    if again := report["refits"]:
        least, most = min(again["r"]), max(again["r"])
        lines += [
            f"  refits      {len(again['r'])} from other starts, with other noise: r {said(least)} to "
            f"{said(most)}",
            f"              between two of them FC agrees at {said(again['fc'])}, factors of tracts at "
            f"{said(again['tracts'])}, local inhibition at {said(again['inhibition'])}",
        ]
    n = report["n_parameters"]
    lines += [
        f"  parameters  {n:,}, more than the {report['n_pairs']:,} pairs: dynamics may be read from it, "
        "single weights may not",
        f"  unstable    stepped back {report['unstable_steps']} times",
        f"Written to {out}; it can stand as network.tuning.",
    ]
    return "\n".join(lines)
