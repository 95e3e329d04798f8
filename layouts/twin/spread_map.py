"""Whom a seizure reaches and when, on the map of the brain's regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from bokeh.models import BasicTicker, ColorBar, LinearColorMapper
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from layouts.explorer.brain_figure import CODES, N_SHADES
from layouts.theme import FONT, Theme, mix, ramp, tooltip
from layouts.twin.time_lapse import TimeLapse

__all__ = ["SpreadMap"]

_ENDS_S = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0)  # of the scale
_LATE = 0.16  # how much of the colour is left at the end of the scale


class SpreadMap(TimeLapse):
    """The map, dark where a region is recruited early; see `figure`.

    Parameters
    ----------
    theme : Theme
    empty : str
        What stands there before anything is shown.
    """

    caption = "colour: latency · dotted: not recruited · grey: not simulated · diamond: focus"

    def __init__(self, theme: Theme, empty: str):
        self._seconds = LinearColorMapper(palette=["#000000"], low=0.0, high=1.0)
        self._scale = ColorBar(
            color_mapper=self._seconds,
            ticker=BasicTicker(desired_num_ticks=4),
            title="latency [s]",
            width=10,
            padding=4,
            title_text_font_style="normal",
            background_fill_color=None,
            bar_line_color=None,
            major_tick_line_color=None,
        )
        super().__init__(theme, empty)
        self.figure.name = "twin-spread-map"
        self.figure.add_layout(self._scale, "right")

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        super().restyle(theme)
        late = mix(theme.panel, theme.overload, _LATE)
        shades = ramp(theme.overload, late, N_SHADES)
        self._mapper.palette = [*shades, *[theme.panel] * N_SHADES, *[theme.off] * N_SHADES]
        self._seconds.palette = shades
        self._hatch.glyph.update(hatch_color=theme.muted, line_color=theme.muted, line_width=0.8)
        look = {"text_font": FONT, "text_font_size": "11px", "text_color": theme.muted}
        self._scale.update(
            **{f"major_label_{key}": value for key, value in look.items()},
            **{f"title_{key}": value for key, value in look.items()},
        )
        if hasattr(self, "_note"):
            self._hover.tooltips = tooltip(theme, lead="@name", lines=("@said",))

    def lay_out(
        self, connectome: Connectome, atlas: dict[str, Any] | None, labels: Sequence[str], neurons: int
    ) -> None:
        """See `TimeLapse`."""
        super().lay_out(connectome, atlas, labels, neurons)
        self._polygons.data = {**self._polygons.data, "said": ["not simulated"] * len(self._place)}

    def show(self, latency_s: NDArray[np.float64]) -> None:
        """Show one seizure.

        Parameters
        ----------
        latency_s : (n_regions,) float64 [s]
            Of the regions that were laid out, in their order; not a number where one is not recruited.
        """
        if self._outlines is None:
            return
        most = float(np.nanmax(latency_s, initial=0.0))
        end = next((one for one in _ENDS_S if most <= one), most)
        self._seconds.high = end
        level = np.where(
            np.isfinite(latency_s),
            CODES["digital"] * N_SHADES + np.round(np.nan_to_num(latency_s) / end * (N_SHADES - 1)),
            CODES["analog"] * N_SHADES,
        )
        words = [
            f"recruited after {value:.2f} s" if np.isfinite(value) else "not recruited" for value in latency_s
        ]
        place = self._place
        levels = np.where(place >= 0, level[place], CODES["off"] * N_SHADES).astype(np.uint8)
        said = ["not simulated" if at < 0 else words[at] for at in place]
        n = len(place)
        self._polygons.patch({"level": [(slice(0, n), levels)], "said": [(slice(0, n), said)]})
        spared = [k for k, at in enumerate(place) if at >= 0 and not np.isfinite(latency_s[at])]
        self._analog.data = {
            "xs": [self._outlines.xs[k] for k in spared],
            "ys": [self._outlines.ys[k] for k in spared],
        }
