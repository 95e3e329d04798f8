"""Seizures that were detected, counted as timescoring 0.0.7 (the library of SzCORE, MIT) counts them."""

from __future__ import annotations

import numpy as np
import pytest
from timescoring.annotations import Annotation
from timescoring.scoring import EventScoring

from engine.twin.scores import EventRule, score_events

HOURS = 6 * 3600.0


def events(rng, n, longest_s):
    """Some events in order, apart, on whole tenths of a second."""
    edges = np.sort(rng.choice(int(HOURS * 10), 2 * n, replace=False)) / 10.0
    return [(float(a), float(min(b, a + longest_s))) for a, b in edges.reshape(n, 2)]


@pytest.mark.parametrize("seed", range(40))
def test_every_count_is_theirs(seed):
    rng = np.random.default_rng(seed)
    true = events(rng, int(rng.integers(0, 12)), 900.0)
    found = events(rng, int(rng.integers(0, 25)), 700.0)
    found += [(a + float(rng.integers(-500, 500)) / 10, b) for a, b in true if b - a > 100 and seed % 2]
    found = sorted((max(0.0, a), b) for a, b in found)
    found = [e for k, e in enumerate(found) if k == 0 or e[0] >= max(b for _, b in found[:k])]
    n = round(HOURS * 10)
    theirs = EventScoring(Annotation(list(true), 10, n), Annotation(list(found), 10, n))
    ours = score_events(true, found, HOURS)
    assert (ours.n_true, ours.n_hits, ours.n_false) == (theirs.refTrue, theirs.tp, theirs.fp)
    np.testing.assert_allclose(
        (ours.sensitivity, ours.precision, ours.f1, ours.false_per_day),
        (theirs.sensitivity, theirs.precision, theirs.f1, theirs.fpRate),
        rtol=1e-9,
    )


def test_with_other_rules():
    true, found = [(100.0, 400.0), (450.0, 460.0)], [(80.0, 99.0), (500.0, 520.0), (2000.0, 2001.0)]
    n = round(HOURS * 10)
    given = EventScoring.Parameters(5.0, 45.0, 0.0, 120.0, 20.0)
    theirs = EventScoring(Annotation(list(true), 10, n), Annotation(list(found), 10, n), given)
    ours = score_events(true, found, HOURS, EventRule(5.0, 45.0, 20.0, 120.0))
    assert (ours.n_true, ours.n_hits, ours.n_false) == (theirs.refTrue, theirs.tp, theirs.fp)
    assert 0 < ours.n_hits < ours.n_true
    assert ours.n_false == 1
