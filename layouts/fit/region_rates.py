"""Rates of all regions while they are tuned, beside the band in which they should stay."""

from __future__ import annotations

import numpy as np
from bokeh.models import BoxAnnotation, ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import Scatter
from numpy.typing import NDArray

from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.fit.fc_matrix import Layout
from layouts.marks import draw
from layouts.theme import Theme, tooltip

__all__ = ["BAND_HZ", "RegionRates"]

BAND_HZ = (1.0, 8.0)
"""Excitatory rates of a brain at rest that are let pass [Hz], a choice."""


class RegionRates(Drawn):
    """A dot a region, in the order of the matrices; see `figure`, `caption`, `sentence`."""

    caption = f"band: {BAND_HZ[0]:g} to {BAND_HZ[1]:g} Hz"

    def __init__(self, theme: Theme):
        self._rates: NDArray[np.float64] = np.zeros(0)
        self._layout: Layout | None = None
        self._source = ColumnDataSource({"x": [], "y": [], "label": [], "colour": [], "marker": []})
        f = self.figure = quiet_figure("fit-rates", y_range=Range1d(0, 10))
        f.update(min_border_left=44, min_border_bottom=26, min_border_right=14)
        f.xgrid.visible = False
        f.xaxis.major_label_text_alpha = 0.0
        f.xaxis.axis_label, f.yaxis.axis_label = "regions, by lobe", "rate [Hz]"
        self._note = note_in(f, "No fit yet.")
        self._band = BoxAnnotation(bottom=BAND_HZ[0], top=BAND_HZ[1], fill_alpha=0.1, line_color=None)
        f.add_layout(self._band)
        self._dots = draw(
            f,
            Scatter,
            "x",
            "y",
            source=self._source,
            marker="marker",
            size=6,
            fill_color="colour",
            line_color=None,
            name="regions",
        )
        self._hover = HoverTool(renderers=[self._dots], tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        restyle_axes(self.figure, theme)
        self._band.fill_color = theme.good
        self._hover.tooltips = tooltip(theme, lead="@label", lines=("@y{0.0} Hz",))
        if self._layout is not None and self._rates.size:
            self.show(self._rates)

    def lay_out(self, layout: Layout) -> None:
        """Begin with other regions."""
        self._layout, self._rates = layout, np.zeros(0)
        n = layout.order.size
        self.figure.x_range.update(start=-1, end=n)
        self._source.data = {
            "x": list(range(n)),
            "y": [float("nan")] * n,
            "label": layout.labels,
            "colour": [self._theme.digital] * n,
            "marker": ["circle"] * n,
        }

    def clear(self) -> None:
        """Show nothing."""
        self._layout, self._rates = None, np.zeros(0)
        self._source.data = {name: [] for name in self._source.data}
        self._note.visible = True

    def show(self, rates_hz: NDArray[np.float64]) -> None:
        """Show rates of the regions as they were handed to :meth:`lay_out`.

        Parameters
        ----------
        rates_hz : (n_regions,) float64 [Hz]
        """
        assert self._layout is not None
        self._rates, self._note.visible = np.asarray(rates_hz), False
        y = self._rates[self._layout.order]
        outside = (y < BAND_HZ[0]) | (y > BAND_HZ[1])
        every = slice(0, y.size)
        self._source.patch(
            {
                "y": [(every, y.tolist())],
                "colour": [(every, [self._theme.overload if o else self._theme.digital for o in outside])],
                "marker": [(every, ["diamond" if o else "circle" for o in outside])],
            }
        )
        top = max(10.0, float(np.ceil(1.1 * y.max(initial=0.0))))
        if self.figure.y_range.end != top:
            self.figure.y_range.end = top

    @property
    def sentence(self) -> str:
        """How the rates lie."""
        rates = self._rates
        if not rates.size:
            return "Rates of excitatory neurons of every region appear here."
        outside = int(((rates < BAND_HZ[0]) | (rates > BAND_HZ[1])).sum())
        spread = f"{rates.mean():.1f} Hz on average, {rates.min():.1f} to {rates.max():.1f} Hz a region"
        if not outside:
            return f"{spread}; all lie in the band."
        return f"{spread}; {outside} of {rates.size} lie outside the band."
