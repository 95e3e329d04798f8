"""What a browser makes by itself just so, and need not be told.

Every mark has a view of its rows, which shows all of them, and every source of columns a selection, in
which there is nothing, and a policy of it. That is one model of a page in four.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.models import AllIndices, CDSView, ColumnDataSource, GlyphRenderer, Selection, UnionRenderers

__all__ = ["leave_unsaid", "unsaid_of"]


def _shows_all(view: CDSView) -> bool:
    return type(view.filter) is AllIndices


def _is_of_nobody(selection: Selection) -> bool:
    heard = selection._callbacks or selection.js_property_callbacks
    return not heard and not selection.indices and not selection.multiline_indices


def _joins_renderers(policy: Any) -> bool:
    return type(policy) is UnionRenderers


_UNSAID: dict[type, dict[str, Callable[[Any], bool]]] = {}
_NOTHING: dict[str, Callable[[Any], bool]] = {}


def leave_unsaid() -> None:
    """Let documents leave it out; once a process, which reads models quickly."""
    _UNSAID[GlyphRenderer] = {"view": _shows_all}
    _UNSAID[ColumnDataSource] = {"selected": _is_of_nobody, "selection_policy": _joins_renderers}


def unsaid_of(kind: type) -> dict[str, Callable[[Any], bool]]:
    """Properties of a kind of models that may go unsaid, with what says of a value whether it may."""
    return _UNSAID.get(kind, _NOTHING)
