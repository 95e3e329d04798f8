"""The years of a trial: when brains that slowly lose inhibition no longer hold, and whether rates would tell.

Every patient is drawn around the group, settles, and is then brought along the same twenty years again and
again from the same moment, with the same noise: with nothing lost, with inhibition lost in the temporal
lobe, with as much lost in as many regions elsewhere, and with homeostasis.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.codesign.workers import Check, run_all
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning
from engine.twin.adaptation.part import group_of
from engine.twin.adaptation.patient import HiddenPatient, Spread
from engine.twin.patients.life import SITES
from engine.twin.trial.part import Trial
from engine.twin.years.brain import AgeingBrain
from engine.twin.years.design import REGIONS, SETTLE_STEPS, WAYS, YEARS, Lived, schedules_of
from engine.twin.years.epochs import ADAPT_S, EPOCH_S, HEALTHY_EPOCHS, Epoch, healthy_epochs, lived
from engine.twin.years.report import plain, report
from engine.twin.years.schedule import check_schedules

__all__ = ["healthy_brain", "measured_fc", "years"]


def measured_fc(connectome: Connectome, labels: Sequence[str]) -> NDArray[np.float64] | None:
    """Measured functional connectivity of some regions, (n_regions, n_regions) [1]; None where there is none.

    Parameters
    ----------
    connectome : Connectome
    labels : sequence of str
    """
    if connectome.fc_matrix is None:
        return None
    index = [connectome.labels.index(label) for label in labels]
    return np.asarray(connectome.fc_matrix[np.ix_(index, index)], np.float64)


def healthy_brain(
    scenario: Scenario,
    connectome: Connectome,
    tuning: Tuning,
    seed: int,
    wiring: int,
    target_hz: NDArray[np.float64],
    check: Check,
) -> AgeingBrain:
    """A brain whose regions have found the rates that they hold.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    tuning : Tuning
    seed, wiring : int
    target_hz : (n_regions,) float64 [Hz]
    check : callable
    """
    brain = AgeingBrain(scenario, connectome, tuning, seed, wiring)
    for _ in range(SETTLE_STEPS):
        check()
        brain.settle(target_hz)
    return brain


def years(trial: Trial) -> dict[str, Any]:
    """Bring the patients of a trial along the years.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    dict
        ``years`` of a scorecard, as plain values.

    Raises
    ------
    EngineError
        A brain cannot be run.
    """
    begun = time.monotonic()
    done: list[int] = []
    times = np.arange(0.0, YEARS + 0.5)
    seconds = SETTLE_STEPS + (HEALTHY_EPOCHS + len(WAYS) * times.size) * (ADAPT_S + EPOCH_S)

    def told(fraction: float, what: str) -> None:
        trial.progress(min(1.0, len(done) / (seconds * trial.patients)), what)

    jobs = [(f"patient {k + 1}", _work(trial, k, times, done)) for k in range(trial.patients)]
    found = run_all(jobs, trial.workers, told)
    return report(trial, found, times, time.monotonic() - begun)


def _work(trial: Trial, k: int, times: NDArray[np.float64], seconds: list[int]) -> Callable[[Check], Lived]:
    """One patient; adds an entry to `seconds` for every stretch that was lived."""
    seeds = [int(s) for s in np.random.SeedSequence((trial.seed, 7, k)).generate_state(3) % 2**30]

    def done(asked: Check) -> Lived:
        def check() -> None:
            asked()
            seconds.append(k)

        core_begun = time.thread_time()
        rng, of_places = np.random.default_rng(seeds[0]), np.random.default_rng(seeds[2])
        sides = trial.scenario.backend_of(trial.connectome.labels)
        labels = tuple(
            label for label, side in zip(trial.connectome.labels, sides, strict=True) if side != "off"
        )
        group = group_of(trial.scenario).of_regions(labels)
        patient = HiddenPatient.drawn(group, trial.connectome, Spread(drift=0.0), rng)
        tuning = patient.tuning_at(0.0, group.local_inhibition)
        others = [label for label in labels if label not in REGIONS]
        elsewhere = tuple(str(label) for label in of_places.choice(others, len(REGIONS), replace=False))
        spared = [label for label in others if label not in elsewhere]
        sites: dict[str, Sequence[str]] = {
            "sites": SITES,
            "elsewhere": tuple(str(x) for x in of_places.choice(spared, len(SITES), replace=False)),
            "all": labels,
        }
        watched = {name: np.array([labels.index(x) for x in some]) for name, some in sites.items()}
        target = patient.first_hz
        brain = healthy_brain(
            trial.scenario, trial.connectome, tuning, seeds[1], patient.wiring_seed, target, check
        )
        try:
            health = healthy_epochs(brain, check, HEALTHY_EPOCHS)
            state = brain.state()
            lives = {}
            for way in WAYS:
                brain.restore(state)
                schedules = schedules_of(way, elsewhere)
                check_schedules(schedules, labels, YEARS)
                holds = health.rates_hz.mean(axis=0) if way.homeostasis else None
                is_shown = k == 0 and way.name == WAYS[0].name
                lives[way.name] = lived(
                    brain,
                    schedules,
                    times,
                    health,
                    measured_fc(trial.connectome, labels),
                    holds,
                    check,
                    (lambda epoch: trial.show("years.epoch", _shown(epoch))) if is_shown else _told_nobody,
                )
        finally:
            brain.close()
        biology = 2.0 * SETTLE_STEPS + HEALTHY_EPOCHS * (ADAPT_S + EPOCH_S)
        biology += sum(life[-1].biology_s for life in lives.values())
        core_s = time.thread_time() - core_begun
        return Lived(lives, health, elsewhere, watched, labels, biology, core_s)

    return done


def _told_nobody(epoch: Epoch) -> None:
    """Tell nobody of an epoch."""


def _shown(epoch: Epoch) -> dict[str, Any]:
    return {"year": epoch.year, "rates_hz": [plain(x, 1) for x in epoch.rates_hz], "r": plain(epoch.r)}
