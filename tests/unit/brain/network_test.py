"""Network, wiring statistics, lesions, delays, stimuli and capacity."""

from __future__ import annotations

import numpy as np
import pytest

from engine import CapacityError, ParameterError, Scenario, Simulation, capacity_of, load_connectome
from engine.backends.drive import stimulus_level
from engine.backends.wiring import draw_inputs
from engine.brain.network import Network
from engine.kernels.wiring import KIND_LONG, KIND_SHORT
from engine.model.stimuli import Stimulus

CONNECTOME = load_connectome("dk84")


@pytest.fixture(scope="module")
def whole():
    scenario = Scenario()
    network = Network.of(scenario, CONNECTOME)
    return scenario, network, draw_inputs(network, scenario.seed)


def test_the_recipe_has_its_shares(whole):
    _, network, inputs = whole
    assert network.n_neurons == 20_160
    assert network.is_excitatory.mean() == 0.8
    n = inputs.kinds.size
    from_e = network.is_excitatory[inputs.sources]
    shares = [
        np.mean((inputs.kinds == KIND_SHORT) & from_e),
        np.mean((inputs.kinds == KIND_SHORT) & ~from_e),
        np.mean(inputs.kinds == KIND_LONG),
    ]
    for share, expected in zip(shares, (4 / 7, 1 / 7, 2 / 7), strict=True):
        assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / n)
    assert abs(inputs.weights.mean() - 127.5) < 4 * 73.9 / np.sqrt(n)
    assert inputs.weights.min() == 0
    assert inputs.weights.max() == 255


def test_long_range_sources_follow_the_connectome(whole):
    _, network, inputs = whole
    target = CONNECTOME.index("L.HI")
    rows = network.region_of == target
    long_range = inputs.kinds[rows] == KIND_LONG
    regions = network.region_of[inputs.sources[rows][long_range]]
    observed = np.bincount(regions, minlength=84) / regions.size
    p = network.probability[target]
    assert np.all(np.abs(observed - p) < 5 * np.sqrt(p * (1 - p) / regions.size) + 1e-3)


def test_a_lesion_cuts_only_what_it_names(whole):
    scenario, network, before = whole
    cut = scenario.with_values({"lesion": [{"region": "L.HI", "scope": "efferent"}]})
    lesioned = Network.of(cut, CONNECTOME)
    after = draw_inputs(lesioned, cut.seed)
    from_hi = network.region_of[before.sources] == CONNECTOME.index("L.HI")
    gone = (before.kinds == KIND_LONG) & from_hi
    assert after.n_cut == gone.sum() > 0
    assert np.array_equal(after.kinds[~gone], before.kinds[~gone])
    assert np.array_equal(after.sources[~gone], before.sources[~gone])


def test_part_of_a_lesion(whole):
    scenario, *_ = whole
    both = Network.of(scenario.with_values({"lesion": [{"region": "L.HI", "fraction": 0.25}]}), CONNECTOME)
    i = CONNECTOME.index("L.HI")
    assert np.allclose(np.delete(both.lesion[i], i), 0.25)
    assert np.allclose(np.delete(both.lesion[:, i], i), 0.25)


def test_moving_a_region_to_analog_keeps_every_synapse(whole):
    scenario, _, before = whole
    moved = scenario.with_values({"regions.analog": ["L.HI"]})
    after = draw_inputs(Network.of(moved, CONNECTOME), moved.seed)
    assert np.array_equal(before.sources, after.sources)
    assert np.array_equal(before.weights, after.weights)


def test_a_spike_arrives_on_its_step():
    """One strong tract, one driven source: the target's current changes exactly at the delay."""
    scenario = Scenario(
        duration=60.0,
        transient=0.0,
        dt=0.1,
        network={"delays": "tract", "velocity": 3.0, "parameters": {"ou_std": 0.0, "ou_mean": 0.0}},
        regions={"default": "off", "digital": ("L.TH", "L.SFG")},
        stimulus=[{"region": "L.TH", "population": "all", "amplitude": 5000.0, "stop": 3.0}],
    )
    simulation = Simulation(scenario)
    network = simulation.network
    delay = int(network.delay_steps[network.labels.index("L.SFG"), network.labels.index("L.TH")])
    target = network.region_of == network.labels.index("L.SFG")
    first_spike = first_move = None
    for t in range(60):
        simulation.advance(1)
        if first_spike is None and simulation.frame().n_spikes:
            first_spike = t
        v = simulation.backends[0].membrane()[target]
        if first_move is None and np.any(np.abs(v - v[0]) > 1e-3):
            first_move = t
    assert delay > 5
    # Weights absorbed at the start of step t move V within that step.
    assert first_move == first_spike + delay


@pytest.mark.parametrize(
    ("time", "level"), [(0, 0.0), (10, 60.0), (11, 60.0), (14, 60.0), (15, 30.0), (16, 0.0)]
)
def test_current_levels(time, level):
    stimulus = Stimulus(region="x", amplitude=60.0, start=10.0, stop=15.5)
    assert stimulus_level(stimulus, time) == pytest.approx(level)


@pytest.mark.parametrize(("frequency", "width"), [(130.0, 0.1), (50.0, 0.5), (7.3, 1.0)])
def test_pulses_keep_their_charge(frequency, width):
    stimulus = Stimulus(
        kind="dbs", region="x", amplitude=1000.0, start=3.2, stop=1003.2, frequency=frequency, width=width
    )
    charge = sum(stimulus_level(stimulus, t) for t in range(1100))
    n_pulses = np.ceil(frequency * 1.0 - 1e-9)
    assert charge == pytest.approx(1000.0 * width * n_pulses, rel=1e-6)


@pytest.mark.parametrize("kind", ["current", "poisson", "dbs", "pulse_train"])
def test_every_kind_of_stimulus_drives_its_region(kind):
    amplitude = {"current": 100.0, "poisson": 100.0, "dbs": 4000.0, "pulse_train": 4000.0}[kind]
    scenario = Scenario(
        duration=500.0,
        transient=0.0,
        regions={"default": "off", "digital": ("L.TH",), "analog": ("L.HI",)},
        stimulus=[
            {"kind": kind, "region": r, "amplitude": amplitude, "width": 0.2} for r in ("L.TH", "L.HI")
        ],
    )
    driven = Simulation(scenario).run().population_rates_hz
    alone = Simulation(scenario.with_values({"stimulus": []})).run().population_rates_hz
    assert np.all(driven[0::2] > 1.3 * alone[0::2])


def test_capacity_is_what_is_built():
    scenario = Scenario(regions={"analog": ("L.HI", "R.HI")}, duration=10.0)
    need = capacity_of(scenario, CONNECTOME)
    simulation = Simulation(scenario)
    assert need.n_neurons == simulation.network.n_neurons
    assert need.n_synapses == simulation.n_synapses
    report = next(b for b in simulation.backends if b.name == "analog").report()
    assert (need.circuits, need.chips) == (report["circuits"], report["chips"]) == (480, 1)


def test_too_many_chips_are_refused_with_what_would_fit():
    with pytest.raises(CapacityError, match=r"needs 42 chips, 24 available.*Keep about 48 of 84"):
        Simulation(Scenario(regions={"default": "analog"}))


def test_too_much_memory_is_refused_with_what_would_fit(monkeypatch):
    monkeypatch.setenv("DTB_MAX_MEMORY_MB", "500")
    with pytest.raises(CapacityError, match=r"MB of memory.*neurons per region") as caught:
        Simulation(Scenario(network={"neurons_per_region": 9000}))
    fitting = int(str(caught.value).split("Use about ")[1].split(" ")[0])
    need = capacity_of(Scenario(network={"neurons_per_region": fitting}), CONNECTOME)
    assert need.memory_mb <= 500


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"regions.default": "off"}, "at least one must be digital or analog"),
        ({"network.neurons_per_region": 50}, "must be at least"),
        ({"connectome": "dk84", "network.velocity": 1.0, "network.delays": "tract"}, None),
    ],
)
def test_networks_that_cannot_be(values, sentence):
    scenario = Scenario().with_values(values)
    if sentence is None:
        assert Network.of(scenario, CONNECTOME).delay_steps.max() > 200
        return
    with pytest.raises(ParameterError, match=sentence):
        Network.of(scenario, CONNECTOME)


def test_sizes_by_volume_keep_the_mean():
    scenario = Scenario(network={"sizes": "volume", "neurons_per_region": 1000})
    sizes = Network.of(scenario, CONNECTOME).region_sizes
    assert sizes.max() > 3 * sizes.min()
    assert abs(sizes.mean() - 1000) < 60
