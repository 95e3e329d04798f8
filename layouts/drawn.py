"""What a view has drawn, in numbers and words: the columns behind its marks."""

from __future__ import annotations

from typing import Any, Protocol

from bokeh.models import GlyphRenderer, LayoutDOM

__all__ = ["Drawn"]


class _Pictured(Protocol):
    @property
    def figure(self) -> LayoutDOM: ...


class Drawn:
    """A view that can be asked what stands in its picture."""

    @property
    def data(self: _Pictured) -> dict[str, dict[str, Any]]:
        """The columns of every kind of mark, by the name that the view gives it.

        Returns
        -------
        dict of str to dict
            For instance ``data["links"]["use"]``. Columns are lists or arrays, one entry a mark, in
            the order in which they are drawn; they are the view's own, and change with it.
        """
        marks = self.figure.select({"type": GlyphRenderer})
        return {mark.name: dict(mark.data_source.data) for mark in marks if mark.name}
