"""Outlines of a connectome's regions as they are sent, written once for all who look at it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, NamedTuple

from engine.brain.connectome import Connectome
from layouts.explorer.atlas import Outlines, outlines_of
from layouts.explorer.written_lines import MOST, write_lines

__all__ = ["Written", "write_outlines", "written_outlines"]

_KEPT = 8  # connectomes


class Written(NamedTuple):
    """Outlines, and the texts that say them; shared, never changed."""

    outlines: Outlines
    unit: float
    xs: list[str]
    ys: list[str]


_lock = threading.Lock()
# What an entry is known by is held with it, so that no other thing gets its identity meanwhile.
_known: OrderedDict[tuple[int, int], tuple[Any, Connectome, Written]] = OrderedDict()


def write_outlines(outlines: Outlines) -> Written:
    """Write outlines down in units in which they reach across the sheet."""
    (_, width), (_, height) = outlines.corners
    unit = max(width, height) / MOST or 1.0
    return Written(outlines, unit, write_lines(outlines.xs, unit), write_lines(outlines.ys, unit))


def written_outlines(atlas: dict[str, Any] | None, connectome: Connectome) -> Written:
    """Arrange an atlas and write it down.

    Parameters
    ----------
    atlas : dict or None
        As of `layouts.explorer.atlas.outlines_of`.
    connectome : Connectome
    """
    key = id(atlas), id(connectome)
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key][2]
    written = write_outlines(outlines_of(atlas, connectome))
    with _lock:
        _known[key] = atlas, connectome, written
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return written
