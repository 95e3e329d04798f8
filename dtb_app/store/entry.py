"""What the store lists: one line a run, without its content."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

__all__ = ["RUN", "RUNNING", "Entry"]

RUN, RUNNING = "run", "running"
"""Kinds: a finished or stopped run, and one that goes on, whose content comes in parts. Work has others."""


@dataclass(frozen=True)
class Entry:
    """One thing that is kept for one visitor.

    Attributes
    ----------
    visitor : str
        Whose it is.
    kind : str
        `RUN`, `RUNNING`, or the name of a kind of long work.
    label : str
        What it is called.
    scenario : str
        JSON of the scenario.
    facts : mapping
        What can be said of it without its content; plain values.
    is_pinned : bool
        Whether it stays however full the store is.
    created_s : float
        Wall clock [s].
    id : str
        Hexadecimal digits that nothing else has.
    owner : str
        The server that makes it, while it is made.
    size : int
        Of its content [bytes].
    """

    visitor: str
    kind: str
    label: str
    scenario: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_pinned: bool = False
    created_s: float = field(default_factory=time.time)
    id: str = field(default_factory=lambda: uuid4().hex)
    owner: str = ""
    size: int = 0

    def facts_json(self) -> str:
        """The facts as text."""
        return json.dumps(dict(self.facts), allow_nan=False)
