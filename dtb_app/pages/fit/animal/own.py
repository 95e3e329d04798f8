"""A visitor's own recording, as far as it is known: which file holds spikes, which what drove them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from engine.errors import DataError
from engine.fit.measured import Draft, MeasuredData, Question, RegionSeries, SpikeList, read_measured
from engine.fit.measured.found import FoundSpikes
from engine.recorded import RecordedCell, recorded_cell

__all__ = ["ACCEPTED", "OwnRecording", "Role", "RoleFile"]

ACCEPTED = ".csv,.tsv,.txt,.npy,.npz,.mat,.nwb,.h5,.hdf5"
"""Endings that the browser's file chooser offers."""

Role = Literal["spikes", "stimulus"]


@dataclass(frozen=True, eq=False)
class RoleFile:
    """What a file holds of one kind, and what has been said of it.

    Attributes
    ----------
    draft : Draft
        Of the parts of this kind alone.
    answers : mapping
    questions : tuple of Question
        All that is asked, answered or not.
    data : MeasuredData or None
        None while something is open.
    """

    draft: Draft
    answers: Mapping[str, Any] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    data: MeasuredData | None = None

    def answered(self, values: Mapping[str, Any]) -> RoleFile:
        """The same with more said of it; another part takes what was said of the one before away.

        Raises
        ------
        EngineError
            The data break a rule, or an answer cannot be.
        """
        before = dict(self.answers)
        if values.get("part", before.get("part")) != before.get("part"):
            before = {}
        answers = {key: value for key, value in {**before, **values}.items() if value is not None}
        part = {"part": answers["part"]} if "part" in answers else {}
        asked = list(self.draft.questions(part))
        if part:
            asked = [*self.draft.questions(), *asked]
        data = None if self.draft.questions(answers) else self.draft.data(answers)
        return RoleFile(self.draft, answers, tuple(asked), data)


@dataclass(frozen=True, eq=False)
class OwnRecording:
    """Both files, or the one that is there so far.

    Attributes
    ----------
    spikes, stimulus : RoleFile or None
    """

    spikes: RoleFile | None = None
    stimulus: RoleFile | None = None

    def opened(self, contents: Mapping[str, bytes]) -> OwnRecording:
        """The same with these files; what they hold decides whether they are spikes or stimulus.

        Raises
        ------
        DataError
            They hold neither, or two of them the same.
        """
        found: dict[str, RoleFile] = {}
        for name, data in contents.items():
            draft = read_measured(data, name, stimuli=True)
            for role, parts in (
                ("spikes", tuple(f for f in draft.found if isinstance(f, FoundSpikes))),
                ("stimulus", tuple(f for f in draft.found if not isinstance(f, FoundSpikes))),
            ):
                if not parts:
                    continue
                if role in found:
                    first = found[role].draft.filename
                    raise DataError(
                        f"files: must be one of spike times and one of the stimulus (got {role} in {first} "
                        f"and {name}). Spikes are a table with the columns time and unit, SONATA or NWB."
                    )
                found[role] = RoleFile(replace(draft, found=parts)).answered({})
        return OwnRecording(found.get("spikes", self.spikes), found.get("stimulus", self.stimulus))

    def answered(self, role: Role, values: Mapping[str, Any]) -> OwnRecording:
        """The same with more said of one of the files.

        Raises
        ------
        EngineError
            As of `RoleFile.answered`.
        """
        one = getattr(self, role)
        return self if one is None else replace(self, **{role: one.answered(values)})

    @property
    def units(self) -> tuple[str, ...]:
        """Cells to choose from; none while the spikes are not read."""
        data = None if self.spikes is None else self.spikes.data
        return data.units if isinstance(data, SpikeList) else ()

    @property
    def channels(self) -> tuple[str, ...]:
        """Signals to choose from; none while the stimulus is not read."""
        data = None if self.stimulus is None else self.stimulus.data
        return data.labels if isinstance(data, RegionSeries) else ()

    def cell(self, unit: str | None, channel: str | None, in_decibels: bool) -> RecordedCell:
        """The recording of one cell under one signal.

        Raises
        ------
        DataError
            A file is missing or not read, or as of `engine.recorded.recorded_cell`.
        """
        read: list[MeasuredData] = []
        for role, words in (("spikes", "spike times"), ("stimulus", "the stimulus")):
            one = getattr(self, role)
            if one is None:
                raise DataError(f"recording: must have a file of {words} too (got none). Drop it here.")
            if one.data is None:
                raise DataError(f"{one.draft.filename}: must be read first. Answer what is asked.")
            read.append(one.data)
        return recorded_cell(read[0], read[1], unit, channel, in_decibels)

    @property
    def words(self) -> str:
        """What is there, and what is missing."""
        if self.spikes is None and self.stimulus is None:
            return (
                "Own recording: drop spike times and what drove them anywhere on this page, as one NWB file "
                "or two files (CSV with the columns time and unit, .npy and others). What they do not say is "
                "asked for."
            )
        said = []
        for name, one in (("Spikes", self.spikes), ("Stimulus", self.stimulus)):
            if one is None:
                said.append(f"{name}: still missing, drop that file too.")
            elif one.data is None:
                said.append(f"{name}, {one.draft.filename}: some things are not in the file, say them below.")
            else:
                said.append(f"{name}, {one.draft.filename}: {one.data.words}.")
        return " ".join(said)
