"""The microcircuit against NEST, within the spread between seeds.

The numbers of NEST stand in `microcircuit_nest.json`, made by

    python -m tests.reference.nest_microcircuit --neurons 7717 --seeds 1 2 3 4 5 6 --duration 6000

with NEST 3.10. Where nest-simulator is installed (extra 'reference'), the distributions over
neurons are compared in the same run as well.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine import Scenario, Simulation
from tests.reference.statistics import describe, ks_distance, single_neuron_statistics

NEST = json.loads((Path(__file__).parent / "microcircuit_nest.json").read_text())
SEEDS = (1, 2, 3, 4)
STATISTICS = ("rate_hz", "cv", "correlation")


def run(seed: int, duration: float = 5000.0):
    scenario = Scenario(duration=duration, transient=1000.0, seed=seed).with_values(
        {
            "network.recipe": "microcircuit",
            "network.neurons_per_region": 7717,
            "regions": {"default": "off", "digital": ["L.PCAL"]},
        }
    )
    return Simulation(scenario).run()


@pytest.fixture(scope="module")
def runs():
    return [run(seed) for seed in SEEDS]


def test_populations_agree_with_nest_within_the_spread_of_seeds(runs):
    ours = [
        describe(r.spike_steps, r.spike_ids, r.network.sizes[0], 0.1, 1000.0, 5000.0) for r in runs
    ]
    scores = []
    for name in STATISTICS:
        a = np.array([x[name] for x in NEST])
        b = np.array([x[name] for x in ours])
        error = np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
        scores.append((b.mean(axis=0) - a.mean(axis=0)) / error)
    t = np.abs(np.array(scores))
    # 24 comparisons of about eight degrees of freedom each: one in 2000 such tables exceeds 6.4.
    assert t.max() < 6.4, t.round(1)
    # Their mean is 0.89 for equal simulators; correlated as they are, 1.6 would be far out.
    assert t.mean() < 1.6, t.round(1)


def test_the_comparison_would_see_another_circuit(runs):
    r = runs[0]
    slower = describe(r.spike_steps, r.spike_ids, r.network.sizes[0], 0.1, 1000.0, 5000.0)
    a = np.array([x["rate_hz"] for x in NEST])
    shifted = 1.03 * np.array(slower["rate_hz"])
    assert np.abs((shifted - a.mean(axis=0)) / a.std(axis=0, ddof=1)).max() > 4


def test_distributions_are_as_close_as_two_seeds_of_nest(runs):
    pytest.importorskip("nest", reason="nest-simulator is not installed (extra 'reference')")
    from tests.reference.nest_microcircuit import simulate

    sizes = runs[0].network.sizes[0]
    nest = [simulate(7717, seed, 5000.0) for seed in (11, 12)]
    a, b = (
        single_neuron_statistics(n["steps"], n["ids"], sizes, 0.1, 1000.0, 5000.0) for n in nest
    )
    c = single_neuron_statistics(runs[0].spike_steps, runs[0].spike_ids, sizes, 0.1, 1000.0, 5000.0)
    for kind in range(8):
        for name in STATISTICS:
            between = ks_distance(a[kind][name], b[kind][name])
            mine = min(ks_distance(a[kind][name], c[kind][name]),
                       ks_distance(b[kind][name], c[kind][name]))  # fmt: skip
            n = min(a[kind][name].size, c[kind][name].size)
            assert mine < max(between, 1.63 * np.sqrt(2 / n)), (kind, name)
