"""A column as a region of a whole brain: itself inside, one region among others outside."""

from __future__ import annotations

import numpy as np
import pytest

from engine import ParameterError, Scenario, Simulation, capacity_of, load_connectome
from engine.backends.column.regions import ColumnRegions
from engine.backends.wiring import draw_inputs
from engine.brain.network import Network
from engine.kernels.wiring import KIND_SHORT

CONNECTOME = load_connectome("dk84")
BRAIN = {
    "network.columns": ["L.PCAL"],
    "network.column_neurons": 900,
    "regions": {"default": "off", "digital": ["L.PCAL", "L.TH", "L.LG"]},
}


def run(**values) -> Simulation:
    simulation = Simulation(Scenario(duration=400.0, transient=0.0).with_values(values))
    simulation.run()
    return simulation


def spikes(simulation: Simulation) -> set[tuple[int, int]]:
    """(step, neuron) of every spike."""
    recording = simulation.recording()
    return set(zip(recording.spike_steps.tolist(), recording.spike_ids.tolist(), strict=True))


def column_spikes(simulation: Simulation) -> set[tuple[int, int]]:
    """(step, number inside the column) of every spike of the column."""
    (columns,) = [b for b in simulation.backends if isinstance(b, ColumnRegions)]
    inner = {int(outer): i for i, outer in enumerate(columns.numbers)}
    return {(step, inner[i]) for step, i in spikes(simulation) if i in inner}


@pytest.fixture(scope="module")
def alone() -> set[tuple[int, int]]:
    simulation = run(
        **{
            "network.recipe": "microcircuit",
            "network.neurons_per_region": 900,
            "regions": {"default": "off", "digital": ["L.PCAL"]},
        }
    )
    return spikes(simulation)


def test_without_tracts_it_is_the_column_alone(alone):
    assert len(alone) > 100
    assert column_spikes(run(**BRAIN, **{"network.coupling": 0.0})) == alone
    cut = [{"region": "L.PCAL", "scope": "afferent"}]
    assert column_spikes(run(**BRAIN, lesion=cut)) == alone


def test_the_brain_reaches_the_column_and_the_column_the_brain(alone):
    coupled = run(**BRAIN)
    assert column_spikes(coupled) != alone
    driven = run(**BRAIN, stimulus=[{"region": "L.PCAL", "population": "E", "amplitude": 200.0}])
    # Populations: E and I of each region, in the order of the connectome's labels.
    others = [2 * r for r, label in enumerate(driven.network.labels) if label != "L.PCAL"]
    before, after = (s.recording().counts[:, others].sum() for s in (coupled, driven))
    assert after > 1.05 * before


def test_strong_tracts_drive_the_column():
    weak, strong = (
        run(**BRAIN, **{"network.coupling": c}).recording().as_json()["region_rate_hz"] for c in (0.0, 3.0)
    )
    assert strong["L.PCAL"]["E"] > 1.3 * weak["L.PCAL"]["E"]


def test_its_neurons_listen_along_tracts_only():
    network = Network.of(Scenario().with_values(BRAIN), CONNECTOME)
    inputs = draw_inputs(network, 1)
    region = network.labels.index("L.PCAL")
    mine = network.region_of == region
    assert not np.any(inputs.kinds[mine] == KIND_SHORT)
    n = int(np.count_nonzero(inputs.kinds[mine] != 2))
    expected = mine.sum() * 100 * 2 / 7
    assert abs(n - expected) < 4 * np.sqrt(expected)
    assert np.all(network.is_excitatory[inputs.sources[inputs.kinds == 1]])


def test_capacity_counts_the_inside():
    scenario = Scenario().with_values(BRAIN)
    simulation = run(**BRAIN)
    need = capacity_of(scenario, CONNECTOME)
    assert need.n_neurons == simulation.network.n_neurons
    assert abs(need.n_synapses / simulation.n_synapses - 1) < 0.01


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"network.columns": ["L.XX"]}, r"network\.columns: must be labels"),
        ({"network.columns": ["L.HI"], "regions.analog": ["L.HI"]}, "must be digital regions"),
        ({"network.columns": ["L.HI"], "neuron": [{"region": "L.HI"}]}, "must not be a column"),
        (
            {"network.columns": ["L.HI"], "plasticity": [{"source": "L.TH", "target": "L.HI"}]},
            r"plasticity\.0\.target: must not be a column",
        ),
        ({"network.columns": ["L.HI"], "network.recipe": "microcircuit"}, "must be empty"),
    ],
)
def test_what_cannot_be_is_refused(values, sentence):
    with pytest.raises(ParameterError, match=sentence):
        Network.of(Scenario().with_values(values), CONNECTOME)
