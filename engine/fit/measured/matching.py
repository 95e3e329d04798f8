"""Whose region is which: names of own data matched to those of a connectome, one to one, for all to see.

What is told by the names alone is matched; what is only near is a proposal that counts once it is
accepted; and whatever the user says stands above both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.brain.readers.limits import shown
from engine.errors import ParameterError, nearest_hint
from engine.fit.measured.desikan_killiany import FREESURFER
from engine.fit.measured.region_words import RegionWord, region_words

__all__ = ["HOW", "Match", "Matching", "match_regions"]

HOW = {
    "said": "the user's word",
    "exact": "the same label",
    "case": "the same label but for capitals",
    "side": "the same label, its side or signs written in another way",
    "name": "the full name",
    "atlas": "FreeSurfer's name of the region",
    "accepted": "the nearest name, accepted",
    "near": "the nearest name, not accepted",
    "none": "no region of that name",
}
"""In which ways a name may have been matched, the surest first."""
_NEAR = 0.7
_FEWEST_CHARS = 4  # of two or three letters, any two words are near
_MAX_COMPARED = 40_000


@dataclass(frozen=True)
class Match:
    """One region of the data.

    Parameters
    ----------
    theirs : str
        Its name in the data.
    ours : str or None
        The label in the connectome; None where it has none.
    how : str
        A key of `HOW`.
    proposal : str or None
        The label that is only near, where nothing else is known.
    """

    theirs: str
    ours: str | None
    how: str
    proposal: str | None = None


@dataclass(frozen=True)
class Matching:
    """Every region of the data with what it is in the connectome.

    Parameters
    ----------
    rows : (n_theirs,) tuple of Match
        In the order of the data.
    labels : (n_regions,) tuple of str
        All labels of the connectome.
    """

    rows: tuple[Match, ...]
    labels: tuple[str, ...]

    @property
    def n_matched(self) -> int:
        """How many regions are matched."""
        return sum(row.ours is not None for row in self.rows)

    @property
    def unmatched_theirs(self) -> tuple[str, ...]:
        """Regions of the data without a region of the connectome."""
        return tuple(row.theirs for row in self.rows if row.ours is None)

    @property
    def unmatched_ours(self) -> tuple[str, ...]:
        """Regions of the connectome without data."""
        taken = {row.ours for row in self.rows}
        return tuple(label for label in self.labels if label not in taken)

    @property
    def proposals(self) -> tuple[Match, ...]:
        """Regions for which only something near is known."""
        return tuple(row for row in self.rows if row.ours is None and row.proposal is not None)

    def accepted(self) -> Matching:
        """The same with every proposal taken."""
        rows = (
            Match(r.theirs, r.proposal, "accepted") if r.ours is None and r.proposal is not None else r
            for r in self.rows
        )
        return Matching(tuple(rows), self.labels)

    def places(self) -> NDArray[np.intp]:
        """Each region's place in the connectome, (n_theirs,) int; -1 where it has none."""
        place = {label: k for k, label in enumerate(self.labels)}
        return np.array([-1 if r.ours is None else place[r.ours] for r in self.rows], dtype=np.intp)

    def as_json(self) -> list[dict[str, str | None]]:
        """The table as plain values."""
        return [{"theirs": r.theirs, "ours": r.ours, "how": r.how, "proposal": r.proposal} for r in self.rows]


def match_regions(
    theirs: Sequence[str], connectome: Connectome, said: Mapping[str, str | None] | None = None
) -> Matching:
    """Match the regions of own data to those of a connectome, one to one.

    Parameters
    ----------
    theirs : (n_theirs,) sequence of str
        Unique names.
    connectome : Connectome
    said : mapping, optional
        What the user says of some of them: a label, or None for a region to be left without one.

    Returns
    -------
    Matching
        A name that fits several labels in the same way, or shares its label with another, is left
        open.

    Raises
    ------
    ParameterError
        `said` names no region of the data or of the connectome, or one of them twice.
    """
    said = dict(said or {})
    _require_known(theirs, connectome, said)
    found: dict[str, tuple[str, str]] = {t: (o, "said") for t, o in said.items() if o is not None}
    open_theirs = [name for name in theirs if name not in said]
    free = [label for label in connectome.labels if label not in {o for o, _ in found.values()}]
    for how, their_keys, our_keys in _ways(theirs, connectome):
        for name, label in _unique_pairs(open_theirs, free, their_keys, our_keys).items():
            found[name] = (label, how)
        open_theirs = [name for name in open_theirs if name not in found]
        taken = {label for label, _ in found.values()}
        free = [label for label in free if label not in taken]
    near = _nearest(open_theirs, free, connectome)
    rows = []
    for name in theirs:
        if name in found:
            rows.append(Match(name, *found[name]))
        else:
            rows.append(Match(name, None, "near" if name in near else "none", near.get(name)))
    return Matching(tuple(rows), connectome.labels)


Way = tuple[str, Mapping[str, Hashable], Mapping[str, Hashable]]
_BY_CORE = {abbreviation.casefold(): name for abbreviation, name in FREESURFER.items()}
_ALSO = {"thalamus": "thalamusproper", "cerebellum": "cerebellumcortex", "accumbens": "accumbensarea"}


def _ways(theirs: Sequence[str], connectome: Connectome) -> tuple[Way, ...]:
    """The ways in which names are compared, the surest first: how, and the keys of both sides."""
    ours = connectome.labels
    their_words, our_words = region_words(theirs), region_words(ours)
    full_words = region_words(connectome.names)
    names = {o: full_words[n] for o, n in zip(ours, connectome.names, strict=True)}
    atlas = {o: RegionWord(w.side, _BY_CORE[w.core]) for o, w in our_words.items() if w.core in _BY_CORE}
    their_atlas = {t: RegionWord(w.side, _ALSO.get(w.core, w.core)) for t, w in their_words.items()}
    return (
        ("exact", {t: t for t in theirs}, {o: o for o in ours}),
        ("case", {t: t.casefold() for t in theirs}, {o: o.casefold() for o in ours}),
        ("side", their_words, our_words),
        ("name", their_words, names),
        ("atlas", their_atlas, atlas),
    )


def _unique_pairs(
    theirs: Sequence[str],
    ours: Sequence[str],
    their_keys: Mapping[str, Hashable],
    our_keys: Mapping[str, Hashable],
) -> dict[str, str]:
    """Names to labels of the same key, where each side has it once."""
    n_theirs = Counter(their_keys[name] for name in theirs)
    n_ours = Counter(our_keys[label] for label in ours if label in our_keys)
    by_key = {our_keys[label]: label for label in ours if label in our_keys}
    keys = ((name, their_keys[name]) for name in theirs)
    return {name: by_key[key] for name, key in keys if n_theirs[key] == n_ours[key] == 1}


def _nearest(theirs: Sequence[str], ours: Sequence[str], connectome: Connectome) -> dict[str, str]:
    """The nearest free label of each name, on the same side, none for two names."""
    if not theirs or len(theirs) * len(ours) > _MAX_COMPARED:
        return {}
    their_words, our_words = region_words(theirs), region_words(connectome.labels)
    full_words = region_words(connectome.names)
    full = dict(zip(connectome.labels, connectome.names, strict=True))
    pairs: list[tuple[float, int, int]] = []
    for i, name in enumerate(theirs):
        side, core = their_words[name]
        matcher = SequenceMatcher(b=core, autojunk=False)
        for j, label in enumerate(ours):
            word, long = our_words[label], full_words[full[label]]
            if side and word.side and side != word.side:
                continue
            likeness = max(_likeness(matcher, core, candidate) for candidate in (word.core, long.core))
            if likeness >= _NEAR:
                pairs.append((-likeness, i, j))
    near: dict[str, str] = {}
    for _, i, j in sorted(pairs):
        if theirs[i] not in near and ours[j] not in near.values():
            near[theirs[i]] = ours[j]
    return near


def _likeness(matcher: SequenceMatcher[str], core: str, candidate: str) -> float:
    if min(len(core), len(candidate)) < _FEWEST_CHARS:
        return float(core == candidate)
    matcher.set_seq1(candidate)
    if matcher.real_quick_ratio() < _NEAR or matcher.quick_ratio() < _NEAR:
        return 0.0
    return matcher.ratio()


def _require_known(theirs: Sequence[str], connectome: Connectome, said: Mapping[str, str | None]) -> None:
    for name, label in said.items():
        if name not in theirs:
            raise ParameterError(
                f"map: must begin with a region of the data (got {shown(name)}). {nearest_hint(name, theirs)}"
            )
        if label is not None and label not in connectome.labels:
            raise ParameterError(
                f"map: must end in a region of {connectome.name} (got {shown(label)}). "
                f"{nearest_hint(label, connectome.labels)}"
            )
    times = Counter(label for label in said.values() if label is not None)
    for label in (label for label, n in times.items() if n > 1):
        raise ParameterError(f"map: must give each region once (got {shown(label)} {times[label]} times).")
