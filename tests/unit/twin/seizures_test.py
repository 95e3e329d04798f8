"""Seizures in made-up rates."""

from __future__ import annotations

import numpy as np
import pytest

from engine import ParameterError
from engine.twin.seizures import SeizureRule, burst_times, find_seizures, ictal

BIN_S = 0.1
RNG = np.random.default_rng(3)


def resting(seconds: float, n_regions: int = 4) -> np.ndarray:
    """Rates of 4 Hz with the noise of 80 neurons."""
    shape = (round(seconds / BIN_S), n_regions)
    return RNG.poisson(4.0 * 80 * BIN_S, shape) / (80 * BIN_S)


def span(begin: float, end: float) -> slice:
    return slice(round(begin / BIN_S), round(end / BIN_S))


def test_a_resting_brain_has_none():
    assert find_seizures(resting(300.0), BIN_S) == ()
    assert find_seizures(np.zeros((0, 3)), BIN_S) == ()


def test_onset_end_and_recruitment_are_those_that_were_put_in():
    rates = resting(120.0)
    for region, begin, end in ((2, 40.0, 62.0), (0, 43.0, 60.0), (3, 48.0, 55.0)):
        rates[span(begin, end), region] = 60.0
    (seizure,) = find_seizures(rates, BIN_S)
    assert seizure.onset_s == pytest.approx(40.0, abs=0.5)
    assert seizure.end_s == pytest.approx(62.0, abs=0.5)
    assert seizure.duration_s == pytest.approx(22.0, abs=1.0)
    assert list(seizure.recruited) == [2, 0, 3]
    np.testing.assert_allclose(seizure.latency_s[[2, 0, 3]], [0.0, 3.0, 8.0], atol=0.2)
    assert np.isnan(seizure.latency_s[1])


def test_clonic_bursts_are_one_seizure_and_a_silence_makes_two():
    rates = resting(100.0)
    for begin in (10.0, 13.0, 16.5, 20.5, 60.0, 63.0, 66.0):
        rates[span(begin, begin + 0.8), 1] = 80.0
    first, second = find_seizures(rates, BIN_S)
    assert (round(first.onset_s), round(first.end_s)) == (10, 22)
    assert (round(second.onset_s), round(second.end_s)) == (60, 67)


def test_a_single_discharge_is_no_seizure():
    rates = resting(60.0)
    rates[span(20.0, 21.0), 0] = 90.0
    assert ictal(rates, BIN_S).any()
    assert find_seizures(rates, BIN_S) == ()
    assert len(find_seizures(rates, BIN_S, SeizureRule(least_s=0.5))) == 1


def test_the_same_whatever_the_bins():
    fine = np.full((6000, 2), 4.0)
    fine[2000:4000, 0] = 50.0
    fine[2500:4000, 1] = 50.0
    coarse = fine.reshape(-1, 10, 2).mean(axis=1)
    for rates, bin_s in ((fine, 0.01), (coarse, 0.1)):
        (seizure,) = find_seizures(rates, bin_s)
        assert seizure.onset_s == pytest.approx(20.0, abs=0.5)
        assert seizure.latency_s[1] == pytest.approx(5.0, abs=0.11)


def test_bursts_that_slow_down_are_found_where_they_begin():
    rate = np.full(600, 2.0)
    begins = [10.0, 11.0, 12.5, 14.7, 18.0]
    for begin in begins:
        rate[span(begin, begin + 0.4)] = 70.0
        rate[round(begin / BIN_S) + 1] = 40.0  # a dip inside a burst begins no other
    np.testing.assert_allclose(burst_times(rate, BIN_S, 50.0, 10.0), begins, atol=1e-9)
    assert burst_times(np.full(20, 70.0), BIN_S, 50.0, 10.0).tolist() == [0.0]
    assert burst_times(np.full(20, 3.0), BIN_S, 50.0, 10.0).size == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: find_seizures(np.zeros(5), BIN_S), r"rates_hz: must be finite numbers of the shape"),
        (lambda: find_seizures(np.full((3, 2), np.nan), BIN_S), "rates_hz: must be finite"),
        (lambda: find_seizures(np.zeros((5, 2)), 0.0), "bin_s: must be above 0 s"),
        (lambda: burst_times(np.zeros(5), BIN_S, 5.0, 5.0), "low_hz: must be below high_hz = 5 Hz"),
    ],
)
def test_what_makes_no_sense_is_refused(call, said):
    with pytest.raises(ParameterError, match=said):
        call()
