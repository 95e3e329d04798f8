"""The same electrode in another nucleus: the internal pallidum beside the subthalamic nucleus.

Both are judged by the beta of the subthalamic nucleus, under the same noise, and each beside as many pulses
at random times. Pulses in the pallidum act on the way to the thalamus; the loop through the subthalamic
nucleus and the external pallidum is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from engine.codesign.workers import Check, Work, run_all
from engine.progress import Progress
from engine.twin.stimulation.anatomy import POPULATIONS
from engine.twin.stimulation.electrode import Electrode
from engine.twin.stimulation.study import Case, Kept, keep, run_condition
from engine.twin.trial.interval import mean_interval

__all__ = ["TARGETS", "targets_of"]

TARGETS = ("stn", "gpi")
"""Of `Electrode.target`; the first is that of all other conditions."""
_WAYS = ("regular", "random")


def targets_of(cases: Sequence[Case], base: Electrode, workers: int, progress: Progress) -> dict[str, Any]:
    """Stimulate every patient in each target.

    Parameters
    ----------
    cases : sequence of Case
    base : Electrode
    workers : int
    progress : callable

    Returns
    -------
    dict
        Plain values: ``rows``, one a target, with its effect on beta, that of random timing and what regular
        pulses take away beyond it, of the subthalamic nucleus and of the internal pallidum's rate; and
        ``difference``, by how much the first target takes more than the second; with intervals.
    """
    names = ("untreated", *(f"{way}:{target}" for target in TARGETS for way in _WAYS))
    jobs: list[tuple[str, Work]] = [
        (f"{name.replace(':', ', target ')}", partial(_kept, case, name, base))
        for name in names
        for case in cases
    ]
    done: list[Kept] = run_all(jobs, workers, progress)
    n = len(cases)
    kept = {name: done[k * n : (k + 1) * n] for k, name in enumerate(names)}
    before = kept["untreated"]
    effects = {
        name: np.array([one.effect(b) for one, b in zip(kept[name], before, strict=True)])
        for name in names[1:]
    }
    rows = []
    for target in TARGETS:
        regular, chance = (effects[f"{way}:{target}"] for way in _WAYS)
        output = np.array(
            [
                1.0 - one.rate_beta["gpi"] / b.rate_beta["gpi"]
                for one, b in zip(kept[f"regular:{target}"], before, strict=True)
            ]
        )
        rows.append(
            {
                "target": target,
                "label": POPULATIONS[target].label,
                **_told("effect", regular),
                **_told("random", chance),
                **_told("over_random", regular - chance),
                **_told("pallidal_beta", output),
                "charge_uc": _plain(float(np.mean([k.charge_uc for k in kept[f"regular:{target}"]]))),
            }
        )
    first, second = (effects[f"regular:{target}"] for target in TARGETS)
    return {"rows": rows, **_told("difference", first - second)}


def _kept(case: Case, name: str, base: Electrode, check: Check) -> Kept:
    if name == "untreated":
        return keep(run_condition(case, name, base, 0.0, check))
    way, _, target = name.partition(":")
    used = base.model_copy(update={"target": target})
    condition = "open_loop" if way == "regular" else "random_timing"
    return keep(run_condition(case, condition, used, 0.0, check))


def _told(name: str, values: np.ndarray) -> dict[str, Any]:
    low, high = mean_interval(values)
    return {name: _plain(float(values.mean())), f"{name}_interval": [_plain(low), _plain(high)]}


def _plain(value: float) -> float | None:
    return float(f"{value:.4g}") if np.isfinite(value) else None
