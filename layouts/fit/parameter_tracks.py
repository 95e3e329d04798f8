"""Parameters of regions over time: mean and spread of the members, and what is true where it is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.models.glyphs import MultiLine, Patches, Segment
from numpy.typing import NDArray

from engine.amounts import number
from layouts.fit.tiles import MOST_TILES, Tiles, stacked, thinned
from layouts.marks import draw
from layouts.theme import Theme, mix, tooltip

__all__ = ["ParameterTracks", "Track"]

_SPREADS = 2.0  # standard deviations of the band, on either side


class Track(NamedTuple):
    """One parameter of one region so far.

    Attributes
    ----------
    label, unit : str
    mean, sd : (n_done,) float64
    low, high, neutral : float
        Bounds, and the middle of the prior.
    truth : float or None
    is_informed : bool
        Whether the data say more of it than chance would.
    """

    label: str
    unit: str
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    low: float
    high: float
    neutral: float
    truth: float | None
    is_informed: bool


class ParameterTracks(Tiles):
    """A tile a parameter of a region, at most `MOST_TILES`; see `figure`, `caption`, `sentence`."""

    def __init__(self, theme: Theme):
        super().__init__(theme, "fit-tracks", "Not begun: parameters appear here, a tile each.")
        f = self.figure
        look: dict[str, list[str]] = {"colour": [], "fill": [], "said": []}
        self._bands = ColumnDataSource({"xs": [], "ys": [], **look})
        self._means = ColumnDataSource({"xs": [], "ys": [], "colour": [], "width": []})
        self._levels = ColumnDataSource({"x0": [], "x1": [], "y": []})
        self._truths = ColumnDataSource({"x0": [], "x1": [], "y": []})
        self._level = draw(
            f, Segment, "x0", "y", "x1", "y", source=self._levels, line_width=1, line_dash=[1, 3]
        )
        self._band = draw(
            f,
            Patches,
            "xs",
            "ys",
            source=self._bands,
            fill_color="fill",
            line_color="colour",
            line_alpha=0.5,
            line_width=0.8,
            name="bands",
        )
        self._mean = draw(
            f,
            MultiLine,
            "xs",
            "ys",
            source=self._means,
            line_color="colour",
            line_width="width",
            name="means",
        )
        self._truth = draw(
            f,
            Segment,
            "x0",
            "y",
            "x1",
            "y",
            source=self._truths,
            line_width=1.6,
            line_dash=[5, 3],
            name="truths",
        )
        self._hover = HoverTool(renderers=[self._band], tooltips="")
        f.add_tools(self._hover)
        self._shown: tuple[Sequence[Track], int] = (), 1
        self._levelled: tuple[tuple[float, float, float, float | None], ...] = ()
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        super().restyle(theme)
        self._level.glyph.line_color = theme.muted
        self._truth.glyph.line_color = theme.ink
        self._hover.tooltips = tooltip(theme, "@said")
        self.show(*self._shown)

    def clear(self) -> None:
        """Show nothing."""
        self.show((), 1)

    def show(self, tracks: Sequence[Track], n_trs: int) -> None:
        """Show parameters so far.

        Parameters
        ----------
        tracks : sequence of Track
            At most `MOST_TILES`; the others are left out.
        n_trs : int
            Observations that there will be.
        """
        tracks = tracks[:MOST_TILES]
        self._shown = tracks, n_trs
        theme, n = self._theme, len(tracks)
        self._lay_out(n)
        known = [t.is_informed for t in tracks]
        colours = [theme.digital if k else theme.muted for k in known]
        filled = mix(theme.panel, theme.digital, 0.3)
        low = np.array([t.low for t in tracks])[:, None]
        height = np.array([t.high for t in tracks])[:, None] - low
        kept = thinned(tracks[0].mean.size if n else 0)
        x = (kept + 1) / n_trs
        mean = stacked([t.mean for t in tracks])[:, kept]
        sd = _SPREADS * stacked([t.sd for t in tracks])[:, kept]
        edges = np.concatenate([mean - sd, (mean + sd)[:, ::-1]], axis=1)
        self._bands.data = {
            **self._into(np.concatenate([x, x[::-1]]), (edges - low) / height),
            "colour": colours,
            "fill": [filled if k else "transparent" for k in known],
            "said": [_said(t) for t in tracks],
        }
        self._means.data = {
            **self._into(x, (mean - low) / height),
            "colour": colours,
            "width": [2.0 if k else 1.0 for k in known],
        }
        levels = tuple((t.low, t.high, t.neutral, t.truth) for t in tracks)
        if levels != self._levelled:
            self._levelled = levels
            self._put(self._levels, [(v[2] - v[0]) / (v[1] - v[0]) for v in levels])
            truths = [None if v[3] is None else (v[3] - v[0]) / (v[1] - v[0]) for v in levels]
            self._put(self._truths, truths)
        words = [t.label if t.is_informed or not t.mean.size else f"{t.label}: unknown" for t in tracks]
        self._say(words, [theme.ink if k else theme.muted for k in known])
        self._tell(tracks)

    def _put(self, source: ColumnDataSource, shares: Sequence[float | None]) -> None:
        """A level across each tile that has one."""
        ends = self._into([0.0, 1.0], [[0.0 if v is None else v] * 2 for v in shares] or np.zeros((0, 2)))
        rows = [k for k, v in enumerate(shares) if v is not None]
        source.data = {
            "x0": [float(ends["xs"][k][0]) for k in rows],
            "x1": [float(ends["xs"][k][1]) for k in rows],
            "y": [float(ends["ys"][k][0]) for k in rows],
        }

    def _tell(self, tracks: Sequence[Track]) -> None:
        if not tracks or not tracks[0].mean.size:
            self.caption, self.sentence = "", "Parameters follow once the first observation is used."
            return
        ranges = dict.fromkeys(f"{number(t.low)} to {number(t.high)} {t.unit}".strip() for t in tracks)
        self.caption = f"a tile is {' or '.join(ranges)} high"
        truth = "; dashed: what is true" if any(t.truth is not None for t in tracks) else ""
        mute = sum(not t.is_informed for t in tracks)
        none = f" Of {mute} the data say no more than chance: hollow, grey, unknown." if mute else ""
        self.sentence = (
            f"Line: mean of the members; band: two standard deviations; dotted: where the prior lies{truth}."
            f"{none}"
        )


def _said(t: Track) -> str:
    if not t.mean.size:
        return t.label
    truth = "" if t.truth is None else f", in truth {t.truth:.3g}"
    none = "" if t.is_informed else "; the data say nothing of it"
    return f"{t.label}: {t.mean[-1]:.3g} ± {t.sd[-1]:.2g} {t.unit}{truth}{none}"
