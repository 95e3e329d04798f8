"""Links: what they carry, how long they are, and the estimate of what crossing them costs."""

from __future__ import annotations

import numpy as np
import pytest

from dtb_app.commands.run import summary
from dtb_app.controls.parameter_form import hardware_sections
from engine import ParameterError, Scenario, preset
from engine.amounts import quantity
from engine.noc import build_topology
from engine.noc.energy import hop_energy_pj, links_energy_uj
from engine.noc.fabric import Fabric
from engine.scenario.hardware import NocSettings
from engine.scenario.scenario import scenario_problems


def test_two_tiles_by_hand():
    line = build_topology("mesh", (2, 1))
    # 1,000 packets one way and 500 back, 32 bits, 2 mm: 48,000 bits through router and wire.
    uj = links_energy_uj(line, np.array([1000, 500]), 32, 2.0)
    assert uj == pytest.approx(48_000 * (0.051 + 2 * 0.049) * 1e-6, rel=1e-12)
    assert links_energy_uj(line, np.array([0, 0]), 32, 2.0) == 0.0


def test_a_folded_torus_pays_two_pitches_of_wire_for_a_hop():
    torus = build_topology("torus", (4, 4))
    packets = np.ones(torus.n_links, np.int64)
    n = torus.n_links
    expected = 40 * n * (0.051 + 2 * 0.049) * 1e-6
    assert links_energy_uj(torus, packets, 40, 1.0) == pytest.approx(expected, rel=1e-12)


def test_a_hop_of_one_pitch_costs_what_it_did():
    assert hop_energy_pj(1.0) == pytest.approx(40 * 0.1, rel=1e-12)


def test_the_rate_of_a_link_is_width_times_clock_over_packet():
    assert NocSettings().packet_rate_mpps == 125.0
    assert NocSettings(packet_bits=40).packet_rate_mpps == 100.0
    values = {"link_width_bits": 2, "link_clock_mhz": 125.0, "packet_bits": 40}
    assert NocSettings(**values).packet_rate_mpps == 6.25  # a SpiNNaker link
    assert NocSettings(**values, link_rate_mpps=7.5).packet_rate_mpps == 7.5


def test_a_file_with_a_number_means_that_number():
    scenario = Scenario.from_toml("[noc]\nlink_rate_mpps = 20.0\n")
    assert scenario.noc.packet_rate_mpps == 20.0
    assert preset("congested-noc").noc.packet_rate_mpps == 20.0
    assert Scenario.from_toml(scenario.to_toml()) == scenario
    assert Scenario.from_query(scenario.to_query()) == scenario


@pytest.mark.parametrize(
    "noc",
    [
        {"link_rate_mpps": 0.0},
        {"link_rate_mpps": 2e6},
        {"link_width_bits": 1, "link_clock_mhz": 0.001, "packet_bits": 4096},
        {"link_width_bits": 4096, "link_clock_mhz": 1e5, "packet_bits": 1},
    ],
)
def test_a_link_that_carries_next_to_nothing_or_too_much_is_refused(noc):
    with pytest.raises(ParameterError, match=r"link_rate_mpps must be .* 0\.001 to 1000000 \(got"):
        Scenario.from_dict({"noc": noc})


@pytest.mark.parametrize("name", ["link_rate_mpps", "speedup"])
def test_a_word_that_is_not_auto_is_refused_in_one_sentence(name):
    said = scenario_problems(f"[noc]\n{name} = 'fast'\n", "a.toml")
    assert said == [f"a.toml: noc.{name}: must be a number or 'auto' (got 'fast')."]


def test_what_else_may_be_a_word_says_which():
    assert scenario_problems("[network]\nwiring_seed = 'x'\n") == [
        "scenario: network.wiring_seed: must be a whole number or 'run' (got 'x')."
    ]


@pytest.mark.parametrize("name", ["link_width_bits", "packet_bits", "tile_neurons", "tile_chips"])
def test_there_is_at_least_one_of_each(name):
    with pytest.raises(ParameterError, match=rf"noc\.{name}: must be at least 1 \(got 0\)"):
        Scenario.from_dict({"noc": {name: 0}})


def test_a_run_says_what_its_packets_cost(small, small_recording):
    noc = small_recording.as_json()["noc"]
    # On a mesh every link is one pitch: 32 bits through as many routers as wires.
    assert noc["energy_uj"] == pytest.approx(32 * 0.1 * noc["link_hops"] * 1e-6, rel=1e-12)
    assert noc["energy_uj"] > 0
    assert noc["mean_link_length_mm"] == 1.0
    said = summary(small_recording)
    cost = quantity(noc["energy_uj"], "µJ")
    assert f"They cost {cost} over links of 1 mm on average (estimate" in said
    assert "routers and links; leakage" in said


def test_the_form_takes_a_number_or_auto_for_the_rate():
    noc = hardware_sections(Scenario())[1]
    fields = {f["key"]: f for f in noc["fields"]}
    rate = fields["noc.link_rate_mpps"]
    assert (rate["kind"], rate["value"], rate["unit"]) == ("text", "auto", "Mpacket/s")
    assert "width times its clock" in rate["hint"]
    assert rate["hint"].endswith("In this scenario it is 125.")
    assert fields["noc.link_width_bits"]["kind"] == "number"
    assert fields["noc.tile_neurons"]["label"] == "Neurons of a tile"


def test_the_flow_uses_the_resolved_rate(small_recording, small):
    fabric = small_recording.fabric
    assert fabric.flow.link_rate_mpps == 125.0
    half = small.with_values({"noc.link_width_bits": 16})
    assert Fabric.expected(half, small_recording.network).flow.link_rate_mpps == 62.5


def test_a_digest_follows_what_acts_on_a_number():
    scenario = preset("two-regions")
    same = {"noc.link_rate_mpps": 125.0, "noc.link_width_bits": 64}
    assert scenario.with_values(same).digest() == scenario.digest()
    for name, value in (
        ("link_width_bits", 64),
        ("link_clock_mhz", 250.0),
        ("link_rate_mpps", 20.0),
        ("packet_bits", 40),
        ("tile_pitch_mm", 2.0),
        ("tile_neurons", 500),
        ("tile_chips", 3),
    ):
        assert scenario.with_values({f"noc.{name}": value}).digest() != scenario.digest()
