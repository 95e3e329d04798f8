"""What Bokeh switches for the whole process while it is at something, for each work in slices apart.

A model that tells of a change has no values checked meanwhile, and a document that is written as JSON has
kinds of its own that it defines. Where such work is left in the middle, or done in a thread as pictures of
HoloViews are, others would find it switched: a colour that is a field of a source was then taken for a
colour, and the page of its visitor stayed empty, once in some hundred.
"""

from __future__ import annotations

from threading import local
from typing import Any

from bokeh.core.has_props import is_DataModel
from bokeh.core.property import bases
from bokeh.core.property.validation import validate
from bokeh.document import document as bokeh_document

from dtb_app.work.slices import keep_apart

__all__ = ["keep_switches_apart"]


class _Checks(local):
    """Whether values are checked, in each thread."""

    is_on = True


_checks = _Checks()


def keep_switches_apart() -> None:
    """Let long work and threads find what they have switched, and others what they have; once a process."""
    if bases.validation_on is not _is_on:
        bases.validation_on = _is_on
        validate.__init__ = _begin
        validate.__exit__ = _end
        keep_apart(_is_on, _set_checks, True)
        keep_apart(lambda: bokeh_document.is_DataModel, _set_kinds, is_DataModel)


def _is_on() -> bool:
    return _checks.is_on


def _set_checks(is_on: bool) -> None:
    _checks.is_on = is_on


def _begin(self: Any, value: bool) -> None:
    self.old = _checks.is_on
    _checks.is_on = value


def _end(self: Any, *error: Any) -> None:
    _checks.is_on = self.old


def _set_kinds(is_defined: Any) -> None:
    bokeh_document.is_DataModel = is_defined
