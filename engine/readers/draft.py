"""A connectome on its way in: what has been read so far, where from, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from engine.errors import DataError
from engine.readers.checks import field_problems
from engine.readers.limits import sentence
from engine.readers.sides import sides_of

__all__ = ["Draft"]

Value = TypeVar("Value")
_CIRCLE_RADIUS = 80.0
"""Where centres are unknown, regions are laid on a circle of this radius [mm]."""


@dataclass
class Draft:
    """What a reader has found; it becomes a Connectome when nothing is wrong.

    Parameters
    ----------
    filename : str
        Opens every sentence.
    origin : str
        What kind of file it is, for `source`.
    values : dict
        Field name of the Connectome to what was read.
    where : dict
        Field name to member, key or file, for the sentences.
    problems : list of str
        One sentence each, in the order found.
    notes : list of str
        What was not in the file and has been put in its place.
    """

    filename: str
    origin: str
    values: dict[str, Any] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def complain(self, problem: str) -> None:
        """Keep a sentence, once."""
        if problem not in self.problems:
            self.problems.append(problem)

    def missing(self, name: str, found: str) -> None:
        """Keep the sentence that a required part is not there."""
        self.complain(sentence(f"{self.filename}: {name}", "must be there", found))

    def attempt(self, field: str, where: str, read: Callable[..., Value], *args: Any) -> Any:
        """Call `read`, and keep its complaint instead of raising it.

        Parameters
        ----------
        field : str
            The field that is read.
        where : str
            Member, key or file; also remembered for the rules checked later.
        read : callable
            Raises DataError when it cannot.
        *args
            Passed to `read`.

        Returns
        -------
        object or None
            What `read` returned; None when it complained.
        """
        self.where[field] = where
        try:
            return read(*args)
        except DataError as error:
            self.complain(str(error))
            return None

    def flags(self, field: str, values: np.ndarray | None) -> np.ndarray | None:
        """Take a column of 0 and 1 as (n,) bool; complain about anything else."""
        if values is None:
            return None
        flat = np.ravel(values)
        odd = flat[(flat != 0) & (flat != 1)]
        if odd.size:
            self.complain(sentence(self.where[field], "must hold 0 and 1 only", f"{odd[0]:g}"))
            return None
        return flat == 1

    def finish(self) -> Draft:
        """Judge what was read, and put something in the place of what was not.

        Returns
        -------
        Draft
            Itself; complete when `problems` is empty.
        """
        for problem in field_problems(self.values, lambda f: self.where.get(f, self.filename)):
            self.complain(problem)
        if not self.problems:
            self._fill()
        return self

    def _fill(self) -> None:
        v = self.values
        n_regions = len(v["weights"])
        if v.get("labels") is None:
            v["labels"] = tuple(f"region_{k + 1}" for k in range(n_regions))
            self.notes.append("no labels: regions numbered")
        if v.get("hemisphere") is None:
            v["hemisphere"] = sides_of(v["labels"])
            self.notes.append("hemispheres taken from the labels")
        if v.get("cortical") is None:
            v["cortical"] = np.ones(n_regions, dtype=bool)
            self.notes.append("no cortical flags: every region taken as cortex")
        if v.get("names") is None:
            v["names"] = v["labels"]
        if v.get("lobe") is None:
            v["lobe"] = ("Unassigned",) * n_regions
        placed = v.get("centres") is not None
        if not placed:
            angle = 2 * np.pi * np.arange(n_regions) / n_regions
            circle = (np.cos(angle), np.sin(angle), np.zeros(n_regions))
            v["centres"] = _CIRCLE_RADIUS * np.stack(circle, axis=1)
            self.notes.append("no centres: regions laid on a circle")
        if v.get("tract_lengths") is None:
            apart = v["centres"][:, None, :] - v["centres"][None, :, :]
            v["tract_lengths"] = np.sqrt(np.square(apart).sum(axis=2))
            between = "centres" if placed else "places on that circle"
            self.notes.append(f"no tract lengths: straight distances between the {between}")
        v.setdefault("fc_matrix", None)
        v.setdefault("volumes", None)
        v.setdefault("name", self.filename.split(".")[0] or self.filename)
        v.setdefault("licence", "not stated")
        v["source"] = "; ".join(
            [v.get("source") or f"{self.filename} ({self.origin})", *self.notes]
        )
