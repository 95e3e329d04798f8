"""What a scenario does to its regions, marked and said before it runs."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.models import Label

from engine import load_connectome, preset
from layouts.explorer.atlas import outlines_of
from layouts.explorer.brain_map import BrainMapView
from layouts.explorer.raster import RasterView
from layouts.explorer.rates import BIN_MS, RatesView
from layouts.scenario_marks import Marks
from layouts.scene import Scene
from layouts.theme import LIGHT

CONNECTOME = load_connectome("dk84")
ABOUT = {
    "hub-lesion": ("L.SFG", "x", "all its tracts are cut"),
    "visual-stimulation": ("R.PCAL", "triangle", "from 2 to 4 s"),
    "closed-loop-stimulation": ("L.PA", "triangle", "from 2 to 4 s"),
    "homeostasis-on-chip": ("L.HI", "diamond", "learn"),
    "dendritic-bursts": ("R.PCAL", "diamond", "Two-compartment neurons"),
    "column-in-brain": ("L.PCAL", "diamond", "A cortical column"),
    "temporal-lobe-epilepsy": ("L.HI", "diamond", "Inhibition is soon exhausted in 7 regions"),
}


@pytest.mark.parametrize("name", ABOUT)
def test_a_preset_shows_before_any_run_what_it_is_about(name):
    label, marker, words = ABOUT[name]
    scene = Scene.of_regions(preset(name), CONNECTOME)
    view = BrainMapView(LIGHT, None)
    view.lay_out(scene)
    x, y = next(c[CONNECTOME.index(label)] for c in outlines_of(None, CONNECTOME).centres)
    signs = view.data["signs"]
    assert (x, y, marker) in set(zip(signs["x"], signs["y"], signs["marker"], strict=True))
    assert words in view.sentence
    assert {"x": "×", "triangle": "▲", "diamond": "◆"}[marker] in view.sentence
    assert bool(view.data["cuts"]["x0"]) == (name == "hub-lesion")


def test_congestion_is_said_and_an_untouched_brain_has_no_marks():
    assert "late or never" in Marks(preset("congested-noc"), CONNECTOME).sentence
    rest = Marks(preset("whole-brain-at-rest"), CONNECTOME)
    assert (rest.sentence, rest.words) == ("", {})


def test_a_stimulus_stands_at_its_time_on_curve_and_raster_and_at_its_rows():
    scene = Scene.of_regions(preset("visual-stimulation"), CONNECTOME)
    raster = RasterView(LIGHT)
    rates = RatesView(LIGHT, raster.figure.x_range)
    raster.lay_out(scene)
    rates.lay_out(scene)
    spans = raster.data["stimuli"]
    assert (spans["left"], spans["right"]) == ([2.0, 2.0], [4.0, 4.0])
    strips = rates.data["stimuli"]
    shown = [(a, b) for a, b in zip(strips["start"], strips["stop"], strict=True) if a == a]
    assert shown == [(2.0, 4.0)]
    network = scene.network
    r = network.region_index.tolist().index(CONNECTOME.index("L.PCAL"))
    rows = raster.rows.place[network.region_of == r]
    assert (spans["bottom"][0], spans["top"][0]) == (rows.min(), rows.max() + 1)


def test_rates_and_raster_share_one_time_axis_and_its_ticks(small_recording):
    raster = RasterView(LIGHT)
    rates = RatesView(LIGHT, raster.figure.x_range)
    scene = Scene.of(small_recording)
    for view in (raster, rates):
        view.lay_out(scene)
        view.show(small_recording)
    axis = raster.figure.x_range
    assert rates.figure.x_range is axis
    seconds = small_recording.duration_ms / 1000
    assert (axis.start, axis.end) == (0.0, seconds)
    middle = np.diff(rates.source.data["t"])[0] / 2
    assert rates.source.data["t"][0] == pytest.approx(middle)
    assert rates.source.data["t"][-1] == pytest.approx(seconds - middle)
    axis.update(start=0.1, end=0.2)
    raster.zoom(0.1, 0.2)
    marks = np.array(raster.data["spikes"]["t"])
    assert marks.size
    assert marks.min() >= 0.1 - 1e-3
    raster.show_all()
    assert (axis.start, axis.end) == (0.0, seconds)


def test_the_scale_of_rates_is_even_and_an_onset_is_cut_and_said(small_recording):
    view = RatesView(LIGHT)
    scene = Scene.of(small_recording)
    view.lay_out(scene)
    n_bins = 40
    counts = np.zeros((n_bins * BIN_MS, scene.network.n_populations), np.uint16)
    # In every bin each neuron fires as often as 2 Hz asks for, in the first one at 38 Hz.
    counts[::BIN_MS] = np.rint(scene.network.population_sizes * 2 * BIN_MS / 1000)
    counts[0] *= 19
    view.show(SimpleNamespace(counts=counts, duration_ms=len(counts)))
    assert view.data["rates"]["all"][:3] == pytest.approx([38.0, 2.0, 2.0])
    assert view.figure.y_range.end == 4.0
    assert view.figure.yaxis.ticker.ticks == [0, 2.0, 4.0]
    assert any("38 Hz" in label.text for label in view.figure.select(Label))
