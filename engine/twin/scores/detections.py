"""Detected against true seizures, event by event, as the SzCORE framework counts them.

Source: Dan et al. 2024, Epilepsia, SzCORE; held to its library timescoring 0.0.7 by
`tests/reference/event_scoring_test.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

__all__ = ["EventRule", "EventScore", "score_events"]

_RATE_HZ = 10  # of the masks on which overlaps are counted
_LEAST_OVERLAP = 1e-6

Events = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class EventRule:
    """When two events are the same one.

    Attributes
    ----------
    before_s, after_s : float
        Tolerance before the onset and after the end of a true seizure [s].
    merged_s : float
        Events closer than this are one [s].
    longest_s : float
        Longer events are split [s].
    """

    before_s: float = 30.0
    after_s: float = 60.0
    merged_s: float = 90.0
    longest_s: float = 300.0


@dataclass(frozen=True)
class EventScore:
    """What was found of the true seizures.

    Attributes
    ----------
    n_true, n_hits, n_false : int
        True events after merging and splitting; how many overlap a detection; detections that overlap none.
    sensitivity, precision, f1 : float
        nan where there is nothing to divide by.
    false_per_day : float
        Detections that overlap nothing [1/day].
    """

    n_true: int
    n_hits: int
    n_false: int
    sensitivity: float
    precision: float
    f1: float
    false_per_day: float


def score_events(true: Events, found: Events, duration_s: float, rule: EventRule | None = None) -> EventScore:
    """Count hits and false detections; any overlap counts, within the tolerance of the rule.

    Parameters
    ----------
    true, found : sequence of (begin, end)
        In order and apart [s].
    duration_s : float
        Of the recording [s].
    rule : EventRule, optional

    Returns
    -------
    EventScore

    Raises
    ------
    DataError
        Events run back, overlap each other, or lie outside the recording.
    """
    rule = rule or EventRule()
    n = round(duration_s * _RATE_HZ)
    for name, events in (("true", true), ("found", found)):
        _require_order(name, events, duration_s)
    true, found = (_split(_merged(events, rule.merged_s), rule.longest_s) for events in (true, found))
    is_found = _mask(found, n)
    is_hit = np.zeros(n, np.bool_)
    n_hits = 0
    for begin, end in true:
        a, b = max(0.0, begin - rule.before_s), min(n / _RATE_HZ, end + rule.after_s)
        place = slice(round(a * _RATE_HZ), round(b * _RATE_HZ))
        if np.count_nonzero(is_found[place]) / _RATE_HZ / (b - a) > _LEAST_OVERLAP:
            n_hits += 1
            is_hit[place] = True
    n_false = sum(not is_hit[round(a * _RATE_HZ) : round(b * _RATE_HZ)].any() for a, b in found)
    n_true = len(true)
    return EventScore(
        n_true,
        n_hits,
        n_false,
        _ratio(n_hits, n_true),
        _ratio(n_hits, n_hits + n_false),
        _ratio(2 * n_hits, 2 * n_hits + n_false + n_true - n_hits),
        n_false / (duration_s / 86_400.0),
    )


def _require_order(name: str, events: Events, duration_s: float) -> None:
    """Refuse events that cannot be.

    Raises
    ------
    DataError
        As of `score_events`.
    """
    last = 0.0
    for begin, end in events:
        if not last <= begin < end <= duration_s:
            raise DataError(
                f"{name}: events must follow one another within {duration_s:g} s (got {begin:g} to {end:g} s "
                f"after {last:g} s)."
            )
        last = end


def _merged(events: Events, closest_s: float) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for begin, end in events:
        if merged and begin - merged[-1][1] < closest_s:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((begin, end))
    return merged


def _split(events: Events, longest_s: float) -> list[tuple[float, float]]:
    split: list[tuple[float, float]] = []
    for begin, end in events:
        while end - begin > longest_s:
            split.append((begin, begin + longest_s))
            begin += longest_s
        split.append((begin, end))
    return split


def _mask(events: Events, n: int) -> NDArray[np.bool_]:
    mask = np.zeros(n, np.bool_)
    for begin, end in events:
        mask[round(begin * _RATE_HZ) : round(end * _RATE_HZ)] = True
    return mask


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else nan
