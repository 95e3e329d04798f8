"""Forecasts are judged as the field judges, and nothing is better than chance by chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from engine.errors import DataError
from engine.twin.scores import (
    BETTER,
    NO_BETTER,
    TOO_FEW,
    AlarmRecord,
    AlarmRule,
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
    score_events,
    verdict,
    warning_curve,
)

DAY = 86_400.0
RULE = AlarmRule(300.0, 600.0)


def test_the_worked_case():
    """24 h, three seizures, three alarms: the case that the definitions are written down with."""
    score = score_alarms([3000.0, 6900.0, 12_000.0], [3600.0, 7200.0, 18_000.0], DAY, RULE)
    assert (score.n_hits, score.n_false, score.n_seizures - score.n_hits) == (2, 1, 1)
    assert score.sensitivity == pytest.approx(2 / 3)
    assert score.specificity == pytest.approx(135 / 136)
    assert score.lead_s == (600.0, 300.0)
    assert score.time_in_warning == pytest.approx(3 * 600.0 / DAY)
    assert score.false_per_h == pytest.approx(1 / ((DAY - 3 * 1500.0) / 3600.0))
    assert improvement_over_chance(score) == pytest.approx(2 / 3 - 1800.0 / DAY)
    assert p_binomial([score]) == pytest.approx(1 - binom.cdf(1, 3, 1800.0 / DAY))


@pytest.mark.parametrize(("alarm", "is_hit"), [(99.9, False), (100.0, True), (700.0, True), (700.1, False)])
def test_the_edges_of_a_warning(alarm, is_hit):
    assert score_alarms([alarm], [1000.0], 2000.0, RULE).n_hits == is_hit


def test_windows_that_overlap_warn_once_and_end_with_the_record():
    score = score_alarms([0.0, 100.0, 1500.0], [], 2000.0, RULE)
    assert score.time_in_warning == pytest.approx((700.0 + 200.0) / 2000.0)
    assert math.isnan(score.sensitivity)
    assert (score.n_false, score.lead_s) == (3, ())
    assert score_alarms([], [500.0], 2000.0, RULE).time_in_warning == 0.0


@pytest.mark.parametrize(("horizon", "period"), [(-1.0, 10.0), (0.0, 0.0), (math.inf, 1.0), (0.0, math.nan)])
def test_a_rule_that_cannot_be_is_refused(horizon, period):
    with pytest.raises(DataError, match=r"forecast\.horizon: must be at least 0 s"):
        AlarmRule(horizon, period)


def test_a_horizon_longer_than_the_record_is_refused():
    with pytest.raises(DataError, match=r"must be shorter than the record.*\(got 300 \+ 600 s for 900 s\)"):
        score_alarms([1.0], [2.0], 900.0, RULE)


def test_alarms_at_random_reach_their_time_in_warning():
    rng = np.random.default_rng(1)
    score = score_alarms(rng.uniform(0, 100 * DAY, 2000), rng.uniform(DAY, 99 * DAY, 4000), 100 * DAY, RULE)
    assert score.sensitivity == pytest.approx(score.time_in_warning, abs=4 * math.sqrt(0.25 / 4000))


def test_a_forecast_that_knows_nothing_is_better_than_chance_as_often_as_the_level_says():
    """Both clustered: alarms come in bursts and seizures too, which the shifts keep."""
    n, verdicts = 200, []
    for seed in range(n):
        rng = np.random.default_rng(seed)
        onsets = np.sort((rng.uniform(0, DAY, 6)[:, None] + rng.exponential(1500.0, (6, 3))).ravel() % DAY)
        alarms = (rng.uniform(0, DAY, 15)[:, None] + rng.exponential(900.0, (15, 4))).ravel() % DAY
        score = score_alarms(alarms, onsets, DAY, RULE)
        verdicts.append(verdict(score, p_shift([AlarmRecord(alarms, onsets, DAY)], RULE, seed, 199)))
    n_better = verdicts.count(BETTER)
    assert n_better + verdicts.count(NO_BETTER) == n
    assert n_better <= binom.ppf(0.999, n, 0.05)


def test_a_forecast_that_knows_is_better_than_chance():
    onsets = np.arange(1, 11) * 7000.0
    alarms = np.concatenate([onsets - 700.0, [1000.0, 30_000.0]])
    score = score_alarms(alarms, onsets, DAY, RULE)
    p = p_shift([AlarmRecord(alarms, onsets, DAY)], RULE, 1)
    assert score.sensitivity == 1.0
    assert p < 0.2  # equal distances: every shift by 7000 s reaches nearly as much, and is counted
    rng = np.random.default_rng(3)
    onsets = np.sort(rng.uniform(1000.0, DAY, 10))
    alarms = np.concatenate([onsets - 700.0, [1000.0, 30_000.0]])
    p = p_shift([AlarmRecord(alarms, onsets, DAY)], RULE, 1)
    assert p <= 0.01
    assert verdict(score_alarms(alarms, onsets, DAY, RULE), p) == BETTER
    assert verdict(score_alarms(alarms[:3], onsets[:3], DAY, RULE), 0.001) == TOO_FEW


def test_labels_say_what_came_after():
    labels = sample_labels([0.0, 100.0, 400.0, 700.0, 1050.0, 1051.0], [1000.0], RULE, [1050.0])
    assert labels.tolist() == [0, 1, 1, 1, -1, 0]


def test_auc_ranks_and_halves_ties():
    labels = [0, 0, 1, 1]
    assert auc([0.1, 0.2, 0.8, 0.9], labels) == 1.0
    assert auc([0.9, 0.8, 0.2, 0.1], labels) == 0.0
    assert auc([0.5] * 4, labels) == 0.5
    assert auc([0.1, 0.8, 0.8, 0.9, 5.0], [*labels, -1]) == pytest.approx(3.5 / 4)
    assert math.isnan(auc([0.1, 0.2], [0, 0]))


def test_the_interval_of_an_auc_holds_the_truth_as_often_as_it_says():
    truth, held, n = 0.7602, 0, 60  # of two normal distributions one sd apart: Phi(1 / sqrt 2)
    for seed in range(n):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(30), 12)
        labels = rng.integers(0, 2, groups.size)
        p = rng.normal(size=groups.size) + labels
        low, high = auc_interval(p, labels, groups, seed, 100)
        held += low <= truth <= high
    assert held >= binom.ppf(0.001, n, 0.95)


def test_samples_that_say_the_same_widen_the_interval():
    rng = np.random.default_rng(5)
    groups, labels = np.repeat(np.arange(20), 30), np.tile([0, 1], 300)
    p = np.repeat(rng.normal(size=20), 30) + 0.8 * labels * np.repeat(rng.normal(1, 2, 20), 30)
    low, high = auc_interval(p, labels, groups, 1)
    alone_low, alone_high = auc_interval(p, labels, np.arange(600) // 3, 1)
    assert high - low > 1.5 * (alone_high - alone_low)
    assert all(map(math.isnan, auc_interval(p, labels, np.zeros(600), 1)))


def test_the_parts_of_a_brier_score_add_up():
    rng = np.random.default_rng(2)
    p = rng.beta(1, 5, 3000)
    labels = (rng.random(3000) < p**1.3).astype(int)
    labels[::7] = -1
    parts = brier_parts(p, labels)
    whole = parts.reliability - parts.resolution + parts.uncertainty + parts.within - parts.covaried
    assert whole == pytest.approx(parts.score, rel=1e-12)
    assert brier_skill(p, labels) == pytest.approx(1 - parts.score / parts.uncertainty, rel=1e-12)
    constant = np.full(3000, labels[labels >= 0].mean())
    assert brier_skill(constant, labels) == pytest.approx(0.0, abs=1e-12)
    assert brier_parts(constant, labels).resolution == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(DataError, match="got none"):
        brier_parts(p, np.full(3000, -1))


def curve_of(times, p, onsets, rule):
    levels = np.quantile(p, np.linspace(0, 1, 50))
    return warning_curve(levels, lambda level: score_alarms(times[p >= level], onsets, 20 * DAY, rule))


def test_intervals_of_alarms_hold_their_values_and_narrow_with_patients():
    rng = np.random.default_rng(6)
    scores, durations = [], []
    for _ in range(40):
        onsets = np.sort(rng.uniform(1000.0, DAY, 8))
        alarms = np.sort(np.concatenate([onsets[rng.random(8) < 0.6] - 500.0, rng.uniform(0, DAY, 5)]))
        scores.append(score_alarms(alarms, onsets, DAY, RULE))
        durations.append(DAY)
    widths = []
    for n in (8, 40):
        found = alarm_intervals(scores[:n], durations[:n], 3)
        score = pooled(scores[:n], durations[:n])
        assert found.sensitivity[0] < score.sensitivity < found.sensitivity[1]
        low, high = found.improvement_over_chance
        assert 0.0 < low < improvement_over_chance(score) < high
        widths.append(high - low)
    assert widths[1] < 0.7 * widths[0]
    assert all(math.isnan(x) for ends in alarm_intervals(scores[:1], durations[:1], 3) for x in ends)


def test_a_warning_curve_of_noise_follows_chance_and_one_of_knowledge_lies_above():
    rng = np.random.default_rng(4)
    times = np.arange(0.0, 20 * DAY, 60.0)
    onsets = np.sort(rng.uniform(DAY, 20 * DAY, 300))
    rule = AlarmRule(0.0, 600.0)
    noise = curve_of(times, rng.random(times.size), onsets, rule)
    assert noise.area == pytest.approx(0.0, abs=0.05)
    knows = sample_labels(times, onsets, rule) + rng.normal(0, 0.3, times.size)
    curve = curve_of(times, knows, onsets, rule)
    assert curve.area > 0.3
    assert curve.sensitivity_at(0.2) > 0.7
    assert curve.time_at(0.75) < 0.3
    assert (np.diff(curve.time_in_warning) >= 0).all()
    assert (curve.time_in_warning[0], curve.time_in_warning[-1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    "events", [[(5.0, 5.0)], [(10.0, 5.0)], [(10.0, 20.0), (15.0, 30.0)], [(-1.0, 3.0)], [(90.0, 101.0)]]
)
def test_events_that_cannot_be_are_refused(events):
    with pytest.raises(DataError, match="true: events must follow one another within 100 s"):
        score_events(events, [], 100.0)
