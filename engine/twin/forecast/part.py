"""The forecast of a trial: spiking patients of every kind, each forecaster trained, chosen and judged.

Nobody is trained, chosen and judged on the same patient. A clock that stands still in a seizure and in the
recovery after it, see `engine.twin.patients.life.record_of`, is the clock of every number here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from engine.codesign.workers import Check, Work, run_all
from engine.progress import part_of
from engine.twin.forecast.forecaster import Forecaster, forecast_of
from engine.twin.forecast.forecasters import FORECASTERS
from engine.twin.forecast.futures import live_futures
from engine.twin.forecast.judgement import Judged, alarms_of, judge, threshold_for
from engine.twin.patients import PATIENT_KINDS, SITES, Life, group_of, kept_samples, live, record_of
from engine.twin.patients.brain import FOCI
from engine.twin.patients.life import INTERVAL_S
from engine.twin.record import ClinicRecord
from engine.twin.scores import BETTER, TOO_FEW, AlarmRule
from engine.twin.scores.verdict import LEVEL
from engine.twin.trial.part import Trial

__all__ = ["MAIN_FORECASTER", "MAIN_KIND", "RULE", "Cohort", "false_positives", "forecast", "lives_of"]

RULE = AlarmRule(3.0, 20.0)
MAIN_KIND, MAIN_FORECASTER = "build_up", "readout"
NULLS = ("poisson", "periodic", "persistence")

_SECONDS = 600
_N_TRAIN, _N_CHOOSE = 4, 3
_SHARE_LIVING = 0.95
_BAND = 0.99


@dataclass(frozen=True)
class Cohort:
    """The patients of one kind.

    Attributes
    ----------
    train, choose, judged : tuple of Life
        To train forecasters on, to choose thresholds on, and to judge on.
    futures : tuple of Life
        Of the twin, which is no patient.
    """

    train: tuple[Life, ...]
    choose: tuple[Life, ...]
    judged: tuple[Life, ...]
    futures: tuple[Life, ...] = ()


def lives_of(
    trial: Trial, seconds: int = _SECONDS, kinds: Sequence[str] = PATIENT_KINDS.names
) -> dict[str, Cohort]:
    """Let the patients of a trial live, by kind, and the twin its futures.

    Parameters
    ----------
    trial : Trial
    seconds : int
        Of each patient's record.
    kinds : sequence of str
        Of `PATIENT_KINDS`.
    """
    group = group_of(trial.scenario, trial.connectome)
    sizes = _N_TRAIN, _N_CHOOSE, trial.patients
    asked = [
        (kind, (trial.seed, role, k)) for kind in kinds for role, n in enumerate(sizes) for k in range(n)
    ]

    def ahead(focus: int, check: Check) -> dict[str, tuple[Life, ...]]:
        return live_futures(group, kinds, focus, trial.seed, check=check)

    def lived(kind: str, seed: tuple[int, ...], check: Check) -> Life:
        return live(group, kind, seed, seconds, check)

    jobs: list[tuple[str, Work]] = [
        (f"the twin lives ahead, focus {' and '.join(FOCI[k])}", partial(ahead, k)) for k in range(len(FOCI))
    ]
    jobs += [
        (f"a {PATIENT_KINDS[kind].label.lower()} patient lives", partial(lived, kind, seed))
        for kind, seed in asked
    ]
    done = run_all(jobs, trial.workers, part_of(trial.progress, 0.0, _SHARE_LIVING))
    futures, lives = done[: len(FOCI)], done[len(FOCI) :]

    def of_role(kind: str, role: int) -> tuple[Life, ...]:
        return tuple(
            life for (name, seed), life in zip(asked, lives, strict=True) if (name, seed[1]) == (kind, role)
        )

    return {
        kind: Cohort(
            of_role(kind, 0),
            of_role(kind, 1),
            of_role(kind, 2),
            tuple(life for of_focus in futures for life in of_focus[kind]),
        )
        for kind in kinds
    }


def false_positives(trial: Trial) -> dict[str, dict[str, Any]]:
    """How often forecasts of noise-driven patients, each judged alone, are called better than chance.

    Parameters
    ----------
    trial : Trial
        Its patients are all noise-driven; those with too few seizures are judged by nobody.

    Returns
    -------
    dict of str to dict
        By name of the forecaster, without the oracle: `n_patients`, `n_better`, `rate`, `level`, `most` that
        are to be expected of forecasts that know nothing, `is_within`.
    """
    kind = "noise_driven"
    cohort = lives_of(trial, kinds=(kind,))[kind]
    names = [one.name for one in FORECASTERS if one.role != "oracle"]

    def judged(name: str, check: Check) -> dict[str, Any]:
        return _false_positives(_found(cohort, name, trial.seed, check), trial.seed)

    jobs: list[tuple[str, Work]] = [
        (f"{FORECASTERS[name].label} is judged", partial(judged, name)) for name in names
    ]
    results = run_all(jobs, trial.workers, part_of(trial.progress, _SHARE_LIVING, 1.0))
    return dict(zip(names, results, strict=True))


def forecast(trial: Trial) -> dict[str, Any]:
    """Judge every forecaster on every kind of patient.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    dict
        Plain values; see the scorecard. The first of them are those of the streaming readout on patients
        whose inhibition wears down; `by_patient_kind` has all kinds and all forecasters.
    """
    cohorts = lives_of(trial)
    asked = [(kind, one.name) for kind in cohorts for one in FORECASTERS]

    def judged(kind: str, name: str, check: Check) -> _Found:
        return _found(cohorts[kind], name, trial.seed, check)

    jobs = [(f"{FORECASTERS[name].label} is judged", partial(judged, kind, name)) for kind, name in asked]
    results = run_all(jobs, trial.workers, part_of(trial.progress, _SHARE_LIVING, 1.0))
    found = dict(zip(asked, results, strict=True))
    by_kind = {
        kind: _of_kind(cohort, {one.name: found[kind, one.name] for one in FORECASTERS})
        for kind, cohort in cohorts.items()
    }
    noise = found["noise_driven", MAIN_FORECASTER]
    return {
        **by_kind[MAIN_KIND],
        "patient_kind": MAIN_KIND,
        "forecaster": MAIN_FORECASTER,
        "horizon_s": RULE.horizon_s,
        "occurrence_s": RULE.period_s,
        "units": {"times": "s, clock at rest in seizures and recovery", "rates": "Hz", "chloride": "mM"},
        "patients": {"train": _N_TRAIN, "choose": _N_CHOOSE, "judge": trial.patients},
        "time": "compressed: seizures are a minute or two apart, not days",
        "false_positive_rate": _false_positives(noise, trial.seed),
        "by_patient_kind": by_kind,
    }


@dataclass(frozen=True, eq=False)
class _Found:
    judged: Judged
    records: tuple[ClinicRecord, ...]
    forecasts: tuple[NDArray[np.float64], ...]


def _found(cohort: Cohort, name: str, seed: int, check: Check) -> _Found:
    forecaster = FORECASTERS[name].make(RULE)
    futures = [record_of(life) for life in cohort.futures]
    forecaster.train([record_of(life) for life in cohort.train], futures)
    choose = [record_of(life) for life in cohort.choose]
    threshold = threshold_for(choose, _said(forecaster, choose, check), RULE)
    records = [record_of(life) for life in cohort.judged]
    forecasts = _said(forecaster, records, check)
    return _Found(judge(records, forecasts, threshold, RULE, seed), tuple(records), tuple(forecasts))


def _said(forecaster: Forecaster, records: Sequence[ClinicRecord], check: Check) -> list[NDArray[np.float64]]:
    said = []
    for record in records:
        check()
        said.append(forecast_of(forecaster, record))
    return said


def _of_kind(cohort: Cohort, found: dict[str, _Found]) -> dict[str, Any]:
    """What the scorecard has of one kind of patient."""
    main = found[MAIN_FORECASTER]
    sample = {**_sample(main.judged), "oracle_auc": _plain(found["oracle"].judged.auc)}
    alone = {
        name: {
            "role": FORECASTERS[name].role,
            **_sample(one.judged),
            **_alarm(one.judged),
            **_parts(one.judged),
            "verdict": one.judged.verdict,
        }
        for name, one in found.items()
    }
    return {
        "sample": sample,
        "alarm": _alarm(main.judged),
        "null": {name: alone[name] for name in NULLS},
        "verdict": main.judged.verdict,
        "forecasters": alone,
        "example": _example(cohort.judged[0], main),
    }


def _plain(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None


def _sample(judged: Judged) -> dict[str, Any]:
    return {
        "auc": _plain(judged.auc),
        "interval": [_plain(value) for value in judged.interval],
        "brier_skill": _plain(judged.brier_skill),
    }


def _alarm(judged: Judged) -> dict[str, Any]:
    score = judged.alarms
    return {
        "sensitivity": _plain(score.sensitivity),
        "sensitivity_interval": [_plain(value) for value in judged.intervals.sensitivity],
        "time_in_warning": _plain(score.time_in_warning),
        "improvement_over_chance": _plain(judged.improvement_over_chance),
        "improvement_interval": [_plain(value) for value in judged.intervals.improvement_over_chance],
        "p_binomial": _plain(judged.p_binomial),
        "p_shift": _plain(judged.p_shift),
        "false_alarms_per_h": _plain(score.false_per_h),
        "lead_s": _plain(judged.lead_s),
        "n_seizures": score.n_seizures,
        "threshold": _plain(judged.threshold),
    }


def _parts(judged: Judged) -> dict[str, Any]:
    """What the Brier score is made of, and what other thresholds would have given."""
    return {
        "brier": {name: _plain(value) for name, value in judged.brier._asdict().items()},
        "curve": {
            "time_in_warning": [_plain(value, 3) for value in judged.curve.time_in_warning],
            "sensitivity": [_plain(value, 3) for value in judged.curve.sensitivity],
        },
    }


def _false_positives(noise: _Found, seed: int) -> dict[str, Any]:
    """Every noise-driven patient judged alone: how often a forecast of nothing is called one."""
    verdicts = [
        judge([record], [said], noise.judged.threshold, RULE, seed + k).verdict
        for k, (record, said) in enumerate(zip(noise.records, noise.forecasts, strict=True))
    ]
    n = len(verdicts) - verdicts.count(TOO_FEW)
    n_better, most = verdicts.count(BETTER), int(binom.ppf(_BAND, n, LEVEL)) if n else 0
    return {
        "n_patients": n,
        "n_better": n_better,
        "rate": _plain(n_better / n) if n else None,
        "level": LEVEL,
        "most": most,
        "is_within": n_better <= most,
    }


def _example(life: Life, found: _Found) -> dict[str, Any]:
    """Traces of the first judged patient on the clock of the wall, for pictures."""
    kept, _, _ = kept_samples(life)
    record, said = found.records[0], found.forecasts[0]
    times = np.flatnonzero(kept) + 1.0
    probability: list[float | None] = [None] * len(kept)
    for place, p in zip(np.flatnonzero(kept), said, strict=True):
        probability[int(place)] = round(float(p), 3)
    alarms = alarms_of(record, said, found.judged.threshold, RULE)
    return {
        "patient": life.name,
        "focus": list(life.person.focus),
        "interval_s": INTERVAL_S,
        "sites": {
            site: np.round(rate, 1).tolist() for site, rate in zip(SITES, life.observed.T, strict=True)
        },
        "hidden": np.round(life.hidden, 3).tolist(),
        "chloride_mM": np.round(life.chloride, 2).tolist(),
        "probability": probability,
        "threshold": _plain(found.judged.threshold),
        "alarms_s": [float(times[round(at / record.interval_s) - 1]) for at in alarms],
        "seizures_s": [[round(s.onset_s, 1), round(s.end_s, 1)] for s in life.seizures],
        "recruited": [[life.labels[k] for k in s.recruited] for s in life.seizures],
    }
