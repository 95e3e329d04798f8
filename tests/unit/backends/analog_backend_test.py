"""What the chip does to weights, spikes and events, each counted."""

import numpy as np
import pytest

from engine import Scenario, Simulation
from engine.kernels.event_bus import SLOTS, Buses, BusState, bus_queue
from engine.model.chip_terms import TERMS

REGIONS = {"default": "off", "analog": ["L.HI", "R.HI"], "digital": ["L.TH"]}


def simulate(threads=1, **values):
    values = {key.replace("__", "."): value for key, value in values.items()}
    s = Scenario(regions=REGIONS, duration=300.0, transient=0.0).with_values(values)
    return Simulation(s, threads=threads)


def chip_of(simulation):
    return next(b for b in simulation.backends if b.name == "analog")


ELSEWHERE = ("bus", "readout", "outliers", "sensor", "dead_sensors")
"""Terms that do not act in this network: nothing is crowded, recorded, odd by chance, or learns."""

OFF = {f"analog__terms__{name}": 0.0 for name in TERMS}


def test_every_term_off_is_the_ideal_chip():
    ideal = simulate(analog__mode="ideal").run()
    assert simulate(analog__mode="uncalibrated", **OFF).run().spike_hash == ideal.spike_hash


@pytest.mark.parametrize("name", [n for n in TERMS if n not in ELSEWHERE])
def test_every_term_alone_changes_the_spikes(name):
    on = {**OFF, f"analog__terms__{name}": 3.0}
    if name == "adex":
        model = [{"region": "L.HI", "model": "adex"}]
        a, b = ({"neuron": model, **v} for v in (OFF, on))
    elif name == "inh_saturation":  # acts below rest
        wild = {"network__parameters__e_gaba_a": -110.0, "network__parameters__ou_std": 600.0}
        a, b = ({**wild, **v} for v in (OFF, on))
    elif name == "refractory":  # 2 ms is met by the counter
        a, b = ({"network__parameters__t_refrac": 2.17, "dt": 0.01, **v} for v in (OFF, on))
        b["analog__terms__refractory"] = 20.0
    elif name in ("sensor", "dead_sensors"):  # read where synapses learn, from 8 LSB on
        rule = {"source": "L.HI", "target": "L.HI", "chip": {"period": 3000, "amplitude_lsb": 2.0}}
        busy = {"network__parameters__ou_mean": 600.0, "plasticity": [rule], "duration": 3500.0}
        a, b = ({**busy, **v} for v in (OFF, on))
    else:
        a, b = OFF, on
    assert simulate(**a).run().spike_hash != simulate(**b).run().spike_hash


def test_outliers_are_as_many_as_named():
    report = simulate(analog__terms__outliers=20.0).run().reports["analog"]
    assert abs(report["snaps"]["outliers"] / 480 - 0.08) < 0.04
    chip = chip_of(simulate(analog__terms__outliers=20.0))
    gain = chip.pattern.outlier_gain(0.08)
    assert set(np.unique(gain)) == {0.4, 1.0, 2.4}


def test_threads_change_nothing():
    one, two = simulate(), simulate(threads=2)
    assert one.run().spike_hash == two.run().spike_hash
    one.close()
    two.close()


def test_run_and_chip_seeds():
    base = simulate().run()
    assert simulate(analog__run_seed=1).run().spike_hash == base.spike_hash  # the scenario's seed
    other = simulate(analog__run_seed=5)
    assert other.run().spike_hash != base.spike_hash
    mine, same = chip_of(simulate()).pattern, chip_of(other).pattern
    assert np.array_equal(mine.normal["exc_gain"], same.normal["exc_gain"])
    assert not np.array_equal(mine.drift, same.drift)


@pytest.mark.parametrize("bits", [2, 4, 6, 8])
def test_weights_are_whole_levels(bits):
    chip = chip_of(simulate(analog__mode="quantised", analog__weight_bits=bits))
    step = 64 * 63 / (2**bits - 1)
    assert np.allclose(chip.weights.stored / step, np.round(chip.weights.stored / step), atol=0.04)
    wanted = chip.table.weights * (63 * 64 / 255)
    assert np.abs(chip.weights.stored - wanted).max() <= step / 2 + 1


def test_trims_reach_their_synapses():
    plain = simulate(analog__mode="ideal")
    base = chip_of(plain).weights
    scaled = chip_of(
        simulate(
            analog__mode="ideal",
            analog__weight_scale_local_exc=2.0,
            analog__weight_scale_local_inh=3.0,
            analog__weight_scale_long=0.5,
        )
    ).weights
    ratio = scaled.stored[base.stored > 500] / base.stored[base.stored > 500]
    table = chip_of(plain).table
    inhibitory = np.repeat(~plain.network.is_excitatory, np.diff(table.indptr[::2]))
    kind = np.where(table.long_range(), 0.5, np.where(inhibitory, 3.0, 2.0))[base.stored > 500]
    assert np.allclose(ratio, kind, rtol=0.01)


def test_bias_threshold_and_time_constant_are_in_the_circuits():
    rates = {}
    for name, values in {
        "base": {},
        "bias": {"analog__bias_offset": 50.0},
        "threshold": {"analog__threshold_offset": 2.0},
        "tau": {"analog__tau_m_scale": 1.5},
    }.items():
        run = simulate(**values).run()
        rates[name] = sum(run.population_rates_hz[run.network.population_region == 0])
    assert rates["bias"] > rates["base"] > rates["threshold"]
    assert rates["tau"] != rates["base"]


def test_spikes_that_leave_a_chip_travel_longer():
    chip = chip_of(simulate())
    delays, long = chip.weights.delays, chip.table.long_range()
    assert np.all(delays[~long] == 1)  # both hemispheres hold one region each
    assert set(np.unique(delays[long])) == {2, 3}
    assert delays[long].mean() == pytest.approx(1 + 1.3, abs=0.02)
    assert chip.report()["snaps"]["delays_changed"] == long.sum()
    assert chip_of(simulate(analog__mode="quantised")).weights.delays.size == 0


def test_a_longer_tract_holds_the_latency():
    chip = chip_of(simulate(network__delays="tract"))
    far = chip.table.long_range()
    assert np.array_equal(chip.weights.delays[far].max(), chip.table.delays[far].max())
    assert np.all(chip.weights.delays[far] >= chip.table.delays[far])


def queue_of(n_spikes, per_slot, depth, slot=0):
    sources = np.arange(n_spikes, dtype=np.int32)
    events, dropped = np.zeros(1, np.int64), np.zeros(1, np.int64)
    queue = np.zeros(1, np.int32)
    lost = np.zeros((2, 4096), np.int32)
    buses = Buses(
        np.zeros(n_spikes, np.uint32),
        np.arange(n_spikes + 1),
        np.zeros(n_spikes, np.int32),
        per_slot,
        depth,
        n_sub=SLOTS,
    )
    state = BusState(
        queue,
        events,
        dropped,
        lost[0],
        lost[1],
        np.full(n_spikes, -1, np.int8),
        np.empty(n_spikes, np.int8),
        np.empty((SLOTS + 1, 1), np.int32),
    )
    n, n_synaptic = bus_queue(
        sources, sources, np.full(n_spikes, slot, np.int32), 0, buses, state, 3 * np.arange(2 * n_spikes + 1)
    )
    assert n_synaptic == 6 * n_spikes
    return n, int(events[0]), int(dropped[0]), int(queue[0]), lost[0, :n].tolist()


@pytest.mark.slow
def test_a_bus_carries_what_it_can_and_counts_the_rest():
    assert queue_of(12, 12, 16) == (0, 12, 0, 0, [])
    assert queue_of(28, 12, 16)[:4] == (0, 28, 0, 0)
    assert queue_of(30, 12, 16) == (2, 30, 2, 0, [28, 29])
    # In the last slot of a step, what waits goes over into the next.
    assert queue_of(28, 12, 16, slot=SLOTS - 1)[:4] == (0, 28, 0, 16)
    assert queue_of(1000, 0, 16)[:3] == (0, 1000, 0)


def test_dropped_events_do_not_arrive():
    slow = {"analog__terms__bus": 20.0, "network__parameters__ou_mean": 700.0}
    run = simulate(**slow).run()
    report = run.reports["analog"]
    assert report["dropped_events"] > 0
    assert report["dropped_events"] == np.sum(report["dropped_events_per_bus"])
    assert report["snaps"]["events_dropped"] == report["dropped_events"]
    deep = simulate(**{**slow, "analog__fifo_depth": 10_000}).run()
    assert deep.reports["analog"]["dropped_events"] == 0
    free = simulate(**{**slow, "analog__terms__bus": 0.0}).run()
    assert free.reports["analog"]["dropped_events"] == 0
    assert free.spike_hash != run.spike_hash
    assert simulate(threads=2, **slow).run().spike_hash == run.spike_hash


def test_a_snapshot_goes_on_exactly():
    whole = simulate(analog__terms__bus=20.0, network__parameters__ou_mean=700.0)
    whole.advance(100)
    kept = whole.snapshot()
    end = whole.run()
    again = simulate(analog__terms__bus=20.0, network__parameters__ou_mean=700.0)
    again.restore(kept)
    other = again.run()
    assert other.spike_hash == end.spike_hash
    assert other.reports["analog"]["dropped_events"] == end.reports["analog"]["dropped_events"]


def test_adex_without_imperfections_is_the_digital_adex():
    neuron = [{"region": "L.HI", "population": "all", "model": "adex"}]
    digital = {"default": "off", "digital": ["L.HI", "R.HI", "L.TH"]}
    rates = []
    # Both with an upstroke that a comparator reaches.
    for regions in (REGIONS, digital):
        s = Scenario(regions=regions, duration=1000.0, transient=0.0).with_values(
            {"neuron": neuron, "analog.mode": "ideal"}
        )
        run = Simulation(s).run()
        rates.append(run.population_rates_hz)
    assert np.allclose(rates[0], rates[1], rtol=0.06)
    assert rates[0].min() > 0.5


def test_current_synapses():
    a = simulate(analog__synapses="current", analog__mode="ideal").run()
    assert a.spike_hash != simulate(analog__mode="ideal").run().spike_hash


def test_the_report_is_plain():
    run = simulate().run()
    analog = run.as_json()["analog"]
    assert analog["binding"] in analog["utilisation"]
    assert analog["snaps"]["weights_rounded"] > 0
    assert analog["chip_time_ms"] == pytest.approx(0.3)
    for low, high, boundary in (
        ("energy_mj_low", "energy_mj_high", "energy_boundary"),
        ("digital_energy_mj_low", "digital_energy_mj_high", "digital_boundary"),
    ):
        assert 0 < analog[low] < analog[high]
        assert analog[boundary]
    assert len(analog["sentences"]) == 5


def test_two_coupled_circuits_are_a_neuron():
    two = {"analog__compartments": "two", "analog__mode": "ideal", "network__in_degree": 60}
    chip = chip_of(simulate(**two))
    assert chip.report()["circuits_per_neuron"] == 2
    assert np.all(chip.layout.merged == 2)
    # Coupled tightly, two halves are the whole: the same membrane, but for a little resistance.
    quiet = {**two, "analog__threshold_offset": 20.0, "network__parameters__ou_std": 0.0}
    tight, point = (
        simulate(**{**quiet, "analog__compartments": n}, analog__tau_icc=0.1) for n in ("two", "one")
    )
    for simulation in (tight, point):
        simulation.advance(100)
    apart = chip_of(tight).membrane() - chip_of(point).membrane()
    assert np.abs(apart).max() < 0.15
    rates = []
    for tau in (0.5, 5.0, 30.0):
        run = simulate(**two, analog__tau_icc=tau).run()
        rates.append(run.mean_rate_hz()["E"])
        assert run.spike_hash == simulate(threads=2, **two, analog__tau_icc=tau).run().spike_hash
    assert len(set(rates)) == 3
    whole = simulate(**two)
    whole.advance(100)
    kept = whole.snapshot()
    again = simulate(**two)
    again.restore(kept)
    assert again.run().spike_hash == whole.run().spike_hash


def test_a_dendrite_takes_tracts_and_the_soma_the_rest():
    chip = chip_of(simulate(analog__compartments="two", analog__mode="ideal"))
    sources = chip.neurons[:50]
    chip.deliver(sources, 0)
    arriving = chip.state()
    long = chip.table.long_range()
    rows = np.concatenate([np.arange(*chip.table.indptr[[2 * s, 2 * s + 2]]) for s in sources])
    far = chip.weights.stored[rows][long[rows]].sum()
    near = chip.weights.stored[rows][~long[rows]].sum()
    assert arriving["ring_d"].sum() == far > 0
    assert arriving["ring"].sum() + arriving["ring_i"].sum() == near > 0
