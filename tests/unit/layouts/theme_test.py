"""Measured and simulated are told apart without colour, in both themes and wherever both are drawn."""

from __future__ import annotations

import pytest

from layouts.explorer.fit_panel import FitPanel
from layouts.theme import DARK, LIGHT, MEASURED, SIMULATED

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


@THEMES
def test_data_are_solid_ink_and_models_dashed_and_hollow_in_the_colour_of_their_backend(theme):
    assert MEASURED.line(theme, theme.analog) == {"line_color": theme.ink, "line_dash": []}
    assert SIMULATED.line(theme, theme.analog)["line_color"] == theme.analog
    assert SIMULATED.line(theme)["line_dash"]
    assert MEASURED.mark(theme) == {"fill_color": theme.ink, "line_color": theme.ink}
    assert SIMULATED.mark(theme, theme.analog) == {"fill_color": theme.panel, "line_color": theme.analog}
    assert MEASURED.marker != SIMULATED.marker


@THEMES
def test_the_marks_of_a_run_are_hollow_on_the_fit_panel_whatever_the_verdict(theme):
    panel = FitPanel(LIGHT)
    panel.restyle(theme)
    glyph = panel.figure.select_one("scores").glyph
    assert (glyph.fill_color, glyph.line_color) == (theme.panel, "colour")
