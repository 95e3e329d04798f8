"""The resection of a trial: the smallest that stops seizures, the focus alone or cut off, and chance.

A resection is searched with one noise and judged with others.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from engine.brain.network import Network
from engine.codesign.workers import Check, run_all
from engine.fit.functional_connectivity import fc_correlation
from engine.twin.patients import PatientBrain, draw_person, group_of
from engine.twin.patients.life import Group
from engine.twin.resection.search import Outcome, Surgery, smallest
from engine.twin.trial.interval import mean_interval
from engine.twin.trial.part import Trial

__all__ = ["TRIES", "WAYS", "resection"]

WAYS = ("intact", "focus", "tracts", "smallest", "random")
TRIES = (1, 2, 3)
"""By which resections are judged; none of those of the search."""
_BOUNDS = {
    "stopped": (0.0, 1.0),
    "size": (0.0, np.inf),
    "recruited": (0.0, np.inf),
    "rate_lost": (-np.inf, 1.0),
    "fc_kept": (-1.0, 1.0),
}
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
        patients; how many regions went, how many of the others still took part, what part of their rate at
        rest they lost and how much of their FC they kept, with intervals; and `patients`, one by one.
    """
    group = group_of(trial.scenario, trial.connectome)
    jobs = [
        ("a patient is operated on", partial(_operated, group, (trial.seed, _ROLE, k)))
        for k in range(trial.patients)
    ]
    found = run_all(jobs, trial.workers, trial.progress)
    ways: dict[str, Any] = {}
    for way in WAYS:
        ways[way] = {}
        for name in _BOUNDS:
            interval = "interval" if name == "stopped" else f"{name}_interval"
            ways[way][name], ways[way][interval] = _over(found, way, name)
    return {
        **ways,
        "tries": len(TRIES),
        "most_removed": max(one["smallest"]["size"] for one in found),
        "units": {
            "stopped": "share of failures of the focus without a seizure",
            "rate_lost": "share",
            "fc_kept": "r",
        },
        "fc_basis": "Pearson's r of FC of rates at rest, 0.1-s bins over 30 s, after against before with "
        "other noise, over pairs of regions that stay; intact is the ceiling",
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
    before = surgery.resting_fc((), TRIES[0])

    def fc_kept(removed: Sequence[str], cut_off: Sequence[str] = ()) -> float | None:
        return _plain(fc_correlation(surgery.resting_fc(removed, TRIES[1], cut_off), before)[0])

    found: dict[str, Any] = {"focus_regions": list(person.focus), "smallest_regions": list(small)}
    found["intact"] = {**_summed(intact, intact, 0), "fc_kept": fc_kept(())}
    cut = [surgery.outcome((), number, person.focus) for number in TRIES]
    found["tracts"] = {**_summed(cut, intact, 0), "fc_kept": fc_kept((), person.focus)}
    for way, sets in tried.items():
        outcomes = [surgery.outcome(one, number) for one, number in zip(sets, TRIES, strict=True)]
        found[way] = {**_summed(outcomes, intact, len(sets[0])), "fc_kept": fc_kept(sets[0])}
    return found


def _over(found: Sequence[dict[str, Any]], way: str, name: str) -> tuple[float | None, list[float | None]]:
    """The mean over patients of one value of a way, with its interval inside what can be."""
    values = np.array([np.nan if one[way][name] is None else one[way][name] for one in found], np.float64)
    known = values[np.isfinite(values)]
    interval = [_plain(np.clip(end, *_BOUNDS[name])) for end in mean_interval(values)]
    return _plain(known.mean()) if known.size else None, interval


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
