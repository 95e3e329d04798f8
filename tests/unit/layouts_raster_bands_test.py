"""Names beside a raster."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine import load_connectome, preset
from layouts.raster import display_order
from layouts.raster_bands import _apart, bands_of
from layouts.scene import Scene
from layouts.theme import LIGHT

PLOT_PX = 103  # of a raster on a page of 1024 by 768
LINE_PX = 12.5  # of a name in 11 px


def names_of(values, name="hippocampus-on-analog"):
    scene = Scene.of_regions(preset(name).with_values(values), load_connectome("dk84"))
    network = scene.network
    lobes = [scene.connectome.lobe[i] for i in network.region_index]
    bands = bands_of(scene, display_order(lobes, network.labels), LIGHT)
    return bands, np.array(list(bands.names)) / network.n_neurons


def test_every_lobe_is_named_and_no_two_names_touch_on_a_narrow_page():
    bands, places = names_of({})
    assert len(places) == 7
    assert np.all(-np.diff(places) * PLOT_PX >= LINE_PX)
    middles = (np.array(bands.top) + np.array(bands.bottom)) / 2 / 20_160
    assert np.abs(places - middles).max() < 0.1  # beside its band


def test_the_populations_of_a_column_are_named_apart():
    bands, places = names_of({}, "microcircuit-tenth")
    assert next(iter(bands.names.values())) == "L2/3 E"
    assert len(places) == 8
    assert np.all(-np.diff(places) * PLOT_PX >= LINE_PX)


def test_more_regions_than_there_is_room_for_are_named_by_lobe():
    few = {"regions": {"default": "off", "digital": load_connectome("dk84").labels[:8]}}
    many = {"regions": {"default": "off", "digital": load_connectome("dk84").labels[:9]}}
    assert len(names_of(few)[1]) == 8
    assert len(names_of(many)[1]) < 8


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8))
def test_names_are_apart_and_inside_and_stay_where_they_have_room(middles):
    middles = np.sort(middles)[::-1]
    placed = _apart(middles, 12.5, 100.0)
    assert np.all(-np.diff(placed) >= 12.5 - 1e-9)
    assert placed.min() >= 6.25 - 1e-9
    assert placed.max() <= 93.75 + 1e-9
    free = np.all(-np.diff(middles) >= 12.5) and middles.min() >= 6.25 and middles.max() <= 93.75
    if free:
        assert np.allclose(placed, middles)
