"""Which region of a file is which of the connectome: a table to read and to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from engine.fit.measured import HOW
from engine.fit.measured.matching import Matching

__all__ = ["RegionMap", "map_rows"]


class RegionMap(JSComponent):
    """A change arrives as ``action = {"theirs", "ours", "nonce"}``; `rows` as from `map_rows`.

    Parameters
    ----------
    rows : list of dict
    labels : list of str
        Of the connectome, in its order; anything else that is typed stands for none.
    """

    rows = param.List(default=[])
    labels = param.List(default=[])
    action = param.Dict(default={})

    _esm = Path(__file__).with_name("region_map.js")


def map_rows(matching: Matching) -> list[dict[str, Any]]:
    """Rows of the table: regions without one of the connectome first, else in the order of the file."""
    rows = sorted(matching.rows, key=lambda row: row.ours is not None)
    return [
        {"theirs": row.theirs, "ours": row.ours or "", "proposal": row.proposal or "", "how": HOW[row.how]}
        for row in rows
    ]
