"""Nothing is taken in silence: refused, or done and said."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from dtb_app.cli import main
from engine import (
    DataError,
    ParameterError,
    Scenario,
    Simulation,
    SimulationError,
    load_connectome,
    preset,
    preset_names,
)
from engine.scenario.remarks import live_remark
from engine.scenario.tuning_file import keep_tuning, load_tuning

ONE = {"regions.default": "off", "regions.digital": ["L.TH"]}


def scenario(**values) -> Scenario:
    return Scenario(duration=400.0, transient=0.0).with_values({**ONE, **values})


@pytest.mark.parametrize("stop", [100.0, 50.0])
def test_a_stimulus_that_ends_before_it_begins_is_refused(stop):
    stimulus = {"region": "L.TH", "start": 100.0, "stop": stop}
    with pytest.raises(ParameterError, match=r"stimulus\.0\.stop.* after start = 100 ms \(got"):
        scenario(stimulus=[stimulus])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"transient": 500.0},
            "transient: 500 ms are more than half of the run of 400 ms; statistics begin at 200 ms.",
        ),
        ({"stimulus": [{"region": "L.TH", "start": 400.0}]}, "stimulus.0.start: at 400 ms"),
        ({"stimulus": [{"region": "L.TH", "amplitude": 0.0}]}, "stimulus.0.amplitude: 0 pA"),
        ({"stimulus": [{"region": "L.HI"}]}, "stimulus.0.region: L.HI is off"),
        ({"lesion": [{"region": "L.HI"}]}, "lesion.0.region: L.HI is off"),
        ({"lesion": [{"region": "L.TH", "fraction": 0.0}]}, "lesion.0.fraction: 0 cuts nothing"),
        ({"neuron": [{"region": "L.HI", "model": "adex"}]}, "neuron.0.region: L.HI is off"),
        ({"network.columns": ["L.HI"]}, "network.columns: L.HI is off"),
        ({"plasticity": [{"source": "L.HI", "target": "L.TH"}]}, "plasticity.0.source: L.HI is"),
        ({"network.velocity": 5.0}, "network.velocity: it changes nothing where network.delays"),
        ({"network.column_neurons": 900}, "network.column_neurons: it changes nothing"),
        ({"noc.long_links": 8}, "noc.long_links: it changes nothing where noc.topology is 'mesh'"),
        ({"noc.group_size": 4}, "noc.group_size: it changes nothing"),
        ({"noc.link_rate_mpps": 6.25, "noc.link_clock_mhz": 100.0}, "noc.link_clock_mhz: it"),
        ({"analog.chip_seed": 3}, "analog.chip_seed: it changes nothing where no region is analog"),
    ],
)
def test_what_does_nothing_is_said(values, said):
    connectome = load_connectome("dk84")
    assert scenario().remarks(connectome) == []
    (found,) = scenario(**values).remarks(connectome)
    assert found.startswith(said)


def test_what_is_said_to_do_nothing_does_nothing():
    before = Simulation(scenario(duration=60.0)).run()
    for values in (
        {"stimulus": [{"region": "L.TH", "start": 60.0}]},
        {"lesion": [{"region": "L.HI"}]},
        {"network.velocity": 5.0},
        {"noc.long_links": 8},
        {"analog.chip_seed": 3},
    ):
        run = Simulation(scenario(duration=60.0, **values)).run()
        assert len(run.remarks) == 1
        assert run.spike_hash == before.spike_hash


def test_a_tuning_says_in_what_brain_it_was_fitted():
    twin = preset("resting-twin")
    connectome = load_connectome(twin.connectome)
    (found,) = twin.with_values({"network.neurons_per_region": 240, "network.wiring_seed": 2}).remarks(
        connectome
    )
    assert found.startswith("network.tuning: fitted with neurons_per_region = 100 and wiring_seed = 1;")
    settles = {"network.wiring_seed": 2, "network.settling.duration": 1000.0}
    assert twin.with_values(settles).remarks(connectome) == []
    odd = replace(load_tuning("dk84-rest"), local_inhibition=np.ones(84), provenance={"scenario": [1]})
    name = keep_tuning(odd)
    assert twin.with_values({"network.tuning": name, "network.in_degree": 50}).remarks(connectome) == []


def test_shipped_scenarios_say_nothing_without_effect():
    for name in preset_names():
        assert preset(name).remarks(load_connectome(preset(name).connectome)) == []


def test_remarks_stand_in_run_json_in_the_summary_and_in_check(tmp_path, capsys):
    file = tmp_path / "late.toml"
    file.write_text(scenario(duration=40.0, transient=30.0).to_toml())
    assert main(["run", str(file), "--out", str(tmp_path / "run")]) == 0
    said = "transient: 30 ms are more than half of the run of 40 ms; statistics begin at 20 ms."
    assert f"remark      {said}" in capsys.readouterr().out
    kept = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (kept["transient_ms"], kept["remarks"]) == (20.0, [said])
    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out == f"late.toml: fine.\n  {said}\n"
    assert main(["check", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["remarks"] == [said]


WILD = {"network.parameters.ou_mean": 2000.0, "network.in_degree": 0, "network.parameters.t_refrac": 1.0}


@pytest.mark.parametrize("duration", [30.0, 130.0])
def test_a_runaway_is_noticed_in_short_runs_and_in_what_is_left(duration):
    if duration < 100:
        simulation = Simulation(scenario(duration=duration, **WILD))
    else:  # calm until the last window that is whole
        pulse = {"region": "L.TH", "population": "all", "amplitude": 5000.0, "start": 100.0}
        values = {"stimulus": [pulse], "network.parameters.t_refrac": 1.0}
        simulation = Simulation(scenario(duration=duration, **values))
        simulation.advance(100)
    with pytest.raises(SimulationError, match=rf"at {duration:g} ms\): activity has run away"):
        simulation.run()
    assert simulation.recording().duration_ms == duration


def test_a_single_volley_in_a_short_run_is_no_runaway():
    pulse = {"region": "L.TH", "population": "all", "amplitude": 5000.0, "start": 1.0, "stop": 2.0}
    run = Simulation(scenario(duration=3.0, stimulus=[pulse])).run()
    assert run.counts.sum() / run.network.n_neurons / 0.003 > 200


@pytest.mark.parametrize("steps", [math.nan, -5, 2.5, "20", None, True])
def test_steps_that_cannot_be_counted_are_refused_and_change_nothing(steps):
    simulation = Simulation(scenario())
    with pytest.raises(ParameterError, match="n_exchanges: must be a whole number, at least 0"):
        simulation.advance(steps)
    with pytest.raises(ParameterError, match="chunk: must be a whole number, at least 1"):
        simulation.run(chunk=0 if steps == -5 else steps if steps is not True else -1)
    assert simulation.time_ms == 0
    assert simulation.advance(np.int64(3)).time_ms == 3


@pytest.mark.parametrize("threads", [0, -1, 1.5])
def test_threads_are_refused_by_the_class_as_by_the_command(threads):
    with pytest.raises(ParameterError, match="threads: must be a whole number, at least 1"):
        Simulation(scenario(), threads=threads)


def test_names_are_taken_for_what_they_name_or_refused():
    simulation = Simulation("two-regions", "dk84")
    assert simulation.scenario == preset("two-regions")
    assert simulation.connectome is load_connectome("dk84")
    with pytest.raises(DataError, match=r"Did you mean 'two-regions'\?"):
        Simulation("two-region")
    with pytest.raises(DataError):
        Simulation(scenario(), connectome="dk48")
    for wrong in ((7,), (scenario(), 7), (None, "dk84")):
        with pytest.raises(ParameterError, match=r"Simulation\.(scenario|connectome): must be a"):
            Simulation(*wrong)


def test_everything_shows_itself_in_a_line():
    simulation = Simulation(scenario(duration=20.0))
    things = [
        simulation,
        simulation.scenario,
        simulation.connectome,
        simulation.network,
        simulation.advance(10),
        simulation.snapshot(),
        simulation.recording(),
    ]
    shown = [repr(thing) for thing in things]
    assert all(type(t).__name__ in s[:12] for t, s in zip(things, shown, strict=True))
    assert all(len(s) < 200 and "\n" not in s for s in shown)
    assert "10 of 20 ms" in repr(simulation)
    assert "duration, transient" in shown[1]


@pytest.mark.parametrize(
    ("key", "rule", "analog", "said"),
    [
        ("network.coupling", ("L.TH", "L.HI"), ["L.HI"], "learn on the chip .L.TH → L.HI."),
        ("network.coupling", ("L.HI", "L.HI"), ["L.HI"], None),
        ("network.coupling", ("L.TH", "L.HI"), [], None),
        ("network.parameters.ou_mean", ("L.TH", "L.HI"), ["L.HI"], None),
    ],
)
def test_what_does_not_follow_a_slider_is_said(key, rule, analog, said):
    scenario = Scenario(regions={"analog": analog}, plasticity=[{"source": rule[0], "target": rule[1]}])
    found = live_remark(scenario, load_connectome("dk84").labels, key)
    assert bool(found) == (said is not None)
    if said:
        assert re.search(said, found)
