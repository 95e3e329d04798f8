"""The script for NEST: the very synapses and delays, and what is refused or lost."""

from __future__ import annotations

import ast
import base64
import io
import math
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CapacityError, ParameterError, Scenario, load_connectome
from engine.backends.wiring import draw_inputs
from engine.brain.network import Network
from engine.export import nest as export
from engine.export.nest import nest_script
from engine.kernels.wiring import KIND_LONG, KIND_NONE

CONNECTOME = load_connectome("dk84")


def scenario(**values) -> Scenario:
    regions = {"default": "off", "digital": ["L.TH"], "analog": ["L.HI"]}
    small = {"network.neurons_per_region": 40, "network.in_degree": 20}
    return Scenario(title='"""; import os', duration=100.0).with_values(
        {"regions": regions, **small, **values}
    )


def constants(text: str) -> dict:
    """Module-level constants of a script, without running it."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def arrays(text: str) -> dict[str, np.ndarray]:
    packed = "".join(constants(text)["DATA"].split())
    return dict(np.load(io.BytesIO(zlib.decompress(base64.b85decode(packed)))))


def test_every_synapse_and_delay_is_in_the_script():
    chosen = scenario(**{"network.delays": "tract"})
    network = Network.of(chosen, CONNECTOME)
    inputs = draw_inputs(network, chosen.seed)
    made = nest_script(chosen, CONNECTOME)
    data = arrays(made.text)
    real = inputs.kinds != KIND_NONE
    assert made.n_synapses == data["pre"].size == real.sum()
    assert np.array_equal(data["pre"], inputs.sources[real])
    assert np.array_equal(data["weight"], inputs.weights[real])
    assert np.array_equal(data["is_long"], inputs.kinds[real] == KIND_LONG)
    assert np.array_equal(np.bincount(data["post"]), real.sum(axis=1))
    assert np.array_equal(data["delay_ms"] + 0.5, network.delay_steps)
    assert constants(made.text)["LABELS"] == ["L.TH", "L.HI"]


def test_the_synapses_are_those_of_the_wirings_own_seed():
    own = nest_script(scenario(**{"network.wiring_seed": 5}), CONNECTOME)
    same, other = (nest_script(scenario(seed=seed), CONNECTOME) for seed in (5, 1))
    assert np.array_equal(arrays(own.text)["pre"], arrays(same.text)["pre"])
    assert not np.array_equal(arrays(own.text)["pre"], arrays(other.text)["pre"])
    assert "TRANSIENT, SEED = 100.0, 50.0, 1\n" in own.text  # the seed of the noise


def test_the_background_has_the_moments_of_what_it_stands_for():
    p = scenario().network.parameters
    noise = constants(nest_script(scenario(), CONNECTOME).text)["BACKGROUND"]
    assert sum(n["mean"] for n in noise) == pytest.approx(p.ou_mean)
    assert sum(n["std"] ** 2 for n in noise) == pytest.approx(p.ou_std**2)
    # A current that is constant over h at a time has the autocorrelation 1 - t / h.
    lags = np.arange(0.0, 30.0, 0.1)
    ours = np.mean([np.maximum(0.0, 1.0 - lags / n["dt"]) for n in noise], axis=0)
    assert np.abs(ours - np.exp(-lags / p.ou_tau)).max() < 0.02


def test_what_is_lost_is_counted():
    made = nest_script(
        scenario(
            **{
                "network.parameters.g_nmda": 0.1,
                "regions.analog": [],
                "regions.digital": ["L.TH", "L.HI"],
                "plasticity": [{"source": "L.TH", "target": "L.HI"}],
                "stimulus": [
                    {"region": "L.TH"},
                    {"region": "L.TH", "kind": "dbs"},
                    {"region": "L.HI", "kind": "poisson", "frequency": 20.0},
                ],
            }
        ),
        CONNECTOME,
    )
    lost = {loss.what: loss.count for loss in made.losses}
    assert lost["conductances of NMDA"] == 80
    assert lost["stimuli of pulses"] == lost["rules of plasticity"] == 1
    assert "neurons on the analog chip" not in lost
    kept = constants(made.text)["STIMULI"]
    assert [s.get("amplitude", s.get("rate")) for s in kept] == [100.0, 20.0]
    assert {loss.what: loss.count for loss in nest_script(scenario(), CONNECTOME).losses}[
        "neurons on the analog chip"
    ] == 40


SPANS = st.tuples(st.floats(0.0, 150.0, allow_subnormal=False), st.floats(0.01, 150.0, allow_subnormal=False))


@settings(deadline=None, max_examples=40)
@given(
    spans=st.lists(SPANS, min_size=1, max_size=6),
    n_sub=st.sampled_from([1, 2, 3, 7, 10, 16, 100]),
    kind=st.sampled_from(["current", "poisson"]),
)
def test_stimuli_stand_on_the_grid_of_steps_within_the_run_and_keep_their_charge(spans, n_sub, kind):
    stimuli = [
        {"region": "L.TH", "kind": kind, "start": start, "stop": start + length} for start, length in spans
    ]
    made = nest_script(scenario(dt=1.0 / n_sub, stimulus=stimuli), CONNECTOME)
    kept = constants(made.text)["STIMULI"]
    for s in kept:
        assert 0.0 <= s["start"] < s["stop"] <= 100.0
        for ms in (s["start"], s["stop"]):
            assert ms * n_sub == pytest.approx(round(ms * n_sub), abs=1e-9)
    begun = [(start, min(start + length, 100.0)) for start, length in spans if start < 100.0]
    lost = {loss.what: loss.count for loss in made.losses}
    assert lost.get("stimuli after the end of the run", 0) == len(spans) - len(begun)
    if kind == "current":
        charges = [s["amplitude"] * (s["stop"] - s["start"]) for s in kept]
        assert charges == pytest.approx([100.0 * (stop - start) for start, stop in begun])
    else:  # spikes come in every exchange step that begins within the span, as in the engine
        steps = [math.ceil(stop) - math.ceil(start) for start, stop in begun]
        assert [s["stop"] - s["start"] for s in kept] == [n for n in steps if n]


def test_a_stimulus_on_the_grid_is_carried_as_it_is():
    at = {"region": "L.TH", "start": 10.3, "stop": 20.1}
    made = nest_script(scenario(stimulus=[at]), CONNECTOME)
    (kept,) = constants(made.text)["STIMULI"]
    assert (kept["start"], kept["stop"], kept["amplitude"]) == (10.3, 20.1, 100.0)
    assert not any("between two steps" in loss.what for loss in made.losses)


def test_what_no_script_holds_is_refused(monkeypatch):
    for values, sentence in (
        ({"network.excitatory_neuron": "adex"}, r"neuron: must be lif everywhere .* \(got 'adex'\)"),
        ({"network.recipe": "microcircuit", "regions.analog": []}, "network.recipe: must be dtb"),
    ):
        with pytest.raises(ParameterError, match=sentence):
            nest_script(scenario(**values), CONNECTOME)
    monkeypatch.setattr(export, "MAX_SYNAPSES", 1000)
    with pytest.raises(CapacityError, match="needs 1,600 synapses in a script, 1,000 available"):
        nest_script(scenario(), CONNECTOME)
