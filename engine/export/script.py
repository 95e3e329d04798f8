"""What scripts for other simulators share: templates, packed arrays, lists of what is lost."""

from __future__ import annotations

import base64
import io
import textwrap
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engine.scenario.scenario import Scenario

__all__ = ["Loss", "as_literal", "fill_template", "packed"]

_WIDTH = 96


@dataclass(frozen=True)
class Loss:
    """Something the script does not carry as it is: how many, of what, and what became of it."""

    count: int
    what: str
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"count": self.count, "what": self.what, "sentence": self.sentence}


def packed(arrays: Mapping[str, np.ndarray]) -> str:
    """Arrays as text that ``np.load(BytesIO(decompress(b85decode(...))))`` reads back.

    Parameters
    ----------
    arrays : mapping of str to (n,) or (n, m) array
    """
    buffer = io.BytesIO()
    by_name: dict[str, Any] = dict(arrays)
    np.savez(buffer, **by_name)
    text = base64.b85encode(zlib.compress(buffer.getvalue(), 9)).decode()
    return "\n".join(text[i : i + _WIDTH] for i in range(0, len(text), _WIDTH))


def as_literal(value: Any) -> str:
    """Plain data as Python; a list of tables one a line."""
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"    {v!a},\n" for v in value) + "]"
    return ascii(value)


def fill_template(
    template: Path, scenario: Scenario, losses: Iterable[Loss], values: Mapping[str, str]
) -> str:
    """A template's text with its ``@NAME@`` places filled; names of regions and titles cleaned."""
    lost = "\n".join(
        textwrap.fill(
            f"{loss.count:,} {loss.what}: {_clean(loss.sentence)}",
            _WIDTH,
            initial_indent="- ",
            subsequent_indent="  ",
        )
        for loss in losses
    )
    text = template.read_text(encoding="utf-8")
    common = {
        "TITLE": _clean(scenario.title),
        "VERSION": version("digital-twin-brain-explorer"),
        "DIGEST": scenario.digest()[:12],
        "DURATION": repr(scenario.duration),
        "LOST": lost or "Nothing.",
    }
    cleaned = {"REGIONS": _clean(values["REGIONS"])} if "REGIONS" in values else {}
    for name, value in {**common, **values, **cleaned}.items():
        text = text.replace(f"@{name}@", value)
    return text


def _clean(text: str) -> str:
    """Without what would end or escape a Python string, or mean something to a format."""
    return "".join(c for c in text if c.isprintable() and c not in "\\\"'%@{}")
