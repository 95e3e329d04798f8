"""A run of a tuned brain on disk: its tuning lies beside it and is found by its content."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine import DataError, Scenario, Simulation, load_connectome
from engine.export.nest import nest_script
from engine.export.run_folder import RunFolder
from engine.scenario import tuning_file
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import keep_tuning

FOUR = load_connectome("four_regions")
N = FOUR.n_regions


def scenario_of(bias=0.0):
    rng = np.random.default_rng(9)
    factors = rng.uniform(0.5, 2.0, (N, N))
    tuning = Tuning("mine", FOUR.labels, factors, factors, np.full(N, 1.5), np.full(N, bias))
    small = {"network.neurons_per_region": 40, "network.in_degree": 30, "network.tuning": keep_tuning(tuning)}
    return Scenario(connectome="four_regions", duration=120.0, transient=20.0).with_values(small)


def test_a_run_s_folder_has_its_tuning(tmp_path, monkeypatch):
    recording = Simulation(scenario_of(), FOUR).run()
    folder = recording.write(tmp_path / "run")
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert run["tuning_file"] == "tuning.json"
    monkeypatch.setattr(tuning_file, "_KEPT", {})  # another process
    again = RunFolder.read(folder)
    assert again.network().tuning == recording.network.tuning
    assert again.spikes()[1].size == recording.spike_ids.size
    plain = Simulation(scenario_of().with_values({"network.tuning": ""}), FOUR).run()
    plain.write(folder)
    assert not (folder / "tuning.json").exists()


def test_a_damaged_tuning_is_refused_in_one_sentence(tmp_path, monkeypatch):
    folder = Simulation(scenario_of(), FOUR).run().write(tmp_path / "run")
    (folder / "tuning.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(tuning_file, "_KEPT", {})
    with pytest.raises(DataError, match=r"tuning\.json"):
        RunFolder.read(folder)


def test_a_script_for_nest_has_the_tuned_weights_and_says_what_it_leaves_out():
    plain = nest_script(scenario_of(), FOUR)
    biased = nest_script(scenario_of(bias=20.0).with_values({"network.settling.duration": 50.0}), FOUR)
    assert not any("bias" in str(loss) for loss in plain.losses)
    assert any("bias" in str(loss) for loss in biased.losses)
    assert any("settling" in str(loss) for loss in biased.losses)
    untuned = nest_script(scenario_of().with_values({"network.tuning": ""}), FOUR)
    assert plain.text != untuned.text
