"""Every colour and size on the page, each with one meaning, for both themes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.markup import parts

__all__ = [
    "DARK",
    "FONT",
    "LIGHT",
    "LOBE_ORDER",
    "MEASURED",
    "SIMULATED",
    "Look",
    "Theme",
    "mix",
    "ramp",
    "tooltip",
]

FONT = "Inter, 'DejaVu Sans', 'Segoe UI', system-ui, sans-serif"

LOBE_ORDER = (
    "Frontal",
    "Parietal",
    "Temporal",
    "Occipital",
    "Cingulate and insula",
    "Subcortex",
    "Cerebellum",
    "Unassigned",
)

_LOBES_LIGHT = ("#4e79a7", "#59a14f", "#af7aa1", "#c9a227", "#5fa8a0", "#9c755f", "#9a9087", "#8b98a5")
_LOBES_DARK = ("#6b97c6", "#6fb865", "#c595b7", "#e0bc45", "#78c2ba", "#b98f77", "#b8aca2", "#8b98a5")


@dataclass(frozen=True)
class Theme:
    """Colours as CSS hex strings; the names say what they mean."""

    name: str
    background: str
    panel: str
    line: str
    ink: str
    muted: str
    digital: str
    analog: str
    off: str
    overload: str
    good: str
    track: str  # an empty scale, an idle link
    lobes: dict[str, str]

    def backend(self, name: str) -> str:
        """Colour of 'digital', 'analog' or 'off'."""
        return {"digital": self.digital, "analog": self.analog, "off": self.off}[name]

    def activity(self, backend: str, n: int) -> list[str]:
        """`n` colours from silent to fully active for a backend, dim to its own bright colour."""
        if backend == "off":
            return [self.off] * n
        quiet = mix(self.panel, self.backend(backend), 0.18 if self.name == "light" else 0.22)
        return ramp(quiet, self.backend(backend), n)


LIGHT = Theme(
    "light",
    "#f4f6f8",
    "#ffffff",
    "#dfe4ea",
    "#17212b",
    "#5b6a78",
    "#2277bb",
    "#d9821a",
    "#cfd6dd",
    "#c2185b",
    "#1f8f66",
    "#dfe4ea",
    dict(zip(LOBE_ORDER, _LOBES_LIGHT, strict=True)),
)

DARK = Theme(
    "dark",
    "#0f1419",
    "#171d24",
    "#2a333d",
    "#e6ebf0",
    "#97a3af",
    "#3d9be0",
    "#f0a030",
    "#3a434d",
    "#e0457b",
    "#3fb68b",
    "#2a333d",
    dict(zip(LOBE_ORDER, _LOBES_DARK, strict=True)),
)


@dataclass(frozen=True)
class Look:
    """How marks are drawn whatever their colour, so that they are told apart without it.

    Attributes
    ----------
    word : str
        What they are of.
    dash : tuple of int
        Of lines: lengths of strokes and gaps [px]; none where the line is solid.
    marker : str
        Bokeh's name of the mark of a single value.
    is_filled : bool
        Whether it is filled, and lines are in ink; else it is a ring in the colour of its backend.
    """

    word: str
    dash: tuple[int, ...]
    marker: str
    is_filled: bool

    def line(self, theme: Theme, colour: str = "") -> dict[str, Any]:
        """Properties of a line; `colour` is that of a backend, for what is simulated."""
        return {"line_color": self._colour(theme, colour), "line_dash": list(self.dash)}

    def mark(self, theme: Theme, colour: str = "") -> dict[str, Any]:
        """Fill and outline of a single value; `colour` as of :meth:`line`, or a column of colours."""
        own = self._colour(theme, colour)
        return {"fill_color": own if self.is_filled else theme.panel, "line_color": own}

    def _colour(self, theme: Theme, colour: str) -> str:
        return theme.ink if self.is_filled else colour or theme.digital


MEASURED = Look("measured", (), "square", is_filled=True)
SIMULATED = Look("simulated", (5, 3), "circle", is_filled=False)
"""The one rule wherever both stand together: data are solid ink, models dashed and hollow in colour."""


def mix(a: str, b: str, share: float) -> str:
    """Colour between `a` (share 0) and `b` (share 1)."""
    parts = []
    for i in (1, 3, 5):
        x, y = int(a[i : i + 2], 16), int(b[i : i + 2], 16)
        parts.append(round(x + (y - x) * share))
    return "#" + "".join(f"{p:02x}" for p in parts)


def ramp(a: str, b: str, n: int) -> list[str]:
    """`n` colours from `a` to `b`."""
    return [mix(a, b, i / max(1, n - 1)) for i in range(n)]


def tooltip(
    theme: Theme,
    text: str = "",
    *,
    lead: str = "",
    key: str = "",
    lines: Sequence[str] = (),
    small: Sequence[str] = (),
) -> str:
    """A hover box in the theme's colours; it covers the white frame that Bokeh draws round it.

    Parameters
    ----------
    theme : Theme
    text : str
        With the names of columns, as Bokeh fills them in.
    lead : str
        Bold words right before the text.
    key : str
        A muted word after it.
    lines : sequence of str
        Below the text.
    small : sequence of str
        Muted lines below those.
    """
    box = (
        f"font:12px {FONT};color:{theme.ink};background:{theme.panel};margin:-8px;"
        f"padding:7px 9px;border:1px solid {theme.muted};border-radius:4px;max-width:320px;"
        "white-space:normal"
    )
    return parts.tooltip(text, lead=lead, key=key, lines=lines, small=small, box=box, muted=theme.muted)
