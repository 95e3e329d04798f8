"""Settling: local inhibition leads each region to its rate, the same however a run is divided."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Scenario, Simulation, load_connectome
from engine.model.settling import SettlingParameters
from engine.run.settling import next_inhibition
from engine.run.snapshot import read_snapshot, write_snapshot

FOUR = load_connectome("four_regions")
RESTLESS = Scenario(connectome="four_regions", duration=6000.0, transient=3000.0).with_values(
    {
        "network.neurons_per_region": 100,
        "network.in_degree": 60,
        "network.parameters.ou_mean": 480.0,
        "network.settling.interval": 200.0,
        "network.settling.gain": 0.1,
        "network.settling.rate_hz": 4.0,
    }
)
SETTLED = RESTLESS.with_values({"network.settling.duration": 5000.0})


def rates(recording):
    network = recording.network
    return recording.population_rates_hz[network.population_is_excitatory]


def test_rates_are_nearer_to_the_target_than_without():
    free, held = (Simulation(s, FOUR).run() for s in (RESTLESS, SETTLED))
    assert np.all(rates(free) > 5.5)
    assert np.all(np.abs(rates(held) - 4.0) < 0.5 * np.abs(rates(free) - 4.0))


@pytest.mark.parametrize("analog", [[], [FOUR.labels[0]]])
def test_a_run_goes_on_from_a_snapshot_to_the_same_bits(tmp_path, analog):
    scenario = SETTLED.with_values({"regions.analog": analog, "duration": 900.0, "transient": 100.0})
    whole = Simulation(scenario, FOUR).run()
    first = Simulation(scenario, FOUR)
    first.advance(555)
    write_snapshot(tmp_path / "half.h5", first.snapshot())
    second = Simulation(scenario, FOUR)
    second.restore(read_snapshot(tmp_path / "half.h5"))
    assert second.run(chunk=7).spike_hash == whole.spike_hash
    assert (
        whole.spike_hash
        != Simulation(scenario.with_values({"network.settling.gain": 0.02}), FOUR).run().spike_hash
    )


def test_inhibition_follows_the_rate_within_its_bounds():
    parameters = SettlingParameters(gain=0.1, rate_hz=4.0, floor=1.15)
    moved = next_inhibition(np.array([2.0, 2.0, 1.2, 7.9]), np.array([4.0, 6.0, 0.0, 100.0]), parameters)
    np.testing.assert_allclose(moved, [2.0, 2.0 * np.exp(0.2), 1.15, 8.0])
