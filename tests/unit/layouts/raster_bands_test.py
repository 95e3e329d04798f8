"""Names beside a raster."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import load_connectome, preset
from layouts.explorer.raster import display_order
from layouts.explorer.raster_bands import bands_of, bands_with_room
from layouts.scene import Scene
from layouts.theme import LIGHT, LOBE_ORDER

PLOT_PX = 103  # of a raster on a page of 1024 by 768
LINE_PX = 12.5  # of a name in 11 px


def names_of(values, name="hippocampus-on-analog"):
    scene = Scene.of_regions(preset(name).with_values(values), load_connectome("dk84"))
    network = scene.network
    lobes = [scene.connectome.lobe[i] for i in network.region_index]
    bands = bands_of(scene, display_order(lobes, network.labels), LIGHT)
    return bands, np.array(list(bands.names)) / network.n_neurons


def at_their_bands(bands):
    middles = (np.array(bands.top) + np.array(bands.bottom)) / 2
    return all(np.abs(middles - place).min() < 1e-9 for place in bands.names)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "hippocampus-on-analog"),
        ({}, "microcircuit-tenth"),
        ({}, "two-regions"),
        ({}, "column-in-brain"),
        ({"network.sizes": "volume"}, "whole-brain-at-rest"),
    ],
)
def test_every_name_stands_at_its_band_and_touches_no_other(values, name):
    bands, places = names_of(values, name)
    assert len(places) >= 2
    assert at_their_bands(bands)
    assert np.all(np.diff(np.sort(places)) * PLOT_PX >= LINE_PX)


def test_a_taller_picture_has_room_for_the_smaller_layers():
    scene = Scene.of_regions(preset("microcircuit-tenth"), load_connectome("dk84"))
    few, many = (bands_of(scene, np.array([0]), LIGHT, room) for room in (0.125, 0.02))
    assert set(few.names.items()) <= set(many.names.items())
    assert "L2/3 E" in few.names.values()
    assert len(many.names) > len(few.names)


def test_more_regions_than_there_is_room_for_are_named_by_lobe():
    few = {"regions": {"default": "off", "digital": load_connectome("dk84").labels[:8]}}
    many = {"regions": {"default": "off", "digital": load_connectome("dk84").labels[:9]}}
    labels = {c.split(",")[0][:18] for c in load_connectome("dk84").names}
    assert set(names_of(few)[0].names.values()) <= labels
    assert set(names_of(many)[0].names.values()) <= {*LOBE_ORDER, "Cingulate, ins."}


def test_lobes_of_another_atlas_share_a_band_and_each_has_its_name():
    mouse = load_connectome("mouse-b6")
    scene = Scene.of_regions(preset("mouse-at-rest"), mouse)
    bands = bands_of(scene, display_order(mouse.lobe, mouse.labels), LIGHT, 0.01)
    assert bands.colour == [LIGHT.muted]
    assert (bands.top, bands.bottom) == ([scene.network.n_neurons], [0])
    assert sorted(bands.names.values()) == sorted(set(mouse.lobe))


@given(st.lists(st.floats(0.5, 40), min_size=1, max_size=12), st.floats(5, 30))
def test_names_with_room_are_apart_inside_and_the_largest_band_keeps_its_own(heights, room):
    tops = np.cumsum([0.0, *heights])
    middles = ((tops[1:] + tops[:-1]) / 2).tolist()
    kept = bands_with_room(middles, heights, room, float(tops[-1]))
    assert all(b - a >= room for a, b in itertools.pairwise(middles[k] for k in kept))
    for k in set(range(len(heights))) - set(kept):  # what is left out had no room
        crowded = any(abs(middles[k] - middles[other]) < room for other in kept)
        assert crowded or middles[k] < room / 2 or middles[k] > tops[-1] - room / 2
