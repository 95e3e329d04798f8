"""Inhibition that exhausts itself: what it does to a brain, and where it is refused."""

from __future__ import annotations

import numpy as np
import pytest

from engine import ParameterError, Scenario, Simulation
from engine.brain.connectome import load_connectome
from engine.model.ions import Focus
from engine.tuning.running_brain import RunningBrain

TWO = {"regions.default": "off", "regions.digital": ["L.TH", "L.HI"], "duration": 3000.0, "dt": 0.5}
LOADED = {"network.ions.influx": 0.01, "network.ions.tau_cl": 2000.0}


def run(**values) -> Simulation:
    simulation = Simulation(Scenario().with_values({**TWO, **values}))
    simulation.advance(3000)
    return simulation


def of_region(simulation: Simulation, label: str, values: np.ndarray) -> np.ndarray:
    """Values of the excitatory neurons of a region."""
    network = simulation.network
    here = network.region_of == network.labels.index(label)
    return values[here & network.is_excitatory]


def test_a_focus_clears_chloride_slowly_and_fires_more():
    brain = run(**LOADED)
    focal = run(**LOADED, focus=[{"region": "L.HI", "drive": 60.0, "clearance": 0.1}])
    chloride = focal.backends[0].ions.chloride
    assert of_region(focal, "L.HI", chloride).mean() > 1.1 * of_region(focal, "L.TH", chloride).mean()
    rates, before = focal.recording().population_rates_hz, brain.recording().population_rates_hz
    e = {label: 2 * focal.network.labels.index(label) for label in ("L.HI", "L.TH")}
    assert rates[e["L.HI"]] > 1.5 * before[e["L.HI"]]
    assert rates[e["L.HI"]] > rates[e["L.TH"]]


def test_inhibition_loads_a_brain_and_adaptation_slows_it_down():
    loaded = run(**LOADED)
    slowed = run(**LOADED, **{"network.ions.g_sahp": 0.5})
    rest = loaded.backends[0].report()["ions"]["chloride_at_rest_mM"]
    assert loaded.backends[0].ions.chloride.mean() > rest + 0.5
    faster, slower = (s.recording().mean_rate_hz()["E"] for s in (loaded, slowed))
    assert slower < 0.9 * faster
    network, ions = slowed.network, slowed.backends[0].ions
    assert (ions.g_sahp[~network.is_excitatory] == 0.0).all()
    assert of_region(slowed, "L.TH", ions.g_sahp).mean() > 1.0


def test_adaptation_begins_as_after_a_rate_that_was_held():
    rate = {"network.ions.g_sahp": 0.2, "network.ions.start_rate_hz": 10.0}
    fresh = Simulation(Scenario().with_values({**TWO, **rate}))
    network, ions = fresh.network, fresh.backends[0].ions
    np.testing.assert_allclose(ions.g_sahp, np.where(network.is_excitatory, 0.2 * 10.0 * 5.0, 0.0))
    before, after = run(**{"network.ions.g_sahp": 0.2}).recording(), run(**rate).recording()
    assert after.counts[:500].sum() < 0.9 * before.counts[:500].sum()


def test_the_report_names_the_fullest_region():
    focal = run(**LOADED, focus=[{"region": "L.HI", "clearance": 0.05}])
    report = focal.recording().reports["digital"]["ions"]
    assert report["fullest_region"] == "L.HI"
    assert report["fullest_region_mM"] > report["chloride_mM"] > report["chloride_at_rest_mM"]
    assert "ions" not in run().recording().reports["digital"]


def test_stimuli_act_beside_what_ions_add():
    stimulus = [{"region": "L.TH", "amplitude": 150.0, "start": 1000.0, "stop": 2000.0}]
    driven = run(**LOADED, stimulus=stimulus)
    counts = driven.recording().counts[:, 2 * driven.network.labels.index("L.TH")]
    before, during, after = (counts[k : k + 900].sum() for k in (50, 1050, 2100))
    assert during > 1.5 * before
    assert after < 0.8 * during


def test_a_focus_that_is_off_changes_nothing():
    one = Scenario().with_values({**TWO, "focus": [{"region": "L.AM", "drive": 500.0}]})
    assert one.remarks(Simulation(one).connectome) == ["focus.0.region: L.AM is off; it changes nothing."]
    assert run(focus=one.focus).recording().spike_hash == run().recording().spike_hash


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"regions.analog": ["L.AM"]}, "network.ions must have no analog region.*got L.AM"),
        ({"regions.default": "analog"}, "network.ions must have no analog region.*got as default"),
        ({"network.columns": ["L.TH"]}, "network.ions must have no columns.*got L.TH"),
        ({"neuron": [{"region": "L.TH"}]}, "network.ions must have neurons of the kind lif or adex alone"),
        ({"network.inhibitory_neuron": "adex_current"}, r"lif or adex alone \(got adex_current\)"),
        ({"network.recipe": "microcircuit"}, "network.ions must be off for the recipe microcircuit"),
        (
            {"focus": [{"region": "L.TH"}, {"region": "L.TH"}]},
            "focus.1.region must be another than of focus.0",
        ),
        ({"focus": [{"region": "L.THA"}]}, "focus.0.region: must be a label of the connectome"),
    ],
)
def test_what_holds_no_ions_is_refused_by_name(values, said):
    with pytest.raises(ParameterError, match=said):
        Simulation(Scenario().with_values({**TWO, **LOADED, **values}))


def test_a_focus_on_the_chip_is_refused_by_name():
    with pytest.raises(ParameterError, match="focus must have no analog region, whose circuits hold no"):
        Scenario().with_values({"regions.analog": ["L.HI"], "focus": [{"region": "L.HI"}]})


@pytest.mark.slow
def test_neurons_of_both_kinds_hold_ions():
    values = {"network.excitatory_neuron": "adex", **LOADED, "network.ions.g_sahp": 0.05}
    adaptive = run(**values)
    assert {b.name for b in adaptive.backends} == {"digital", "digital adex"}
    assert all(b.ions.chloride.mean() > 8.1 for b in adaptive.backends)


FOCAL = {**TWO, **LOADED, "network.ions.g_sahp": 0.2, "focus": [{"region": "L.HI", "drive": 60.0}]}


@pytest.fixture(scope="module", params=[1, 2])
def apart(request):
    """Step by step: a stimulus is asked for between any two, even one of 0 pA."""
    still = {"region": "L.HI", "amplitude": 0.0}
    simulation = Simulation(Scenario().with_values({**FOCAL, "stimulus": [still]}), threads=request.param)
    assert simulation.backends[0].max_span == 1
    return simulation.run(), simulation.backends[0].state()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_steps_in_one_call_are_the_single_ones(apart, threads):
    """What a stretch of steps hands over in between, and how its ions move, changes no bit."""
    together = Simulation(Scenario().with_values(FOCAL), threads=threads)
    assert together.backends[0].max_span > 20
    run, theirs = apart
    assert together.run().spike_hash == run.spike_hash
    mine = together.backends[0].state()
    together.close()
    for name in ("ions_chloride", "ions_g_s", "state"):
        np.testing.assert_array_equal(mine[name], theirs[name])


def running(**values) -> RunningBrain:
    tuned = {**FOCAL, "connectome": "dk84", "network.tuning": "dk84-rest", **values}
    return RunningBrain(Scenario().with_values(tuned), load_connectome("dk84"))


def test_foci_that_are_set_are_those_of_the_scenario_and_may_move_while_it_runs():
    told, asked = running(focus=[]), running()
    told.set_foci(asked.scenario.focus)
    np.testing.assert_array_equal(told.advance(500), asked.advance(500))
    ions = told.backends[0].ions
    told.set_foci([])
    hippocampus = told.network.region_of == told.network.labels.index("L.HI")
    full = ions.chloride[hippocampus].mean()
    told.advance(3000)
    asked.advance(3000)
    assert ions.chloride[hippocampus].mean() < asked.backends[0].ions.chloride[hippocampus].mean()
    assert full > ions.report()["chloride_at_rest_mM"]


def test_foci_that_cannot_be_are_refused():
    with pytest.raises(ParameterError, match=r"focus.region: must be a region that is on \(got 'L.AM'\)"):
        running().set_foci([Focus(region="L.AM", drive=1.0)])
    still = {"network.ions.influx": 0.0, "network.ions.g_sahp": 0.0, "focus": []}
    with pytest.raises(ParameterError, match="focus: must be in a brain in which ions move"):
        running(**still).set_foci([Focus(region="L.HI", drive=1.0)])
