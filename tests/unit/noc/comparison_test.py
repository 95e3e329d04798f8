"""Topologies at equal wire: the budget, the controls, and figures that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.model.topologies import TOPOLOGIES
from engine.noc import build_topology
from engine.noc.energy import hop_energy_pj
from engine.noc.studies.brain_traffic import BRAINS, BrainTraffic, all_to_all, rewired
from engine.noc.studies.comparison import compare, equal_width, judge

pytestmark = pytest.mark.slow


def brain(seed=1, n_regions=12, n_keys=240, n_spikes=2000):
    """Regions in a ring whose neurons reach the regions next to theirs."""
    rng = np.random.default_rng(seed)
    region_of = np.repeat(np.arange(n_regions), n_keys // n_regions).astype(np.int32)
    apart = np.abs(region_of[:, None] - np.arange(n_regions))
    apart = np.minimum(apart, n_regions - apart)
    reach = rng.random(apart.shape) < np.exp(-apart / 1.5)
    reach &= apart > 0
    keys = rng.integers(0, n_keys, n_spikes).astype(np.int32)
    return BrainTraffic("brain", region_of, reach, np.sort(rng.random(n_spikes) * 100.0), keys)


def test_every_topology_has_the_wire_of_the_mesh():
    wire = 224.0  # 4 k (k - 1) links of one pitch at k = 8
    for kind in TOPOLOGIES.names:
        topology = build_topology(kind, (8, 8))
        assert equal_width(topology) * topology.wire_lengths.sum() == pytest.approx(wire)
    assert equal_width(build_topology("mesh", (8, 8))) == 1.0
    # A folded torus: 256 links of two pitches.
    assert equal_width(build_topology("torus", (8, 8))) == pytest.approx(224 / 512)


def test_a_rewired_brain_keeps_every_degree_and_no_neighbourhood():
    traffic = brain()
    mixed = rewired(traffic, 3)
    assert np.array_equal(mixed.reach.sum(axis=1), traffic.reach.sum(axis=1))
    assert np.array_equal(mixed.reach.sum(axis=0), traffic.reach.sum(axis=0))
    assert not mixed.reach[np.arange(240), mixed.region_of].any()
    apart = np.abs(traffic.region_of[:, None] - np.arange(12))
    apart = np.minimum(apart, 12 - apart)
    before, after, chance = apart[traffic.reach].mean(), apart[mixed.reach].mean(), 36 / 11
    assert before < 2.5
    # A mean over n copies of a distance with a spread of about 1.6.
    assert after == pytest.approx(chance, abs=4 * 1.6 / np.sqrt(mixed.reach.sum()))
    assert mixed.n_copies == traffic.n_copies


def test_an_all_to_all_brain_sends_as_much_to_anybody():
    traffic = brain()
    mixed = all_to_all(traffic, 3)
    assert np.array_equal(mixed.reach.sum(axis=1), traffic.reach.sum(axis=1))
    assert not mixed.reach[np.arange(240), mixed.region_of].any()
    assert mixed.n_copies == traffic.n_copies
    heard = mixed.reach.sum(axis=0)
    assert heard.std() < 4 * np.sqrt(heard.mean())


def test_one_sender_on_a_line_costs_what_the_line_costs():
    reach = np.zeros((1, 2), bool)
    reach[0, 1] = True
    spikes = np.arange(10.0)
    traffic = BrainTraffic("brain", np.zeros(1, np.int32), reach, spikes, np.zeros(10, np.int32))
    found = judge(traffic, "mesh", (2, 1), 1)
    assert found.width == 1.0
    assert found.worst_link == 1.0
    assert found.mean_hops == 1.0
    assert found.latency_0 == 3.0  # injection, one link, ejection
    assert found.saturation == found.port_saturation == 500.0  # one packet a cycle on two tiles
    assert found.energy_pj == pytest.approx(hop_energy_pj(1.0))


@pytest.fixture(scope="module")
def found():
    seen = []
    result = compare(
        [brain(1), brain(2)],
        (4, 3),
        (0.3,),
        ("mesh", "torus", "small_world"),
        lambda fraction, what: seen.append(fraction),
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    return result


def test_latency_rises_with_load_from_its_floor(found):
    for o in found.outcomes:
        if not np.isnan(o.latency[0]):
            assert o.latency[0] > o.latency_0
    assert not np.isnan(found.values("latency_1", "mesh", "brain")).any()


def test_a_brain_of_neighbours_is_easier_on_a_mesh_than_chance(found):
    for metric in ("worst_link", "mean_hops", "energy_pj"):
        mine = found.values(metric, "mesh", "brain")
        for control in BRAINS[1:]:
            assert np.all(mine < found.values(metric, "mesh", control))


def test_the_answer_says_what_the_figures_say(found):
    text = found.answer()
    change = found.change("saturation", "brain")
    assert f"its saturation {change.mean():+.0f} ± {change.std(ddof=1):.0f} %" in text
    assert found.best("saturation").replace("_", " ") in text
    again = found.values("saturation", "small_world", "brain")
    assert change == pytest.approx(100 * (again / found.values("saturation", "mesh", "brain") - 1))


def test_a_comparison_can_be_given_up():
    class GivenUp(Exception):  # noqa: N818
        pass

    def stop(fraction, what):
        if fraction > 0:
            raise GivenUp

    with pytest.raises(GivenUp):
        compare([brain()], (3, 2), (), ("mesh",), stop)
