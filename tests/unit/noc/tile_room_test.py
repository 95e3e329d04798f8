"""What a tile holds: refusals that say what would fit, and placements that keep to it."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dtb_app.commands.check import find_problems
from dtb_app.pages.noc.words import router_html
from engine import CapacityError, Scenario, Simulation, load_connectome, preset, preset_names
from engine.backends.analog.layout import hemispheres_of
from engine.brain.network import Network, region_sizes
from engine.noc import PLACEMENT_METHODS, build_topology, place
from engine.noc.placement.tile_room import TileRoom, fewest_bins, least_room, packed
from engine.run.capacity import require_capacity
from layouts.scene import Scene

CONNECTOME = load_connectome("dk84")


def refused(values, base=None):
    scenario = (base or Scenario()).with_values(values)
    with pytest.raises(CapacityError) as refusal:
        require_capacity(scenario, CONNECTOME)
    with pytest.raises(CapacityError, match=re.escape(str(refusal.value))):
        Simulation(scenario, CONNECTOME)
    return scenario, refusal.value


def test_the_largest_go_first():
    assert packed(np.array([2, 5, 3, 5]), 7).tolist() == [0, 0, 2, 1]
    assert fewest_bins(np.array([2, 5, 3, 5]), 7) == 3
    assert fewest_bins(np.array([2, 5, 3, 5]), 8) == 2
    assert least_room(np.array([2, 5, 3, 5]), 2) == 8
    assert fewest_bins(np.zeros(0, np.int64), 5) == 0


@pytest.mark.parametrize("name", preset_names())
def test_no_preset_is_refused_by_its_tiles(name):
    scenario = preset(name)
    if scenario.network.recipe == "dtb":
        Scene.sketch(scenario.with_values({"noc.placement": "sequential"}), CONNECTOME)
    require_capacity(scenario, CONNECTOME)


def test_a_brain_of_a_million_neurons_fits_even_on_one_tile():
    sizes = np.full(84, 11_905)
    scenario = Scenario(network={"neurons_per_region": 11_905})
    room = TileRoom.of(scenario, CONNECTOME.labels, sizes, np.zeros(84, bool))
    room.require(1, 1)


def test_a_region_larger_than_a_tile_is_refused_with_what_would_hold_it():
    scenario, error = refused({"noc.tile_neurons": 200})
    assert (error.owner, error.needed, error.available) == ("noc.tile_neurons", 240, 200)
    assert "region L." in str(error) or "region R." in str(error)
    # 84 regions on 64 tiles: two have to share one.
    assert error.remedy == ("Set noc.tile_neurons to at least 480, or use about 100 neurons per region.")
    require_capacity(scenario.with_values({"noc.tile_neurons": 480}), CONNECTOME)
    fewer = {"network.neurons_per_region": 100, "network.in_degree": 40}
    require_capacity(scenario.with_values(fewer), CONNECTOME)


def test_too_few_tiles_are_refused_and_every_remedy_fits():
    scenario, error = refused({"noc.tile_neurons": 500, "noc.size": [8, 4]})
    # Two regions of 240 on a tile: 42 tiles.
    assert (error.owner, error.needed, error.available) == ("noc.size", 42, 32)
    assert error.remedy == (
        "Choose noc.size = [11, 4], set noc.tile_neurons to at least 720 or use about 160 neurons per region."
    )
    size = [int(n) for n in re.search(r"\[(\d+), (\d+)\]", error.remedy).groups()]
    room = int(re.search(r"at least (\d+)", error.remedy)[1])
    n = int(re.search(r"about (\d+)", error.remedy)[1])
    assert (room, n) == (720, 160)
    for values in ({"noc.size": size}, {"noc.tile_neurons": room}, {"network.neurons_per_region": n}):
        require_capacity(scenario.with_values(values), CONNECTOME)
    with pytest.raises(CapacityError):
        require_capacity(scenario.with_values({"noc.tile_neurons": room - 1}), CONNECTOME)


def test_more_chips_than_hang_on_a_tile_are_refused():
    large = preset("hippocampus-on-analog").with_values({"network.neurons_per_region": 600})
    halves = hemispheres_of(large, Network.of(large, CONNECTOME))
    most = int(-(-halves.max() // 2))
    assert most > 1
    scenario, error = refused({"noc.tile_chips": most - 1}, large)
    assert (error.owner, error.needed, error.available) == ("noc.tile_chips", most, most - 1)
    require_capacity(scenario.with_values({"noc.tile_chips": most}), CONNECTOME)


def test_two_substrates_on_one_tile_are_refused_before_the_run_is_built():
    _, error = refused({"noc.size": [1, 1]}, preset("hippocampus-on-analog"))
    assert (error.owner, error.needed, error.available) == ("noc.size", 2, 1)
    assert "same kind of backend" in error.remedy


def test_check_says_the_same(tmp_path):
    file = tmp_path / "crowded.toml"
    file.write_text("[noc]\ntile_neurons = 500\nsize = [8, 4]\n")
    (said,) = find_problems(str(file))
    assert "noc.size: needs 42 tiles, 32 available." in said


def uneven(n_units, n_analog, seed):
    rng = np.random.default_rng(seed)
    substrate = (np.arange(n_units) < n_analog).astype(np.int8)
    need = np.where(substrate == 1, rng.integers(1, 4, n_units), rng.integers(50, 600, n_units))
    return need, substrate, rng.random((n_units, n_units))


@pytest.mark.parametrize("method", PLACEMENT_METHODS)
@pytest.mark.parametrize("n_analog", [0, 6])
def test_every_method_keeps_to_the_room_of_a_tile(method, n_analog):
    mesh = build_topology("mesh", (4, 4))
    need, substrate, traffic = uneven(40, n_analog, 1)
    n_bins = 16 - fewest_bins(need[substrate == 1], 4)
    room = TileRoom(need, substrate, least_room(need[substrate == 0], n_bins), 2)
    free = place(method, mesh, traffic, substrate, 1)
    assert np.any(room.taken(free, 16) > room.rooms[:, None])  # else this shows nothing
    tiles = place(method, mesh, traffic, substrate, 1, room=room)
    assert np.all(room.taken(tiles, 16) <= room.rooms[:, None])
    assert not set(tiles[substrate == 0]) & set(tiles[substrate == 1])
    assert np.array_equal(tiles, place(method, mesh, traffic, substrate, 1, room=room))


@pytest.mark.parametrize("method", PLACEMENT_METHODS)
def test_room_enough_changes_nothing(method):
    mesh = build_topology("mesh", (4, 4))
    need, substrate, traffic = uneven(40, 6, 2)
    room = TileRoom(need, substrate, 1 << 20, 1024)
    assert np.array_equal(
        place(method, mesh, traffic, substrate, 1), place(method, mesh, traffic, substrate, 1, room=room)
    )


def test_the_unit_that_costs_least_moves():
    line = build_topology("mesh", (3, 1))
    need, substrate = np.array([4, 4, 4]), np.zeros(3, np.int8)
    traffic = np.zeros((3, 3))
    traffic[1, 0] = 10.0  # unit 0 to unit 1; nobody talks to unit 2
    room = TileRoom(need, substrate, 8, 1)
    assert room.fitted(line, traffic, np.array([0, 0, 0], np.int32)).tolist() == [0, 0, 1]


def test_regions_of_a_run_by_volume_keep_to_the_room():
    wide = Scenario().with_values({"network.sizes": "volume", "noc.size": [4, 4]})
    least = least_room(region_sizes(wide, CONNECTOME), 16)
    free = Scene.sketch(wide, CONNECTOME).fabric
    assert free.room.fullest(free.tile_of_region)[0] > least  # else this shows nothing
    scenario = wide.with_values({"noc.tile_neurons": least})
    require_capacity(scenario, CONNECTOME)
    scene = Scene.sketch(scenario, CONNECTOME)
    neurons = np.bincount(scene.fabric.tile_of_region, scene.network.region_sizes)
    assert neurons.max() <= least
    refused({"noc.tile_neurons": least - 1}, wide)


def test_the_page_says_what_the_fullest_tile_holds(small, small_recording):
    scene = Scene.of(small_recording)
    assert scene.fabric.room.fullest(scene.fabric.tile_of_region) == (240, 1)
    text = router_html(scene, small_recording)
    assert "<dt>Neurons of the fullest digital tile</dt>" in text
    assert "240 of 1,048,576" in text
    assert "1 of 1,024" in text
    assert "Energy of the run (estimate)" in text
    assert "Noxim" in text
    assert "Energy of a link crossed (estimate)" in router_html(scene)
