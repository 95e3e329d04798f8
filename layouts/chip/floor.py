"""The floor plan of an analog chip: whose circuits are where, and what its buses carry."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import Quad, Text
from bokeh.plotting import figure

from engine.amounts import percent_text
from engine.backends.analog.buses import EVENTS_PER_SLOT
from engine.backends.analog.layout import ChipLayout
from engine.backends.analog.resources import (
    BANDS,
    BUSES_PER_HEMISPHERE,
    COLUMNS,
    COLUMNS_PER_BAND_GROUP,
    DRIVERS_PER_BUS,
    LABELS,
    ROWS_PER_DRIVER,
)
from engine.brain.network import Network
from engine.model.chip_terms import TERMS
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, mix, tooltip

__all__ = ["ChipFloor"]

_STRIP = (8.3, 9.3)
_BARS = (7.35, 6.5, 5.65, 4.8)
_DOWN = 6.5  # from one hemisphere to the other
_ROWS_PER_BUS = DRIVERS_PER_BUS * ROWS_PER_DRIVER
_LABELS_PER_BUS = DRIVERS_PER_BUS * LABELS
_EVENTS_PER_MS = EVENTS_PER_SLOT * 10
_PLACED = (
    "Counted in the placement of this scenario; what a chip has was measured (read in the headers "
    "of electronicvisions/halco)."
)
_LOAD = f"Load: events counted in the run that is shown, over {_EVENTS_PER_MS} a ms"


class ChipFloor(Drawn):
    """Two hemispheres of 256 columns, and the four buses of each.

    Parameters
    ----------
    theme : Theme

    Attributes
    ----------
    sentence : str
        What the picture shows, in words.
    figure : bokeh figure
    """

    def __init__(self, theme: Theme):
        self.sentence = "No region is analog, so there is no chip."
        self._theme = theme
        self._shown: tuple[Any, ...] | None = None
        self.figure = figure(
            x_range=Range1d(-28, 400),
            y_range=Range1d(-2.3, 10.6),
            height=350,
            sizing_mode="stretch_width",
            toolbar_location=None,
            tools="",
            min_border=4,
            outline_line_color=None,
            name="chip_floor",
        )
        f = self.figure
        f.axis.visible = False
        f.grid.visible = False
        blank: dict[str, list[Any]] = {k: [] for k in ("left", "right", "bottom", "top", "colour", "text")}
        self._columns = ColumnDataSource({k: list(v) for k, v in blank.items()})
        self._tracks = ColumnDataSource({k: list(v) for k, v in blank.items()})
        self._fills = ColumnDataSource({k: list(v) for k, v in blank.items()})
        words: dict[str, list[Any]] = {"x": [], "y": [], "text": [], "colour": [], "align": []}
        self._words = ColumnDataSource({k: list(v) for k, v in words.items()})
        self._titles = ColumnDataSource({k: list(v) for k, v in words.items()})
        quad: dict[str, Any] = {"fill_color": "colour", "line_color": None}
        quads = [
            draw(f, Quad, "left", "right", "top", "bottom", source=source, name=name, **quad)
            for name, source in (("tracks", self._tracks), ("circuits", self._columns), ("bars", self._fills))
        ]
        for name, source, style in (("words", self._words, "normal"), ("titles", self._titles, "bold")):
            draw(
                f,
                Text,
                "x",
                "y",
                "text",
                source=source,
                text_color="colour",
                text_align="align",
                text_baseline="middle",
                text_font_size="11px",
                text_font=value(FONT),
                text_font_style=style,
                name=name,
            )
        self._hover = HoverTool(renderers=quads, tooltips="@text")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        self._hover.tooltips = tooltip(theme, "@text")
        if self._shown is not None:
            self.show(*self._shown)

    @property
    def source(self) -> str:
        """Where its figures come from."""
        return f"{_PLACED} {_LOAD}. {TERMS['bus'].label}: {TERMS['bus'].provenance}"

    def clear(self, why: str) -> None:
        """Show nothing, and say why."""
        self._shown, self.sentence = None, why
        for source in (self._columns, self._tracks, self._fills, self._words, self._titles):
            source.data = {k: [] for k in source.data}

    def show(
        self,
        layout: ChipLayout,
        network: Network,
        chip: int,
        report: dict[str, Any] | None,
        duration_ms: float,
    ) -> None:
        """Show one chip.

        Parameters
        ----------
        layout : ChipLayout
        network : Network
        chip : int
        report : dict or None
            Of a run on this layout; None before one.
        duration_ms : float [ms]
            Biological time of the run.
        """
        self._shown = layout, network, chip, report, duration_ms
        theme = self._theme
        inhibitory = mix(theme.analog, theme.ink, 0.55)
        columns: list[tuple[Any, ...]] = []
        tracks: list[tuple[Any, ...]] = []
        fills: list[tuple[Any, ...]] = []
        words: list[tuple[Any, ...]] = []
        titles: list[tuple[Any, ...]] = []
        for side, half in enumerate((2 * chip, 2 * chip + 1)):
            down = side * _DOWN
            bottom, top = _STRIP[0] - down, _STRIP[1] - down
            tracks.append((0, COLUMNS, bottom, top, theme.track, f"Circuits not in use. {_PLACED}"))
            here = layout.hemisphere == half
            self._circuits(layout, network, here, bottom, top, inhibitory, columns)
            titles.append((0, top + 0.75, self._title(layout, network, half, side), theme.ink, "left"))
            for group in range(COLUMNS // COLUMNS_PER_BAND_GROUP):
                x = (group + 0.5) * COLUMNS_PER_BAND_GROUP
                words.append((x, top + 0.26, f"bus {group % BANDS}", theme.muted, "center"))
                if group:
                    edge = group * COLUMNS_PER_BAND_GROUP
                    columns.append((edge - 0.4, edge + 0.4, bottom, top, theme.panel, ""))
            for bus in range(BUSES_PER_HEMISPHERE):
                self._bus(layout, half, bus, report, duration_ms, down, tracks, fills, words)
        for source, rows in ((self._columns, columns), (self._tracks, tracks), (self._fills, fills)):
            _fill(source, ("left", "right", "bottom", "top", "colour", "text"), rows)
        for source, rows in ((self._words, words), (self._titles, titles)):
            _fill(source, ("x", "y", "text", "colour", "align"), rows)
        self.sentence = self._said(layout, chip, report)

    @staticmethod
    def _title(layout: ChipLayout, network: Network, half: int, side: int) -> str:
        name = ("Upper half", "Lower half")[side]
        region = int(layout.region[half])
        if region < 0:
            return f"{name}: empty"
        n = int(np.count_nonzero(layout.hemisphere == half))
        merged = int(layout.merged[layout.hemisphere == half].max())
        more = f" of {merged} circuits each" if merged > 1 else ""
        return f"{name}: {network.labels[region]}, {n} neurons{more}"

    def _circuits(
        self,
        layout: ChipLayout,
        network: Network,
        here: np.ndarray,
        bottom: float,
        top: float,
        inhibitory: str,
        out: list[tuple[Any, ...]],
    ) -> None:
        """Runs of neighbouring circuits of one population."""
        order = np.argsort(layout.column[here])
        column = layout.column[here][order].astype(int)
        merged = layout.merged[here][order].astype(int)
        neurons = layout.neurons[here][order]
        excitatory = network.is_excitatory[neurons]
        if not column.size:
            return
        new = np.flatnonzero(
            (np.diff(excitatory.astype(int)) != 0) | (column[1:] != column[:-1] + merged[:-1])
        )
        starts, ends = np.concatenate([[0], new + 1]), np.concatenate([new, [column.size - 1]])
        for a, b in zip(starts, ends, strict=True):
            kind = "excitatory" if excitatory[a] else "inhibitory"
            text = (
                f"{network.labels[network.region_of[neurons[a]]]}, {b - a + 1} {kind} neurons in "
                f"columns {column[a]} to {column[b] + merged[b] - 1}. {_PLACED}"
            )
            colour = self._theme.analog if excitatory[a] else inhibitory
            out.append((column[a], column[b] + merged[b], bottom, top, colour, text))

    def _bus(
        self,
        layout: ChipLayout,
        half: int,
        bus: int,
        report: dict[str, Any] | None,
        duration_ms: float,
        down: float,
        tracks: list[tuple[Any, ...]],
        fills: list[tuple[Any, ...]],
        words: list[tuple[Any, ...]],
    ) -> None:
        theme = self._theme
        y = _BARS[bus] - down
        low, high = y - 0.27, y + 0.27
        rows = int(layout.drivers[half, bus]) * ROWS_PER_DRIVER
        labels = int(layout.labels[half, bus])
        share = rows / _ROWS_PER_BUS
        text = (
            f"Bus {bus}: {rows} of {_ROWS_PER_BUS} synapse rows, {labels:,} of {_LABELS_PER_BUS:,} "
            f"labels. {_PLACED}"
        )
        said, colour = f"{rows}/{_ROWS_PER_BUS} rows", theme.muted
        if report is not None and duration_ms > 0:
            events = report["bus_events_per_bus"][half][bus]
            dropped = report["dropped_events_per_bus"][half][bus]
            load = percent_text(events / (duration_ms * _EVENTS_PER_MS))
            said += f", {load} events"
            text += f" {events:,} events are {load} of what it carries; {dropped:,} dropped. "
            text += f"{_LOAD} ({TERMS['bus'].standing}: {TERMS['bus'].source})."
            if dropped:
                said = f"{rows}/{_ROWS_PER_BUS} rows, {dropped:,} events dropped"
                colour = theme.overload
        tracks.append((0, COLUMNS, low, high, theme.track, text))
        fill = theme.overload if colour == theme.overload else mix(theme.analog, theme.ink, 0.2)
        fills.append((0, share * COLUMNS, low, high, fill, text))
        words.append((-3, y, f"Bus {bus}", theme.muted, "right"))
        words.append((COLUMNS + 4, y, said, colour, "left"))

    @staticmethod
    def _said(layout: ChipLayout, chip: int, report: dict[str, Any] | None) -> str:
        used = layout.utilisation
        binding = layout.binding
        text = (
            f"Chip {chip + 1} of {layout.chips}. {layout.circuits:,} circuits are in use; what "
            f"runs out first is {binding}, at {100 * used[binding]:.0f} %. The narrow stripes are "
            "inhibitory neurons; above each group of columns stands the bus its spikes reach."
        )
        if report is None:
            return text + " No run yet: the buses' events are not known."
        dropped = report["dropped_events"]
        return text + (
            f" {dropped:,} of {report['bus_events']:,} bus events were dropped."
            if dropped
            else f" Of {report['bus_events']:,} bus events none was dropped."
        )


def _fill(source: ColumnDataSource, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    source.data = {name: [row[i] for row in rows] for i, name in enumerate(names)}
