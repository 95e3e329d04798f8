"""What Bokeh switches for the whole process while it is at something, for each work in slices apart.

A model that tells of a change has no values checked meanwhile, and a document that is written as JSON has
kinds of its own that it defines. Where such work is left in the middle, others would find it switched: a
colour that is a field of a source was then taken for a colour, and the page of its visitor stayed empty,
once in some hundred.
"""

from __future__ import annotations

from typing import Any

from bokeh.core.property.bases import Property
from bokeh.document import document as bokeh_document

from dtb_app.work.slices import keep_apart

__all__ = ["keep_switches_apart"]

_kept: list[str] = []


def keep_switches_apart() -> None:
    """Let long work find what it has switched, and others what they have; once a process."""
    if not _kept:
        _kept.extend(("validation", "kinds"))
        keep_apart(lambda: Property._should_validate, _set_validation)
        keep_apart(lambda: bokeh_document.is_DataModel, _set_kinds)


def _set_validation(is_on: bool) -> None:
    Property._should_validate = is_on


def _set_kinds(is_defined: Any) -> None:
    bokeh_document.is_DataModel = is_defined
