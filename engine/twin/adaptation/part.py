"""The question of adaptation: how much of what sets patients apart does a twin learn while it runs?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.codesign.workers import Check, run_all
from engine.errors import ParameterError
from engine.fit.functional_connectivity import fc_correlation, rate_fc
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import load_tuning
from engine.tuning.study import judge_seed
from engine.twin.adaptation.compared import JUDGE_MINUTES, JUDGED, MINUTES, PASSES, Compared, JudgedBrain
from engine.twin.adaptation.learner import LEARNINGS, AdaptiveTwin, TwinStep
from engine.twin.adaptation.patient import (
    BIN_MS,
    INTERVAL_MS,
    SETTLE_MS,
    HiddenPatient,
    PatientBrain,
    Spread,
    running,
)
from engine.twin.adaptation.report import report
from engine.twin.trial.part import Trial

__all__ = ["adaptation", "group_of"]

_PER_MINUTE = round(60_000 / INTERVAL_MS)


def group_of(scenario: Scenario) -> Tuning:
    """The tuning of a scenario, which is that of the group brain.

    Raises
    ------
    ParameterError
        It has none.
    """
    if not scenario.network.tuning:
        raise ParameterError("network.tuning: must be that of the group brain (got ''). Try dk84-left.")
    return load_tuning(scenario.network.tuning)


def adaptation(trial: Trial, spread: Spread | None = None, minutes: float = MINUTES) -> dict[str, Any]:
    """Let twins follow patients, and judge what they have become against those that do not learn.

    Every patient is drawn around the group, drifts while a clinic records rates of some of its regions,
    and is then recorded again, unheard, with other noise; functional connectivity is that of rates in
    bins of 1 s. Twins start as the group brain and hear the first recording once, as it comes. All brains
    are judged frozen.

    Parameters
    ----------
    trial : Trial
    spread : Spread, optional
    minutes : float [min]
        Of the recording.

    Returns
    -------
    dict
        ``adaptation`` of a scorecard, as plain values.

    Raises
    ------
    EngineError
        A brain cannot be run.
    """
    spread = spread or Spread()
    done: list[int] = []
    twins = len(JUDGED) - 2 + PASSES  # one pass each, the refit's, and none for the group brain
    judged = (len(JUDGED) + 2) * JUDGE_MINUTES
    settling = SETTLE_MS / 60_000
    total = trial.patients * ((1 + twins) * minutes + settling + judged) * _PER_MINUTE

    def told(fraction: float, what: str) -> None:
        trial.progress(min(1.0, len(done) / total), what)

    found = run_all(
        [(f"patient {k + 1}", _work(trial, spread, minutes, k, done)) for k in range(trial.patients)],
        trial.workers,
        told,
    )
    return report(found, spread, minutes)


def _work(
    trial: Trial, spread: Spread, minutes: float, k: int, intervals: list[int]
) -> Callable[[Check], Compared]:
    """One patient; adds an entry to `intervals` for every interval that any brain has run."""
    scenario, connectome = trial.scenario, trial.connectome
    group = group_of(scenario)
    seeds = [int(s) for s in np.random.SeedSequence((trial.seed, 16, k)).generate_state(6) % 2**30]

    def done(asked: Check) -> Compared:
        def check() -> None:
            asked()
            intervals.append(k)

        rng = np.random.default_rng(seeds[0])
        on = tuple(label for label, b in zip(connectome.labels, _backends(trial), strict=True) if b != "off")
        patient = HiddenPatient.drawn(group.of_regions(on), connectome, spread, rng)
        heard, at_end = _recorded(trial, patient, seeds[1], minutes, spread.noise, check)
        true = _frozen(trial, at_end, seeds[2], check, patient.wiring_seed)
        again = _frozen(trial, at_end, seeds[3], check, patient.wiring_seed)
        fc, mean_hz = rate_fc(true), true.mean(axis=0)
        brains = {}
        for name in JUDGED:
            begun = time.monotonic()
            tuning = patient.group
            curve: list[TwinStep] = []
            if name != "none":
                learning = LEARNINGS["synapses" if name == "refit" else name]
                twin = AdaptiveTwin(scenario, connectome, patient.group, patient.sites, learning, seeds[4])
                try:
                    for _ in range(PASSES if name == "refit" else 1):
                        for bins in heard.reshape(-1, INTERVAL_MS // BIN_MS, patient.sites.size):
                            check()
                            _, step = twin.advance(bins)
                            curve.append(step)
                            if k == 0 and name == "synapses":
                                trial.show("adaptation.step", step._asdict())
                finally:
                    twin.close()
                tuning = twin.tuning
            wall_s = time.monotonic() - begun
            rates = _frozen(trial, tuning, judge_seed(seeds[5]), check)
            own = rate_fc(rates)
            pairs = np.ix_(patient.sites, patient.sites)
            difference = (rates.mean(axis=0) - mean_hz)[patient.sites]
            brains[name] = JudgedBrain(
                fc_correlation(own, fc)[0],
                fc_correlation(own[pairs], fc[pairs])[0],
                float(np.sqrt((difference**2).mean())),
                own,
                tuning,
                curve,
                wall_s,
            )
        return Compared(patient, at_end, fc, fc_correlation(rate_fc(again), fc)[0], brains)

    return done


def _backends(trial: Trial) -> Sequence[str]:
    return trial.scenario.backend_of(trial.connectome.labels)


def _recorded(
    trial: Trial, patient: HiddenPatient, seed: int, minutes: float, noise: float, check: Check
) -> tuple[NDArray[np.float64], Tuning]:
    """What the clinic hears in one recording, and what the patient is at its end."""
    brain = PatientBrain(trial.scenario, trial.connectome, patient, seed, minutes, noise)
    observed = []
    try:
        for _ in range(SETTLE_MS // INTERVAL_MS):
            check()
            brain.settle()
        for _ in range(round(minutes * _PER_MINUTE)):
            check()
            observed.append(brain.advance()[1])
    finally:
        brain.close()
    return np.concatenate(observed), brain.tuning


def _frozen(
    trial: Trial, tuning: Tuning, seed: int, check: Check, wiring: int | None = None
) -> NDArray[np.float64]:
    """Rates of a brain that changes no more, with noise of its own; its wiring is the group's by default."""
    seed_of = trial.scenario.wiring_seed if wiring is None else wiring
    brain = running(trial.scenario, trial.connectome, tuning, seed, seed_of)
    rates = []
    try:
        for _ in range(round(JUDGE_MINUTES * _PER_MINUTE)):
            check()
            rates.append(brain.rates_hz(brain.advance(INTERVAL_MS), BIN_MS))
    finally:
        brain.close()
    return np.concatenate(rates)
