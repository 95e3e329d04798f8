"""What the network on chip is drawn with: each glyph has its columns, each shade its colour."""

from __future__ import annotations

import re

import pytest
from bokeh.models import GlyphRenderer, HoverTool

from layouts.noc.load import N_SHADES
from layouts.noc.map_figure import NocFigure
from layouts.theme import DARK, LIGHT


@pytest.fixture
def drawn():
    return NocFigure(LIGHT)


def test_what_glyphs_and_hovers_name_is_a_column_of_their_source(drawn):
    glyphs = drawn.figure.select({"type": GlyphRenderer})
    for renderer in glyphs:
        values = renderer.glyph.properties_with_values().values()
        fields = {v["field"] for v in values if isinstance(v, dict) and "field" in v}
        assert fields <= set(renderer.data_source.data)
    hovers = list(drawn.figure.select({"type": HoverTool}))
    assert len(hovers) == 2
    for hover in hovers:
        named = set(re.findall(r"@(\w+)", str(hover.tooltips)))
        assert named
        assert named <= set(hover.renderers[0].data_source.data)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_shade_has_a_colour_and_only_overload_has_the_last(drawn, theme):
    drawn.restyle(theme)
    links, tiles = drawn._link_colours, drawn._tile_colours
    assert len(links.palette) == links.high - links.low == N_SHADES + 1
    assert len(tiles.palette) == tiles.high - tiles.low == 3 * N_SHADES
    assert [k for k, colour in enumerate(links.palette) if colour == theme.overload] == [N_SHADES]
    empty, digital, analog = (tiles.palette[k * N_SHADES : (k + 1) * N_SHADES] for k in range(3))
    assert len(set(empty)) == 1
    assert digital[-1] != analog[-1]


def test_the_extent_is_that_of_the_frame_alone(drawn):
    for axis in (drawn.figure.x_range, drawn.figure.y_range):
        assert [r.data_source for r in axis.renderers] == [drawn._frame]
