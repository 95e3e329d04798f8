"""Functional connectivity: closed-form input against an independent library, dk84, and edges."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import DataError, ParameterError
from engine.fit import fc_correlation, fisher_interval, linear_noise_fc, rate_fc, structure_baseline

DK84 = Path(__file__).parents[3] / "sample_data" / "dk84" / "dk84.json"


def closed_form_input():
    """Two sets of six signals over 300 samples, given by formula."""
    i, t = np.arange(6), np.arange(300.0)[:, None]
    slow = 0.05 + 0.01 * i
    x = np.sin(slow * t) + 0.5 * np.sin(0.7 * slow * t + i) + 0.3 * np.cos(0.11 * t**1.5 / (i + 1))
    y = np.sin((0.05 + 0.012 * i) * t) + 0.5 * np.cos(0.7 * slow * t + i)
    return x, y


@pytest.fixture(scope="module")
def dk84():
    data = json.loads(DK84.read_text(encoding="utf-8"))
    weights, fc = np.array(data["weights"]), np.array(data["fc_pearson"])
    return weights, fc, np.flatnonzero(data["cortical"])


@pytest.mark.reference
def test_rate_fc_agrees_with_the_closed_form_numbers():
    # row 0 as neurolib 0.6.2 gives it
    row = [1.0, 0.3327013783950249, -0.2326134933903656, -0.21449617930581322]
    row += [0.13260167946777462, 0.02785183148963943]
    np.testing.assert_allclose(rate_fc(closed_form_input()[0])[0], row, atol=1e-10)


@pytest.mark.reference
def test_fc_correlation_agrees_with_the_closed_form_number():
    x, y = closed_form_input()
    r, n_pairs = fc_correlation(rate_fc(x), rate_fc(y))
    assert n_pairs == 15
    assert r == pytest.approx(0.35942249868870374, abs=1e-10)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("cortex_only", "log", "expected"),
    [(False, False, 0.342), (False, True, 0.456), (True, False, 0.384), (True, True, 0.592)],
)
def test_structure_baseline_of_dk84(dk84, cortex_only, log, expected):
    weights, fc, cortex = dk84
    r, n_pairs = structure_baseline(weights, fc, cortex if cortex_only else None, log=log)
    assert r == pytest.approx(expected, abs=0.0005)
    assert n_pairs == (68 * 67 // 2 if cortex_only else 84 * 83 // 2)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("log", "coupling", "all_regions", "cortex_only"),
    [(False, 0.5, 0.3923, 0.443), (False, 0.99, 0.5111, 0.5887), (True, 0.7, 0.495, 0.6635)],
)
def test_linear_noise_model_of_dk84(dk84, log, coupling, all_regions, cortex_only):
    # tolerance: the reference has four decimals and weights with more digits than the file
    weights, fc, cortex = dk84
    model = linear_noise_fc(weights, coupling, log=log)
    assert fc_correlation(model, fc)[0] == pytest.approx(all_regions, abs=2e-4)
    assert fc_correlation(model, fc, cortex)[0] == pytest.approx(cortex_only, abs=2e-4)


def test_linear_noise_of_two_coupled_regions_by_hand():
    # dx = -x + k y, dy = -y + k x: modes decay with 1 - k and 1 + k, so r = k
    assert linear_noise_fc([[0.0, 3.0], [3.0, 0.0]], 0.6)[0, 1] == pytest.approx(0.6, rel=1e-12)


def test_linear_noise_without_wiring_is_uncorrelated():
    np.testing.assert_allclose(linear_noise_fc(np.zeros((3, 3)), 0.5), np.eye(3), atol=1e-15)
    with pytest.raises(ParameterError, match="coupling"):
        linear_noise_fc(np.zeros((3, 3)), 1.0)


def test_a_silent_region_is_not_known_and_its_pairs_are_left_out():
    rates = np.random.default_rng(0).normal(size=(50, 5))
    rates[:, 2] = 0.0
    fc = rate_fc(rates)
    assert np.isnan(fc[2]).all()
    assert np.isnan(fc[:, 2]).all()
    kept = np.array([0, 1, 3, 4])
    np.testing.assert_allclose(fc[np.ix_(kept, kept)], np.corrcoef(rates[:, kept].T), atol=1e-14)
    target = rate_fc(np.random.default_rng(1).normal(size=(50, 5)))
    assert fc_correlation(fc, target) == fc_correlation(fc, target, kept)
    assert fc_correlation(fc, target)[1] == 6


def test_a_region_of_unknown_rate_is_like_a_silent_one():
    rates = np.random.default_rng(0).normal(size=(50, 3))
    rates[7, 1] = np.nan
    np.testing.assert_array_equal(np.isnan(np.diag(rate_fc(rates))), [False, True, False])


def test_too_short_one_region_and_no_table():
    assert np.isnan(rate_fc(np.ones((1, 3)))).all()
    assert rate_fc(np.zeros((0, 3))).shape == (3, 3)
    np.testing.assert_array_equal(rate_fc([[1.0], [2.0]]), [[1.0]])
    with pytest.raises(DataError, match="n_bins, n_regions"):
        rate_fc(np.ones(3))


@pytest.mark.parametrize("picked", [[], [1], [1, 2]])
def test_correlation_of_few_regions_is_not_known(picked):
    fc = rate_fc(np.random.default_rng(0).normal(size=(50, 5)))
    r, n_pairs = fc_correlation(fc, fc, picked)
    assert np.isnan(r)
    assert n_pairs == len(picked) * (len(picked) - 1) // 2


def test_the_diagonal_and_other_regions_do_not_count():
    rng = np.random.default_rng(3)
    a, b = rate_fc(rng.normal(size=(40, 8))), rate_fc(rng.normal(size=(40, 8)))
    before = fc_correlation(a, b, [6, 1, 3, 4])
    np.fill_diagonal(b, 0.0)
    b[[0, 2, 5, 7]] = 9.0
    assert fc_correlation(a, b, [6, 1, 3, 4])[0] == pytest.approx(before[0], abs=1e-14)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [0, 2, 1, 3], [3, 1, 0, 2]])
def test_connectivity_that_is_equal_up_to_rounding_gives_no_correlation(order):
    # one spike per region, never together: every pair has r = -1/29, save the last digits
    alone = np.zeros((30, 4))
    alone[[0, 9, 17, 28], range(4)] = 0.01
    fc, other = rate_fc(alone), rate_fc(np.random.default_rng(0).normal(size=(50, 4)))
    assert np.ptp(fc[np.triu_indices(4, 1)]) < 1e-15
    wobbling = fc + np.triu(1e-16 * np.arange(16.0).reshape(4, 4), 1)
    for equal in (fc, wobbling):
        assert np.isnan(fc_correlation(equal, other, order)[0])
        assert np.isnan(fc_correlation(other, equal, order)[0])


@pytest.mark.parametrize(
    ("simulated", "empirical", "picked", "words"),
    [
        (np.eye(3), np.eye(4), None, "shape"),
        (np.ones((3, 2)), np.ones((3, 2)), None, "square"),
        (np.eye(3), np.eye(3), [0, 3], "picked"),
        (np.eye(3), np.eye(3), [0, 0], "picked"),
    ],
)
def test_matrices_and_regions_that_do_not_fit_are_refused(simulated, empirical, picked, words):
    with pytest.raises(DataError, match=words):
        fc_correlation(simulated, empirical, picked)


def test_structure_counts_both_directions_of_a_pair():
    rng = np.random.default_rng(4)
    empirical = rate_fc(rng.normal(size=(40, 6)))
    weights = rng.random((6, 6))
    forth, back = structure_baseline(weights, empirical), structure_baseline(weights.T, empirical)
    assert forth[0] == pytest.approx(back[0], abs=1e-14)
    assert forth[0] == pytest.approx(fc_correlation(weights + weights.T, empirical)[0], abs=1e-14)


def test_log_of_structure_keeps_pairs_without_a_connection():
    rng = np.random.default_rng(4)
    empirical, weights = rate_fc(rng.normal(size=(40, 6))), rng.integers(0, 3, (6, 6))
    weights = weights + weights.T
    assert (weights[np.triu_indices(6, 1)] == 0).any()
    r, n_pairs = structure_baseline(weights, empirical, log=True)
    assert (r, n_pairs) == fc_correlation(np.log1p(weights / 2.0 + weights.T / 2.0), empirical)
    assert n_pairs == 15


def test_structure_meets_the_pairs_that_the_model_knows():
    rng = np.random.default_rng(4)
    weights, rates = rng.random((6, 6)), rng.normal(size=(40, 6))
    empirical = rate_fc(rng.normal(size=(40, 6)))
    rates[:, 5] = 1.0
    assert structure_baseline(weights, empirical, simulated=rate_fc(rates)) == structure_baseline(
        weights, empirical, [0, 1, 2, 3, 4]
    )


def test_structure_of_wrong_shape_or_sign_is_refused():
    with pytest.raises(DataError, match="shape"):
        structure_baseline(np.ones((3, 3)), np.eye(4))
    with pytest.raises(DataError, match="shape"):
        structure_baseline(np.ones((3, 3)), np.eye(3), simulated=np.eye(2))
    with pytest.raises(DataError, match="negative"):
        structure_baseline(-np.ones((3, 3)), np.eye(3))


def test_fisher_interval_by_hand():
    # atanh(.5) = .549306, 1.959964 / sqrt(100) = .195996: tanh(.353310) and tanh(.745302)
    assert fisher_interval(0.5, 103) == pytest.approx((0.339308, 0.632338), abs=1e-6)
    assert fisher_interval(1.0, 50) == (1.0, 1.0)
    assert np.isnan(fisher_interval(0.5, 3)).all()
    assert np.isnan(fisher_interval(np.nan, 30)).all()


def test_fisher_interval_covers_the_true_value():
    # 2,000 samples of 30 pairs with true r = .6: 95 % coverage, 4 binomial standard deviations
    rng = np.random.default_rng(6)
    x = rng.normal(size=(2000, 30))
    y = 0.6 * x + 0.8 * rng.normal(size=(2000, 30))
    ends = [fisher_interval(np.corrcoef(a, b)[0, 1], 30) for a, b in zip(x, y, strict=True)]
    covered = np.mean([low <= 0.6 <= high for low, high in ends])
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 2000)
