"""A file that has been read: what is still open, and the record once it has been said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.brain.readers.limits import sentence, shown
from engine.errors import DataError, nearest_hint
from engine.fit.measured.found import Found, FoundSpikes, FoundTable, interval_of
from engine.fit.measured.limits import MIN_REGIONS
from engine.fit.measured.questions import KEYS, TIME_UNITS, Question, checked_answers
from engine.fit.measured.records import (
    NOT_STATED,
    MeasuredData,
    Origin,
    RegionMatrix,
    RegionSeries,
    SpikeList,
)

__all__ = ["Draft"]


@dataclass(frozen=True, eq=False)
class Draft:
    """What a reader has found in a file; it becomes a record when nothing is open.

    Parameters
    ----------
    filename : str
        Opens every sentence.
    sha256 : str
        Of the file's bytes.
    layout : str
        What kind of file it is.
    found : tuple of FoundTable or FoundSpikes
        The parts that can be meant, at least one.
    """

    filename: str
    sha256: str
    layout: str
    found: tuple[Found, ...]

    def __post_init__(self) -> None:
        named: dict[str, Found] = {}
        for one in self.found:
            part = plain = "".join(c if c.isprintable() else "?" for c in one.part)
            while part in named:
                part = f"{plain} ({len(named) + 1})"
            named[part] = replace(one, part=part)
        object.__setattr__(self, "found", tuple(named.values()))

    def questions(self, answers: Mapping[str, Any] | None = None) -> list[Question]:
        """What must still be said.

        Parameters
        ----------
        answers : mapping, optional
            What has been said, by `engine.fit.measured.questions.KEYS`.

        Raises
        ------
        EngineError
            An answer cannot be, or the file breaks a rule that shows already.
        """
        said = checked_answers(answers or {})
        part = self._part(said)
        if part is None:
            return [Question.of_part([(f.part, f.part_words) for f in self.found])]
        self._require_agreement(part.stood(), said)
        return [question for question in part.questions() if question.key not in said]

    def data(self, answers: Mapping[str, Any] | None = None) -> MeasuredData:
        """The record, once nothing is open.

        Parameters
        ----------
        answers : mapping, optional
            What has been said, by `engine.fit.measured.questions.KEYS`.

        Raises
        ------
        EngineError
            Something is open, an answer cannot be, or the data break a rule.
        """
        said = checked_answers(answers or {})
        if opened := self.questions(said):
            listed = "; ".join(KEYS[question.key] for question in opened)
            raise DataError(sentence(self.filename, f"must be said first: {listed}"))
        part = self._part(said)
        assert part is not None
        stood = part.stood()
        notes = part.notes
        origin = Origin(self.filename, self.sha256, self.layout, stood, said, notes, part.begin_s)
        if isinstance(part, FoundSpikes):
            return _spikes(part, {**stood, **said}, origin)
        if part.is_fc:
            return _matrix(part, said, origin)
        return _series(part, {**stood, **said}, origin)

    def unusable(self, answers: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """Regions without which the data would pass: constant, or with numbers that are not finite.

        Parameters
        ----------
        answers : mapping, optional
            What has been said; where something is open there are none.

        Returns
        -------
        tuple of str
            In the order of the file, without those that are left out already; empty for spikes, and
            where fewer than four would be left.

        Raises
        ------
        EngineError
            An answer cannot be, or the file breaks a rule that shows already.
        """
        said = checked_answers(answers or {})
        part = self._part(said)
        if part is None or isinstance(part, FoundSpikes) or self.questions(said):
            return ()
        values, labels = _laid_out(part, {**part.stood(), **said})
        kept = _kept(labels, said, part.where)
        if part.is_fc:
            bad = _unmeasured(values[np.ix_(kept, kept)]) if _is_square(values) else np.zeros(0, np.intp)
        else:
            signals = values[:, kept]
            still = (signals == signals[:1]).all(axis=0)
            bad = np.flatnonzero(still | ~np.isfinite(signals).all(axis=0))
        if kept.size - len(bad) < MIN_REGIONS:
            return ()
        return tuple(labels[kept[k]] for k in bad)

    def _part(self, said: Mapping[str, Any]) -> Found | None:
        """The part that is meant; None where that is open."""
        names = [f.part for f in self.found]
        if (wanted := said.get("part")) is not None:
            if wanted not in names:
                rule = f"must have the part that is asked for (got {shown(wanted)})"
                raise DataError(f"{self.filename}: {rule}. {nearest_hint(wanted, names)}")
            return self.found[names.index(wanted)]
        return self.found[0] if len(self.found) == 1 else None

    def _require_agreement(self, stood: Mapping[str, Any], said: Mapping[str, Any]) -> None:
        """Refuse an answer that contradicts the file."""
        for key in ("orientation", "interval_s", "time_unit", "duration_s"):
            if key not in stood or key not in said:
                continue
            here, there = said[key], stood[key]
            is_same = bool(np.isclose(here, there, rtol=1e-3)) if isinstance(there, float) else here == there
            if not is_same:
                rule = f"{KEYS[key]}: must be {shown(there)[1:-1]} as the file says"
                raise DataError(sentence(self.filename, rule, shown(here)[1:-1]))


def _named(found: FoundTable, words: tuple[str, ...] | None, n: int, said: Mapping[str, Any]) -> list[str]:
    """Names of the regions: those said, those of the file, else numbers."""
    given = said.get("labels")
    if given is not None and len(given) != n:
        raise DataError(sentence(found.where, f"must have {n} names, one per region", len(given)))
    return list(given or words or found.labels or map(str, range(1, n + 1)))


def _kept(labels: list[str], said: Mapping[str, Any], where: str) -> NDArray[np.intp]:
    """Places of the regions that are not left out."""
    for name in said.get("leave_out", ()):
        if name not in labels:
            rule = f"must have the region that is left out (got {shown(name)})"
            raise DataError(f"{where}: {rule}. {nearest_hint(name, labels)}")
    left = set(said.get("leave_out", ()))
    return np.array([k for k, label in enumerate(labels) if label not in left], dtype=np.intp)


def _laid_out(found: FoundTable, given: Mapping[str, Any]) -> tuple[NDArray[np.float64], list[str]]:
    """The table with its regions along the columns, and their names."""
    if found.is_fc:
        return found.values, _named(found, found.row_words or found.column_words, len(found.values), given)
    is_turned = given["orientation"] == "region-rows"
    values = found.values.T if is_turned else found.values
    words = found.row_words if is_turned else found.column_words
    return values, _named(found, words, values.shape[1], given)


def _is_square(values: NDArray[np.float64]) -> bool:
    return values.shape == (len(values),) * 2


def _unmeasured(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """The fewest regions, found one by one, without which every correlation is known and differs."""
    kept = np.arange(len(values))
    while kept.size > 2:
        off = np.where(np.eye(kept.size, dtype=bool), 0.0, values[np.ix_(kept, kept)])
        unknown = (~np.isfinite(off)).sum(axis=0)
        if not unknown.any():
            off[np.eye(kept.size, dtype=bool)] = np.nan
            kept = kept[np.nanmax(off, axis=0) > np.nanmin(off, axis=0)]
            break
        kept = np.delete(kept, int(unknown.argmax()))
    return np.setdiff1d(np.arange(len(values)), kept)


def _matrix(found: FoundTable, said: Mapping[str, Any], origin: Origin) -> RegionMatrix:
    values, labels = _laid_out(found, said)
    kept = _kept(labels, said, found.where)
    if _is_square(values):
        values = values[np.ix_(kept, kept)]
    if said.get("relation") == "fisher-z":
        values = np.tanh(values)
    return RegionMatrix(values, tuple(labels[k] for k in kept), origin)


def _series(found: FoundTable, given: Mapping[str, Any], origin: Origin) -> RegionSeries:
    values, labels = _laid_out(found, given)
    kept = _kept(labels, given, found.where)
    interval_s = given.get("interval_s")
    if interval_s is None:
        assert found.times is not None
        interval_s = interval_of(found.times, given["time_unit"], found.where)
    return RegionSeries(
        values[:, kept],
        tuple(labels[k] for k in kept),
        interval_s,
        given["unit"],
        origin,
        given.get("signal", NOT_STATED),
    )


def _spikes(found: FoundSpikes, given: Mapping[str, Any], origin: Origin) -> SpikeList:
    if not np.isfinite(found.times).all():
        n_bad = int((~np.isfinite(found.times)).sum())
        raise DataError(sentence(found.where, "spike times must be finite numbers", f"{n_bad} that are not"))
    regions = given.get("labels", found.regions)
    if len(regions) != len(found.units):
        got = f"{len(regions)} for {len(found.units)}"
        raise DataError(sentence(found.where, "must have a region for each unit", got))
    times = (found.times * TIME_UNITS[given["time_unit"]] - found.begin_s) * 1000.0
    return SpikeList(times, found.ids, 1000.0 * given["duration_s"], found.units, regions, origin)
