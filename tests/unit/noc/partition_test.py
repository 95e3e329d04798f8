"""Cutting by METIS: sizes that are kept, and a cut that finds planted groups."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.noc.placement.partition import cut


def planted(n_groups, size, seed=1):
    """Groups that exchange much inside and little outside, in shuffled order."""
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.repeat(np.arange(n_groups), size))
    same = label[:, None] == label[None, :]
    traffic = np.where(same, rng.uniform(5, 9, same.shape), rng.uniform(0, 0.2, same.shape))
    np.fill_diagonal(traffic, 0.0)
    return label, traffic


def cut_weight(traffic, group):
    return traffic[group[:, None] != group[None, :]].sum()


def test_planted_groups_are_found():
    label, traffic = planted(8, 12)
    group = cut(traffic, np.zeros(96, np.int8), np.array([8, 0]), 12, seed=1)
    assert np.bincount(group).tolist() == [12] * 8
    shuffled = np.random.default_rng(2).permutation(group)
    assert cut_weight(traffic, group) <= cut_weight(traffic, label) * 1.001
    assert cut_weight(traffic, group) < 0.2 * cut_weight(traffic, shuffled)


@pytest.mark.parametrize(("n_slots", "groups"), [(2, [40, 12]), (3, [23, 6]), (7, [10, 3])])
def test_no_group_mixes_kinds_or_holds_too_many(n_slots, groups):
    _, traffic = planted(12, 7)
    kind = (np.arange(84) % 5 == 0).astype(np.int8)
    group = cut(traffic, kind, np.array(groups), n_slots, seed=3)
    assert np.bincount(group).max() <= n_slots
    assert group[kind == 0].max() < groups[0] <= group[kind == 1].min()
    assert group.max() < sum(groups)


def test_a_seed_fixes_the_cut():
    _, traffic = planted(6, 9)
    kind = np.zeros(54, np.int8)
    first, again = (cut(traffic, kind, np.array([6, 0]), 10, seed=4) for _ in range(2))
    assert np.array_equal(first, again)


def test_units_that_do_not_fit_are_refused():
    with pytest.raises(ParameterError, match="must let all units fit"):
        cut(np.ones((9, 9)), np.zeros(9, np.int8), np.array([4, 0]), 2, seed=1)
