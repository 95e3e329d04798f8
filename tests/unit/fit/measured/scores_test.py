"""Scores of measured data: how well they repeat, and rates region by region."""

from __future__ import annotations

import numpy as np
import pytest

from engine import load_connectome
from engine.fit import fc_correlation, rate_fc
from engine.fit.measured import (
    Origin,
    RegionRate,
    RegionSeries,
    halves_score,
    match_regions,
    rate_scores,
    rates_onto_connectome,
)
from tests.measured_files import LABELS, signals

DK84 = load_connectome("dk84")
ORIGIN = Origin("mine.csv", "ab" * 32)
EVERYONE = np.arange(84)


def series(values) -> RegionSeries:
    return RegionSeries(values, LABELS, 0.72, "%", ORIGIN)


def test_halves_are_those_of_the_recording():
    data = series(signals(61))
    score = halves_score(data, match_regions(LABELS, DK84), EVERYONE)
    r, n = fc_correlation(rate_fc(data.values[:30]), rate_fc(data.values[30:60]))
    assert (score.value, score.n) == (pytest.approx(r), n)
    assert score.interval[0] < r < score.interval[1]
    assert (score.baseline, score.ceiling) == (0.0, 1.0)


def test_a_signal_that_repeats_agrees_with_itself():
    half = signals(30)
    score = halves_score(series(np.concatenate([half, half])), match_regions(LABELS, DK84), EVERYONE)
    assert score.value == pytest.approx(1.0)


def test_only_the_regions_that_ran_are_halved():
    score = halves_score(series(signals(60)), match_regions(LABELS, DK84), np.array([DK84.index(LABELS[0])]))
    assert score.value is None
    assert score.n == 0


def test_a_short_recording_says_why_it_has_no_halves():
    score = halves_score(series(signals(19)), match_regions(LABELS, DK84), EVERYONE)
    assert score.value is None
    assert score.sentence == "Too short to be halved: 20 samples are needed (now 19)."


def test_rates_stand_in_the_order_of_the_connectome():
    rates = [RegionRate("R.TH", 2, 5, 2.5, None), RegionRate("L.TH", 1, 1, 1.0, None)]
    rates += [RegionRate("elsewhere", 1, 9, 9.0, None), RegionRate("", 1, 7, 7.0, None)]
    found = rates_onto_connectome(rates, match_regions(("R.TH", "L.TH", "elsewhere"), DK84))
    assert {DK84.labels[k]: found[k] for k in np.flatnonzero(np.isfinite(found))} == {
        "L.TH": 1.0,
        "R.TH": 2.5,
    }


def test_rates_are_compared_in_value_and_in_pattern():
    measured = np.array([1.0, 2.0, 3.0, 4.0, np.nan, 9.0])
    simulated = np.array([2.0, 4.0, 6.0, 8.0, 5.0, np.nan])
    value, pattern = rate_scores(measured, simulated, "mine.csv")
    assert value.value == pytest.approx(np.sqrt(np.mean(np.array([1, 2, 3, 4]) ** 2)))
    assert value.baseline == pytest.approx(np.std([1, 2, 3, 4]))
    assert (value.n, pattern.n) == (4, 4)
    assert pattern.value == pytest.approx(1.0)
    assert "mine.csv" in value.basis


@pytest.mark.parametrize(
    ("measured", "simulated", "words"),
    [
        ([np.nan, 1.0], [1.0, np.nan], "No region has both"),
        ([2.0, 3.0], [1.0, 4.0], "at least 4 must have both rates (now 2)"),
        ([2.0] * 4, [1.0, 4.0, 2.0, 3.0], "the same rate on one of the two sides"),
    ],
)
def test_what_cannot_be_said_of_rates_says_why(measured, simulated, words):
    value, pattern = rate_scores(np.array(measured), np.array(simulated), "mine.csv")
    assert words in f"{value.sentence} {pattern.sentence}"
    assert pattern.value is None
