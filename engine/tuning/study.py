"""A fit with all that it takes to be believed: judged on other noise, beside its controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.codesign.workers import Check, run_all
from engine.errors import ParameterError
from engine.progress import Progress, no_progress
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import keep_tuning
from engine.tuning.controls import half_of_pairs, linear_baseline, rewired, shuffled_target, wiring_baseline
from engine.tuning.judgement import Judgement, judge
from engine.tuning.tuner import FCTuner, TuningStep

__all__ = [
    "CONTROLS",
    "STARTS",
    "Control",
    "Refits",
    "fit_controls",
    "fit_refits",
    "judge_seed",
    "report_of",
    "run_tuner",
    "tuned",
    "with_provenance",
]

CONTROLS = ("rewired", "shuffled", "held_out")
"""Fits that are made beside one, by name."""

STARTS = (0.6, 0.8, 1.0, 1.2, 1.4)
"""What refits begin with, times the first factor of the rule; one refit each, with noise of its own."""

_JUDGE_SEED = 1_000_003  # added to the seed of a fit: noise that no fit of that seed has seen


@dataclass(frozen=True)
class Control:
    """One control.

    Attributes
    ----------
    name : str
        Of `CONTROLS`.
    r : float [1]
        Correlation that the control reaches with its own target (of `held_out`: on the other half).
    wiring, linear : float [1]
        What the wiring alone and linear noise reach on the same pairs.
    n : int
        Pairs that `r` is taken over.
    """

    name: str
    r: float
    wiring: float
    linear: float
    n: int


@dataclass(frozen=True)
class Refits:
    """The same fit from other starts and with other noise: what of it comes out again.

    Attributes
    ----------
    r : tuple of float [1]
        What each reaches, judged.
    fc : float [1]
        Mean correlation of the simulated FC of two refits.
    tracts : float [1]
        Mean correlation of the factors of tracts of two refits, where there is a tract.
    inhibition : float [1]
        Mean correlation of the local inhibition of two refits.
    """

    r: tuple[float, ...]
    fc: float
    tracts: float
    inhibition: float


def judge_seed(seed: int) -> int:
    """The seed of the noise that a fit of this seed is judged with."""
    return (seed + _JUDGE_SEED) % 2**31


def tuned(scenario: Scenario, tuning: Tuning) -> Scenario:
    """The scenario with this tuning in it, its wiring held fast."""
    values = {"network.tuning": keep_tuning(tuning), "network.wiring_seed": scenario.wiring_seed}
    return scenario.with_values(values)


def run_tuner(
    tuner: FCTuner, minutes: float, check: Check, told: Callable[[TuningStep], None] | None = None
) -> None:
    """Advance a tuner to so many minutes of biology."""
    while tuner.minutes < minutes:
        check()
        step = tuner.advance()
        if told is not None:
            told(step)


def fit_controls(
    tuner: FCTuner,
    minutes: float,
    judge_minutes: float,
    *,
    names: tuple[str, ...] = CONTROLS,
    workers: int = 1,
    progress: Progress = no_progress,
) -> list[Control]:
    """Make the same fit with a rewired connectome, a shuffled target, and half of the pairs.

    Parameters
    ----------
    tuner : FCTuner
        The fit; is left as it is.
    minutes, judge_minutes : float [min]
        Biology of each fit and of each judgement.
    names : tuple of str
        Of `CONTROLS`.
    workers : int
        Fits at once; does not change the results.
    progress : callable

    Raises
    ------
    EngineError
        One of them cannot be run.
    """
    scenario, connectome, target = tuner.asked, tuner.brain.connectome, tuner.target
    index = tuner.brain.network.region_index
    known = np.isfinite(target)
    seed = scenario.seed
    shares = dict.fromkeys(names, 0.0)  # of each fit, what is done

    def work(name: str) -> Callable[[Check], Control]:
        def done(check: Check) -> Control:
            wires = rewired(connectome, seed) if name == "rewired" else connectome
            aim = shuffled_target(target, seed) if name == "shuffled" else target
            half = half_of_pairs(known, seed) if name == "held_out" else None
            fit = FCTuner(scenario, wires, aim, pairs=half, rule=tuner.rule)
            try:
                found = _made(fit, minutes, judge_minutes, check, lambda share: shares.update({name: share}))
            finally:
                fit.close()
            judged = known & ~half if half is not None else known
            on = np.where(judged, aim, np.nan)
            return Control(
                name,
                found.score(aim, judged),
                wiring_baseline(wires, on, index),
                linear_baseline(wires, on, index),
                int(np.triu(judged, 1).sum()),
            )

        return done

    jobs = [(name, work(name)) for name in names]
    return run_all(jobs, workers, lambda _, what: progress(sum(shares.values()) / len(names), what))


def fit_refits(
    tuner: FCTuner,
    minutes: float,
    judge_minutes: float,
    n: int = len(STARTS),
    *,
    workers: int = 1,
    progress: Progress = no_progress,
) -> Refits:
    """Make the same fit again from other starts and with other noise.

    Parameters
    ----------
    tuner : FCTuner
        The fit; is left as it is.
    minutes, judge_minutes : float [min]
        Biology of each fit and of each judgement.
    n : int
        How many, 2 to as many as there are `STARTS`.
    workers : int
        Fits at once; does not change the results.
    progress : callable

    Raises
    ------
    ParameterError
        `n` is out of range.
    EngineError
        One of them cannot be run.
    """
    if not 2 <= n <= len(STARTS):
        raise ParameterError(f"fit.refits: must be from 2 to {len(STARTS)} (got {n}).")
    connectome, asked = tuner.brain.connectome, tuner.asked
    shares = dict.fromkeys(range(n), 0.0)  # of each fit, what is done

    def work(k: int) -> Callable[[Check], tuple[Judgement, Tuning]]:
        def done(check: Check) -> tuple[Judgement, Tuning]:
            values = {
                "seed": asked.seed + 1 + k,
                "network.wiring_seed": asked.wiring_seed,
                "network.tuning": "",
            }
            rule = replace(tuner.rule, start_factor=tuner.rule.start_factor * STARTS[k])
            fit = FCTuner(asked.with_values(values), connectome, tuner.target, rule=rule)
            try:
                judged = _made(fit, minutes, judge_minutes, check, lambda share: shares.update({k: share}))
                return judged, fit.tuning("refit")
            finally:
                fit.close()

        return done

    jobs = [(f"refit {k + 1}", work(k)) for k in range(n)]
    found = run_all(jobs, workers, lambda _, what: progress(sum(shares.values()) / n, what))
    index = tuner.brain.network.region_index
    upper = np.triu(np.ones((index.size, index.size), bool), 1)
    tracts = connectome.weights[np.ix_(index, index)] > 0
    return Refits(
        r=tuple(judged.r for judged, _ in found),
        fc=_mean_correlation([judged.fc[upper] for judged, _ in found]),
        tracts=_mean_correlation(
            [np.concatenate((t.onto_excitatory[tracts], t.onto_inhibitory[tracts])) for _, t in found]
        ),
        inhibition=_mean_correlation([t.local_inhibition for _, t in found]),
    )


def _mean_correlation(rows: list[NDArray[np.float64]]) -> float:
    """Mean of Pearson's r over all pairs of rows."""
    r = np.atleast_2d(np.corrcoef(np.array(rows)))
    return float(r[np.triu_indices(len(rows), 1)].mean())


def _made(
    tuner: FCTuner, minutes: float, judge_minutes: float, check: Check, done: Callable[[float], None]
) -> Judgement:
    """Fit and judge; `done` hears which share of both is over."""
    whole = minutes + judge_minutes

    def told(step: TuningStep) -> None:
        done(min(step.minutes, minutes) / whole)

    def look(fraction: float, what: str) -> None:
        check()
        done((minutes + fraction * judge_minutes) / whole)

    run_tuner(tuner, minutes, check, told)
    scenario = tuned(tuner.asked, tuner.tuning("judged"))
    seed = judge_seed(tuner.scenario.seed)
    connectome = tuner.brain.connectome
    return judge(scenario, connectome, tuner.target, seed=seed, minutes=judge_minutes, progress=look)


def report_of(
    tuner: FCTuner, judged: Judgement, controls: list[Control], wall_s: float, refits: Refits | None = None
) -> dict[str, Any]:
    """What a fit comes to, as plain values; of controls that were not made, None.

    Parameters
    ----------
    tuner : FCTuner
    judged : Judgement
    controls : list of Control
    wall_s : float [s]
    refits : Refits, optional
    """
    connectome, index = tuner.brain.connectome, tuner.brain.network.region_index
    found = {control.name: control for control in controls}
    target: NDArray[np.float64] = tuner.target
    held = found.get("held_out")

    def reached(name: str) -> float | None:
        return _plain(found[name].r) if name in found else None

    return {
        "r": _plain(judged.r),
        "n_pairs": judged.n_pairs,
        "halves": _plain(judged.halves),
        "corrected": _plain(judged.corrected),
        "r_rates": _plain(judged.r_rates),
        "judged_minutes": judged.minutes,
        "judged_seed": judged.seed,
        "r_curve": [[round(s.minutes, 4), _plain(s.r)] for s in tuner.curve if np.isfinite(s.r)],
        "rate_hz": {
            "mean": _plain(judged.rates_hz.mean()),
            "min": _plain(judged.rates_hz.min()),
            "max": _plain(judged.rates_hz.max()),
            "max_1s": _plain(judged.max_1s_hz),
        },
        "baselines": {
            "wiring": _plain(wiring_baseline(connectome, target, index)),
            "linear": _plain(linear_baseline(connectome, target, index)),
            "rewired": reached("rewired"),
            "shuffled": reached("shuffled"),
        },
        "held_out": held
        and {"r": _plain(held.r), "wiring": _plain(held.wiring), "linear": _plain(held.linear), "n": held.n},
        "fcd_ks": _plain(judged.fcd_ks),
        "refits": refits
        and {
            "r": [_plain(r) for r in refits.r],
            "fc": _plain(refits.fc),
            "tracts": _plain(refits.tracts),
            "inhibition": _plain(refits.inhibition),
        },
        "n_parameters": tuner.tuning("counted").n_parameters,
        "minutes": round(tuner.minutes, 4),
        "wall_s": round(wall_s, 1),
        "unstable_steps": tuner.unstable_steps,
        "seed": tuner.scenario.seed,
    }


def _plain(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def with_provenance(tuning: Tuning, report: dict[str, Any]) -> Tuning:
    """The tuning with what it reached noted beside how it was made."""
    kept = {key: value for key, value in report.items() if key != "r_curve"}
    return replace(tuning, provenance={**tuning.provenance, "reached": kept})
