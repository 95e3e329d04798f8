"""Forecasts of several patients as one scorecard: ranks, probabilities, alarms, chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.twin.record import ClinicRecord
from engine.twin.scores import (
    AlarmIntervals,
    AlarmRecord,
    AlarmRule,
    AlarmScore,
    BrierParts,
    WarningCurve,
    alarm_intervals,
    auc,
    auc_interval,
    brier_parts,
    brier_skill,
    improvement_over_chance,
    p_binomial,
    p_shift,
    pooled,
    sample_labels,
    score_alarms,
    verdict,
    warning_curve,
    warning_windows,
)
from engine.twin.scores.alarms import union_s

__all__ = ["Judged", "alarms_of", "judge", "threshold_for"]

WARNED = 0.2
"""The part of time that alarms may take on the patients that the threshold is chosen on."""
_N_LEVELS = 200
_N_POINTS = 40


@dataclass(frozen=True)
class Judged:
    """What a forecaster is worth on patients that it has not seen.

    Attributes
    ----------
    auc : float
        Of all judged samples.
    interval : tuple of float
        95 %, whole patients drawn anew; with one patient stretches between its seizures.
    brier_skill : float
        Against always saying the rate of these patients.
    brier : BrierParts
        The Brier score and what it is made of; all nan where no moment is judged.
    alarms : AlarmScore
        Of all patients together.
    curve : WarningCurve
        Sensitivity against time in warning, over thresholds.
    intervals : AlarmIntervals
        95 %, whole patients drawn anew.
    improvement_over_chance, p_binomial, p_shift : float
        Sensitivity minus time in warning; how often random and shifted alarms do as well.
    lead_s : float
        Median time from alarm to seizure [s]; nan without hits.
    threshold : float
        Above it an alarm is raised.
    verdict : str
        One of `engine.twin.scores.verdict`.
    """

    auc: float
    interval: tuple[float, float]
    brier_skill: float
    brier: BrierParts
    alarms: AlarmScore
    curve: WarningCurve
    intervals: AlarmIntervals
    improvement_over_chance: float
    p_binomial: float
    p_shift: float
    lead_s: float
    threshold: float
    verdict: str


def alarms_of(
    record: ClinicRecord, p: NDArray[np.float64], threshold: float, rule: AlarmRule
) -> NDArray[np.float64]:
    """When alarms are raised: where the forecast reaches the threshold, once an occurrence period.

    None is raised inside a seizure.

    Parameters
    ----------
    record : ClinicRecord
    p : (n_samples,) float64
        The forecast at its samples.
    threshold : float
    rule : AlarmRule

    Returns
    -------
    ndarray
        (n_alarms,) float64 [s].
    """
    wanted = record.times_s[(p >= threshold) & ~record.is_seizure]
    alarms: list[float] = []
    while wanted.size:
        alarms.append(float(wanted[0]))
        wanted = wanted[wanted >= alarms[-1] + rule.period_s]
    return np.array(alarms)


def threshold_for(
    records: Sequence[ClinicRecord], forecasts: Sequence[NDArray[np.float64]], rule: AlarmRule
) -> float:
    """The lowest threshold with which alarms take at most `WARNED` of the time of these patients.

    Parameters
    ----------
    records : sequence of ClinicRecord
        Neither those it was trained on nor those it is judged on.
    forecasts : sequence of (n_samples,) float64
    rule : AlarmRule
    """
    levels = np.unique(np.quantile(np.concatenate(forecasts), np.linspace(0, 1, _N_LEVELS)))
    total_s = sum(r.duration_s for r in records)

    def warned(level: float) -> float:
        return (
            sum(
                union_s(warning_windows(alarms_of(r, p, level, rule), rule, r.duration_s))
                for r, p in zip(records, forecasts, strict=True)
            )
            / total_s
        )

    low, high = 0, len(levels)  # time in warning falls as the threshold rises
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if warned(float(levels[middle])) <= WARNED else (middle + 1, high)
    return float(levels[low]) if low < len(levels) else float(np.nextafter(levels[-1], np.inf))


def judge(
    records: Sequence[ClinicRecord],
    forecasts: Sequence[NDArray[np.float64]],
    threshold: float,
    rule: AlarmRule,
    seed: int,
) -> Judged:
    """Judge the forecasts of some patients together.

    Parameters
    ----------
    records : sequence of ClinicRecord
    forecasts : sequence of (n_samples,) float64
    threshold : float
        Of `threshold_for`, from other patients.
    rule : AlarmRule
    seed : int
        Of the surrogates.

    Raises
    ------
    DataError
        There is no patient, or a record is shorter than horizon and period.
    """
    if not records:
        raise DataError("forecast.records: needs at least one patient (got none).")
    labels, values, groups = [], [], []
    alarms: list[AlarmRecord] = []
    for k, (record, p) in enumerate(zip(records, forecasts, strict=True)):
        found = sample_labels(record.times_s, record.onsets_s, rule, record.ends_s)
        found[record.times_s > record.duration_s - rule.horizon_s - rule.period_s] = -1  # not known
        labels.append(found)
        values.append(p)
        stretch = np.searchsorted(np.asarray(record.onsets_s), record.times_s) if len(records) == 1 else k
        groups.append(np.broadcast_to(stretch, found.shape))
        raised = alarms_of(record, p, threshold, rule)
        alarms.append(AlarmRecord(raised, np.asarray(record.onsets_s, np.float64), record.duration_s))
    label, value = np.concatenate(labels), np.concatenate(values)
    scores = [score_alarms(*record, rule) for record in alarms]
    durations = [record.duration_s for record in alarms]
    score = pooled(scores, durations)

    def score_at(level: float) -> AlarmScore:
        raised = [alarms_of(record, p, level, rule) for record, p in zip(records, forecasts, strict=True)]
        each = zip(raised, records, strict=True)
        return pooled([score_alarms(a, r.onsets_s, r.duration_s, rule) for a, r in each], durations)

    levels = np.quantile(np.concatenate(forecasts), np.linspace(0, 1, _N_POINTS))
    shifted = p_shift(alarms, rule, seed)
    return Judged(
        auc(value, label),
        auc_interval(value, label, np.concatenate(groups), seed),
        brier_skill(value, label),
        brier_parts(value, label) if (label >= 0).any() else BrierParts(*(nan,) * 6),
        score,
        warning_curve(levels, score_at),
        alarm_intervals(scores, durations, seed),
        improvement_over_chance(score),
        p_binomial(scores),
        shifted,
        float(np.median(score.lead_s)) if score.lead_s else nan,
        threshold,
        verdict(score, shifted),
    )
