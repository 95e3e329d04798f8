"""Filters refuse what does not fit, leave out what was not observed, and share innovations as told."""

from __future__ import annotations

import numpy as np
import pytest

from engine import DataError, ParameterError
from engine.assimilation.bounded import Bounds, walked
from engine.assimilation.filter import gaspari_cohn, inflated, kalman_step, regional_step, static_step
from engine.assimilation.reliability import flatness, rank_counts, ranks_of, shrinkage, z_scores


def rng():
    return np.random.default_rng(7)


def test_what_was_not_observed_moves_nothing():
    x = rng().standard_normal((12, 3))
    both = kalman_step(x, x, [0.5, np.nan, -0.2], np.ones(3), rng())
    left = kalman_step(x, x[:, [0, 2]], [0.5, -0.2], np.ones(2), rng())
    np.testing.assert_allclose(both, left)
    np.testing.assert_array_equal(kalman_step(x, x, np.full(3, np.nan), np.ones(3), rng()), x)
    regions = rng().standard_normal((12, 3, 2))
    moved = regional_step(regions, regions[..., 0], [0.5, np.nan, -0.2], np.ones(3), rng())
    np.testing.assert_array_equal(moved[:, 1], regions[:, 1])
    assert (moved[:, [0, 2]] != regions[:, [0, 2]]).all()


def test_correlated_noise_is_taken_as_it_is():
    x = rng().standard_normal((4000, 2))
    noise = np.array([[1.0, 0.8], [0.8, 1.0]])
    exact = np.cov(x.T) @ np.linalg.solve(np.cov(x.T) + noise, [1.0, 0.0] - x.mean(axis=0)) + x.mean(axis=0)
    moved = kalman_step(x, x, [1.0, 0.0], noise, rng())
    np.testing.assert_allclose(moved.mean(axis=0), exact, atol=1e-9)
    assert np.abs(kalman_step(x, x, [1.0, 0.0], np.ones(2), rng()).mean(axis=0) - exact).max() > 0.1


def test_a_taper_of_nothing_is_no_observation():
    x = rng().standard_normal((12, 3))
    taper = np.array([[1.0], [0.0], [1.0]])
    moved = kalman_step(x, x[:, :1], [2.0], [1.0], rng(), taper=taper)
    np.testing.assert_array_equal(moved[:, 1], x[:, 1])
    assert (moved[:, 0] != x[:, 0]).all()


def test_what_is_not_a_regions_own_is_the_mean_of_all():
    x, seen, noise = rng().standard_normal((20, 4, 1)), np.array([1.0, -1.0, 0.5, 2.0]), np.ones(4)
    own = regional_step(x, x[..., 0], seen, noise, rng()) - x
    half = regional_step(x, x[..., 0], seen, noise, rng(), own_share=0.5) - x
    np.testing.assert_allclose(half, 0.5 * own + 0.5 * own.mean(axis=1, keepdims=True))


def test_a_fixed_gain_moves_by_the_difference():
    np.testing.assert_allclose(static_step([1.0, 2.0], [0.5], [1.5], [[0.5], [0.0]]), [1.5, 2.0])
    np.testing.assert_allclose(static_step([1.0, 2.0], [0.5], [np.nan], [[0.5], [1.0]]), [1.0, 2.0])


def test_a_taper_falls_from_one_to_nothing_without_a_step():
    r = np.linspace(0, 3, 3001)
    taper = gaspari_cohn(r, 1.0)
    assert taper[0] == 1.0
    assert (np.diff(taper) <= 1e-12).all()
    assert np.abs(np.diff(taper)).max() < 2e-3
    assert not taper[r >= 2].any()
    assert gaspari_cohn([1.0], 1.0)[0] == pytest.approx(5 / 24)  # equation 4.10 at z = c


X = np.zeros((3, 2))


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: kalman_step(X, X[:2], [0, 0], [1, 1], rng()), DataError, "as many members"),
        (lambda: kalman_step(X, X, [0], [1, 1], rng()), DataError, "filter.observed"),
        (lambda: kalman_step(X, X, [0, 0], [1], rng()), DataError, "filter.noise"),
        (lambda: kalman_step(X, X, [0, 0], [1, 0], rng()), ParameterError, "above 0"),
        (lambda: kalman_step(X, X, [0, 0], [[1, 2], [2, 1]], rng()), ParameterError, "definite"),
        (lambda: kalman_step(X[:1], X[:1], [0, 0], [1, 1], rng()), ParameterError, "at least 2"),
        (lambda: regional_step(X[:, :, None], X, [0], [1, 1], rng()), DataError, "a region"),
        (lambda: regional_step(X[:, :, None], X, [0, 0], [1, 0], rng()), ParameterError, "above 0"),
        (
            lambda: regional_step(X[:, :, None], X, [0, 0], [1, 1], rng(), own_share=2),
            ParameterError,
            "own_share",
        ),
        (lambda: inflated(X, 0.9), ParameterError, "inflation"),
        (lambda: gaspari_cohn([1.0], 0), ParameterError, "length"),
        (lambda: Bounds(1.0, 1.0), ParameterError, "below high"),
        (lambda: Bounds(0.0, 1.0).logit([0.5, 1.5]), ParameterError, "from 0 to 1"),
        (lambda: ranks_of(X, [0.0], rng()), DataError, "one number a case"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


def test_a_bounded_parameter_comes_back_and_stays_inside():
    bounds = Bounds(-80.0, 20.0)
    values = np.linspace(-79.9, 19.9, 50)
    np.testing.assert_allclose(bounds.value(bounds.logit(values)), values, rtol=1e-12)
    far = bounds.value(walked(np.zeros((2000, 1, 1)), 300.0, rng()))
    assert far.min() >= -80.0
    assert far.max() <= 20.0
    assert np.isfinite(bounds.logit([-80.0, 20.0])).all()


def test_ranks_break_ties_evenly_and_counts_tell_a_slope():
    ranks = ranks_of(np.zeros((9, 20_000)), np.zeros(20_000), rng())
    assert flatness(rank_counts(ranks, 9, 10, rng())) > 1e-3
    assert flatness(rank_counts(ranks, 9, 7, rng())) > 1e-3
    assert flatness(rank_counts(np.maximum(ranks - 1, 0), 9, 10, rng())) < 1e-6
    assert ranks_of([[0.0], [2.0]], [1.0], rng())[0] == 1


def test_what_is_learnt_is_a_share_of_the_variance():
    members = rng().standard_normal((50_000, 2)) * [1.0, 0.5] + [0.0, 1.0]
    np.testing.assert_allclose(shrinkage(members, [1.0, 1.0]), [0.0, 0.75], atol=0.02)
    np.testing.assert_allclose(z_scores(members, [0.0, 0.0]), [0.0, 2.0], atol=0.05)
