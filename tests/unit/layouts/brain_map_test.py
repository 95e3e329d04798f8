"""The brain map: what it shows, what a frame sends, what a click does."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.events import DoubleTap, Tap
from bokeh.models import Selection

import sample_data
from dtb_app.benchmarks.views import Wire
from engine import Scenario, Simulation, load_connectome, preset
from engine.backends.mock import MockBackend
from layouts.explorer.atlas import outlines_of
from layouts.explorer.brain_figure import CODES, N_SHADES
from layouts.explorer.brain_map import BrainMapView, strongest_links
from layouts.explorer.written_lines import MOST, read_lines, write_lines
from layouts.scene import Scene
from layouts.theme import DARK, LIGHT

ATLAS = json.loads(sample_data.path("dk84.atlas").read_text(encoding="utf-8"))
CONNECTOME = load_connectome("dk84")
OUTLINES = outlines_of(ATLAS, CONNECTOME)
HI, TH, SFG = (CONNECTOME.index(label) for label in ("L.HI", "L.TH", "L.SFG"))
SPACING = 0.08  # mm; outlines are written in whole units, the sheet is not


def laid_out(run, atlas=ATLAS) -> BrainMapView:
    view = BrainMapView(LIGHT, atlas)
    view.lay_out(Scene.of(run))
    return view


@pytest.fixture
def view(small):
    return laid_out(Simulation(small))


@pytest.fixture
def heard(view):
    """What the map has told its page."""
    told: list[tuple] = []

    def select(indices, mode):
        told.append((indices, mode))

    view.on_select = select
    view.on_open = lambda index: told.append((index, "open"))
    return told


def tap(view: BrainMapView, region: int | None, kind=Tap, **modifiers: bool) -> None:
    """A click inside a region, or on empty ground."""
    x, y = -50.0, -50.0
    if region is not None:
        x, y = next(c[region] for c in OUTLINES.centres if region in c)
    if view.figure.document is None:
        Document().add_root(view.figure)
    view.figure.document.callbacks.trigger_event(kind(view.figure, x=x, y=y, modifiers=modifiers))


def boxed(view: BrainMapView) -> Selection:
    """What a box or lasso holds, as the browser tells it."""
    return view.figure.select_one("regions").data_source.selected


def rows(view: BrainMapView, *regions: int) -> list[int]:
    """The polygons of some regions, as they are drawn."""
    return np.flatnonzero(np.isin(view.data["regions"]["region"], regions)).tolist()


# ---- what a click does -----------------------------------------------------------------------


def test_a_click_picks_and_a_modifier_toggles(view, heard):
    tap(view, HI)
    tap(view, TH, shift=True)
    tap(view, TH, ctrl=True)
    assert heard == [([HI], "replace"), ([TH], "toggle"), ([TH], "toggle")]


@pytest.mark.parametrize("paint", [None, "analog"])
def test_a_click_on_empty_ground_does_nothing(view, heard, paint):
    view.paint = paint
    view.set_selection([HI])
    tap(view, None)
    tap(view, None, kind=DoubleTap)
    assert heard == []
    assert len(view.data["selected"]["xs"]) == len(rows(view, HI))


def test_a_box_picks_whole_regions_and_an_empty_one_keeps_the_selection(view, heard):
    boxed(view).indices = [rows(view, HI)[0], *rows(view, TH)]
    assert [(sorted(indices), mode) for indices, mode in heard] == [(sorted([HI, TH]), "replace")]
    view.set_selection([HI, TH])
    boxed(view).indices = []
    assert len(heard) == 1
    assert sorted(boxed(view).indices) == rows(view, HI, TH)


def test_a_selected_region_can_be_painted(view, heard):
    view.set_selection([HI])
    view.paint = "analog"
    tap(view, HI, shift=True)
    assert heard == [([HI], "replace")]
    boxed(view).indices = rows(view, HI)  # a box over just what is selected
    assert heard[1:] == [([HI], "replace")]
    assert boxed(view).indices == []
    assert len(view.data["selected"]["xs"]) == len(rows(view, HI))  # still selected, and outlined
    view.paint = None
    assert sorted(boxed(view).indices) == rows(view, HI)


def test_a_double_click_opens_unless_it_paints(view, heard):
    tap(view, TH, kind=DoubleTap)
    view.paint = "off"
    tap(view, TH, kind=DoubleTap)
    assert heard == [(TH, "open")]


# ---- what is shown ---------------------------------------------------------------------------


def steady(period: int) -> Simulation:
    """Two regions in which every neuron fires once in `period` ms."""
    scenario = Scenario(regions={"default": "off", "digital": ("L.TH", "L.HI")}, duration=2000.0)
    return Simulation(
        scenario, factories={"digital": lambda s, n, ids, table: MockBackend(ids, period=period)}
    )


# The end of the scale is full brightness, 63 of 0..63; a window is half a second.
@pytest.mark.parametrize(("period", "rate_hz", "level", "scale"), [(100, 10.0, 39, 16), (250, 4.0, 63, 4)])
def test_brightness_is_the_rate_on_the_printed_scale(period, rate_hz, level, scale):
    run = steady(period)
    view = laid_out(run)
    assert "0 to 4 Hz" in view.caption
    view.tick(run.advance(700))
    assert "0 to 4 Hz" in view.caption  # the onset is still in the window
    view.tick(run.advance(100))
    assert f"0 to {scale} Hz" in view.caption
    shown = np.asarray(view.data["regions"]["level"])
    rate = np.asarray(view.data["regions"]["rate"])
    on = rows(view, TH, HI)
    assert set(shown[on]) == {level}
    assert rate[on] == pytest.approx(rate_hz)
    assert set(shown[rows(view, SFG)]) == {128}
    assert f"at {rate_hz:.1f} Hz" in view.sentence


def test_a_silent_run_says_so(small):
    run = steady(100_000)
    view = laid_out(run)
    run.advance(500)
    view.tick(run.advance(300))
    assert view.sentence == "No region has fired yet."


def test_by_backend_every_region_has_its_full_colour(small):
    run = Simulation(small)
    view = laid_out(run)
    view.tick(run.advance(200))
    view.colour_by = "backend"
    palette = view.figure.select_one("regions").glyph.fill_color.transform.palette
    level = np.asarray(view.data["regions"]["level"])
    for region, colour in ((TH, LIGHT.digital), (HI, LIGHT.analog), (CONNECTOME.index("R.HI"), LIGHT.off)):
        assert {palette[i] for i in level[rows(view, region)]} == {colour}
    assert "rate" not in view.caption
    view.colour_by = "rate"
    assert {palette[i] for i in np.asarray(view.data["regions"]["level"])[rows(view, TH)]} != {LIGHT.digital}


def test_analog_is_told_by_dots_too(view):
    assert len(view.data["analog"]["xs"]) == len(rows(view, HI))
    backends = ["off"] * CONNECTOME.n_regions
    backends[TH] = backends[SFG] = "analog"
    view.set_backends(backends)
    assert len(view.data["analog"]["xs"]) == len(rows(view, TH, SFG))
    assert view.figure.select_one("analog").glyph.hatch_pattern == "dot"
    assert view.data["regions"]["level"][rows(view, TH)[0]] // N_SHADES == CODES["analog"]


def test_links_join_the_regions_centres_in_every_view_that_shows_both(view):
    view.set_links([(HI, TH, 1.0), (HI, SFG, 0.25)])
    links = view.data["links"]
    joined = [OUTLINES.joined(HI, other) for other in (TH, SFG)]
    assert len(links["x0"]) == sum(len(j) for j in joined) > 0
    ends = list(zip(links["x0"], links["y0"], links["x1"], links["y1"], strict=True))
    assert ends == [(*a, *b) for j in joined for a, b in j]
    widths = np.asarray(links["width"])
    assert widths[: len(joined[0])].min() > widths[len(joined[0]) :].max(initial=0.0)
    view.set_links([])
    assert len(view.data["links"]["x0"]) == 0


def test_there_are_no_links_of_nothing():
    assert strongest_links(CONNECTOME, [], 12) == []
    alone = dataclasses.replace(CONNECTOME, weights=np.zeros((84, 84)))
    assert strongest_links(alone, [0], 12) == []


def test_only_the_sheet_sets_the_ranges_so_nothing_jumps(view):
    assert view.figure.match_aspect
    held = [*view.figure.x_range.renderers, *view.figure.y_range.renderers]
    assert {r.name for r in held} == {"sheet"}
    left, right = view.data["sheet"]["x"]
    low, high = view.data["sheet"]["y"]
    regions = view.data["regions"]
    for xs, ys in zip(regions["xs"], regions["ys"], strict=True):
        assert left - SPACING <= min(xs) <= max(xs) <= right + SPACING
        assert low - SPACING <= min(ys) <= max(ys) <= high + SPACING


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e-6])
def test_outlines_are_written_with_less_lost_than_can_be_seen_whatever_the_unit(scale):
    rng = np.random.default_rng(3)
    outlines = [scale * rng.uniform(0, 400, n) for n in (3, 40)]
    outlines.append(scale * np.cumsum(rng.uniform(0, 4, 90)))
    unit = 400 * scale / MOST
    texts = write_lines(outlines, unit)
    for before, text, after in zip(outlines, texts, read_lines(texts, unit), strict=True):
        assert np.abs(before - after).max() <= unit / 2 * (1 + 1e-9)
        assert len(text) <= 3 * before.size
    assert len(texts[-1]) == 3 + 89  # only the first point stands far from the one before
    assert read_lines(write_lines([np.array([-1.0, 1e9])], unit), unit)[0].tolist() == [0.0, MOST * unit]


def test_the_outlines_of_the_sheet_take_a_fifth_of_what_they_took_as_numbers(view):
    assert sum(map(len, view._polygons.data["xs"] + view._polygons.data["ys"])) < 15_500
    drawn = view.data["regions"]
    for shown, whole in zip((*drawn["xs"], *drawn["ys"]), (*OUTLINES.xs, *OUTLINES.ys), strict=True):
        assert np.abs(shown - whole).max() < 0.08  # mm; outlines are given to a tenth


# ---- what it costs ---------------------------------------------------------------------------


@pytest.mark.parametrize("chunk_ms", [100, 500])
@pytest.mark.slow
def test_a_frame_sends_levels_and_once_a_second_the_rates(chunk_ms):
    run = Simulation(preset("hippocampus-on-analog"))
    view = BrainMapView(LIGHT, ATLAS)
    wire = Wire(view.figure)
    view.lay_out(Scene.of(run))
    wire.take()
    sent = []
    for _ in range(2000 // chunk_ms):
        view.tick(run.advance(chunk_ms))
        sent.append(wire.take())
    assert max(sent) < 2_500
    n = len(view.data["regions"]["region"])
    with_rates = sum(size > 4 * n for size in sent)
    assert with_rates == 2  # at the first frame, and a second after it


def test_what_has_not_changed_is_not_sent():
    run = steady(100)
    view = BrainMapView(LIGHT, ATLAS)
    wire = Wire(view.figure)
    view.lay_out(Scene.of(run))
    view.tick(run.advance(300))
    first = wire.take()
    view.tick(run.advance(100))
    assert wire.take() == 0
    view.lay_out(Scene.of(run))  # an edit: the outlines stay
    assert wire.take() < 0.15 * first


def test_another_connectome_brings_its_own_regions(small):
    run = Simulation(small)
    view = laid_out(run)
    view.set_selection([HI, 83])
    scene = Scene.of(run)
    names = tuple(f"{name} again" for name in CONNECTOME.names)
    view.atlas = None
    view.lay_out(dataclasses.replace(scene, connectome=dataclasses.replace(CONNECTOME, names=names)))
    assert all(name.endswith(" again") for name in view._told.args["names"])
    assert {view.data["regions"]["region"][i] for i in boxed(view).indices} == {HI, 83}
    assert {len(xs) for xs in view.data["regions"]["xs"]} == {16}


# ---- both themes -----------------------------------------------------------------------------


def test_a_restyled_view_has_no_colour_of_the_other_theme(view):
    view.restyle(DARK)
    document = Document()
    document.add_root(view.figure)
    text = json.dumps(document.to_json(deferred=False))
    for colour in {LIGHT.panel, LIGHT.ink, LIGHT.muted, LIGHT.analog, *LIGHT.lobes.values()} - {
        DARK.panel,
        DARK.ink,
        DARK.muted,
        DARK.analog,
        *DARK.lobes.values(),
    }:
        assert colour not in text, colour
    assert DARK.panel in text


def test_marks_are_in_ink_in_both_themes(view):
    for theme in (LIGHT, DARK):
        view.restyle(theme)
        glyphs = {name: view.figure.select_one(name).glyph for name in view.data}
        assert {glyphs[name].line_color for name in ("selected", "links")} == {theme.ink}
        assert glyphs["analog"].hatch_color == theme.ink
        assert glyphs["captions"].text_color == theme.muted
        assert glyphs["regions"].line_color == theme.panel
