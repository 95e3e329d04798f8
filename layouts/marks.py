"""Marks of a figure: each has one glyph, and no more models than a browser needs to draw it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from bokeh.models import BoxAnnotation, ColumnDataSource, GlyphRenderer
from bokeh.models.glyph import Glyph
from bokeh.plotting import figure

__all__ = ["Boxes", "draw"]

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
    mark = GlyphRenderer(data_source=source, glyph=kind(**look), name=name, visible=visible, **others)
    if first is not None:
        mark.view.filter = first.view.filter
    f.renderers.append(mark)
    return mark


@lru_cache(maxsize=32)
def _order_of(kind: type[Glyph]) -> tuple[str, ...]:
    """Names of the properties of a glyph, its coordinates first."""
    return tuple(parameter.name for parameter, *_ in kind.parameters())


class Boxes:
    """Boxes of one look in a figure, all there from the start.

    A browser that is about to draw a figure stumbles over an annotation that is added meanwhile.

    Parameters
    ----------
    f : figure
    n : int
        Most that are shown at once.
    **look
        Properties of every box; edges that it leaves out are the frame's.
    """

    def __init__(self, f: figure, n: int, **look: Any):
        first = BoxAnnotation(visible=False, **look)
        handles = first.handles  # nobody sees them
        others = (BoxAnnotation(visible=False, handles=handles, **look) for _ in range(n - 1))
        self._boxes = [first, *others]
        for box in self._boxes:
            f.add_layout(box)

    def restyle(self, **look: Any) -> None:
        """Change the look of all boxes."""
        for box in self._boxes:
            box.update(**look)

    def show(self, each: Sequence[Mapping[str, Any]]) -> None:
        """Show a box for each of these, which say in what it differs from the common look."""
        for box, own in zip(self._boxes, each, strict=False):
            box.update(visible=True, **own)
        for box in self._boxes[len(each) :]:
            box.visible = False
