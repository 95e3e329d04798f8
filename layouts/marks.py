"""Marks of a figure: each has one glyph, and no more models than a browser needs to draw it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from bokeh.models import BoxAnnotation, CDSView, ColumnDataSource, GlyphRenderer
from bokeh.models.glyph import Glyph
from bokeh.plotting import figure

__all__ = ["boxes", "draw"]

_G = TypeVar("_G", bound=Glyph)


def draw(
    f: figure,
    kind: type[_G],
    *places: Any,
    source: ColumnDataSource | None = None,
    name: str | None = None,
    visible: bool = True,
    nonselection: Mapping[str, Any] | None = None,
    hover: Mapping[str, Any] | None = None,
    **look: Any,
) -> GlyphRenderer[_G]:
    """Draw marks of one kind, above those that the figure has.

    The methods of a figure make two glyphs more for each kind of mark, for selections and legends
    that most pictures do not have. Here they are made where they are asked for. The filter that lets
    all rows through is one for all marks of a figure, and so is the policy of selections.

    Parameters
    ----------
    f : figure
    kind : type of glyph
        For instance `bokeh.models.glyphs.Segment`.
    *places
        The glyph's coordinates in its own order, as names of columns or numbers.
    source : ColumnDataSource, optional
        Without one there is a single mark, and `places` are numbers.
    name : str, optional
        What `layouts.drawn.Drawn.data` calls them.
    visible : bool
    nonselection, hover : mapping, optional
        How marks look while others are selected, and under the pointer: what differs from `look`.
    **look
        Properties of the glyph.

    Returns
    -------
    GlyphRenderer
    """
    order = _order_of(kind)  # type: ignore[arg-type]  # a class can be hashed
    look = dict(zip(order, places, strict=False)) | look
    first = f.renderers[0] if f.renderers else None
    if source is None:
        source = ColumnDataSource()
    if first is not None:
        source.selection_policy = first.data_source.selection_policy
    others = {
        f"{state}_glyph": kind(**{**look, **differing})
        for state, differing in (("nonselection", nonselection), ("hover", hover))
        if differing is not None
    }
    mark = GlyphRenderer(
        data_source=source,
        view=CDSView() if first is None else CDSView(filter=first.view.filter),
        glyph=kind(**look),
        name=name,
        visible=visible,
        **others,
    )
    f.renderers.append(mark)
    return mark


def boxes(f: figure, n: int, **look: Any) -> list[BoxAnnotation]:
    """Add `n` boxes of one look to a figure, hidden; edges that `look` leaves out are the frame's.

    What they do not differ in, they share: the frame's edges, and handles that nobody sees.
    """
    first = BoxAnnotation(visible=False, **look)
    same = {name: getattr(first, name) for name in ("left", "right", "top", "bottom", "handles")} | look
    made = [first, *(BoxAnnotation(visible=False, **same) for _ in range(n - 1))]
    for box in made:
        f.add_layout(box)
    return made


@lru_cache(maxsize=32)
def _order_of(kind: type[Glyph]) -> tuple[str, ...]:
    """Names of the properties of a glyph, its coordinates first."""
    return tuple(parameter.name for parameter, *_ in kind.parameters())
