"""The network-on-chip view: its numbers are the engine's, and a frame of it is small."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.events import Tap

from dtb_app.benchmarks.views import Wire
from engine import Simulation, load_connectome, preset
from engine.amounts import percent_text
from engine.model.topologies import TOPOLOGIES
from engine.noc import mesh, torus
from engine.noc.topology.small_world import small_world
from layouts.noc.load import Load, Senders, recent_load, shade_of
from layouts.noc.map import EXPECTED_HZ, NocMapView
from layouts.noc.sentences import crossings_text
from layouts.noc.strokes import strokes_of
from layouts.scene import Scene
from layouts.theme import DARK, LIGHT

CONNECTOME = load_connectome("dk84")


@pytest.fixture
def run(small):
    return Simulation(small)


@pytest.fixture
def view(run):
    view = NocMapView(LIGHT)
    view.lay_out(Scene.of(run))
    return view


def _column(view, marks, name):
    return np.array(view.data[marks][name])


# ---- numbers without a picture -------------------------------------------------------------------


def test_shades_rise_with_the_load_and_only_overload_has_the_last():
    use = np.concatenate([[0.0], np.logspace(-6, 0, 200)])
    shades = shade_of(use).astype(int)
    assert shades[0] == 0
    assert np.all(np.diff(shades) >= 0)
    assert (shades[1], shades[-1]) == (1, 63)
    assert shade_of(np.array([1.0 + 1e-9])) == 64


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (1e-7, "below 0.01 %"), (0.0012, "0.12 %"), (0.0996, "10 %"), (1.5, "150 %")],
)
def test_percentages_have_digits_that_say_something(share, text):
    assert percent_text(share) == text


def _frame(time_ms, total):
    one = np.full(1, total, np.int64)
    return SimpleNamespace(time_ms=time_ms, link_packets=7 * one, injected=one, delivered=3 * one)


@pytest.mark.parametrize("step", [1, 5, 30, 100, 500])
def test_the_window_is_100_ms_or_one_frame_more_whatever_a_frame_covers(step):
    past = deque([Load(0, *[np.zeros(1, np.int64)] * 3)])
    for time_ms in range(step, 1000 + step, step):
        load = recent_load(past, _frame(time_ms, time_ms))
        carried = (load.links[0], load.injected[0], load.delivered[0])
        assert carried == tuple(load.duration_ms * k for k in (7, 1, 3))
        if time_ms >= 100:
            assert 100 <= load.duration_ms < 100 + step
        else:
            assert load.duration_ms == time_ms
    assert len(past) <= 2 + 100 // step


def test_a_frame_seen_twice_has_no_load():
    past = deque([Load.none_yet(mesh(2, 1))])
    assert recent_load(past, _frame(10, 1)) is not None
    assert recent_load(past, _frame(10, 1)) is None


@pytest.mark.parametrize("keys", ["population", "neuron"])
def test_senders_add_up_to_the_packets_on_every_link(small, keys):
    run = Simulation(small.with_values({"noc.keys": keys}))
    senders, flow = Senders(Scene.of(run)), run.fabric.flow
    rng = np.random.default_rng(3)
    packets = rng.integers(0, 50, flow.n_sources)
    loads = flow.loads(packets)
    assert loads.max() > 0
    for link, total in enumerate(loads):
        carried = senders.on(link, packets)
        assert carried.shape == (run.network.n_regions,)
        assert carried.sum() == pytest.approx(total)
    busy = loads > 0
    assert np.array_equal([t != "no region" for t in senders.texts(packets)], busy)
    everyone = np.ones(run.network.n_regions, bool)
    used = flow.loads(np.ones(flow.n_sources, np.int64)) > 0
    assert np.array_equal(senders.routes(everyone), used)
    assert not senders.routes(~everyone).any()


@pytest.mark.parametrize("keys", ["population", "neuron"])
def test_population_counts_become_packets_of_sources(small, keys):
    run = Simulation(small.with_values({"noc.keys": keys}))
    senders = Senders(Scene.of(run))
    counts = np.arange(1, run.network.n_populations + 1)
    packets = senders.packets_of(counts)
    of_population = np.bincount(run.fabric.population_of_source, weights=packets)
    assert np.allclose(of_population, counts)


# ---- the picture ---------------------------------------------------------------------------------


def test_before_a_run_it_shows_what_to_expect_and_says_so(view, run):
    assert f"expected at {EXPECTED_HZ:g} Hz" in view.sentence
    sizes = np.bincount(run.fabric.source_of)
    expected = run.fabric.flow.loads(np.round(sizes * EXPECTED_HZ * 10).astype(np.int64))
    use = 100 * expected / run.fabric.flow.capacity(10_000.0)
    assert use.max() > 0
    assert np.allclose(_column(view, "links", "use"), use, rtol=1e-5)
    sent, received = _column(view, "tiles", "sent"), _column(view, "tiles", "received")
    assert sent.sum() == pytest.approx(run.network.n_neurons * EXPECTED_HZ, rel=1e-3)
    copies = sizes @ run.fabric.flow.trees.copies * EXPECTED_HZ
    assert received.sum() == pytest.approx(copies, rel=1e-3)


def test_totals_of_a_run_go_on_while_the_load_is_of_the_last_100_ms(view, run):
    before = run.advance(200)
    view.tick(before)
    frame = run.advance(150)
    view.tick(frame)
    packets, hops = int(frame.injected.sum()), int(frame.link_packets.sum())
    assert packets == frame.n_spikes
    assert f"{packets:,} packets, {crossings_text(hops)}" in view.sentence
    use = (frame.link_packets - before.link_packets) / run.fabric.flow.capacity(150.0)
    assert np.allclose(_column(view, "links", "use"), 100 * use, rtol=1e-5)
    worst = run.fabric.topology.link_name(int(np.argmax(use)))
    assert f"Busiest link {worst} at {percent_text(use.max())}" in view.sentence
    sent = (frame.injected - before.injected) / 0.15
    assert np.allclose(_column(view, "tiles", "sent"), sent, rtol=1e-5)


def test_a_finished_run_has_the_engines_totals(view, small_recording):
    view.show(small_recording)
    r = small_recording
    seconds = r.duration_ms / 1000
    assert f"{r.flow.packets:,} packets, {crossings_text(r.flow.link_hops)}" in view.sentence
    assert r.flow.worst_link_name in view.sentence
    assert np.allclose(_column(view, "links", "use"), 100 * r.flow.utilisation, rtol=1e-5)
    assert np.allclose(_column(view, "tiles", "sent") * seconds, r.injected, rtol=1e-5)
    assert np.allclose(_column(view, "tiles", "received") * seconds, r.delivered, rtol=1e-5)


def test_a_tile_is_shaded_in_its_backends_range_by_the_rate_of_its_neurons(view, run):
    frame = run.advance(200)
    view.tick(frame)
    shade = _column(view, "tiles", "shade").astype(int)
    for r, tile in enumerate(run.fabric.tile_of_region):
        assert shade[tile] // 64 == {"digital": 1, "analog": 2}[run.network.backend[r]]
        neurons = run.network.n_exc[r] + run.network.n_inh[r]
        rate = frame.injected[tile] / 0.2 / neurons
        assert shade[tile] % 64 == int(min(rate / 8.0, 1.0) * 63)
    empty = np.setdiff1d(np.arange(64), run.fabric.tile_of_region)
    assert np.all(shade[empty] == 0)


def test_selected_regions_are_ringed_named_and_their_routes_marked(view, run):
    assert list(view.data["names"]["text"]) == ["HI"]  # the analog one always is
    view.highlight([CONNECTOME.index("L.TH")])
    assert len(view.data["selected"]["x"]) == 1
    assert set(view.data["names"]["text"]) == {"HI", "TH"}
    region = run.network.labels.index("L.TH")
    trees = run.fabric.flow.trees
    mine = np.concatenate(
        [trees.links[trees.indptr[s] : trees.indptr[s + 1]] for s in (2 * region, 2 * region + 1)]
    )
    assert mine.size
    assert np.array_equal(np.flatnonzero(_column(view, "links", "route")), np.unique(mine))
    view.highlight([])
    assert not _column(view, "links", "route").any()
    assert not len(view.data["selected"]["x"])


def test_a_selection_of_many_has_rings_but_no_routes():
    simulation = Simulation(preset("hippocampus-on-analog"))
    view = NocMapView(LIGHT)
    view.highlight(range(84))  # chosen before there is anything to show
    view.lay_out(Scene.of(simulation))
    assert len(view.data["selected"]["x"]) == np.unique(simulation.fabric.tile_of_region).size
    assert not _column(view, "links", "route").any()


def test_a_click_on_a_tile_gives_its_regions_and_a_click_beside_it_nothing(view, run):
    picked = []
    view.on_pick = picked.append
    region = run.network.labels.index("L.HI")
    x, y = run.fabric.topology.positions[run.fabric.tile_of_region[region]]
    page = Document()
    page.add_root(view.figure)

    def click(x, y):
        page.callbacks.trigger_event(Tap(view.figure, x=x, y=y))

    click(x + 0.2, y - 0.2)
    assert picked == [[CONNECTOME.index("L.HI")]]
    click(x + 0.5, y)
    empty = np.setdiff1d(np.arange(64), run.fabric.tile_of_region)[0]
    click(empty % 8, empty // 8)
    assert len(picked) == 1


def test_overload_is_counted_in_words(small):
    simulation = Simulation(small.with_values({"noc.link_rate_mpps": 0.3}))
    view = NocMapView(LIGHT)
    view.lay_out(Scene.of(simulation))
    frame = simulation.advance(100)
    view.tick(frame)
    n = int(np.count_nonzero(frame.link_packets > simulation.fabric.flow.capacity(100.0)))
    assert n > 1
    assert f"{n} links are asked for more than they carry" in view.sentence
    assert np.count_nonzero(_column(view, "links", "shade") == 64) == n


@pytest.mark.parametrize("kind", TOPOLOGIES.names)
def test_every_topology_is_drawn_inside_the_frame_and_moves(small, kind):
    simulation = Simulation(small.with_values({"noc.topology": kind}))
    view = NocMapView(LIGHT)
    view.lay_out(Scene.of(simulation))
    topology = simulation.fabric.topology
    number = {topology.link_name(k): k for k in range(topology.n_links)}
    pieces = np.array([number[name] for name in view.data["links"]["name"]])
    assert np.array_equal(np.unique(pieces), np.arange(topology.n_links))
    for x in ("x0", "x1", "y0", "y1"):
        where = _column(view, "links", x)
        assert where.min() > -1.1
        assert where.max() < 8.1
    frame = simulation.advance(100)
    view.tick(frame)
    use = frame.link_packets / simulation.fabric.flow.capacity(100.0)
    assert np.array_equal(_column(view, "links", "shade"), shade_of(use)[pieces])
    view.highlight([CONNECTOME.index("L.TH")])
    assert _column(view, "links", "route").any()
    view.show(simulation.run())
    assert "Busiest link" in view.sentence


def test_a_ring_is_drawn_over_both_edges_and_a_long_link_as_a_bow():
    strokes = strokes_of(torus(4, 4), 0.5)
    n_pieces = np.bincount(strokes.link)
    assert np.array_equal(n_pieces == 2, torus(4, 4).wraps)
    topology = small_world(4, 4, [(0, 15)])
    strokes = strokes_of(topology, 0.5)
    assert np.array_equal(np.bincount(strokes.link)[:-2], np.ones(topology.n_local))
    there, back = (strokes.start[strokes.link == k] for k in (48, 49))
    assert len(there) == len(back) == 6
    assert not np.allclose(there[3], back[3])  # each on its own side


def test_another_theme_leaves_the_data_alone(view):
    def links():
        return {name: list(column) for name, column in view.data["links"].items()}

    colours = view.figure.select_one("tiles").glyph.fill_color.transform
    before, palette = links(), list(colours.palette)
    view.restyle(DARK)
    assert links() == before
    assert len(colours.palette) == len(palette)
    assert colours.palette != palette


@pytest.mark.parametrize(("side", "most_bytes"), [(8, 4_000), (32, 20_000)])
@pytest.mark.slow
def test_a_frame_is_small_on_the_usual_and_on_the_largest_mesh(side, most_bytes):
    scenario = preset("hippocampus-on-analog").with_values({"noc.size": [side, side]})
    simulation = Simulation(scenario)
    view = NocMapView(LIGHT)
    wire = Wire(view.figure)
    view.lay_out(Scene.of(simulation))
    wire.take()
    for n_ms in (100, 500, 30, 100, 100, 100):
        frame = simulation.advance(n_ms)
        view.tick(frame)
        assert 0 < wire.take() <= most_bytes
    view.tick(frame)
    assert wire.take() == 0


def test_hover_numbers_of_a_large_mesh_take_turns_until_all_are_new():
    scenario = preset("hippocampus-on-analog").with_values({"noc.size": [32, 32]})
    simulation = Simulation(scenario)
    view = NocMapView(LIGHT)
    view.lay_out(Scene.of(simulation))
    before = _column(view, "links", "use")
    for _ in range(4):
        view.tick(simulation.advance(100))
    busy = before > 0
    assert np.count_nonzero(_column(view, "links", "use")[busy] == before[busy]) < 0.05 * busy.sum()
    assert _column(view, "tiles", "received").sum() > 0
