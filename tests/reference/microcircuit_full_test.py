"""The whole microcircuit, 77,169 neurons and 299 million synapses, against seeds of NEST 3.10.

NEST's distributions stand in `dtb_app/benchmarks/peers/microcircuit_full_nest.json`; how they were
made is said in `nest_microcircuit.py`. The window is the same here: 0.5 to 2.5 s.
"""

from __future__ import annotations

import numpy as np
import pytest

from dtb_app.benchmarks.fidelity import NEST_FULL, STATISTICS, compare_with_nest, run_whole
from engine import capacity_of, load_connectome, preset
from engine.model.microcircuit import REFERENCE_RATES_HZ

pytestmark = [pytest.mark.reference, pytest.mark.slow]

SEEDS = (1, 2, 3)
MOST_FURTHER = 11
"""Of 24 distributions. Three seeds of NEST are compared with here as in `microcircuit_test.py`,
where a further seed of NEST has 5.8 on average and 11 at most."""


@pytest.fixture(scope="module")
def runs():
    need = capacity_of(preset("microcircuit"), load_connectome("dk84"))
    if need.memory_mb > need.memory_limit_mb:
        pytest.skip(f"needs {need.memory_mb:.0f} MB, may use {need.memory_limit_mb:.0f} MB")
    return [run_whole(seed) for seed in SEEDS]


def n_further(recording) -> int:
    """Of 24 distributions, how many lie further from NEST's than any two of NEST's seeds."""
    found = compare_with_nest(recording)
    return int(sum((found[name][:, 0] > found[name][:, 1]).sum() for name in STATISTICS))


def test_distributions_are_as_close_as_seeds_of_nest(runs):
    found = [n_further(r) for r in runs]
    assert max(found) <= MOST_FURTHER, found


def test_mean_rates_agree_with_nest_and_with_the_published_ones(runs):
    theirs = np.array([seed["mean"]["rate_hz"] for seed in NEST_FULL["seeds"]])
    ours = np.array([r.population_rates_hz for r in runs])
    # Means over two seconds scatter between seeds. With the variance pooled over both simulators,
    # four degrees of freedom, |t| of eight populations exceeds 14.7 in one of a thousand tables.
    n, m = len(theirs), len(ours)
    squares = (n - 1) * theirs.var(axis=0, ddof=1) + (m - 1) * ours.var(axis=0, ddof=1)
    error = np.sqrt(squares / (n + m - 2) * (1 / n + 1 / m))
    t = (ours.mean(axis=0) - theirs.mean(axis=0)) / error
    assert np.abs(t).max() < 14.7, t.round(1)
    # The published rates are of one run of 60 s; two seconds lie within 6 % of them, as NEST's do.
    assert np.allclose(ours.mean(axis=0), REFERENCE_RATES_HZ, rtol=0.06)
    assert np.allclose(theirs.mean(axis=0), REFERENCE_RATES_HZ, rtol=0.06)


def test_the_comparison_would_see_another_circuit():
    """A background a tenth stronger lies beyond the bound; 2.5 % more lies on it (11 and 12)."""
    other = run_whole(1, **{"network.microcircuit.background_rate_hz": 8.8})
    assert n_further(other) > MOST_FURTHER
