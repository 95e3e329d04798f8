"""The script for BrainScaleS-2: runs on PyNN's mock, holds the network, counts what is lost."""

from __future__ import annotations

import base64
import importlib.util
import io
import subprocess
import sys
import zlib

import numpy as np
import pytest

from engine import ParameterError, Scenario, load_connectome
from engine.backends.wiring import draw_inputs
from engine.brain.network import Network
from engine.export.pynn import calibration_targets, pynn_script
from engine.kernels.wiring import KIND_NONE

CONNECTOME = load_connectome("dk84")
SMALL = {"network.neurons_per_region": 40, "network.in_degree": 20}


def scenario(**values) -> Scenario:
    regions = {"default": "off", "digital": ["L.TH"], "analog": ["L.HI", "R.HI"]}
    return Scenario(title='A "tricky" title\n', duration=100.0).with_values(
        {"regions": regions, **SMALL, **values}
    )


def script(regions: tuple[str, ...] = (), **values):
    return pynn_script(scenario(**values), CONNECTOME, lambda label, kind: 4.0, regions)


def loaded(text: str, tmp_path):
    """The script as a module, not run."""
    path = tmp_path / "brainscales2.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("brainscales2_script", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def connection_lists(module):
    packed = zlib.decompress(base64.b85decode("".join(module.DATA.split())))
    arrays = np.load(io.BytesIO(packed))
    return {(p["pre"], p["post"], p["receptor"]): arrays[p["list"]] for p in module.PROJECTIONS}


def test_the_script_runs_on_the_mock(tmp_path):
    made = script()
    path = tmp_path / "brainscales2.py"
    path.write_text(made.text)
    done = subprocess.run(
        [sys.executable, str(path), "--backend", "mock"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    said = made.as_json()
    nodes = len(made.populations) + len(made.sources)
    counted = f"{nodes} populations, {said['projections']} projections, {said['synapses']} synapses"
    assert done.stdout.splitlines()[0] == counted
    assert "L.HI E: 32 neurons" in done.stdout
    assert "R.HI I: 8 neurons" in done.stdout


def test_the_synapses_are_those_of_the_wirings_own_seed(tmp_path):
    def lists(name, **values):
        (tmp_path / name).mkdir()
        return connection_lists(loaded(script(**values).text, tmp_path / name))

    own, same, other = lists("a", **{"network.wiring_seed": 5}), lists("b", seed=5), lists("c")
    assert all(np.array_equal(own[key], same[key]) for key in same)
    assert not all(np.array_equal(own[key], other.get(key)) for key in own)


def test_every_synapse_is_there_once_with_its_whole_weight(tmp_path):
    chosen = scenario()
    network = Network.of(chosen, CONNECTOME)
    inputs = draw_inputs(network, chosen.seed)
    lists = connection_lists(loaded(script().text, tmp_path))
    first = {"L.HI E": 40, "L.HI I": 72, "R.HI E": 80, "R.HI I": 112}
    assert network.labels == ("L.TH", "L.HI", "R.HI")
    found = []
    for (pre, post, receptor), array in lists.items():
        sign = -1 if receptor == "inhibitory" else 1
        assert np.all(array[:, 2] * sign > 0)
        assert np.abs(array[:, 2]).max() <= 63
        assert receptor == ("inhibitory" if pre.endswith(" I") else "excitatory")
        if "outside" not in pre:
            found += [(first[pre] + i, first[post] + j, w * sign) for i, j, w in array.tolist()]
    wanted = []
    for target in range(40, 120):
        for source, weight in zip(inputs.sources[target], inputs.weights[target], strict=True):
            code = round(float(weight) * 63 / 255)
            if code and source >= 40:
                wanted.append((int(source), target, code))
    assert sorted(found) == sorted(wanted)
    outside = sum(len(x) for (pre, _, _), x in lists.items() if "outside" in pre)
    zero = next(x.count for x in script().losses if x.what == "weights that round to 0")
    n_inputs = np.count_nonzero(inputs.kinds[40:] != KIND_NONE)
    assert len(found) + outside + zero == n_inputs > 0.99 * 80 * 20


def test_sources_off_the_chip_fire_at_their_rates_on_hardware_time(tmp_path):
    module = loaded(script().text, tmp_path)
    (source,) = module.SOURCES
    assert source["label"] == "L.TH E, outside"
    assert source["rate_hz"] == 4000.0
    lists = connection_lists(module)
    used = np.concatenate([x[:, 0] for (pre, _, _), x in lists.items() if pre == source["label"]])
    assert sorted(set(used.tolist())) == list(range(source["size"]))


def test_one_region_alone_takes_the_other_as_a_source(tmp_path):
    made = script(("L.HI",))
    assert [p["label"] for p in made.populations] == ["L.HI E", "L.HI I"]
    assert {s["label"] for s in made.sources} <= {"L.TH E, outside", "R.HI E, outside"}


def test_targets_are_in_the_chips_units():
    targets, losses = calibration_targets(scenario(**{"network.parameters.ou_mean": 0.0}))
    assert losses == []
    assert targets == {
        "v_rest": 80.0,
        "v_thresh": 125.0,
        "v_reset": 114.0,  # 15 of 20 mV from rest to threshold, 45 LSB: 113.75
        "tau_m": 20.0,
        "tau_syn_E": 2.0,
        "tau_syn_I": 20.0,
        "tau_refrac": 2.0,
    }
    values = {"network.parameters.ou_mean": 1000.0, "network.parameters.tau_gaba_a": 50.0}
    targets, losses = calibration_targets(scenario(**values))
    assert (targets["v_rest"], targets["tau_syn_I"]) == (160.0, 30.0)
    assert [loss.what for loss in losses] == ["target v_rest", "target tau_syn_I"]
    knobs = {"analog.bias_offset": 25.0, "analog.threshold_offset": 4.0, "analog.tau_m_scale": 2.0}
    moved, _ = calibration_targets(scenario(**{"network.parameters.ou_mean": 0.0, **knobs}))
    assert moved["v_rest"] == 82.0  # 1 mV, 2.25 LSB
    assert (moved["v_thresh"], moved["tau_m"]) == (134.0, 40.0)


def test_adex_neurons_keep_what_the_calibration_knows(tmp_path):
    values = {"neuron": [{"region": "L.HI", "population": "E", "model": "adex"}]}
    made = script(**values)
    assert {p["label"]: p["model"] for p in made.populations}["L.HI E"] == "adex"
    assert {loss.what: loss.count for loss in made.losses}["AdEx neurons"] == 32
    module = loaded(made.text, tmp_path)
    assert set(module.TARGETS) == {"adex", "lif"}
    assert module.TARGETS["adex"]["v_thresh"] == 125.0


def test_what_is_lost_is_counted_and_stands_in_the_script():
    made = script(
        **{
            "network.delays": "tract",
            "network.coupling": 5.0,
            "stimulus": [{"region": "L.HI"}, {"region": "L.TH"}],
            "plasticity": [{"source": "L.TH", "target": "L.HI"}],
            "analog.weight_bits": 4,
            "network.neurons_per_region": 400,
        }
    )
    lost = {loss.what: loss for loss in made.losses}
    for what in ("weights above 63", "delays", "conductances"):
        assert lost[what].count > 0
    assert lost["stimuli"].count == lost["rules of plasticity"].count == 1
    assert lost["background currents"].count == 800
    assert lost["neurons beyond one chip"].count == 800 - 512
    head = " ".join(made.text.split('"""')[1].split())
    for loss in made.losses:
        assert f"{loss.count:,} {loss.what}: " in head
    assert made.as_json()["not_carried"] == [loss.as_json() for loss in made.losses]


@pytest.mark.slow
def test_too_many_inputs_are_named():
    values = {"network.neurons_per_region": 400, "network.in_degree": 300}
    lost = {loss.what: loss for loss in script(**values).losses}
    assert lost["neurons of too many inputs"].count > 700


def test_the_same_scenario_gives_the_same_script():
    assert script().text == script().text
    assert script().text != script(seed=2).text


def test_without_an_analog_region_it_is_refused():
    with pytest.raises(ParameterError, match=r"must hold a region for the export to pynn"):
        script(**{"regions.analog": [], "regions.digital": ["L.HI"]})
    with pytest.raises(ParameterError, match=r"region: must be an analog region \(got 'L.TH'\)"):
        script(("L.TH",))
