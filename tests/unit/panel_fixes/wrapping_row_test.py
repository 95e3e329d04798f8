"""A row that wraps asks for no more room than its widest part."""

from __future__ import annotations

import panel as pn

from dtb_app.panel_fixes.wrapping_row import WrappingRow

PARTS = [pn.widgets.TextInput(width=width, margin=0) for width in (210, 120, 150)]


def asked(row) -> int | None:
    return pn.Column(row(*PARTS, sizing_mode="stretch_width", margin=0), margin=0).get_root().min_width


def test_panel_alone_asks_for_all_of_a_row_side_by_side():
    """Should Panel change, this says that the class is needed no more."""
    assert asked(pn.Row) == 480


def test_a_row_that_wraps_asks_for_its_widest_part():
    assert asked(WrappingRow) == 210
