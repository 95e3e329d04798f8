"""Controls of a fit: a wiring that keeps strengths, a target of others, half of the pairs."""

from __future__ import annotations

import numpy as np
import pytest

from engine import load_connectome
from engine.fit.functional_connectivity import structure_baseline
from engine.tuning.controls import half_of_pairs, linear_baseline, rewired, shuffled_target, wiring_baseline

DK84 = load_connectome("dk84")
EVERYWHERE = np.arange(84)


def test_a_rewired_connectome_keeps_strengths_and_little_else():
    one = rewired(DK84, seed=3)
    whole = (DK84.weights + DK84.weights.T) / 2
    np.testing.assert_allclose(one.weights.sum(axis=1), whole.sum(axis=1), rtol=1e-6)
    np.testing.assert_allclose(one.weights, one.weights.T, rtol=1e-9)
    assert not np.diag(one.weights).any()
    pairs = np.triu_indices(84, 1)
    assert abs(np.corrcoef(np.log1p(one.weights[pairs]), np.log1p(whole[pairs]))[0, 1]) < 0.6
    assert not np.allclose(one.weights, rewired(DK84, seed=4).weights)
    assert rewired(DK84, seed=3) == one
    assert one.labels == DK84.labels


def test_a_shuffled_target_has_the_same_correlations_between_others():
    fc = DK84.fc_matrix
    other = shuffled_target(fc, seed=1)
    pairs = np.triu_indices(84, 1)
    np.testing.assert_array_equal(np.sort(other[pairs]), np.sort(fc[pairs]))
    assert abs(np.corrcoef(other[pairs], fc[pairs])[0, 1]) < 0.2
    assert np.linalg.eigvalsh(other)[0] == pytest.approx(np.linalg.eigvalsh(fc)[0])


def test_half_of_the_pairs_and_the_other_half_are_all():
    known = ~np.eye(20, dtype=bool)
    known[3, 4] = known[4, 3] = False
    half = half_of_pairs(known, seed=2)
    np.testing.assert_array_equal(half, half.T)
    assert not (half & ~known).any()
    assert half.sum() == 2 * (189 // 2)
    assert not np.array_equal(half, half_of_pairs(known, seed=3))


def test_baselines_are_those_of_the_facts():
    fc = DK84.fc_matrix
    assert wiring_baseline(DK84, fc, EVERYWHERE) == pytest.approx(0.456, abs=5e-4)
    assert wiring_baseline(DK84, fc, EVERYWHERE) == structure_baseline(DK84.weights, fc, log=True)[0]
    assert linear_baseline(DK84, fc, EVERYWHERE) == pytest.approx(0.511, abs=5e-3)
    known = half_of_pairs(~np.eye(84, dtype=bool))
    halves = [wiring_baseline(DK84, np.where(k, fc, np.nan), EVERYWHERE) for k in (known, ~known)]
    assert halves[0] != halves[1]
    assert all(abs(r - 0.456) < 0.06 for r in halves)
