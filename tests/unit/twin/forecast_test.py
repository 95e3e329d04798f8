"""Forecasters learn what there is to know, and say so where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, kstest

from engine.errors import DataError, ParameterError
from engine.twin.forecast import FEATURES, FORECASTERS, Features, alarms_of, forecast_of, judge, threshold_for
from engine.twin.forecast.readout import Readout
from engine.twin.record import ClinicRecord
from engine.twin.scores import BETTER, NO_BETTER, TOO_FEW, AlarmRule, sample_labels
from tests.hazard_patients import patient

RULE = AlarmRule(10.0, 120.0)
TRAINED, CHOSEN, JUDGED, FUTURES = range(4), range(10, 13), range(20, 26), range(30, 34)


def judged(kind, name, judged_on=JUDGED):
    """A forecaster trained, given its threshold and judged on patients of one kind, each time on others."""
    forecaster = FORECASTERS[name].make(RULE)
    futures = [patient(kind, seed, 0.7) for seed in FUTURES]
    forecaster.train([patient(kind, seed) for seed in TRAINED], futures)
    choose = [patient(kind, seed) for seed in CHOSEN]
    threshold = threshold_for(choose, [forecast_of(forecaster, r) for r in choose], RULE)
    records = [patient(kind, seed) for seed in judged_on]
    return judge(records, [forecast_of(forecaster, r) for r in records], threshold, RULE, 1)


@pytest.fixture(scope="module")
def build_up():
    return {kind.name: judged("build-up", kind.name) for kind in FORECASTERS}


def test_onsets_of_a_constant_hazard_are_poisson():
    onsets = np.concatenate([np.diff(patient("noise-driven", seed, 6.0).onsets_s) for seed in range(8)])
    assert onsets.size > 200
    assert kstest(onsets - 22.0, "expon", args=(0, 600.0)).pvalue > 0.001
    assert kstest(onsets - 22.0, "expon", args=(0, 900.0)).pvalue < 0.05


@pytest.mark.slow
def test_what_builds_up_is_foreseen_and_the_oracle_is_the_ceiling(build_up):
    assert build_up["readout"].verdict == BETTER
    assert build_up["early_warning"].verdict == BETTER
    assert build_up["look_ahead"].verdict == BETTER
    assert build_up["readout"].interval[0] > 0.5
    assert build_up["look_ahead"].interval[0] > 0.5
    assert build_up["oracle"].auc > build_up["look_ahead"].auc
    assert build_up["look_ahead"].brier_skill > 0
    assert build_up["oracle"].auc >= build_up["readout"].auc - 0.02
    assert build_up["oracle"].auc > build_up["early_warning"].auc
    assert build_up["readout"].brier_skill > 0
    assert RULE.horizon_s <= build_up["readout"].lead_s <= RULE.horizon_s + RULE.period_s


@pytest.mark.slow
def test_a_rate_alone_ranks_nothing_and_a_period_something(build_up):
    assert build_up["poisson"].auc < 0.5  # the rate is highest after a seizure, when none comes
    assert abs(build_up["poisson"].brier_skill) < 0.05
    assert build_up["periodic"].auc > 0.6  # seizures of this patient are some ten minutes apart
    assert build_up["persistence"].auc > 0.5


@pytest.mark.slow
def test_alarms_take_the_time_they_were_given(build_up):
    for name in ("readout", "early_warning", "oracle"):
        assert build_up[name].alarms.time_in_warning == pytest.approx(0.2, abs=0.08), name


@pytest.mark.slow
def test_noise_is_better_than_chance_as_often_as_the_level_says():
    """A hundred patients without any warning, each judged alone: false positives within their band."""
    n = 100
    forecaster = FORECASTERS["readout"].make(RULE)
    forecaster.train([patient("noise-driven", seed) for seed in TRAINED])
    choose = [patient("noise-driven", seed) for seed in CHOSEN]
    threshold = threshold_for(choose, [forecast_of(forecaster, r) for r in choose], RULE)
    verdicts = []
    for seed in range(100, 100 + n):
        record = patient("noise-driven", seed)
        verdicts.append(judge([record], [forecast_of(forecaster, record)], threshold, RULE, seed).verdict)
    n_enough = n - verdicts.count(TOO_FEW)
    assert n_enough > 0.8 * n
    assert verdicts.count(BETTER) <= binom.ppf(0.99, n_enough, 0.05)


@pytest.mark.slow
def test_noise_together_is_no_better_than_chance():
    found = judged("noise-driven", "readout")
    assert found.verdict == NO_BETTER
    assert found.interval[0] < 0.5 < found.interval[1]


def test_a_forecast_knows_nothing_of_what_comes_later():
    forecaster = FORECASTERS["readout"].make(RULE)
    forecaster.train([patient("build-up", seed, 1.0) for seed in TRAINED])
    whole = patient("build-up", 30, 1.0)
    half = len(whole.observed) // 2
    cut_s = half * whole.interval_s
    begun = [k for k, t in enumerate(whole.onsets_s) if t <= cut_s]
    part = ClinicRecord(
        whole.patient,
        whole.interval_s,
        whole.observed[:half],
        tuple(whole.onsets_s[k] for k in begun),
        tuple(whole.ends_s[k] for k in begun),
        whole.hidden[:half],
    )
    np.testing.assert_array_equal(forecast_of(forecaster, whole)[:half], forecast_of(forecaster, part))


def test_variance_and_autocorrelation_are_those_of_the_signal():
    rng = np.random.default_rng(3)
    found = {}
    for a in (0.2, 0.8):
        features, x, kept = Features(1.0, 1), 0.0, []
        for k in range(3000):
            x = a * x + 0.1 * rng.normal()
            vector = features.step(np.array([np.exp(x)]), False)
            if k > 300:
                kept.append(vector)
        means = dict(zip(FEATURES, np.mean(kept, axis=0), strict=True))
        found[a] = (np.exp(means["variance"]), means["autocorrelation"])
        assert np.exp(means["variance"]) == pytest.approx(0.01 / (1 - a * a), rel=0.4)  # the floor, the trend
        assert means["autocorrelation"] == pytest.approx(a, abs=0.15)
    assert found[0.8] > found[0.2]


def test_a_readout_finds_the_weights_and_goes_on_to_the_same_ones():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(20_000, 2)) * [1.0, 5.0]
    y = (rng.random(20_000) < 1 / (1 + np.exp(1.0 - 1.5 * x[:, 0]))).astype(float)
    readout = Readout(2, 1.0)
    readout.train(x, y)
    slope = readout.weights[1:] / readout._scale
    np.testing.assert_allclose(slope, [1.5, 0.0], atol=0.1)
    half = Readout(2, 1.0)
    half.train(x[:2000], y[:2000])
    online = half.copy()
    for row, outcome in zip(x[2000:], y[2000:], strict=True):
        online.learn(row, outcome)
    test = rng.normal(size=(500, 2)) * [1.0, 5.0]
    np.testing.assert_allclose(online.probability(test), readout.probability(test), atol=0.03)
    assert not np.allclose(half.weights, online.weights)


def test_alarms_come_once_a_period_and_never_in_a_seizure():
    record = patient("build-up", 1, 1.0)
    alarms = alarms_of(record, np.ones(len(record.observed)), 0.5, RULE)
    assert np.diff(alarms).min() >= RULE.period_s
    assert not np.isin(alarms, record.times_s[record.is_seizure]).any()


def test_bad_input_is_one_sentence():
    good = patient("build-up", 1, 0.5)
    with pytest.raises(DataError, match="seizures must follow one another"):
        ClinicRecord("p", 1.0, good.observed, (10.0, 5.0), (12.0, 7.0))
    with pytest.raises(DataError, match="p: must have finite samples of at least one site"):
        ClinicRecord("p", 1.0, np.full((5, 1), np.nan), (), ())
    with pytest.raises(DataError, match="interval must be above 0 s"):
        ClinicRecord("p", 0.0, good.observed, (), ())
    with pytest.raises(ParameterError, match="forecaster: must be a known one"):
        FORECASTERS["crystal ball"]
    with pytest.raises(DataError, match="needs at least one patient"):
        judge([], [], 0.5, RULE, 1)
    with pytest.raises(DataError, match="must be shorter than the record"):
        judge([good], [np.zeros(len(good.observed))], 0.5, AlarmRule(1000.0, 900.0), 1)


def test_a_moment_inside_a_seizure_is_not_judged():
    record = patient("build-up", 2, 1.0)
    labels = sample_labels(record.times_s, record.onsets_s, RULE, record.ends_s)
    assert set(np.unique(labels)) == {-1, 0, 1}
    np.testing.assert_array_equal(labels == -1, record.is_seizure)
