"""The resection of a trial: the smallest that stops seizures, the focus alone, and regions at random.

A resection is searched with one noise and judged with others.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from engine.brain.network import Network
from engine.codesign.workers import Check, run_all
from engine.twin.patients import PatientBrain, draw_person, group_of
from engine.twin.patients.life import Group
from engine.twin.resection.search import Outcome, Surgery, smallest
from engine.twin.trial.interval import mean_interval
from engine.twin.trial.part import Trial

__all__ = ["TRIES", "WAYS", "resection"]

WAYS = ("intact", "focus", "smallest", "random")
TRIES = (1, 2, 3)
"""By which resections are judged; none of those of the search."""
_ROLE = 9  # of these patients: none of them is forecast


def resection(trial: Trial) -> dict[str, Any]:
    """Operate on the patients of a trial.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    dict
        Plain values, for every way of `WAYS`: how often the seizure was stopped, with the interval over
        patients; how many regions went, how many of the others still took part, and what part of their
        rate at rest they lost; and `patients`, one by one.
    """
    group = group_of(trial.scenario, trial.connectome)
    jobs = [
        ("a patient is operated on", partial(_operated, group, (trial.seed, _ROLE, k)))
        for k in range(trial.patients)
    ]
    found = run_all(jobs, trial.workers, trial.progress)
    ways: dict[str, Any] = {}
    for way in WAYS:
        stopped = np.array([one[way]["stopped"] for one in found], np.float64)
        low, high = mean_interval(stopped)
        ways[way] = {
            "stopped": _plain(stopped.mean()),
            "interval": [_plain(np.clip(low, 0.0, 1.0)), _plain(np.clip(high, 0.0, 1.0))],
            "size": _plain(np.mean([one[way]["size"] for one in found])),
            "recruited": _plain(np.mean([one[way]["recruited"] for one in found])),
            "rate_lost": _plain(np.mean([one[way]["rate_lost"] for one in found])),
        }
    return {
        **ways,
        "tries": len(TRIES),
        "most_removed": max(one["smallest"]["size"] for one in found),
        "units": {"stopped": "share of failures of the focus without a seizure", "rate_lost": "share"},
        "patients": found,
    }


def _operated(group: Group, seed: tuple[int, ...], check: Check) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    person = draw_person(group.tuning, Network.of(group.scenario, group.connectome), rng)
    surgery = Surgery(PatientBrain(group.scenario, group.connectome, person), check)
    intact = [surgery.outcome((), number) for number in TRIES]
    small = smallest(surgery)
    at_random = [
        tuple(str(label) for label in rng.choice(surgery.brain.labels, len(small), replace=False))
        for _ in TRIES
    ]
    tried: dict[str, list[tuple[str, ...]]] = {
        "focus": [person.focus] * len(TRIES),
        "smallest": [small] * len(TRIES),
        "random": at_random,
    }
    found: dict[str, Any] = {"focus_regions": list(person.focus), "smallest_regions": list(small)}
    found["intact"] = _summed(intact, intact, 0)
    for way, sets in tried.items():
        outcomes = [surgery.outcome(one, number) for one, number in zip(sets, TRIES, strict=True)]
        found[way] = _summed(outcomes, intact, len(sets[0]))
    return found


def _summed(outcomes: Sequence[Outcome], intact: Sequence[Outcome], size: int) -> dict[str, Any]:
    lost = []
    for one, before in zip(outcomes, intact, strict=True):
        kept = one.rest_hz > 0
        lost.append(1.0 - one.rest_hz[kept].sum() / before.rest_hz[kept].sum())
    return {
        "stopped": _plain(np.mean([not one.is_seizure for one in outcomes])),
        "size": size,
        "recruited": _plain(np.mean([one.recruited for one in outcomes])),
        "rate_lost": _plain(np.mean(lost)),
    }


def _plain(value: float | np.floating[Any]) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
