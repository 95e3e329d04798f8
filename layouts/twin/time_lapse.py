"""Rates of a brain over the years on the map of its regions, one year at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from layouts.axes import note_in
from layouts.explorer.atlas import Outlines, outlines_of
from layouts.explorer.brain_figure import CODES, N_SHADES, BrainFigure
from layouts.explorer.written_outlines import write_outlines
from layouts.theme import Theme, tooltip

__all__ = ["TimeLapse"]

_DECADES = 2.0


class TimeLapse(BrainFigure):
    """The map, bright where regions fire much; see `figure`.

    Parameters
    ----------
    theme : Theme
    empty : str
        What stands there before anything is shown.
    """

    caption = "brightness: 1 to 100 Hz, by decades · grey: not simulated"

    def __init__(self, theme: Theme, empty: str):
        self._outlines: Outlines | None = None
        self._place: NDArray[np.int64] = np.zeros(0, np.int64)
        super().__init__(theme)
        self.figure.name = "twin-time-lapse"
        self._note = note_in(self.figure, empty)
        self._note.text_color = theme.muted
        self._hover.callback = None
        self._polygons.js_property_callbacks = {}
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        super().restyle(theme)
        if hasattr(self, "_note"):
            self._note.text_color = theme.muted
            self._hover.tooltips = tooltip(theme, lead="@name", lines=("@rate{0.0} Hz",))

    def lay_out(
        self, connectome: Connectome, atlas: dict[str, Any] | None, labels: Sequence[str], neurons: int
    ) -> None:
        """Draw the regions, dark; views that show none of those that are simulated are left out.

        Parameters
        ----------
        connectome : Connectome
        atlas : dict, optional
            Outlines; without them a region is a dot.
        labels : sequence of str
            Of the regions that are simulated.
        neurons : int
            Of each.
        """
        if atlas is not None:
            kept = [view for view in atlas["views"] if _share(view["regions"], labels) > 0]
            atlas = {**atlas, "views": kept}
        outlines, unit, xs, ys = write_outlines(outlines_of(atlas, connectome, is_one_row=True))
        self._outlines = outlines
        place = {connectome.labels.index(label): k for k, label in enumerate(labels)}
        self._place = np.array([place.get(int(region), -1) for region in outlines.region], np.int64)
        on = self._place >= 0
        n = len(self._place)
        self._note.visible = False
        self._frame.data = {"x": outlines.corners[0], "y": outlines.corners[1]}
        self._captions.data = outlines.captions
        self._unwritten.read_in(unit)
        self._polygons.data = {
            "xs": xs,
            "ys": ys,
            "region": outlines.region,
            "level": self._levels(np.zeros(len(labels))),
            "rate": np.zeros(n, np.float32),
            "name": [connectome.names[region] for region in outlines.region],
            "neurons": np.where(on, neurons, 0).astype(np.int32),
            "backend": np.where(on, "digital", "off").tolist(),
        }

    def mark(self, labels: Sequence[str], connectome: Connectome, what: str) -> None:
        """Put a sign on some regions.

        Parameters
        ----------
        labels : sequence of str
        connectome : Connectome
        what : str
            What is done to them.
        """
        signs: dict[str, list[Any]] = {key: [] for key in self._signs.data}
        for view in self._outlines.centres if self._outlines is not None else ():
            for label in labels:
                if (at := view.get(connectome.labels.index(label))) is not None:
                    for key, part in zip(signs, (*at, "diamond", what), strict=True):
                        signs[key].append(part)
        self._signs.data = signs

    def show(self, rates_hz: NDArray[np.float64]) -> None:
        """Show one year.

        Parameters
        ----------
        rates_hz : (n_regions,) float64 [Hz]
            Of the regions that were laid out, in their order.
        """
        if self._outlines is None:
            return
        n = len(self._place)
        rate = np.where(self._place >= 0, rates_hz[self._place], 0.0).astype(np.float32)
        self._polygons.patch(
            {"level": [(slice(0, n), self._levels(rates_hz))], "rate": [(slice(0, n), rate)]}
        )

    def _levels(self, rates_hz: NDArray[np.float64]) -> NDArray[np.uint8]:
        share = np.clip(np.log10(np.maximum(rates_hz, 1.0)) / _DECADES, 0.0, 1.0)
        shade = np.round(share * (N_SHADES - 1)).astype(np.int64)
        on = CODES["digital"] * N_SHADES + shade[self._place]
        return np.where(self._place >= 0, on, CODES["off"] * N_SHADES).astype(np.uint8)


def _share(regions: dict[str, Any], labels: Sequence[str]) -> float:
    return sum(label in labels for label in regions) / max(1, len(regions))
