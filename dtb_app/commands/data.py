"""``dtb data``: says what a file of measured data is, and how it goes with a connectome."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import Any

from dtb_app.commands.asked.measured import add_options, answers_of, matching_of, open_questions
from engine.amounts import counted
from engine.brain.connectome import Connectome, builtin_names, load_connectome
from engine.errors import DataError
from engine.fit.measured import (
    HOW,
    FcAgreement,
    MeasuredData,
    RegionRate,
    SpikeList,
    agreement,
    measured_fc,
    open_measured,
    region_rates,
)
from engine.fit.measured.matching import Matching

__all__ = ["add"]

_MOST_NAMES = 12
_MOST_RATES = 24


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("data")
    p.add_argument(
        "file",
        help="signals of regions over time or their correlations: .csv, .tsv, .npy, .npz, .mat, NWB, "
        "a BIDS relmat; or spikes: .csv, SONATA, NWB",
    )
    p.add_argument(
        "--connectome", default=builtin_names()[0], metavar="NAME", help="a shipped one, or a file"
    )
    p.add_argument("--json", action="store_true", help="one JSON object")
    add_options(p)
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Look at it."""
    connectome = load_connectome(arguments.connectome)
    draft, answers = open_measured(arguments.file), answers_of(arguments, connectome)
    if questions := draft.questions(answers):
        if arguments.json:
            asked = [question.as_json() for question in questions]
            print(json.dumps({"file": draft.filename, "ok": False, "questions": asked}))
        print(open_questions(draft.filename, questions), file=sys.stderr)
        return 2
    data = draft.data(answers)
    matching = matching_of(arguments, data, connectome)
    rates = region_rates(data) if isinstance(data, SpikeList) else ()
    found, reason = _agreement(data, matching, connectome)
    if arguments.json:
        content = {"file": draft.filename, "ok": True, **data.as_json(), "connectome": connectome.name}
        content |= {
            "matching": matching.as_json(),
            "unmatched_theirs": matching.unmatched_theirs,
            "unmatched_ours": matching.unmatched_ours,
            "fc": asdict(found) if found else None,
            "why_no_fc": reason,
            "rates": [asdict(rate) for rate in rates],
        }
        print(json.dumps(content, allow_nan=False))
        return 0
    print(f"{draft.filename}: {data.words} ({draft.layout}).")
    lines = [f"note        {note}" for note in data.origin.notes]
    lines += _matching_lines(matching, connectome)
    lines += _rate_lines(rates)
    lines += _fc_lines(found, connectome) if found else [f"FC          {reason}"] if reason else []
    print("\n".join(f"  {line}" for line in lines))
    return 0


def _agreement(
    data: MeasuredData, matching: Matching, connectome: Connectome
) -> tuple[FcAgreement | None, str]:
    """How the functional connectivity goes with the connectome, or why that cannot be said."""
    if isinstance(data, SpikeList):
        return None, ""
    try:
        return agreement(measured_fc(data, matching), connectome), ""
    except DataError as error:
        return None, str(error)


def _matching_lines(matching: Matching, connectome: Connectome) -> list[str]:
    ways = Counter(row.how for row in matching.rows if row.ours is not None)
    by = "; ".join(f"{ways[how]} by {words}" for how, words in HOW.items() if ways[how])
    n_theirs, n_ours = len(matching.rows), connectome.n_regions
    said = f"{matching.n_matched} of {counted(n_theirs, 'region')} with {n_ours} of {connectome.name}"
    lines = [f"matched     {said}{': ' + by if by else ''}"]
    near = [f"{row.theirs}={row.proposal}" for row in matching.proposals]
    if near:
        lines.append(f"near        {_listed(near)}: take all with --accept, or say each with --map")
    proposed = {row.theirs for row in matching.proposals}
    without = [name for name in matching.unmatched_theirs if name not in proposed]
    if without:
        lines.append(f"unmatched   {_listed(without)}")
    if matching.unmatched_ours:
        lines.append(f"no data     {_listed(matching.unmatched_ours)}")
    return lines


def _listed(names: Any) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _rate_lines(rates: tuple[RegionRate, ...]) -> list[str]:
    lines = []
    for rate in rates[:_MOST_RATES]:
        cv = "n/a" if rate.cv_isi is None else f"{rate.cv_isi:.2f}"
        name = rate.region or "no region"
        lines.append(
            f"{name:<11} {counted(rate.n_units, 'unit')}, {counted(rate.n_spikes, 'spike')}, "
            f"{rate.rate_hz:.2f} Hz, CV {cv}"
        )
    if len(rates) > _MOST_RATES:
        lines.append(f"…           and {len(rates) - _MOST_RATES} regions more")
    return lines


def _fc_lines(found: FcAgreement, connectome: Connectome) -> list[str]:
    lines = []
    if connectome.fc_matrix is None:
        lines.append(f"FC          {connectome.name} has none of its own to compare with")
    else:
        pairs = counted(found.own_n, "pair")
        lines.append(f"FC          {_r(found.own_r)} with that of {connectome.name}, {pairs}")
    lines.append(
        f"wiring      {_r(found.wiring_r)} with the weights, {_r(found.log_wiring_r)} with log(1 + weight), "
        f"{counted(found.wiring_n, 'pair')}"
    )
    return lines


def _r(value: float | None) -> str:
    return "r not defined" if value is None else f"r = {value:.3f}"
