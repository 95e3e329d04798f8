"""Columns: published numbers, rows of synapses, and a spike that arrives on the right step."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Scenario, Simulation
from engine.backends.column.backend import ColumnBackend
from engine.brain.network import Network
from engine.errors import ParameterError
from engine.kernels import lif_psc
from engine.kernels.poisson import WIDTH
from engine.model.microcircuit import (
    FULL_SIZE,
    SIZES,
    Column,
    MicrocircuitParameters,
    column_sizes,
    psc_over_psp,
)

QUIET = {
    "network.microcircuit.background_rate_hz": 0.0,
    "network.microcircuit.in_degree_scale": 1.0,
    "network.microcircuit.v_thresh": 1000.0 - 960.0,
}


def scenario(n: int = 1600, **values) -> Scenario:
    base = {"network.recipe": "microcircuit", "network.neurons_per_region": n}
    regions = {"default": "off", "digital": ["L.PCAL"]}
    return Scenario(duration=200.0, transient=50.0).with_values({**base, "regions": regions, **values})


def backend(threads: int = 1, **values) -> ColumnBackend:
    return Simulation(scenario(**values), threads=threads).backends[0]


def synapses(b: ColumnBackend) -> dict[str, np.ndarray]:
    """Every stored synapse: source, target, weight [pA], delay [steps]."""
    r = b.rows
    n = r.row_start.size - 1
    blocks = b.neuron_of.reshape(-1, WIDTH)  # dealt to shards one after the other
    source = np.repeat(np.arange(n), np.diff(r.row_start))
    weight = (r.words >> 16) * r.unit
    local = r.words & 0xFFFF
    delay, target = np.empty(r.words.size, int), np.empty(r.words.size, int)
    for s in range(n):
        at = int(r.row_start[s])
        for k in range(b.n_shards):
            edges = r.offsets[s, k].astype(int)
            where = slice(at + edges[0], at + edges[-1])
            delay[where] = np.repeat(np.arange(1, r.max_delay + 1), np.diff(edges))
            target[where] = blocks[k :: b.n_shards].ravel()[local[where]]
    return {"source": source, "target": target, "weight": weight, "delay": delay}


def test_the_whole_circuit_has_the_published_size():
    column = Column.of(MicrocircuitParameters(), SIZES)
    assert column.n_neurons == FULL_SIZE == 77_169
    assert abs(column.n_synapses - 298_880_968) < 10  # as the reference implementation counts
    assert column.dc.max() == 0
    assert psc_over_psp(MicrocircuitParameters()) * 0.15 == pytest.approx(87.81, abs=0.01)


def test_scaling_keeps_mean_and_variance_of_the_input():
    p = MicrocircuitParameters()
    whole, small = Column.of(p, SIZES), Column.of(p, column_sizes(7717))
    rates = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])

    def moments(c: Column) -> tuple[np.ndarray, np.ndarray]:
        k = c.synapses / c.sizes[:, None]
        per_s = k * rates
        mean = (c.weight * per_s).sum(axis=1) * p.tau_syn * 1e-3
        mean += c.background_weight * c.background_per_ms * p.tau_syn + c.dc
        power = (c.weight**2 * per_s).sum(axis=1) * 1e-3
        return mean, power + c.background_weight**2 * c.background_per_ms

    for a, b in zip(moments(whole), moments(small), strict=True):
        assert np.allclose(a, b, rtol=0.01)


def test_a_column_too_small_is_refused_with_what_would_do():
    with pytest.raises(ParameterError, match="at least 37 "):
        column_sizes(20)
    assert column_sizes(37).min() == 1


def test_rows_hold_what_the_circuit_asks_for():
    b = backend()
    column, s = b.columns[0], synapses(b)
    edges = np.concatenate([[0], np.cumsum(column.sizes)])
    kind = np.searchsorted(edges, np.arange(column.n_neurons), side="right") - 1
    pairs = np.zeros((8, 8), int)
    np.add.at(pairs, (kind[s["target"]], kind[s["source"]]), 1)
    assert np.array_equal(pairs, column.synapses)
    assert s["delay"].min() == 1
    for i in range(8):
        for j in range(8):
            mine = (kind[s["target"]] == i) & (kind[s["source"]] == j)
            n = int(mine.sum())
            if n < 1000:
                continue
            w, mean = s["weight"][mine], column.weight[i, j]
            assert abs(w.mean() / mean - 1) < 4 * 0.1 / np.sqrt(n)
            assert abs(w.std() / abs(mean) - 0.1) < 4 * 0.1 / np.sqrt(2 * n)
            steps = 15.0 if j % 2 == 0 else 7.5
            # Mean of a normal distribution cut at half a step and rounded.
            assert abs(s["delay"][mine].mean() - 1.032 * steps) < 4 * steps / 2 / np.sqrt(n) + 0.05


def test_bytes_per_synapse():
    r = backend(n=7717).rows
    assert r.n_bytes / r.n_synapses < 5
    assert r.tally == {**r.tally, "delays_cut": 0, "weights_cut": 0}


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_spike_arrives_on_exactly_its_step(threads):
    b = backend(threads, **QUIET)
    s = synapses(b)
    source, sent, n_sub = 5, 9, 10
    at_rest = {name: np.zeros_like(value) for name, value in b.state().items()}
    flight = {"flight_steps": np.array([sent]), "flight_ids": np.array([source], np.int32)}
    b.restore({**at_rest, "step": np.array([sent + 1]), **flight})
    keep = np.exp(-0.1 / 0.5)
    mine = s["source"] == source
    real = b.neuron_of >= 0
    seen = 0
    for time in range(1, 2 + (sent + b.rows.max_delay) // n_sub):
        assert not b.advance(time)[0].size
        seen += b.deliver(np.zeros(0, np.int32), time)
        # Looked at after every tenth step; a synapse that is a step off is off by a fifth.
        after = n_sub * (time + 1) - 1 - sent
        due = mine & (s["delay"] <= after)
        expected = np.zeros(b.neurons.size)
        np.add.at(expected, s["target"][due], s["weight"][due] * keep ** (after - s["delay"][due]))
        current = b.state()["neurons"][lif_psc.I_SYN]
        found = np.zeros(b.neurons.size)
        found[b.neuron_of[real]] = current[real]
        assert np.allclose(found, expected, rtol=1e-5, atol=1e-3)
    assert seen == int(mine.sum())


def test_every_spike_is_delivered_to_its_whole_row():
    simulation = Simulation(
        scenario(
            **{
                "network.microcircuit.delay_e": 0.2,
                "network.microcircuit.delay_i": 0.2,
                "network.microcircuit.delay_sd": 0.0,
            }
        )
    )
    recording = simulation.run()
    lengths = np.diff(simulation.backends[0].rows.row_start)
    last = recording.scenario.n_exchanges * 10
    arrived = recording.spike_steps + 2 < last
    assert recording.n_events == int(lengths[recording.spike_ids[arrived]].sum())
    assert arrived.sum() > 100


def test_a_constant_current_gives_the_closed_form_rate():
    p = MicrocircuitParameters()
    current = 450.0  # pA
    stimulus = {"region": "L.PCAL", "population": "all", "amplitude": current}
    alone = {"network.microcircuit.v_thresh": -50.0, "network.microcircuit.psp": 0.0}
    b = backend(**{**QUIET, **alone, "stimulus": [stimulus]})
    more = []
    for k in range(400):
        ids, steps = b.advance(k)
        more.append((ids, steps + 10 * k))
    steps = np.concatenate([s[i == 3] for i, s in more])
    r = p.tau_m / p.c_m  # GOhm
    wait = p.tau_m * np.log(current * r / (current * r - 15.0))
    expected = np.ceil(wait / 0.1 - 1e-9) * 0.1 + p.t_refrac
    assert steps.size >= 20
    assert np.allclose(np.diff(steps) * 0.1, expected)


def test_a_held_neuron_stands_at_reset():
    b = backend()
    for k in range(20):
        b.advance(10 * k, 10)
    v = b.membrane()
    assert v.min() > -100
    assert v.max() < -50
    whole = b.state()["neurons"][lif_psc.V]
    held = whole[b.neuron_of >= 0] < lif_psc.HELD
    assert held.any()
    assert (v == -65.0).sum() >= held.sum()


def test_lanes_of_a_block_share_their_population():
    network = Network.of(scenario(), Simulation(scenario()).connectome)
    b = backend()
    kind = np.where(b.neuron_of >= 0, network.kind_of[b.neuron_of], -1)
    for block in kind.reshape(-1, WIDTH):
        assert len(set(block[block >= 0])) <= 1


def test_membrane_moments_under_poisson_drive_have_the_closed_form():
    """Shot noise through two exponentials: Campbell's theorem gives mean and variance."""
    p = MicrocircuitParameters()
    b = backend(
        n=6000,
        **{
            "network.microcircuit.v_thresh": 40.0,
            "network.microcircuit.g": 0.0,
            "network.microcircuit.in_degree_scale": 0.001,
        },
    )
    column, kind = b.columns[0], 2
    first = int(column.sizes[:kind].sum())
    mine = slice(first, first + int(column.sizes[kind]))
    samples = []
    for k in range(60):
        b.advance(10 * k, 10)
        if k >= 20:
            samples.append(b.membrane()[mine] - p.v_rest)
    v = np.array(samples)
    rate = column.background_per_ms[kind]  # spikes per ms
    w = column.background_weight
    m, s = p.tau_m, p.tau_syn
    # A spike moves V by w m s / (c (m - s)) (exp(-t/m) - exp(-t/s)).
    a = w * m * s / (p.c_m * (m - s))
    mean = rate * a * (m - s) + column.dc[kind] * m / p.c_m
    variance = rate * a**2 * (m / 2 + s / 2 - 2 * m * s / (m + s))
    n = v.size / 3  # samples 10 ms apart share half of their noise
    assert abs(v.mean() - mean) < 5 * np.sqrt(variance / n) + 0.02
    assert abs(v.var() / variance - 1) < 5 * np.sqrt(2 / n) + 0.01


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"lesion": [{"region": "L.PCAL"}]}, "lesion must be empty"),
        (
            {"regions": {"default": "off", "digital": ["L.PCAL"], "analog": ["L.HI"]}},
            "regions.analog must be empty",
        ),
        ({"network.neurons_per_region": 20}, "at least 37"),
        (
            {
                "network.microcircuit.background_rate_hz": 50.0,
                "dt": 1.0,
                "network.microcircuit.in_degree_scale": 1.0,
            },
            "spikes a membrane step",
        ),
        ({"network.microcircuit.v_reset": -40.0}, "must be below v_thresh"),
    ],
)
def test_columns_that_cannot_be(values, sentence):
    with pytest.raises(ParameterError, match=sentence):
        Simulation(scenario(**values))
