"""A run whose numbers mean nothing any more stops itself and keeps what it has."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dtb_app.cli import main
from engine import Scenario, Simulation, SimulationError

WILD = {"network.parameters.ou_mean": 2000.0, "network.in_degree": 0, "network.parameters.t_refrac": 1.0}
TWO = {"regions": {"default": "off", "digital": ["L.TH"], "analog": ["R.TH"]}}


def scenario(**values) -> Scenario:
    return Scenario(duration=400.0, transient=0.0).with_values({**TWO, **values})


def test_a_runaway_names_the_region_and_the_time():
    simulation = Simulation(scenario(**WILD))
    with pytest.raises(SimulationError, match=r"Hz in [LR]\.TH, at 1\d\d ms\): activity has run"):
        simulation.run()
    assert simulation.recording().spike_ids.size > 0


def test_one_wild_region_among_calm_ones_is_enough():
    pulse = {"region": "R.TH", "amplitude": 5000.0, "start": 0.0, "stop": 400.0}
    regions = {"default": "digital", "off": []}
    simulation = Simulation(
        scenario(**{"stimulus": [pulse], "regions": regions, "network.parameters.t_refrac": 1.0})
    )
    with pytest.raises(SimulationError, match=r"in R\.TH, at"):
        simulation.run()
    counts = simulation.recording().counts
    assert counts.mean() < 100


@pytest.mark.parametrize("number", [0, 1])
def test_a_potential_that_is_no_number_is_found(number):
    simulation = Simulation(scenario())
    simulation.advance(30)
    backend = simulation.backends[number]
    state = backend.state()
    state["state"][5] = np.nan
    backend.restore(state)
    with pytest.raises(SimulationError, match=rf"the first in {'LR'[number]}\.TH, at 1\d\d ms"):
        simulation.run()


def test_a_calm_run_is_left_alone():
    assert Simulation(scenario()).run().duration_ms == 400


def test_the_command_keeps_what_was_recorded_and_exits_1(tmp_path, capsys):
    sets = [f"--set={key}={json.dumps(value)}" for key, value in WILD.items()]
    assert main(["run", "two-regions", *sets, "--out", str(tmp_path / "run")]) == 1
    assert "activity has run away" in capsys.readouterr().err
    kept = json.loads((tmp_path / "run" / "run.json").read_text())
    assert 0 < kept["duration_ms"] < 10_000
    assert kept["n_spikes"] > 0
