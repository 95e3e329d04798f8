"""What a metric is to the rest: one record each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.fit.evidence import Evidence
from engine.fit.score import Score

__all__ = ["Metric", "TableRow"]


@dataclass(frozen=True)
class TableRow:
    """One line of the table that compares runs.

    Attributes
    ----------
    label, unit : str
    what : str
        Which number of the score: "value" or "baseline".
    form : str
        How it is written, as of `str.format`; as people write numbers where left out.
    factor : float
        What it is multiplied by.
    """

    label: str
    unit: str
    what: str = "value"
    form: str = ""
    factor: float = 1.0


@dataclass(frozen=True)
class Metric:
    """One score of a run.

    Attributes
    ----------
    name : str
    label, short : str
        In full, and as a row of the fit panel has it.
    unit, n_unit : str
        Of the value, and of what it rests on.
    judge : callable
        From the evidence of a run to its score; made by :meth:`score`.
    baseline, ceiling : str
        What a trivial answer is, and what the best to be expected is; "" where there is none.
    in_panel : bool
        Whether the fit panel has a row for it; such a one is live.
    live : bool
        Whether it is judged several times a second while a run goes on; others wait for its end.
    table : tuple of TableRow
        Its lines where runs are compared.
    source : str
        Whose measure it is.
    """

    name: str
    label: str
    short: str
    unit: str
    n_unit: str
    judge: Callable[[Evidence], Score]
    baseline: str = ""
    ceiling: str = ""
    in_panel: bool = True
    live: bool = True
    table: tuple[TableRow, ...] = ()
    source: str = ""

    def score(self, **fields: Any) -> Score:
        """A score of this metric; `fields` as of :class:`Score`."""
        words = {"baseline_label": self.baseline, "ceiling_label": self.ceiling, **fields}
        return Score(name=self.name, label=self.label, unit=self.unit, n_unit=self.n_unit, **words)
