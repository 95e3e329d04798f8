"""Learning on the analog chip: rates that reach a target, rewards that raise a response."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import CapacityError, ParameterError, Scenario, Simulation, load_connectome
from engine.backends.contract import LiveParameters
from engine.brain.network import Network
from engine.run.snapshot import read_snapshot, write_snapshot

CONNECTOME = load_connectome("dk84")
SMALL = {"network.neurons_per_region": 60, "network.in_degree": 30}
LARGER = {"network.neurons_per_region": 100, "network.in_degree": 50}


def scenario(duration: float, rules: list[dict], **values) -> Scenario:
    regions = {"default": "off", "digital": ["L.TH"], "analog": ["L.HI"]}
    return Scenario(duration=duration, transient=0.0).with_values(
        {"regions": regions, "plasticity": rules, **SMALL, **values}
    )


def rule(source: str = "L.HI", period: int = 3000, **chip) -> dict:
    return {"source": source, "target": "L.HI", "population": "all", "chip": {"period": period, **chip}}


def neuron_rates(recording, region: str, first: int, last: int) -> np.ndarray:
    """(n_neurons of the region,) float64 [Hz] from `first` to `last` ms."""
    network, n_sub = recording.network, recording.scenario.n_sub
    r = network.labels.index(region)
    begin, size = network.region_start[r], network.region_sizes[r]
    when = (recording.spike_steps >= first * n_sub) & (recording.spike_steps < last * n_sub)
    ids = recording.spike_ids[when] - begin
    ids = ids[(ids >= 0) & (ids < size)]
    return np.bincount(ids, minlength=size) * 1000.0 / (last - first)


@pytest.mark.slow
def test_homeostasis_brings_every_neuron_to_its_target():
    target = 8.0
    rules = [rule(s, 4000, rule="homeostasis", target_rate_hz=target) for s in ("L.HI", "L.TH")]
    learned = Simulation(scenario(80_000.0, rules, **LARGER, **{"network.parameters.g_ampa": 5.0}))
    learned = learned.run()
    before, after = (neuron_rates(learned, "L.HI", *span) for span in ((0, 8000), (72_000, 80_000)))
    assert np.abs(after - target).mean() < 0.4 * np.abs(before - target).mean()
    assert after.std() < 0.6 * before.std()
    for p in learned.plastic:
        assert p["updates"] == 19
        assert p["mean_weight"] != p["mean_weight_before"]
    assert learned.as_json()["plasticity"] == learned.plastic


def rewarded_run(reward: bool, blocks: int = 10, period: int = 4000):
    """Two sources take turns; a region apart is active with the first, as the reward."""

    def stimuli(region: str, first: int) -> list[dict]:
        return [
            {
                "region": region,
                "amplitude": 150.0,
                "start": float(b * period),
                "stop": float((b + 1) * period),
            }
            for b in range(first, blocks, 2)
        ]

    chip = {
        "rule": "r_stdp",
        "learning_rate": 127,
        "reward_region": "L.PCAL",
        "reward_rate_hz": 40.0,
        "amplitude_lsb": 1.0,
        "tau": 10.0,
    }
    return Simulation(
        scenario(
            float(blocks * period),
            [rule(s, period, **chip) for s in ("L.FG", "L.PHIG")],
            **{
                **LARGER,
                "network.parameters.g_ampa": 3.0,
                "regions.digital": ["L.FG", "L.PHIG", "L.PCAL"],
                "stimulus": stimuli("L.FG", 0)
                + stimuli("L.PHIG", 1)
                + (stimuli("L.PCAL", 0) if reward else []),
                "lesion": [{"region": "L.PCAL", "scope": "both"}],
            },
        )
    ).run()


@pytest.mark.slow
def test_reward_raises_the_rewarded_response_and_nothing_without_it():
    rewarded, control = rewarded_run(True), rewarded_run(False)
    for p in control.plastic:
        assert p["updates"] == 9
        assert p["mean_weight"] == p["mean_weight_before"]
    first, second = rewarded.plastic
    assert first["mean_weight"] > first["mean_weight_before"] + 0.05
    assert second["mean_weight"] < second["mean_weight_before"] - 0.05

    def response(recording, block: int) -> float:
        return neuron_rates(recording, "L.HI", 4000 * block, 4000 * (block + 1)).mean()

    # Until the first difference in reward, both runs are one; then the rewarded input gains.
    assert response(rewarded, 0) == response(control, 0)
    assert response(rewarded, 8) > 1.15 * response(control, 8)
    assert response(rewarded, 9) < response(control, 9)


@pytest.mark.parametrize("source", ["L.HI", "L.TH"])
def test_what_cannot_learn_changes_nothing_but_the_sensors(source):
    plain = Simulation(scenario(400.0, [])).run()
    for chip in ({"rule": "stdp", "learning_rate": 0, "period": 4000}, {"period": 1_000_000}):
        simulation = Simulation(scenario(400.0, [rule(source, **chip)]))
        frozen = simulation.run()
        assert frozen.spike_hash == plain.spike_hash
        assert frozen.n_events == plain.n_events
        projection = simulation.backends[1].projections[0]
        assert projection.state()["n_plus"].sum() > 0
        # Spikes from another chip travel for 1.3 ms on average: one or two steps more.
        assert np.unique(projection.delays).tolist() == ([1] if source == "L.HI" else [2, 3])
    assert plain.plastic == []


@pytest.mark.slow
def test_chunks_and_snapshots_change_nothing(tmp_path):
    rules = [rule(rule="homeostasis"), rule("L.TH", 3500, rule="stdp", amplitude_lsb=2.0, tau=30.0)]
    chosen = scenario(8000.0, rules, **{"network.delays": "tract"})
    whole = Simulation(chosen)
    recording = whole.run()
    assert [p["updates"] for p in recording.plastic] == [2, 2]
    pieces = Simulation(chosen)
    for n in (1, 2, 2995, 3, 998, 2):
        pieces.advance(n)
    write_snapshot(tmp_path / "half.h5", pieces.snapshot())
    pieces.run(chunk=777)
    branch = Simulation(chosen)
    branch.restore(read_snapshot(tmp_path / "half.h5"))
    branch.run(chunk=1000)
    for other in (pieces, branch):
        assert other.recording().spike_hash == recording.spike_hash
        assert other.recording().plastic == recording.plastic


def test_the_report_counts_pairs_and_what_the_sensors_miss():
    simulation = Simulation(scenario(6500.0, [rule(rule="stdp", amplitude_lsb=0.5)]))
    report = simulation.run().plastic[0]
    projection = simulation.backends[1].projections[0]
    assert report["synapses"] == projection.n_synapses == report["synapses"]
    assert 0 < report["invisible_pairs"] <= report["pairs"]
    assert report["dead_sensors"] == np.count_nonzero(projection.sensors.amplitude_minus == 0)
    assert report["dead_sensors"] > 0
    assert report["rule"] == "stdp"
    assert projection.codes.min() >= 0
    assert projection.codes.max() <= 63


def test_the_coupling_is_part_of_the_first_weights():
    single, double = (
        Simulation(scenario(10.0, [rule("L.TH")], **{"network.coupling": c})) for c in (1.0, 2.0)
    )
    drawn = Simulation(scenario(10.0, [])).backends[1].table.weights
    a, b = (s.backends[1].projections[0] for s in (single, double))
    assert np.array_equal(b.codes, np.minimum(np.round(drawn[a.places] * (63 / 255) * 2), 63))
    assert b.report()["clipped_weights"] > 0
    assert a.report()["clipped_weights"] == 0


def test_a_coupling_moved_during_a_run_reaches_learned_synapses_of_tracts_alone():
    simulation = Simulation(scenario(400.0, [rule("L.TH"), rule("L.HI")]))
    far, local = simulation.backends[1].projections
    before = [(p.codes.copy(), p.stored.copy()) for p in (far, local)]
    simulation.advance(50)
    live = LiveParameters.of(simulation.scenario)
    simulation.set_live(replace(live, coupling=2.5))
    assert np.abs(far.stored - 2.5 * before[0][1]).max() <= 0.5 * 2.5 + 0.5
    assert np.array_equal(local.stored, before[1][1])
    for p, (codes, _) in zip((far, local), before, strict=True):
        assert np.array_equal(p.codes, codes)
    snapshot = simulation.snapshot()
    branch = Simulation(scenario(400.0, [rule("L.TH"), rule("L.HI")], **{"network.coupling": 2.5}))
    branch.restore(snapshot)
    assert np.array_equal(branch.backends[1].projections[0].stored, far.stored)
    simulation.set_live(replace(live, coupling=0.0))
    assert not far.stored.any()
    simulation.set_live(live)
    assert np.array_equal(far.stored, before[0][1])


@pytest.mark.parametrize("bits", [4, 6, 8])
def test_weights_have_the_chips_bits(bits):
    values = {"analog.weight_bits": bits, "analog.mode": "quantised"}
    simulation = Simulation(scenario(3100.0, [rule(rule="homeostasis")], **values))
    projection = simulation.backends[1].projections[0]
    drawn = Simulation(scenario(10.0, [], **values)).backends[1].table.weights[projection.places]
    assert np.array_equal(projection.codes, np.round(drawn * ((2**bits - 1) / 255)))
    wanted = projection.codes * (63 * 64 / (2**bits - 1))
    assert np.abs(projection.stored - wanted).max() <= 0.5
    before = projection.codes.copy()
    simulation.run()
    assert set(np.unique(projection.codes - before)) <= {-1, 0, 1}
    assert np.any(projection.codes != before)


def test_a_period_too_short_for_the_processor_is_refused():
    with pytest.raises(CapacityError, match=r"plasticity\.0\.chip\.period: needs 1,[0-9]{3} ms"):
        Simulation(scenario(100.0, [rule(period=1000)]))
    both = [rule(period=2000), rule("L.TH", 2000)]
    with pytest.raises(CapacityError, match=r"plasticity\.0 and plasticity\.1 keep the") as told:
        Simulation(scenario(100.0, both))
    least = int(str(told.value).split("at least ")[1].split(" ms")[0])
    Simulation(scenario(100.0, [rule(period=least), rule("L.TH", least)]))


def test_bad_rules_are_refused():
    for chip, sentence in (
        ({"rule": "hebb"}, r"plasticity\.0\.chip\.rule: must be 'stdp', 'r_stdp' or 'homeo"),
        ({"learning_rate": 128}, r"plasticity\.0\.chip\.learning_rate: must be at most 127"),
        ({"amplitude_lsb": 3.0}, r"plasticity\.0\.chip\.amplitude_lsb: must be at most 2"),
        ({"rewards": 3.0}, r"plasticity\.0\.chip: unknown key 'rewards'"),
    ):
        with pytest.raises(ParameterError, match=sentence):
            scenario(100.0, [rule(**chip)])
    for region, sentence in (("L.XX", "must be a label"), ("L.PCAL", "must be a region that is on")):
        refused = rf"plasticity\.0\.chip\.reward_region: {sentence}"
        with pytest.raises(ParameterError, match=refused):
            Network.of(scenario(100.0, [rule(reward_region=region)]), CONNECTOME)


def test_a_rule_of_a_region_that_is_off_waits():
    Network.of(scenario(100.0, [{"source": "L.PCAL", "target": "L.HI"}]), CONNECTOME)
