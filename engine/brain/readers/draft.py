"""A connectome on its way in: what has been read so far, where from, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from engine.brain.readers.checks import field_problems
from engine.brain.readers.limits import sentence, shown
from engine.brain.readers.notes import DERIVED, DISMISSED, INVENTED, READ, Note
from engine.brain.readers.sides import sides_of
from engine.brain.readers.tables import Table
from engine.errors import DataError

__all__ = ["Draft"]

Value = TypeVar("Value")
_CIRCLE_RADIUS = 80.0
"""Where centres are unknown, regions are laid on a circle of this radius [mm]."""
_MATRICES = {"weights": "weights", "tract_lengths": "tract lengths", "fc_matrix": "correlations"}


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
    notes : list of Note
        What was not in the file and has been put in its place, and how the file was read.
    is_directed : bool
        Whether the file gives directions on purpose, as an edge list does; a triangle of weights
        is then left as it is.
    are_labels_counted : bool
        Whether the labels so far only count.
    """

    filename: str
    origin: str
    values: dict[str, Any] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    is_directed: bool = False
    are_labels_counted: bool = False

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

    def note(self, name: str, kind: str, said: str) -> None:
        """Keep a decision, once."""
        if (one := Note(name, kind, said)) not in self.notes:
            self.notes.append(one)

    def read_as(self, name: str, notes: Iterable[str]) -> None:
        """Keep what a table says of how it was read, with its member, key or file."""
        for said in notes:
            self.note(name, READ, f"{self.where.get(name, self.filename)}: {said}")

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

    def take_flags(self, part: str, values: np.ndarray | None) -> None:
        """Take `cortical`, or `hemispheres` (1 = right) as the field hemisphere.

        Parameters
        ----------
        part : str
        values : (n_regions,) int64 or None
        """
        flags = self.flags(part, values)
        if flags is None:
            return
        if part == "cortical":
            self.values[part] = flags
        else:
            self.where["hemisphere"] = self.where[part]
            self.values["hemisphere"] = tuple("R" if right else "L" for right in flags)

    def order_of(self, table: Table, where: str) -> np.ndarray:
        """(n,) int, the rows of `table` in the order of the labels; as it is without labels."""
        labels = self.values.get("labels")
        rows = np.arange(len(table.values))
        if labels is None or table.labels is None or labels == table.labels or table.is_counted:
            return rows
        place = {label: k for k, label in enumerate(table.labels)}
        absent = [label for label in labels if label not in place]
        if absent or len(place) != len(labels):
            got = f"{shown(absent[0])} is not there" if absent else f"{len(place)} labels"
            self.complain(sentence(where, "must have the labels of the weights", got))
            return rows
        return np.array([place[label] for label in labels])

    def _take_labels(self, name: str, table: Table) -> None:
        """Let a table name the regions where nothing better has."""
        if table.labels is None:
            return
        if self.values.get("labels") is None or (self.are_labels_counted and not table.is_counted):
            self.values["labels"] = table.labels
            self.where["labels"] = self.where[name]
            self.are_labels_counted = table.is_counted

    def take_square(self, name: str, table: Table | None) -> None:
        """Take a matrix between regions, put into the order of the labels."""
        if table is None:
            return
        self.read_as(name, table.notes)
        self._take_labels(name, table)
        values = table.values
        if values.shape[0] == values.shape[1]:
            rows = self.order_of(table, self.where[name])
            values = values[np.ix_(rows, rows)]
        self.values[name] = values

    def take_centres(self, table: Table | None) -> None:
        """Take centres, put into the order of the labels; they name the regions where none do."""
        if table is None:
            return
        self.read_as("centres", table.notes)
        self._take_labels("centres", table)
        self.values["centres"] = table.values[self.order_of(table, self.where["centres"])]

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
            self._mirror()
            self._dismiss()
        if not self.problems:
            self._fill()
        return self

    def _mirror(self) -> None:
        """Complete a matrix of which the file gives one triangle."""
        for name, words in _MATRICES.items():
            matrix = self.values.get(name)
            if matrix is None or self.is_directed:
                continue
            upper, lower = np.triu(matrix, 1), np.tril(matrix, -1)
            if upper.any() != lower.any():
                self.values[name] = matrix + (upper + lower).T
                side = "lower" if upper.any() else "upper"
                where = self.where.get(name, self.filename)
                said = f"{where}: {side} triangle of the {words} empty, the other one mirrored"
                self.note(name, READ, said)

    def _dismiss(self) -> None:
        """Take what is there and says nothing for missing; complain where it must say something."""
        v = self.values
        away = ~np.eye(len(v["weights"]), dtype=bool)
        if not v["weights"][away].any():
            where = self.where.get("weights", self.filename)
            rule = "must hold a weight above 0 between two regions"
            self.complain(sentence(where, rule, "zeros only"))
        told = set(sides_of(v["labels"])) if v.get("labels") is not None else set()
        for name, says_nothing, said in (
            ("tract_lengths", lambda m: not m[away].any(), "all tract lengths are 0"),
            ("fc_matrix", lambda m: len(m) > 2 and np.ptp(m[away]) == 0, "all correlations are equal"),
            ("centres", lambda m: not np.ptp(m, axis=0).any(), "all centres are the same"),
            ("volumes", lambda m: not m.any(), "all volumes are 0"),
            ("cortical", lambda m: not m.any(), "no region is marked as cortex"),
            (
                "hemisphere",
                lambda m: len(set(m)) == 1 and {"L", "R"} <= told,
                "all regions are marked as one hemisphere, and the labels name two",
            ),
        ):
            if v.get(name) is not None and says_nothing(v[name]):
                where = self.where.get(name, self.filename)
                self.note(name, DISMISSED, f"{where}: {said}, taken for missing")
                v[name] = None

    def _fill(self) -> None:
        v = self.values
        n_regions = len(v["weights"])
        if v.get("labels") is None:
            v["labels"] = tuple(f"region_{k + 1}" for k in range(n_regions))
            self.note("labels", INVENTED, "no labels: regions numbered")
        if v.get("hemisphere") is None:
            v["hemisphere"] = sides_of(v["labels"])
            said = "hemispheres taken from the labels"
            if not any(v["hemisphere"]):
                said = "no hemispheres: the labels tell none either"
            self.note("hemisphere", DERIVED, said)
        if v.get("cortical") is None:
            v["cortical"] = np.ones(n_regions, dtype=bool)
            self.note("cortical", INVENTED, "no cortical flags: every region taken as cortex")
        if v.get("names") is None:
            v["names"] = v["labels"]
        if v.get("lobe") is None:
            v["lobe"] = ("Unassigned",) * n_regions
        placed = v.get("centres") is not None
        if not placed:
            angle = 2 * np.pi * np.arange(n_regions) / n_regions
            circle = (np.cos(angle), np.sin(angle), np.zeros(n_regions))
            v["centres"] = _CIRCLE_RADIUS * np.stack(circle, axis=1)
            said = f"no centres: regions laid on a circle, {_CIRCLE_RADIUS:g} mm from its middle"
            self.note("centres", INVENTED, said)
        if v.get("tract_lengths") is None:
            apart = v["centres"][:, None, :] - v["centres"][None, :, :]
            v["tract_lengths"] = np.sqrt(np.square(apart).sum(axis=2))
            between = "centres" if placed else "places on that circle"
            said = f"no tract lengths: straight distances between the {between}"
            self.note("tract_lengths", DERIVED if placed else INVENTED, said)
        v.setdefault("fc_matrix", None)
        v.setdefault("volumes", None)
        v.setdefault("name", self.filename.split(".")[0] or self.filename)
        v.setdefault("licence", "not stated")
        v["source"] = "; ".join(
            [v.get("source") or f"{self.filename} ({self.origin})", *(n.said for n in self.notes)]
        )
        v["notes"] = tuple(self.notes)
