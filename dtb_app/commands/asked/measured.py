"""What is said of own data on the command line, for the commands that take some."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.brain.connectome import Connectome
from engine.brain.readers.cells import decode
from engine.brain.readers.lists import read_labels
from engine.errors import DataError, ParameterError
from engine.fit.measured import (
    MeasuredData,
    MeasuredFc,
    Question,
    RegionSeries,
    SpikeList,
    match_regions,
    measured_fc,
    open_measured,
)
from engine.fit.measured.matching import Matching
from engine.fit.measured.questions import KEYS, ORIENTATIONS, RELATIONS, SIGNALS, TIME_UNITS
from engine.stored_results import read_bytes

__all__ = ["add_options", "answers_of", "matching_of", "open_questions", "series_of", "target_of"]

_MAX_LABEL_BYTES = 1_000_000
_CHOICES: dict[str, tuple[str, ...]] = {
    "orientation": ORIENTATIONS,
    "relation": RELATIONS,
    "time_unit": tuple(TIME_UNITS),
    "signal": SIGNALS,
}
_NUMBERS = {"interval_s": "S", "duration_s": "S"}


def add_options(p: argparse.ArgumentParser) -> None:
    """Add what may be said of own data: one option for every key, and the mapping of regions."""
    group = p.add_argument_group("measured data", "What a file does not say is asked for, never guessed.")
    for key, meaning in KEYS.items():
        option = _option(key)
        if key == "labels":
            wish = f"{meaning}: a file of them, or the word connectome for its own"
            group.add_argument(option, metavar="FILE", help=wish)
        elif key == "leave_out":
            group.add_argument(option, action="append", metavar="REGION", help="a region to leave out")
        elif key in _NUMBERS:
            group.add_argument(option, type=float, metavar=_NUMBERS[key], help=meaning)
        else:
            group.add_argument(option, choices=_CHOICES.get(key), metavar=None, help=meaning)
    group.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="THEIRS=OURS",
        help="which region of the connectome one of the data is; none after the sign leaves it without",
    )
    group.add_argument("--accept", action="store_true", help="take the nearest names that are proposed")


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def answers_of(arguments: argparse.Namespace, connectome: Connectome) -> dict[str, Any]:
    """What has been said, by the keys of the questions."""
    given = {key: getattr(arguments, key) for key in KEYS if getattr(arguments, key) is not None}
    if (name := given.get("labels")) == "connectome":
        given["labels"] = connectome.labels
    elif name is not None:
        text = decode(read_bytes(Path(name), _MAX_LABEL_BYTES), name)
        given["labels"] = read_labels(text, name)[0]
    return given


def matching_of(arguments: argparse.Namespace, data: MeasuredData, connectome: Connectome) -> Matching:
    """The regions of the data matched to the connectome, as `--map` and `--accept` say.

    Raises
    ------
    ParameterError
        A ``--map`` is no pair, or names no region.
    """
    said: dict[str, str | None] = {}
    for pair in arguments.map:
        theirs, sign, ours = pair.rpartition("=")
        if not sign or not theirs:
            raise ParameterError(f"--map: must be THEIRS=OURS, as in ctx-lh-cuneus=L.CU (got '{pair}').")
        if theirs in said:
            raise ParameterError(f"--map: must name each region of the data once (got '{theirs}' twice).")
        said[theirs] = ours or None
    matching = match_regions(data.labels, connectome, said)
    return matching.accepted() if arguments.accept else matching


def open_questions(filename: str, questions: Sequence[Question]) -> str:
    """Each open question on a line of its own, with the option that answers it."""
    lines = [f"{filename}: must be said first:"]
    for question in questions:
        option = _option(question.key)
        if question.choices:
            wanted = "|".join(shlex.quote(answer) for answer, _ in question.choices)
            meant = "; ".join(f"{answer}: {words}" for answer, words in question.choices)
            lines.append(f"  {option} {wanted}  {question.sentence} {meant}.")
        else:
            lines.append(f"  {option} {question.unit.upper() or 'WORD'}  {question.sentence}")
    return "\n".join(lines)


def target_of(arguments: argparse.Namespace, connectome: Connectome) -> MeasuredFc | None:
    """Functional connectivity that a run is held against; None without `--data`.

    Raises
    ------
    ParameterError
        Something is said of data that are not given.
    DataError
        Something must be said first, a line for each; or there is no such target in the data.
    """
    if arguments.data is None:
        said = [_option(key) for key in KEYS if getattr(arguments, key) is not None]
        said += ["--map"] * bool(arguments.map) + ["--accept"] * arguments.accept
        if said:
            raise ParameterError(f"{said[0]}: must come with --data FILE (got none).")
        return None
    draft, answers = open_measured(arguments.data), answers_of(arguments, connectome)
    if questions := draft.questions(answers):
        raise DataError(open_questions(draft.filename, questions))
    data = draft.data(answers)
    if isinstance(data, SpikeList):
        return measured_fc(data, Matching((), connectome.labels))
    return measured_fc(data, matching_of(arguments, data, connectome))


def series_of(arguments: argparse.Namespace, connectome: Connectome) -> tuple[RegionSeries, Matching]:
    """Signals of regions over time, and which region of the connectome each is.

    Raises
    ------
    DataError
        Something must be said first, a line for each; or there are no such signals in the data.
    """
    draft, answers = open_measured(arguments.data), answers_of(arguments, connectome)
    if questions := draft.questions(answers):
        raise DataError(open_questions(draft.filename, questions))
    data = draft.data(answers)
    if not isinstance(data, RegionSeries):
        raise DataError(f"{draft.filename}: must be signals of regions over time (got {data.words}).")
    return data, matching_of(arguments, data, connectome)
