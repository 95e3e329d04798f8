"""A message brings new data last, and those of a source once.

What one callback changes goes out as one message. The browser works on the new data of a glyph in steps: it
has the new rows at once, and looks up what is in sight when all of the message is done. Where it also
changes what is shown, all figures are laid out and drawn in between, drawing a glyph that has fewer rows than
before fails, and what the message changes after that is lost. Bokeh also keeps data in it that were replaced
a moment later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bokeh.document.events import ColumnDataChangedEvent, ColumnsPatchedEvent, ColumnsStreamedEvent
from bokeh.protocol.messages.patch_doc import patch_doc

__all__ = ["last_data", "send_last_data"]

_OF_DATA = ColumnDataChangedEvent, ColumnsStreamedEvent, ColumnsPatchedEvent


def last_data(events: Sequence[Any]) -> list[Any]:
    """The events with those of data at the end, and without what a later one replaces whole."""
    others: list[Any] = []
    data: list[Any] = []
    replaced: set[int] = set()
    for event in reversed(events):
        if not isinstance(event, _OF_DATA):
            others.append(event)
        elif id(event.model) not in replaced:
            data.append(event)
            if isinstance(event, ColumnDataChangedEvent) and event.cols is None:
                replaced.add(id(event.model))
    return others[::-1] + data[::-1]


def send_last_data() -> None:
    """Let messages bring data last and once; once a process."""
    plain = patch_doc.create
    if hasattr(plain, "says_all"):
        return

    def create(cls: Any, events: Sequence[Any], **metadata: Any) -> Any:
        return plain(last_data(events), **metadata)

    create.says_all = plain  # type: ignore[attr-defined]
    patch_doc.create = classmethod(create)
