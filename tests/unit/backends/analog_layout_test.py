"""Regions on chips: every limit refuses by its own name, and what fits keeps to all of them."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dtb_app.commands.check import find_problems
from engine import CapacityError, Scenario, capacity_of, load_connectome, preset
from engine.backends.analog import layout as layouts
from engine.backends.analog import resources as chip
from engine.backends.analog.layout import layout_of
from engine.backends.wiring import draw_inputs
from engine.brain.network import Network
from engine.kernels.wiring import KIND_NONE
from engine.run.capacity import require_capacity

CONNECTOME = load_connectome("dk84")
POISSON = {"kind": "poisson", "region": "L.HI", "population": "all", "amplitude": 100.0, "frequency": 20.0}


def scenario(**values):
    values = {key.replace("__", "."): value for key, value in values.items()}
    return Scenario().with_values({"regions.analog": ["L.HI", "R.HI"], **values})


def layout(s):
    network = Network.of(s, CONNECTOME)
    return network, layout_of(s, network)


REFUSED = {
    "chips": (
        {"regions.default": "analog", "regions.analog": []},
        r"analog\.max_chips: needs 42 chips, 24 available",
    ),
    "one region's chips": (
        {"network.neurons_per_region": 2000, "analog.max_chips": 2},
        r"analog\.max_chips: needs \d+ chips.*, 2 available",
    ),
    "circuits": (
        {"analog.neurons_per_hemisphere": 240, "analog.merge": 2},
        r"needs 480 circuits of a hemisphere .*, 256 available.*at most 128 neurons",
    ),
    "rows of a circuit": (
        {"analog.merge": 1, "network.in_degree": 300, "network.neurons_per_region": 600},
        r"analog\.merge: needs 300 synapse rows .*, 256 available.*Merge 2 circuits",
    ),
    "rows of a bus": (
        {"analog.neurons_per_hemisphere": 240, "network.in_degree": 200},
        r"analog\.bus: needs \d+ rows of an event bus .*, 64 available.*at most 120 neurons",
    ),
    "banded recurrence": (
        {
            "analog.neurons_per_hemisphere": 240,
            "network.in_degree": 130,
            "analog.weight_scale_local_exc": 3.0,
        },
        r"analog\.band: needs \d+ rows of the one bus that a band .*, 64 available",
    ),
    "labels": (
        {"analog.neurons_per_hemisphere": 256, "network.in_degree": 160, "network.neurons_per_region": 2000},
        r"analog\.labels: needs [\d,]+ labels on a hemisphere.*, 8,192 available",
    ),
    "Poisson generators": (
        {"stimulus": [POISSON] * 5},
        r"stimulus: needs 5 Poisson generators on one chip.*, 4 available",
    ),
    "sources of a generator": (
        {"network.neurons_per_region": 400, "network.in_degree": 60, "stimulus": [POISSON]},
        r"stimulus\.0: needs 400 Poisson sources of one generator.*, 256 available",
    ),
    "rate of a generator": (
        {"stimulus": [{**POISSON, "frequency": 600.0}]},
        r"stimulus\.0\.frequency: needs 144,000 events a second.*, 125,000 available.*520 Hz",
    ),
}


@pytest.mark.parametrize("limit", REFUSED)
def test_every_limit_refuses_before_the_run(limit, tmp_path):
    values, sentence = REFUSED[limit]
    s = scenario(**values)
    with pytest.raises(CapacityError, match=sentence):
        require_capacity(s, CONNECTOME)
    file = tmp_path / "breaks.toml"
    file.write_text(s.to_toml())
    problems = find_problems(str(file))
    assert len(problems) == 1
    assert "available" in problems[0]


@pytest.mark.parametrize("limit", ["circuits", "rows of a circuit", "rows of a bus", "labels"])
def test_the_change_a_refusal_names_fits(limit):
    values, _ = REFUSED[limit]
    s = scenario(**values, **{"analog.max_chips": 100})
    fits = s.with_values({"analog.merge": "auto", "analog.neurons_per_hemisphere": "auto"})
    require_capacity(fits, CONNECTOME)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"network.in_degree": 300, "network.neurons_per_region": 600},
        {"network.coupling": 2.5},
        {"regions.analog": ["L.HI", "R.HI", "L.TH"], "network.neurons_per_region": 500},
        {"stimulus": [POISSON]},
    ],
)
def test_what_fits_keeps_to_every_limit(values):
    network, laid = layout(scenario(**values))
    on = network.is_analog[network.region_of]
    assert np.array_equal(laid.neurons, np.flatnonzero(on))
    # One circuit belongs to one neuron, and none straddles a group of 32 columns.
    taken = np.concatenate(
        [
            256 * h + c + np.arange(m)
            for h, c, m in zip(laid.hemisphere, laid.column, laid.merged, strict=True)
        ]
    )
    assert taken.size == np.unique(taken).size == laid.circuits
    assert taken.max() < 256 * laid.n_hemispheres
    assert np.all(laid.column // 32 == (laid.column + laid.merged - 1) // 32)
    assert laid.drivers.max() <= chip.DRIVERS_PER_BUS
    assert laid.labels.max() <= chip.DRIVERS_PER_BUS * chip.LABELS
    assert laid.rows.max() <= chip.ROWS_PER_CIRCUIT
    assert np.array_equal(np.unique(laid.region[laid.hemisphere]), np.flatnonzero(network.is_analog))
    assert 0 < laid.utilisation[laid.binding] <= 1


def test_sources_come_over_the_bus_their_columns_reach():
    s = scenario()
    network, laid = layout(s)
    inputs = draw_inputs(network, s.seed)
    place = np.full(network.n_neurons, -1)
    place[laid.neurons] = np.arange(laid.neurons.size)
    bus_of = {(int(n), int(b) // 4): int(b) % 4 for n, b in zip(laid.source, laid.bus, strict=True)}
    for target in laid.neurons[::37]:
        for source in inputs.sources[target][inputs.kinds[target] != KIND_NONE]:
            bus = bus_of[int(source), int(laid.hemisphere[place[target]])]  # every input arrives
            same = network.region_of[source] == network.region_of[target]
            if same and laid.hemisphere[place[source]] // 2 == laid.hemisphere[place[target]] // 2:
                assert bus == laid.column[place[source]] // 32 % 4


def test_the_page_and_the_report_say_the_same():
    need = capacity_of(preset("hippocampus-on-analog"), CONNECTOME)
    _, laid = layout(preset("hippocampus-on-analog"))
    assert (need.circuits, need.chips) == (laid.circuits, laid.chips) == (480, 1)
    assert need.chip_use == laid.utilisation
    assert laid.binding == "circuits"


def test_split_weights_take_rows():
    _, one = layout(scenario())
    _, split = layout(scenario(**{"network.coupling": 2.0}))
    _, whole = layout(scenario(**{"network.coupling": 2.0, "analog.max_split": 1}))
    assert one.synapses.sum() == whole.synapses.sum() == 48_000
    # Long-range synapses are 2/7; half of them, doubled, are above 63.
    assert abs(split.synapses.sum() / 48_000 - (1 + 1 / 7)) < 0.01


def test_what_two_threads_ask_for_is_laid_out_once(monkeypatch):
    lay_region, asked = layouts.lay_region, []

    def slow(*given):
        asked.append(given)
        time.sleep(0.2)
        return lay_region(*given)

    monkeypatch.setattr(layouts, "lay_region", slow)
    s = preset("hippocampus-on-analog").with_values({"seed": 90210})
    network = Network.of(s, CONNECTOME)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: layout_of(s, network), range(4)))
    assert len(asked) == int(network.is_analog.sum())
    assert all(f is found[0] for f in found)
    assert layouts.is_quick_to_lay_out(s, network)
