"""The imperfections of the chip as rows with a switch and a factor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from engine.amounts import number
from engine.model.chip_terms import TERMS
from engine.scenario.scenario import Scenario

__all__ = ["TermTable", "term_rows"]


class TermTable(JSComponent):
    """A change arrives as ``action = {"key", "value", "nonce"}``; `rows` as from `term_rows`."""

    rows = param.List(default=[])
    action = param.Dict(default={})

    _esm = _bundle = Path(__file__).with_name("term_table.js")


def term_rows(scenario: Scenario) -> list[dict[str, Any]]:
    """Rows of the table for a scenario."""
    a = scenario.analog
    return [
        {
            "key": f"analog.terms.{name}",
            "name": term.label,
            "sentence": term.sentence,
            "size": number(a.size(name), 3),
            "unit": term.unit,
            "scale": getattr(a.terms, name),
            "acts": term.size(a.mode) > 0,
            "formula": term.formula,
            "standing": term.standing,
            "source": term.source,
            "title": f"{term.provenance} The size is {number(term.size(a.mode), 3)} {term.unit} in the "
            f"mode '{a.mode}', times the factor.",
        }
        for name, term in TERMS.items()
    ]
