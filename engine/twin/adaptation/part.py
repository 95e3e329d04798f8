"""The question of adaptation: how much of what sets patients apart does a twin learn while it runs?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from engine.twin.adaptation.learner import LEARNINGS, RULE, AdaptiveTwin, TwinStep
from engine.twin.adaptation.patient import (
    BIN_MS,
    INTERVAL_MS,
    SETTLE_MS,
    HiddenPatient,
    PatientBrain,
    Spread,
    running,
)
from engine.twin.trial.interval import mean_interval
from engine.twin.trial.part import Trial

__all__ = ["JUDGED", "MINUTES", "adaptation", "gap_closed", "group_of"]

MINUTES = 6.0
"""Of a recording that a twin hears [min]."""
JUDGE_MINUTES = 3.0
"""Of each brain that is judged, frozen, and of the patient's recording that nobody has heard [min]."""
PASSES = 2
"""How often the offline refit goes through the recording."""

JUDGED = ("synapses", "inhibition", "drive", "shuffled", "refit", "none")
"""Brains that are judged, by the name of their learning; the refit learns as the twin, over and over."""

_PER_MINUTE = round(60_000 / INTERVAL_MS)


@dataclass(frozen=True, eq=False)
class _Brain:
    """A frozen brain as it was judged.

    Attributes
    ----------
    r, r_sites : float [1]
        Correlation of its FC with the patient's over all pairs, and over pairs of recorded regions.
    rate_error_hz : float [Hz]
        Root mean square difference of the mean rates of recorded regions.
    fc : (n_regions, n_regions) float64 [1]
    tuning : Tuning
    curve : list of TwinStep
        Empty where nothing was learned.
    wall_s : float [s]
        Of learning.
    """

    r: float
    r_sites: float
    rate_error_hz: float
    fc: NDArray[np.float64]
    tuning: Tuning
    curve: list[TwinStep]
    wall_s: float


@dataclass(frozen=True, eq=False)
class _Found:
    """One patient and the brains that were held against it.

    Attributes
    ----------
    patient : HiddenPatient
    at_end : Tuning
        What the patient is at the end of the recording.
    fc : (n_regions, n_regions) float64 [1]
        Of the patient's unheard recording.
    ceiling : float [1]
        Correlation of the patient's FC in two recordings of its own, as long as those that are judged.
    brains : dict of str to _Brain
    """

    patient: HiddenPatient
    at_end: Tuning
    fc: NDArray[np.float64]
    ceiling: float
    brains: dict[str, _Brain]


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
    return _report(found, spread, minutes)


def _work(
    trial: Trial, spread: Spread, minutes: float, k: int, intervals: list[int]
) -> Callable[[Check], _Found]:
    """One patient; adds an entry to `intervals` for every interval that any brain has run."""
    scenario, connectome = trial.scenario, trial.connectome
    group = group_of(scenario)
    seeds = [int(s) for s in np.random.SeedSequence((trial.seed, 16, k)).generate_state(6) % 2**30]

    def done(asked: Check) -> _Found:
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
            brains[name] = _Brain(
                fc_correlation(own, fc)[0],
                fc_correlation(own[pairs], fc[pairs])[0],
                float(np.sqrt((difference**2).mean())),
                own,
                tuning,
                curve,
                wall_s,
            )
        return _Found(patient, at_end, fc, fc_correlation(rate_fc(again), fc)[0], brains)

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


def gap_closed(
    reached: NDArray[np.float64],
    group: NDArray[np.float64],
    refit: NDArray[np.float64],
    seed: int = 0,
    draws: int = 2000,
) -> tuple[float | None, list[float] | None]:
    """Share of the way from the group brain to the refitted one, over all patients together.

    Parameters
    ----------
    reached, group, refit : (n_patients,) float64 [1]
        Scores; higher is better.
    seed : int
        Of the bootstrap.
    draws : int

    Returns
    -------
    share : float [1] or None
        Ratio of the summed gains; None where the refit is no better than the group.
    interval : [low, high] or None
        95 % by bootstrap over patients; None below three patients, or where a twentieth of the draws has
        no gap to close.
    """
    gap = refit - group
    if gap.sum() <= 0:
        return None, None
    share = float((reached - group).sum() / gap.sum())
    n = len(gap)
    if n < 3:
        return share, None
    picked = np.random.default_rng(seed).integers(n, size=(draws, n))
    gaps = gap[picked].sum(axis=1)
    shares = (reached - group)[picked].sum(axis=1)[gaps > 0] / gaps[gaps > 0]
    if shares.size < 0.95 * draws:
        return share, None
    low, high = np.quantile(shares, [0.025, 0.975])
    return share, [float(low), float(high)]


def _report(found: list[_Found], spread: Spread, minutes: float) -> dict[str, Any]:
    def over(name: str, what: str) -> NDArray[np.float64]:
        return np.array([getattr(f.brains[name], what) for f in found])

    def judged(name: str) -> dict[str, Any]:
        r, error = over(name, "r"), over(name, "rate_error_hz")
        share, interval = gap_closed(r, over("none", "r"), over("refit", "r"))
        low, high = mean_interval(r)
        label = "Offline refit" if name == "refit" else LEARNINGS[name].label
        return {
            "label": label,
            "gap_closed": _plain(share),
            "interval": interval and [_plain(x) for x in interval],
            "r": _plain(r.mean()),
            "r_interval": None if np.isnan(low) else [_plain(low), _plain(high)],
            "r_sites": _plain(over(name, "r_sites").mean()),
            "rate_error_hz": _plain(error.mean()),
            "wall_s": round(float(over(name, "wall_s").mean()), 1),
            "r_each": [_plain(x) for x in r],
        }

    twin = judged("synapses")
    hours = minutes / 60.0
    share = twin["gap_closed"]
    gains = over("synapses", "r") - over("drive", "r")
    low, high = mean_interval(gains)
    first = found[0]
    return {
        "gap_closed": share,
        "interval": twin["interval"],
        "per_hour": None if share is None else _plain(share / hours),
        "gain_of_learning": {
            "r": _plain(gains.mean()),
            "interval": None if np.isnan(low) else [_plain(low), _plain(high)],
            "against": "drive",
        },
        "twin": twin,
        "controls": {
            "no_learning": judged("drive"),
            "inhibition_only": judged("inhibition"),
            "shuffled": judged("shuffled"),
            "refit": judged("refit"),
            "group": judged("none"),
        },
        "ceiling": _plain(float(np.mean([f.ceiling for f in found]))),
        "identified": _identified(found),
        "minutes": minutes,
        "judged_minutes": JUDGE_MINUTES,
        "passes_of_refit": PASSES,
        "n_regions": len(first.fc),
        "n_sites": int(first.patient.sites.size),
        "n_pairs": len(first.fc) * (len(first.fc) - 1) // 2,
        "n_patients": len(found),
        "spread": {name: _plain(getattr(spread, name)) for name in spread.__dataclass_fields__},
        "rule": {"rate": RULE.rate, "quiet_s": RULE.quiet_s},
        "basis": "Pearson's r of the FC of rates in 1-s bins, frozen brain against an unheard recording",
        "example": _example(first),
    }


def _identified(found: list[_Found]) -> dict[str, float | None]:
    """Whether what the twins learned is what sets the patients apart, as correlations over all of them.

    Returns
    -------
    dict
        ``inhibition`` over recorded regions, ``tracts`` over tracts between recorded regions, both in the
        logarithm of factors.
    """
    changes: dict[str, tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]] = {
        "inhibition": ([], []),
        "tracts": ([], []),
    }
    for f in found:
        sites, group, learned = f.patient.sites, f.patient.group, f.brains["synapses"].tuning
        true = f.at_end
        for name, what in (("inhibition", "local_inhibition"), ("tracts", "onto_excitatory")):
            before, after, real = (getattr(t, what) for t in (group, learned, true))
            if name == "tracts":
                pairs = np.ix_(sites, sites)
                off = ~np.eye(sites.size, dtype=bool)
                before, after, real = (m[pairs][off] for m in (before, after, real))
            else:
                before, after, real = (v[sites] for v in (before, after, real))
            known = (before > 0.1) & (after > 0.1) & (real > 0.1)
            changes[name][0].append(np.log(after[known] / before[known]))
            changes[name][1].append(np.log(real[known] / before[known]))
    return {name: _correlation(*map(np.concatenate, both)) for name, both in changes.items()}


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    if a.size < 3 or not a.std() or not b.std():
        return None
    return _plain(np.corrcoef(a, b)[0, 1])


def _example(found: _Found) -> dict[str, Any]:
    """Pictures of the first patient."""
    sites, group = found.patient.sites, found.patient.group
    true = found.at_end

    def course(name: str) -> list[list[float | None]]:
        steps = found.brains[name].curve[:: max(1, len(found.brains[name].curve) // 90)]
        return [[_plain(x) for x in step] for step in steps]

    def square(fc: NDArray[np.float64]) -> list[list[float | None]]:
        return [[None if not np.isfinite(x) else round(float(x), 2) for x in row] for row in fc]

    learned = found.brains["synapses"].tuning
    return {
        "labels": list(group.labels),
        "sites": [group.labels[k] for k in sites],
        "fc": {
            "patient": square(found.fc),
            "twin": square(found.brains["synapses"].fc),
            "group": square(found.brains["none"].fc),
        },
        "course": {name: course(name) for name in ("synapses", "inhibition", "drive", "shuffled")},
        "inhibition": {
            "patient": [_plain(x) for x in (true.local_inhibition / group.local_inhibition)[sites]],
            "twin": [_plain(x) for x in (learned.local_inhibition / group.local_inhibition)[sites]],
        },
    }


def _plain(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 4)
