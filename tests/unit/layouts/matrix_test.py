"""The matrix: what a cell holds, what is sent, what a click picks and what is marked."""

from __future__ import annotations

import dataclasses
import itertools
import json

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.events import Tap

from dtb_app.benchmarks.views import Wire
from engine import Simulation, load_connectome
from layouts.explorer.matrix import MatrixView, display_order
from layouts.scene import Scene
from layouts.theme import DARK, LIGHT

CONNECTOME = load_connectome("dk84")
ORDER = display_order(CONNECTOME.lobe, CONNECTOME.labels).tolist()
HI, TH = (CONNECTOME.index(label) for label in ("L.HI", "L.TH"))


@pytest.fixture(scope="module")
def scene(small):
    return Scene.of(Simulation(small))


@pytest.fixture
def view(scene):
    view = MatrixView(LIGHT)
    view.lay_out(scene)
    return view


def with_connectome(scene, **changes):
    return dataclasses.replace(scene, connectome=dataclasses.replace(CONNECTOME, **changes))


def cells(view):
    return view.figure.renderers[0].data_source.data


def texts(view):
    """Words of the figure and how they are aligned."""
    return {
        word: renderer.glyph.text_align
        for renderer in view.figure.renderers
        for word in renderer.data_source.data.get("text", ())
    }


def marked_rows(view):
    """Rows that a line runs along."""
    lines = view.figure.renderers[-1].data_source.data
    return [y0 for y0, y1 in zip(lines["y0"], lines["y1"], strict=True) if y0 == y1]


def tap(view, x, y, **modifiers):
    view.figure._trigger_event(Tap(view.figure, x=x, y=y, modifiers=modifiers))


def test_the_order_is_by_lobe():
    assert sorted(ORDER) == list(range(84))
    lobes = [CONNECTOME.lobe[i] for i in ORDER]
    assert lobes[0] == "Frontal"
    assert sum(a != b for a, b in itertools.pairwise(lobes)) == len(set(lobes)) - 1


def test_a_cell_holds_target_by_row_and_source_by_column(scene):
    rng = np.random.default_rng(3)
    lopsided = with_connectome(scene, weights=np.triu(rng.uniform(1, 9, (84, 84)), 1))
    view = MatrixView(LIGHT)
    view.lay_out(lopsided)
    names = view.figure.hover[0].formatters["@image"].args["names"]
    data = cells(view)
    assert (data["x"], data["y"], data["dw"], data["dh"]) == ([0.0], [0.0], [84.0], [84.0])
    for row, column in ((3, 70), (70, 3), (12, 40)):
        target, source = (CONNECTOME.index(names[k]) for k in (row, column))
        weight = lopsided.connectome.weights[target, source]
        assert data["weight"][0][row, column] == weight
        assert data["length"][0][row, column] == pytest.approx(CONNECTOME.tract_lengths[target, source])
        assert data["fc"][0][row, column] == pytest.approx(CONNECTOME.fc_matrix[target, source])
        assert (data["image"][0][row, column] > 0) == (weight > 0)


def test_it_is_drawn_when_it_is_first_asked_for_and_then_follows(scene):
    view = MatrixView(LIGHT)
    view.lay_out(scene)
    view.set_selection([ORDER[5]])
    assert view.sentence.startswith("84 regions")
    assert view._figure is None
    assert marked_rows(view) == [5.5]
    doubled = with_connectome(scene, weights=2 * CONNECTOME.weights)
    view.lay_out(doubled)
    assert np.array_equal(cells(view)["weight"][0], doubled.connectome.weights[np.ix_(ORDER, ORDER)])
    assert marked_rows(view) == [5.5]
    assert view.figure.match_aspect


def test_before_a_connectome_it_is_blank(scene):
    view = MatrixView(LIGHT)
    assert not cells(view)["image"][0].any()
    view.lay_out(scene)
    assert cells(view)["image"][0].shape == (84, 84)


def test_it_is_sent_once_and_a_pick_is_little(view, scene):
    wire = Wire(view.figure)
    again = dataclasses.replace(scene, connectome=dataclasses.replace(CONNECTOME))
    view.lay_out(again)
    assert wire.take() < 24 * 84 * 84
    view.lay_out(again)
    assert wire.take() == 0
    view.set_selection([HI, TH])
    assert 0 < wire.take() < 1_000
    assert marked_rows(view) == [ORDER.index(HI) + 0.5, ORDER.index(TH) + 0.5]


def test_without_measured_fc_the_hover_does_not_promise_it(view, scene):
    assert "measured FC" in view.figure.hover[0].tooltips
    view.lay_out(with_connectome(scene, fc_matrix=None))
    assert "measured FC" not in view.figure.hover[0].tooltips
    assert "a.u." in view.figure.hover[0].tooltips


def test_it_is_square_and_its_scale_says_what_the_colours_stand_for(view):
    assert view.figure.match_aspect
    words = texts(view)
    assert words[f"{CONNECTOME.weights.max():,.0f}"] == "left"
    assert words["Frontal"] == "right"
    shades = view.figure.renderers[1].data_source.data["image"][0]
    assert shades[0] > shades[-1], "the first row is at the top, as the fullest weight"


def test_a_click_picks_a_pair_a_row_or_a_column(view):
    told: list[tuple[list[int], str]] = []
    view.on_select = lambda regions, mode: told.append((regions, mode))
    tap(view, 70.2, 3.9)
    tap(view, 12.5, 12.5)
    tap(view, -2.0, 7.5, shift=True)
    tap(view, 9.5, -1.0)
    for x, y in ((90.0, 4.0), (-30.0, 4.0), (-1.0, -1.0), (4.0, 90.0)):
        tap(view, x, y)
    assert told == [
        ([ORDER[70], ORDER[3]], "replace"),
        ([ORDER[12]], "replace"),
        ([ORDER[7]], "toggle"),
        ([ORDER[9]], "replace"),
    ]


def test_a_picked_pair_is_said(view, scene):
    view.set_selection([HI, TH])
    weight, length = CONNECTOME.weights[TH, HI], CONNECTOME.tract_lengths[TH, HI]
    assert view.sentence.startswith(
        f"L.HI ↔ L.TH: weight {weight:,.0f} a.u., tract {length:.1f} mm. 84 regions"
    )
    lopsided = CONNECTOME.weights.copy()
    lopsided[TH, HI], lopsided[HI, TH] = 7.0, 0.0
    view.lay_out(with_connectome(scene, weights=lopsided))
    assert view.sentence.startswith("L.HI → L.TH: weight 7 (0 back) a.u., ")
    view.set_selection([HI])
    assert view.sentence.startswith("84 regions")


def test_restyled_it_has_no_colour_of_the_other_theme(view):
    document = Document()
    document.add_root(view.figure)
    view.restyle(DARK)
    text = json.dumps(document.to_json(deferred=False))
    light, dark = ({t.panel, t.ink, t.muted, t.analog, *t.lobes.values()} for t in (LIGHT, DARK))
    assert [colour for colour in light - dark if colour in text] == []
    assert DARK.panel in text


def test_lobes_of_another_atlas_keep_together_after_those_that_are_known():
    lobes = ("Pallium", "Isocortex", "Frontal", "Pallium", "Isocortex", "Midbrain")
    order = display_order(lobes, ("L.a", "L.b", "L.z", "R.a", "R.b", "L.c"))
    assert [lobes[k] for k in order] == [
        "Frontal",
        "Isocortex",
        "Isocortex",
        "Midbrain",
        "Pallium",
        "Pallium",
    ]
