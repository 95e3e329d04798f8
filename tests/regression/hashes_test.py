"""Nothing moves by accident: exact spikes of small runs.

A hash may change only with a change of the model or of the random numbers, which CHANGELOG.md then
names.
"""

from __future__ import annotations

import pytest

from engine import Simulation, preset, preset_names
from engine.scenario.scenario import Scenario

HASHES = {
    "closed-loop-stimulation": "df7cde7420262bf5",
    "column-in-brain": "60b0860de4f8bfeb",
    "congested-noc": "ddcd8342c0b70f9f",
    "dendritic-bursts": "dada2c60270447b8",
    "hippocampus-on-analog": "811112a2b71b41d2",
    "homeostasis-on-chip": "201dfcff3df4951f",
    "hub-lesion": "19ad5a9d7b62be37",
    "limbic-on-analog": "efa951303eb1dcb7",
    "microcircuit": "97623d3cdcfb262e",
    "microcircuit-tenth": "5feebb8346f5f112",
    "mouse-at-rest": "9179521e84bb57c5",
    "patient-drift": "5ec86121cc8d6d41",
    "resting-twin": "8b4bcdfd1b555514",
    "resting-twin-rewired": "32edff2b917b71a8",
    "slow-loss-of-inhibition": "e5b042a7628aec34",
    "temporal-lobe-epilepsy": "6add0212ee0641c8",
    "tract-delays": "76047636ee2b3887",
    "two-regions": "ca8bae035ae6b383",
    "visual-stimulation": "f6699371d05d10c3",
    "whole-brain-at-rest": "8e76580c65efd420",
}


def short(name: str) -> Scenario:
    """200 ms of a preset, in which its stimuli act."""
    scenario = preset(name)
    times = {
        f"stimulus.{i}.{key}": value
        for i in range(len(scenario.stimulus))
        for key, value in (("start", 60.0), ("stop", 150.0))
    }
    return scenario.with_values({"duration": 200.0, "transient": 50.0, **times})


def test_every_preset_has_a_hash():
    assert set(HASHES) == set(preset_names())


LARGE = {"congested-noc", "microcircuit"}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in LARGE else ()) for n in sorted(HASHES)]
)
def test_the_spikes_are_what_they_were(name):
    assert Simulation(short(name)).run().spike_hash[:16] == HASHES[name]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [([{"source": "L.TH", "target": "L.HI"}], "29b8da8f8f4cb6f2"), ([], "af8e71976f4d8bdc")],
)
def test_digital_synapses_learn_as_they_did(rules, expected):
    values = {"duration": 400.0, "transient": 50.0, "regions.digital": ["L.TH", "L.HI"]}
    scenario = preset("two-regions").with_values({**values, "regions.analog": [], "plasticity": rules})
    assert Simulation(scenario).run().spike_hash[:16] == expected


@pytest.mark.parametrize("name", ["hippocampus-on-analog", "tract-delays", "microcircuit-tenth"])
def test_threads_build_and_run_the_same_network(name):
    scenario = preset(name).with_values({"duration": 100.0, "transient": 50.0})
    recordings = [Simulation(scenario, threads=n).run() for n in (1, 2, 3)]
    assert len({r.spike_hash for r in recordings}) == 1
    assert len({r.n_events for r in recordings}) == 1
