"""Load over time and side by side: sums are those of the run, on every topology."""

import numpy as np
import pytest

from engine import Simulation
from engine.model.topologies import TOPOLOGIES
from engine.noc.flow.windows import LoadWindows
from engine.noc.studies.side_by_side import side_by_side


@pytest.mark.parametrize("keys", ["population", "neuron"])
def test_windows_add_up_to_the_run(small, keys):
    recording = Simulation(small.with_values({"noc.keys": keys})).run()
    windows = LoadWindows(recording)
    links, sent, received, packets = windows.between(0, windows.n_windows)
    assert np.array_equal(links, recording.link_packets)
    assert np.array_equal(sent, recording.injected)
    assert np.array_equal(received, recording.delivered)
    assert packets.sum() == len(recording.spike_ids)
    assert windows.link_hops.sum() == recording.flow.link_hops
    # Any cut gives the same.
    cut = windows.n_windows // 3
    first, second = windows.between(0, cut), windows.between(cut, windows.n_windows)
    for a, b, whole in zip(first, second, (links, sent, received, packets), strict=True):
        assert np.array_equal(a + b, whole)


def test_a_window_holds_the_spikes_of_its_time(small_recording):
    r = small_recording
    windows = LoadWindows(r)
    begin, end = 40, 60
    first, last = windows.edges(begin, end)
    assert (first * windows.window_ms, last * windows.window_ms) == (begin, end)
    times = (r.spike_steps // r.scenario.n_sub).astype(int)
    inside = (times >= begin) & (times < end)
    keys = r.fabric.source_of[r.spike_ids[inside]]
    counts = np.bincount(keys, minlength=r.fabric.flow.n_sources)
    links, _, _, packets = windows.between(first, last)
    assert np.array_equal(packets, counts)
    assert np.array_equal(links, r.fabric.flow.loads(counts))
    worst = r.fabric.flow.loads(windows.between(first, first + 1)[3]).max()
    capacity = r.fabric.flow.capacity(float(windows.window_ms))
    assert windows.worst[first] == pytest.approx(worst / capacity)


def test_edges_stay_inside_the_run_and_are_never_empty(small_recording):
    windows = LoadWindows(small_recording)
    assert windows.edges(-50.0, 1e9) == (0, windows.n_windows)
    assert windows.edges(1e9, 1e9) == (windows.n_windows - 1, windows.n_windows)
    first, last = windows.edges(100.0, 100.0)
    assert last == first + 1


def test_the_same_spikes_lie_on_every_topology(small_recording):
    r = small_recording
    counts = r.counts.sum(axis=0, dtype=np.int64)
    heard = []
    found = side_by_side(r.scenario, r.network, counts, float(r.duration_ms), lambda f, what: heard.append(f))
    assert [one.topology.kind for one in found] == list(TOPOLOGIES.names)
    assert len(heard) == len(TOPOLOGIES.names)
    by_kind = {one.topology.kind: one for one in found}
    for one in found:
        assert one.worst == one.utilisation.max()
        assert one.zero_load_cycles == 2 + one.mean_hops
    assert by_kind["two_level"].mean_hops <= 2
    assert by_kind["mesh"].wire == 224
    assert by_kind["torus"].wire == 512
