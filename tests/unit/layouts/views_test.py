"""Views: what stands in their data, and what a frame sends."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bokeh.models.glyphs import Line

import sample_data
from dtb_app.benchmarks.views import Wire
from dtb_app.controls.pacing import FrameGate
from engine import Scenario, Simulation, load_connectome, preset
from engine.backends.mock import MockBackend
from layouts.explorer.atlas import outlines_of
from layouts.explorer.brain_map import BrainMapView, strongest_links
from layouts.explorer.fit_panel import FitPanel, is_good
from layouts.explorer.packed_image import pack, unpack
from layouts.explorer.raster import MAX_MARKS, N_COLUMNS, RasterView
from layouts.explorer.rates import BIN_MS, RatesView
from layouts.explorer.run_table import compare, compare_html, run_name
from layouts.noc.map import NocMapView, shade_of
from layouts.noc.sentences import crossings_text
from layouts.scene import Scene
from layouts.theme import DARK, LIGHT

ATLAS = json.loads(sample_data.path("dk84.atlas").read_text())
CONNECTOME = load_connectome("dk84")
MAKE = {
    "brain": lambda: BrainMapView(LIGHT, ATLAS),
    "raster": lambda: RasterView(LIGHT),
    "rates": lambda: RatesView(LIGHT),
    "noc": lambda: NocMapView(LIGHT),
}


@pytest.mark.parametrize("name", MAKE)
def test_a_frame_of_the_whole_brain_stays_below_20_kb(name):
    simulation = Simulation(preset("hippocampus-on-analog"))
    view = MAKE[name]()
    wire = Wire(view.figure)
    if name == "rates":
        view.pick(range(8))
    view.lay_out(Scene.of(simulation))
    wire.take()
    for n_ms in (100, 100, 130, 90, 100):
        view.tick(simulation.advance(n_ms))
        assert wire.take() < 20_000
    assert any(c.isdigit() for c in view.sentence + view.caption)


@pytest.fixture
def small_run(small):
    return Simulation(small)


def test_the_raster_shows_every_spike_of_its_window(small_run):
    view = RasterView(LIGHT)
    view.lay_out(Scene.of(small_run))
    for _ in range(5):
        frame = small_run.advance(100)
        view.tick(frame)
    steps, ids = frame.log.between(0, frame.n_chunks)
    page = view.data["pixels"]
    shown, column_ms = page["image"][0], 1000 * page["dw"][0] / N_COLUMNS
    column = (steps // small_run.scenario.n_sub // column_ms).astype(int)
    counts = np.zeros(shown.shape, np.int64)
    np.add.at(counts, (view.rows.row[ids], column), 1)
    assert counts.sum() == len(ids) > 0
    assert np.array_equal(shown, np.minimum(counts, 255))


def test_a_late_frame_is_caught_up_and_a_fast_run_widens_the_window(small_run):
    view = RasterView(LIGHT)
    view.lay_out(Scene.of(small_run))

    def cursor_s():
        return view.data["cursor"]["t"][0]

    def window_s():
        return view.data["pixels"]["dw"][0]

    view.tick(small_run.advance(160))
    assert cursor_s() < 0.16
    view.tick(small_run.advance(40))
    view.tick(small_run.advance(1))
    assert cursor_s() == 0.201
    assert window_s() == 1
    view.tick(small_run.advance(299))
    assert window_s() > 1


def test_a_resting_raster_gives_single_spikes(small_run, small_recording):
    view = RasterView(LIGHT)
    view.lay_out(Scene.of(small_run))
    view.show(small_recording)
    view.zoom(0.1, 0.2)
    marks = view.data["spikes"]
    inside = (small_recording.spike_steps + 1) * 0.1
    expected = np.sum((inside >= 100) & (inside <= 200))
    assert 0 < len(marks["t"]) <= MAX_MARKS
    assert len(marks["t"]) == pytest.approx(expected, abs=2)
    place = np.array(marks["y"]) - 0.5
    assert np.array_equal(view.rows.place[marks["neuron"]], place.astype(int))


def test_a_resting_raster_has_no_more_pixels_than_its_frame_and_loses_no_spike(small_run, small_recording):
    view = RasterView(LIGHT)
    view.lay_out(Scene.of(small_run))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("layouts.explorer.raster.MAX_MARKS", 0)
        view.show(small_recording)
        for width, height, shape in ((0, 0, (120, 400)), (399, 118, (120, 400)), (2000, 150, (150, 500))):
            if width:
                view._on_width("inner_width", 0, width)
                view._on_height("inner_height", 0, height)
            (packed,) = view.data["pixels"]["image"]
            image = unpack(packed)
            assert image.shape == shape
            assert packed.nbytes == image.size // 2
            assert image.max() < 15  # so that none was cut off
            assert image.sum() == small_recording.spike_ids.size


def test_only_lines_that_are_shown_have_a_column(small_run):
    view = RatesView(LIGHT)
    view.lay_out(Scene.of(small_run))
    regions = [int(r) for r in small_run.network.region_index[:2]]
    for picked in ([], regions, regions[1:], []):
        view.pick(picked)
        view.tick(small_run.advance(100))
        columns = {"t", "all", *map(str, range(len(picked)))}
        assert set(view.source.data) == columns
        assert len({len(column) for column in view.source.data.values()}) == 1
        lines = [line for line in view._lines if line.visible]
        assert [line.glyph.y for line in lines] == [str(k) for k in range(len(picked))]
        assert all(line.glyph.y == "all" for line in view._lines if not line.visible)


def test_two_pixels_stand_in_a_byte():
    image = np.random.default_rng(1).integers(0, 16, (7, 12))
    assert np.array_equal(unpack(pack(image)), image)


def test_the_brain_glows_by_backend_and_rate(small_run):
    view = BrainMapView(LIGHT, ATLAS)
    view.lay_out(Scene.of(small_run))
    view.tick(small_run.advance(200))
    level = np.array(view.data["regions"]["level"])
    region = view.data["regions"]["region"]
    on_analog = np.isin(region, CONNECTOME.index("L.HI"))
    assert np.all((level[on_analog] >= 64) & (level[on_analog] < 128))
    off = ~np.isin(region, small_run.network.region_index)
    assert np.all(level[off] == 128)
    assert len(view.data["analog"]["xs"]) == on_analog.sum()


def test_a_click_selects_every_outline_of_the_region(small_run):
    view = BrainMapView(LIGHT, ATLAS)
    view.lay_out(Scene.of(small_run))
    picked = []
    view.on_select = lambda indices, mode: picked.append(indices)
    clicked = view.figure.select_one("regions").data_source.selected
    clicked.indices = [list(view.data["regions"]["region"]).index(CONNECTOME.index("L.TH"))]
    assert picked == [[CONNECTOME.index("L.TH")]]
    view.set_selection(picked[0])
    assert len(clicked.indices) > 1
    clicked.indices = []  # a click on empty ground
    assert len(picked) == 1
    assert len(clicked.indices) > 1


def test_every_region_is_on_the_sheet_and_can_be_hit():
    outlines = outlines_of(ATLAS, CONNECTOME)
    assert set(outlines.region) == set(range(84))
    hits = sum(
        outlines.region_at(*point) == region
        for centres in outlines.centres
        for region, point in centres.items()
    )
    assert hits >= 0.97 * sum(len(c) for c in outlines.centres)


def test_a_connectome_without_outlines_gets_dots():
    outlines = outlines_of(None, CONNECTOME)
    assert set(outlines.region) == set(range(84))


def test_strongest_links_touch_the_picked_region():
    i = CONNECTOME.index("L.PCAL")
    links = strongest_links(CONNECTOME, [i], 5)
    assert len(links) == 5
    assert all(i in (a, b) for a, b, _ in links)
    assert links[0][2] == 1.0
    assert {CONNECTOME.labels[a if b == i else b] for a, b, _ in links} >= {"L.CU", "L.LG"}


def test_link_shades_are_on_a_fixed_scale():
    shades = shade_of(np.array([0.0, 1e-5, 1e-4, 1e-2, 1.0, 1.01]))
    assert shades[0] == 0
    assert shades[1] == shades[2] == 1
    assert 30 < shades[3] < 34
    assert (shades[4], shades[5]) == (63, 64)


def test_noc_totals_are_the_engines(small_run):
    view = NocMapView(LIGHT)
    view.lay_out(Scene.of(small_run))
    frame = small_run.advance(150)
    view.tick(frame)
    assert f"{frame.n_spikes:,} packets, {crossings_text(int(frame.link_packets.sum()))}" in view.sentence
    before = frame.link_packets
    frame = small_run.advance(150)
    view.tick(frame)
    use = np.array(view.data["links"]["use"])
    capacity = small_run.fabric.flow.capacity(150.0)
    assert np.allclose(use, 100 * (frame.link_packets - before) / capacity, rtol=1e-5)


def test_overload_is_said(small):
    scenario = small.with_values({"noc.link_rate_mpps": 0.01})
    simulation = Simulation(scenario)
    view = NocMapView(LIGHT)
    view.lay_out(Scene.of(simulation))
    view.tick(simulation.advance(200))
    assert "asked for more than they carry" in view.sentence
    assert 64 in view.data["links"]["shade"]


def test_rates_are_exact():
    scenario = Scenario(regions={"default": "off", "digital": ("L.TH", "L.HI")}, duration=400.0)
    simulation = Simulation(
        scenario, factories={"digital": lambda s, n, ids, t: MockBackend(ids, period=100)}
    )
    view = RatesView(LIGHT)
    view.lay_out(Scene.of(simulation))
    view.pick([CONNECTOME.index("L.TH")])
    frame = simulation.advance(220)
    view.tick(frame)
    assert BIN_MS == 50
    network = simulation.network
    region = network.region_index.tolist().index(CONNECTOME.index("L.TH"))
    spikes = frame.counts[:200].reshape(4, 50, -1).sum(axis=1)
    of_region = spikes[:, network.population_region == region].sum(axis=1)
    picked_hz = of_region / network.region_sizes[region] / 0.05
    data = view.source.data
    assert data["t"] == pytest.approx([0.025, 0.075, 0.125, 0.175])
    assert np.allclose(data["all"], 10.0, atol=0.5)
    assert np.allclose(data["0"], picked_hz, atol=1e-4)
    assert {len(column) for column in data.values()} == {4}

    def lines():
        return [line for line in view.figure.renderers if line.visible and isinstance(line.glyph, Line)]

    assert [line.glyph.y for line in lines()] == ["0", "all"]
    view.pick([])
    assert [line.glyph.y for line in lines()] == ["all"]
    view.tick(simulation.advance(100))
    assert {len(column) for column in view.source.data.values()} == {6}


def test_the_fit_panel_marks_what_is_below_the_baseline(small_recording):
    panel = FitPanel(LIGHT)
    scores = small_recording.scores()
    panel.update(scores)
    data = panel.data["scores"]
    assert len(data["label"]) == 4
    for name, score in scores.items():
        if score.value is None:
            assert not is_good(score), name
    panel.restyle(DARK)
    assert set(panel.data["scores"]["colour"]) <= {DARK.good, DARK.overload, DARK.muted}


def test_the_gate_holds_frames_for_a_slow_browser():
    now = [0.0]
    gate = FrameGate(clock=lambda: now[0])
    assert gate.may_send()
    gate.sent()
    assert gate.may_send()
    gate.sent()
    assert not gate.may_send()
    assert (gate.in_flight, gate.skipped) == (2, 1)
    gate.acknowledge(1)
    assert gate.may_send()
    gate.sent()
    now[0] = 6.0  # a hidden tab acknowledges nothing: one frame a second goes through
    assert gate.may_send()
    gate.sent()
    assert not gate.may_send()
    gate.acknowledge(4)
    assert gate.in_flight == 0


def test_runs_are_named_by_what_differs():
    a = Scenario(title="Rest")
    assert run_name(None, a) == "Rest"
    assert run_name(a, a) == "same again"
    assert run_name(a, a.with_values({"network.coupling": 1.3})) == "coupling 1 → 1.3"
    moved = a.with_values({"regions.analog": ["L.HI", "R.HI"]})
    assert run_name(a, moved) == "L.HI, R.HI → analog"
    assert len(run_name(a, moved.with_values({"seed": 2, "network.in_degree": 90}))) <= 46


def test_the_comparison_escapes_what_a_visitor_typed(small_recording):
    lines = compare([small_recording, small_recording])
    html = compare_html(lines, LIGHT, ["<script>", "b"])
    assert "<script>" not in html
    assert "Hz" in html
    assert not any(line.differs for line in lines)
