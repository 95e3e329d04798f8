"""Schedules of one's own, lived through by the group brain beside the same years in which nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.brain.connectome import load_connectome
from engine.progress import Progress, no_progress
from engine.scenario.presets import preset
from engine.twin.adaptation.part import group_of
from engine.twin.years.brain import AgeingBrain
from engine.twin.years.epochs import ADAPT_S, EPOCH_S, healthy_epochs, lived
from engine.twin.years.holding import held
from engine.twin.years.look_ahead import clocks
from engine.twin.years.part import measured_fc
from engine.twin.years.report import series
from engine.twin.years.schedule import PROCESSES, Schedule, check_schedules, left_at

__all__ = ["PRESET", "labels_of", "try_schedules"]

PRESET = "slow-loss-of-inhibition"
_EPOCHS = 11
_HEALTHY = 5
_SEED = 1


def labels_of(name: str = PRESET) -> tuple[str, ...]:
    """Regions of a preset that are on.

    Parameters
    ----------
    name : str
    """
    scenario = preset(name)
    labels = load_connectome(scenario.connectome).labels
    sides = scenario.backend_of(labels)
    return tuple(label for label, side in zip(labels, sides, strict=True) if side != "off")


def try_schedules(
    schedules: Sequence[Schedule],
    years: float,
    homeostasis: bool,
    progress: Progress = no_progress,
    seed: int = _SEED,
) -> dict[str, Any]:
    """Bring the group brain along some years.

    Parameters
    ----------
    schedules : sequence of Schedule
    years : float [years]
    homeostasis : bool
    progress : callable
        Told after every second of biology; may raise to end the work.
    seed : int

    Returns
    -------
    dict
        Plain values: the life with the schedules and the one without, as in the example of the part.

    Raises
    ------
    ParameterError
        Schedules contradict one another.
    EngineError
        The brain cannot be run.
    """
    labels = labels_of()
    check_schedules(schedules, labels, years)
    scenario = preset(PRESET)
    connectome = load_connectome(scenario.connectome)
    group = group_of(scenario).of_regions(labels)
    total = (_HEALTHY + 2 * _EPOCHS) * (ADAPT_S + EPOCH_S)
    done = 0

    def check() -> None:
        nonlocal done
        done += 1
        progress(min(1.0, done / total), "the brain lives")

    progress(0.0, "the brain is laid out")
    brain = AgeingBrain(scenario, connectome, group, seed, scenario.wiring_seed)
    times = np.linspace(0.0, years, _EPOCHS)
    try:
        health = healthy_epochs(brain, check, _HEALTHY)
        state, measured = brain.state(), measured_fc(connectome, labels)
        holds = health.rates_hz.mean(axis=0) if homeostasis else None
        found, cut = {}, 0
        for name, of in (("own", tuple(schedules)), ("none", ())):
            brain.restore(state)
            found[name] = lived(brain, of, times, health, measured, holds, check)
            cut = max(cut, brain.n_cut)
    finally:
        brain.close()
    lives = {}
    for name, life in found.items():
        lives[name] = {
            **series(life),
            "rates_hz": [[round(float(x), 1) for x in epoch.rates_hz] for epoch in life],
        }
    n_epochs = sum(map(len, found.values()))
    biology, core = (
        sum(getattr(life[-1], name) for life in found.values()) for name in ("biology_s", "core_s")
    )
    return {
        "labels": list(labels),
        "healthy_hz": [round(float(x), 1) for x in health.rates_hz.mean(axis=0)],
        "healthy_r": [round(float(x), 3) for x in health.r],
        "homeostasis": homeostasis,
        "years": years,
        "lives": lives,
        "held": {name: vars(held(life, health)) for name, life in found.items()},
        "cut": cut,
        "left": [_least(schedules, labels, float(year)) for year in times],
        "clocks": clocks(2 * years, n_epochs, biology, core, core),
    }


def _least(schedules: Sequence[Schedule], labels: Sequence[str], year: float) -> dict[str, float]:
    """What is left in the region that has lost most, by process."""
    left = left_at(schedules, labels, year)
    return {
        process.name: round(float(values.min() if process.sign < 0 else values.max()), 3)
        for process, values in zip(PROCESSES, left, strict=True)
        if any(one.process == process.name for one in schedules)
    }
