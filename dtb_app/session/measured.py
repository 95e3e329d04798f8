"""Measured data that a visitor has opened: what is asked of them, whose regions they are, the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.errors import DataError
from engine.fit.measured import (
    Draft,
    MeasuredData,
    MeasuredFc,
    Question,
    SpikeList,
    match_regions,
    measured_fc,
)
from engine.fit.measured.matching import Matching

__all__ = ["Measured", "OwnData", "Target"]


@dataclass(frozen=True, eq=False)
class OwnData:
    """A file of measured data, as far as it has been read.

    Attributes
    ----------
    draft : Draft
    connectome : Connectome
        The one whose regions the data are matched to.
    answers : mapping
        What has been said of the file, by `engine.fit.measured.questions.KEYS`.
    questions : tuple of Question
        Everything that is asked about the file, answered or not.
    is_open : bool
        Whether something of it is not answered yet.
    data : MeasuredData or None
        The record; None while something is open, or it is refused.
    trouble : str
        Why it is refused, where it passes once regions are left out.
    unusable : tuple of str
        These regions.
    said : mapping
        Which region is which, as the visitor says: name in the file to label, or to None.
    takes_near : bool
        Whether the nearest names are accepted.
    matching : Matching or None
        None while there are no data.
    """

    draft: Draft
    connectome: Connectome
    answers: Mapping[str, Any] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    is_open: bool = False
    data: MeasuredData | None = None
    trouble: str = ""
    unusable: tuple[str, ...] = ()
    said: Mapping[str, str | None] = field(default_factory=dict)
    takes_near: bool = False
    matching: Matching | None = None

    @classmethod
    def of(cls, draft: Draft, connectome: Connectome, answers: Mapping[str, Any] | None = None) -> OwnData:
        """Judge a draft by what has been said of it.

        Raises
        ------
        EngineError
            The data break a rule, or an answer cannot be.
        """
        answers = {key: value for key, value in (answers or {}).items() if value is not None}
        part = {"part": answers["part"]} if "part" in answers else {}
        asked = list(draft.questions(part))
        if part:
            asked = [*draft.questions(), *asked]
        own = cls(draft, connectome, answers, tuple(asked))
        if draft.questions(answers):
            return replace(own, is_open=True)
        try:
            data = draft.data(answers)
        except DataError as error:
            unusable = draft.unusable(answers)
            if not unusable:
                raise
            return replace(own, trouble=str(error), unusable=unusable)
        return replace(own, data=data)._matched()

    @property
    def name(self) -> str:
        """Of the file."""
        return self.draft.filename

    @property
    def words(self) -> str:
        """What the file is, in words."""
        return self.draft.layout if self.data is None else self.data.words

    def answered(self, values: Mapping[str, Any]) -> OwnData:
        """The same with more said of the file; another part takes what was said of the one before away.

        Raises
        ------
        EngineError
            As `of`.
        """
        before = dict(self.answers)
        if values.get("part", before.get("part")) != before.get("part"):
            before = {}
        answers = {**before, **values}
        found = OwnData.of(self.draft, self.connectome, answers)
        if self.data is None or found.data is None or found.data.labels != self.data.labels:
            return found
        return replace(found, said=self.said, takes_near=self.takes_near)._matched()

    def without_unusable(self) -> OwnData:
        """The same without the regions that stand in the way.

        Raises
        ------
        EngineError
            As `of`.
        """
        return self.answered({"leave_out": (*self.answers.get("leave_out", ()), *self.unusable)})

    def matched(self, theirs: str, ours: str | None) -> OwnData:
        """The same with one region of the file said to be another of the connectome, or none.

        Raises
        ------
        ParameterError
            There is no such region on either side.
        """
        freed = {name: label for name, label in self.said.items() if label is None or label != ours}
        return replace(self, said={**freed, theirs: ours})._matched()

    def with_nearest(self) -> OwnData:
        """The same with every proposal taken."""
        return replace(self, takes_near=True)._matched()

    def onto(self, connectome: Connectome) -> OwnData:
        """The same held against another connectome; what was said of the old one's regions is gone."""
        if connectome is self.connectome:
            return self
        return replace(self, connectome=connectome, said={}, takes_near=False)._matched()

    def measured_fc(self) -> MeasuredFc:
        """Its functional connectivity in the connectome's order.

        Raises
        ------
        DataError
            There are no data yet, none that are correlated, or too few regions are matched.
        """
        if self.data is None or self.matching is None:
            raise DataError(f"{self.name}: must be read first. Answer what is asked.")
        return measured_fc(self.data, self.matching)

    @property
    def can_take_names(self) -> bool:
        """Whether the connectome's own names could be those of the data, in their order."""
        data = self.data
        if data is None or isinstance(data, SpikeList) or self.matching is None:
            return False
        return data.n_regions == self.connectome.n_regions and not self.matching.n_matched

    def _matched(self) -> OwnData:
        if self.data is None:
            return replace(self, matching=None)
        matching = match_regions(self.data.labels, self.connectome, self.said)
        return replace(self, matching=matching.accepted() if self.takes_near else matching)


@dataclass(frozen=True, eq=False)
class Target:
    """Measured functional connectivity that a brain may be fitted to.

    Attributes
    ----------
    measured : MeasuredFc
        With the matching of regions and where the data come from.
    labels : (n_regions,) tuple of str
        Of the connectome, in the order of the matrix.
    """

    measured: MeasuredFc
    labels: tuple[str, ...]

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(n_regions, n_regions) float64 [1], Pearson's r; NaN wherever a region has no data."""
        return self.measured.matrix

    @property
    def name(self) -> str:
        """Of the file."""
        return self.measured.origin.filename

    @property
    def words(self) -> str:
        """What it is, in words."""
        return f"{self.name}, {self.measured.n_matched} of {len(self.labels)} regions"

    def fits(self, connectome: Connectome) -> bool:
        """Whether it is of the regions of a connectome."""
        return self.labels == connectome.labels


class Measured:
    """The measured data of one visitor.

    Attributes
    ----------
    asked : OwnData or None
        A file about which something is asked; what was open before stays open until it is whole.
    opened : OwnData or None
        The file that is open.
    target : Target or None
        What a fit aims at instead of what comes with the connectome.
    """

    def __init__(self) -> None:
        self.asked: OwnData | None = None
        self.opened: OwnData | None = None
        self.target: Target | None = None

    @property
    def at_hand(self) -> OwnData | None:
        """What is asked about, else what is open."""
        return self.asked or self.opened

    def take(self, own: OwnData) -> bool:
        """Keep a file as far as it has been read; whether it is open now."""
        if own.data is None:
            self.asked = own
            return False
        self.opened, self.asked = own, None
        return True

    def drop(self) -> None:
        """Forget the file that is asked about."""
        self.asked = None

    def use_as_target(self) -> Target:
        """Let the functional connectivity of the open file be what a fit aims at.

        Raises
        ------
        DataError
            There is none; the target before stays.
        """
        if self.opened is None:
            raise DataError("There are no measured data yet. Open a file first.")
        measured = self.opened.measured_fc()
        self.target = Target(measured, self.opened.connectome.labels)
        return self.target

    def target_for(self, connectome: Connectome) -> Target | None:
        """The target, where it is of the regions of this connectome."""
        return self.target if self.target is not None and self.target.fits(connectome) else None

    def clear_target(self) -> None:
        """Aim at what comes with the connectome again."""
        self.target = None
