"""Nothing moves by accident: exact spikes of small runs.

A hash may change only with a change of the model or of the random numbers, which CHANGELOG.md then
names.
"""

from __future__ import annotations

import pytest

from engine import Simulation, preset

HASHES = {
    "hippocampus-on-analog": "811112a2b71b41d2",
    "microcircuit-tenth": "5feebb8346f5f112",
    "hub-lesion": "19ad5a9d7b62be37",
    "tract-delays": "76047636ee2b3887",
    "two-regions": "ca8bae035ae6b383",
    "whole-brain-at-rest": "8e76580c65efd420",
}


@pytest.mark.parametrize("name", sorted(HASHES))
def test_the_spikes_are_what_they_were(name):
    scenario = preset(name).with_values({"duration": 200.0, "transient": 50.0})
    assert Simulation(scenario).run().spike_hash[:16] == HASHES[name]


@pytest.mark.parametrize("name", ["hippocampus-on-analog", "tract-delays", "microcircuit-tenth"])
def test_threads_build_and_run_the_same_network(name):
    scenario = preset(name).with_values({"duration": 100.0, "transient": 50.0})
    recordings = [Simulation(scenario, threads=n).run() for n in (1, 2, 3)]
    assert len({r.spike_hash for r in recordings}) == 1
    assert len({r.n_events for r in recordings}) == 1
