"""The twin's futures, and a forecaster that weighs them."""

from __future__ import annotations

import numpy as np
import pytest

from engine import preset
from engine.brain.connectome import load_connectome
from engine.errors import DataError
from engine.twin.forecast import FORECASTERS, forecast_of
from engine.twin.forecast.futures import live_futures
from engine.twin.patients import group_of
from engine.twin.record import ClinicRecord
from engine.twin.scores import AlarmRule, auc, sample_labels

RULE = AlarmRule(3.0, 20.0)


def ramping(name: str, seed: int, n: int = 500, n_sites: int = 3, period: float = 90.0) -> ClinicRecord:
    """A signal that climbs from one seizure to the next, which are unevenly apart."""
    rng = np.random.default_rng(seed)
    level, onsets, last, following = np.zeros(n), [], 0.0, period * rng.uniform(0.3, 1.7)
    for k in range(n):
        if k + 1 > following:
            onsets.append(following)
            last, following = following, following + period * rng.uniform(0.3, 1.7)
        level[k] = (k + 1 - last) / (following - last)
    observed = np.exp(1.0 + level[:, None] + 0.3 * rng.normal(size=(n, n_sites)))
    kept = [one for one in onsets if one < n - 3]
    return ClinicRecord(name, 1.0, observed, tuple(kept), tuple(one + 2.0 for one in kept))


def ahead_of(futures, record: ClinicRecord) -> np.ndarray:
    forecaster = FORECASTERS["look_ahead"].make(RULE)
    forecaster.train([ramping("trained", 1), ramping("another", 2)], futures)
    return forecast_of(forecaster, record)


def area(record: ClinicRecord, said: np.ndarray) -> float:
    return auc(said, sample_labels(record.times_s, record.onsets_s, RULE, record.ends_s))


FUTURES = [ramping(f"future {k}", 10 + k, 300) for k in range(4)]


def test_futures_that_live_as_the_patient_does_foresee_and_others_do_not():
    record = ramping("judged", 20)
    said = ahead_of(FUTURES, record)
    assert ((said >= 0) & (said <= 1)).all()
    assert area(record, said) > 0.85
    rng = np.random.default_rng(3)
    blind = [
        ClinicRecord(one.patient, 1.0, rng.permutation(one.observed), one.onsets_s, one.ends_s)
        for one in FUTURES
    ]
    assert area(record, ahead_of(blind, record)) < area(record, said) - 0.2


def test_a_forecast_knows_nothing_of_later_samples():
    record = ramping("judged", 21)
    n = sum(end <= 200.0 for end in record.ends_s)
    early = ClinicRecord("judged", 1.0, record.observed[:200], record.onsets_s[:n], record.ends_s[:n])
    np.testing.assert_array_equal(ahead_of(FUTURES, early), ahead_of(FUTURES, record)[:200])


def test_a_patient_whose_sites_are_louder_is_told_from_its_own_mean():
    record = ramping("judged", 22)
    louder = ClinicRecord("louder", 1.0, 3.0 * record.observed, record.onsets_s, record.ends_s)
    assert area(louder, ahead_of(FUTURES, louder)) > 0.65


def test_without_futures_or_with_other_sites_it_says_so():
    forecaster = FORECASTERS["look_ahead"].make(RULE)
    with pytest.raises(DataError, match=r"look_ahead: needs futures of the twin \(got none\)"):
        forecaster.train([ramping("trained", 1)])
    with pytest.raises(DataError, match=r"sites of the patients \(got 2 and 3\)"):
        forecaster.train([ramping("trained", 1)], [ramping("future", 2, n_sites=2)])


@pytest.mark.slow
def test_futures_begin_at_one_moment_each_with_its_own_noise_and_follow_from_the_seed():
    whole = preset("temporal-lobe-epilepsy")
    group = group_of(whole, load_connectome(whole.connectome))
    (one, two), (again, _) = (
        live_futures(group, ("build_up",), 0, 5, n=2, seconds=8)["build_up"] for _ in range(2)
    )
    np.testing.assert_array_equal(one.rates_hz, again.rates_hz)
    assert one.person is two.person
    assert one.brink == two.brink
    assert not np.array_equal(one.rates_hz, two.rates_hz)
