"""What figures share: no toolbar and no frame, axes in the theme's colours."""

from __future__ import annotations

from typing import Any

from bokeh.models import Label, Node, Range1d
from bokeh.plotting import figure

from layouts.theme import FONT, Theme

__all__ = ["axis_style", "bare_figure", "note_in", "quiet_figure", "restyle_axes"]


def axis_style(f: Any, theme: Theme) -> None:
    """Quiet axes in the colours of a theme."""
    f.background_fill_color = f.border_fill_color = None
    f.grid.grid_line_color = theme.line
    f.outline_line_color = None
    axis = f.axis
    axis.axis_line_color = theme.line
    axis.major_tick_line_color = axis.minor_tick_line_color = None
    axis.major_label_text_color = axis.axis_label_text_color = theme.muted
    axis.major_label_text_font = axis.axis_label_text_font = FONT
    axis.major_label_text_font_size = axis.axis_label_text_font_size = "11px"
    axis.axis_label_text_font_style = "normal"


def quiet_figure(name: str, **params: Any) -> figure:
    """A figure without a toolbar or a frame."""
    params.setdefault("x_range", Range1d(0, 1))
    params.setdefault("y_range", Range1d(0, 1))
    f = figure(
        sizing_mode="stretch_both",
        toolbar_location=None,
        tools="",
        min_border=2,
        min_border_right=14,
        min_border_bottom=60,
        outline_line_color=None,
        title=None,
        name=name,
        **params,
    )
    f.axis.minor_tick_line_color = None
    return f


def bare_figure(name: str, **params: Any) -> figure:
    """A figure of marks alone: no axes, no grid, no toolbar, no frame, and no border round them."""
    f = figure(
        sizing_mode="stretch_both",
        toolbar_location=None,
        tools="",
        min_border=0,
        outline_line_color=None,
        x_axis_type=None,
        y_axis_type=None,
        title=None,
        name=name,
        **params,
    )
    return f


def note_in(f: figure, text: str) -> Label:
    """Words in the middle of a figure that has nothing to show yet; hide them by `visible`."""
    note = Label(
        x=Node(target="frame", symbol="center"),
        y=Node(target="frame", symbol="center"),
        text=text,
        text_align="center",
        text_baseline="middle",
        text_font=FONT,
        text_font_size="12px",
    )
    f.add_layout(note)
    return note


def restyle_axes(f: figure, theme: Theme) -> None:
    """Colours and type of axes, grid and ground."""
    f.background_fill_color = f.border_fill_color = None
    f.grid.grid_line_color = theme.line
    for note in f.select(Label):
        note.text_color = theme.muted
    for axis in f.axis:
        axis.axis_line_color = axis.major_tick_line_color = None
        axis.major_label_text_color = axis.axis_label_text_color = theme.muted
        axis.major_label_text_font = axis.axis_label_text_font = FONT
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "11px"
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_standoff = 4
