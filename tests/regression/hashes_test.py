"""Nothing moves by accident: exact spikes of small runs.

A hash may change only with a change of the model or of the random numbers, which CHANGELOG.md then
names.
"""

from __future__ import annotations

import pytest

from engine import Simulation, preset

HASHES = {
    "hippocampus-on-analog": "e3a6add5ec1b4bc6",
    "hub-lesion": "19ad5a9d7b62be37",
    "tract-delays": "76047636ee2b3887",
    "two-regions": "17cc4dfd81f9813f",
    "whole-brain-at-rest": "8e76580c65efd420",
}


@pytest.mark.parametrize("name", sorted(HASHES))
def test_the_spikes_are_what_they_were(name):
    scenario = preset(name).with_values({"duration": 200.0, "transient": 50.0})
    assert Simulation(scenario).run().spike_hash[:16] == HASHES[name]
