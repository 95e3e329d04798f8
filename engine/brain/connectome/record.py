"""The connectome as a record: which regions there are, where they lie, how strongly they are wired."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.brain.readers.checks import TEXT_FIELDS, field_problems
from engine.brain.readers.limits import sentence, shown
from engine.brain.readers.notes import DERIVED, INVENTED, Note
from engine.brain.readers.sides import mirror_label
from engine.errors import DataError, ParameterError, nearest_hint

__all__ = ["WEIGHTINGS", "Connectome"]

_ARRAYS = {
    "cortical": np.bool_,
    "centres": np.float64,
    "weights": np.float64,
    "tract_lengths": np.float64,
    "fc_matrix": np.float64,
    "volumes": np.float64,
}
_OPTIONAL = ("fc_matrix", "volumes")
WEIGHTINGS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "raw": np.asarray,
    "log": np.log1p,
}
"""From the weights of a connectome to what inputs are drawn in proportion to, by name."""


@dataclass(frozen=True, eq=False, repr=False)
class Connectome:
    """Regions and the tracts between them; checked when made, never changed.

    Parameters
    ----------
    name : str
        Short name, ``"dk84"``.
    labels : (n_regions,) tuple of str
        Unique short labels, ``"L.HI"``.
    names : (n_regions,) tuple of str
        Readable names, ``"Left hippocampus"``.
    hemisphere : (n_regions,) tuple of str
        ``"L"``, ``"R"`` or ``""``.
    lobe : (n_regions,) tuple of str
        ``"Unassigned"`` where unknown.
    cortical : (n_regions,) bool
        Which regions are cortex.
    centres : (n_regions, 3) float64 [mm]
        Where the regions lie.
    weights : (n_regions, n_regions) float64 [a.u.]
        ``weights[i, j]`` runs from j to i; not negative, the diagonal is set to zero.
    tract_lengths : (n_regions, n_regions) float64 [mm]
        In the same order; not negative, the diagonal is set to zero.
    fc_matrix : (n_regions, n_regions) float64, optional
        Empirical functional connectivity, Pearson's r in [-1, 1], symmetric.
    volumes : (n_regions,) float64 [mm3], optional
        Grey matter of each region.
    source : str
        Where it comes from, and what was put in the place of missing parts.
    licence : str
        The terms it may be passed on under.
    n_self_loops : int
        How many weights on the diagonal were set to zero.
    notes : tuple of Note
        What the reader put in the place of missing parts, and how it read the file; not part of
        the identity.

    Raises
    ------
    DataError
        For the first rule that is broken.
    """

    name: str
    labels: tuple[str, ...]
    names: tuple[str, ...]
    hemisphere: tuple[str, ...]
    lobe: tuple[str, ...]
    cortical: NDArray[np.bool_]
    centres: NDArray[np.float64]
    weights: NDArray[np.float64]
    tract_lengths: NDArray[np.float64]
    fc_matrix: NDArray[np.float64] | None = None
    volumes: NDArray[np.float64] | None = None
    source: str = "not stated"
    licence: str = "not stated"
    n_self_loops: int = 0
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        values: dict[str, Any] = {}
        for name in TEXT_FIELDS:
            given = getattr(self, name)
            if isinstance(given, str) or not isinstance(given, Sequence):
                got = type(given).__name__
                raise DataError(sentence(f"Connectome.{name}", "must be a tuple of text", got))
            values[name] = tuple(given)
        for name, dtype in _ARRAYS.items():
            given = getattr(self, name)
            if given is None and name in _OPTIONAL:
                continue
            try:
                values[name] = np.array(given, dtype=dtype)
            except (ValueError, TypeError, OverflowError):
                got = type(given).__name__
                where = f"Connectome.{name}"
                raise DataError(sentence(where, "must be an array of numbers", got)) from None
        for problem in field_problems(values, lambda f: f"Connectome.{f}"):
            raise DataError(problem)
        n_self_loops = self.n_self_loops + int(np.count_nonzero(np.diag(values["weights"])))
        np.fill_diagonal(values["weights"], 0.0)
        np.fill_diagonal(values["tract_lengths"], 0.0)
        for name, value in {**values, "n_self_loops": n_self_loops}.items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"Connectome({self.name!r}, {self.n_regions} regions, {self.checksum[:12]})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Connectome) and self.checksum == other.checksum

    def __hash__(self) -> int:
        return hash(self.checksum)

    @property
    def n_regions(self) -> int:
        """How many regions there are."""
        return len(self.labels)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of every text and array field, in hexadecimal, whatever file they came from."""
        digest = hashlib.sha256()
        for name in TEXT_FIELDS:
            digest.update("\x1f".join((name, *getattr(self, name))).encode() + b"\x1e")
        for name in _ARRAYS:
            array = getattr(self, name)
            digest.update(f"{name} {None if array is None else array.shape}\x1e".encode())
            if array is not None:  # + 0.0 turns -0.0 into 0.0
                digest.update((array.astype(np.float64) + 0.0).astype("<f8").tobytes())
        return digest.hexdigest()

    def as_json(self, delays: str = "none") -> dict[str, Any]:
        """Who this is and what of it was made up, for run.json.

        Parameters
        ----------
        delays : str
            The scenario's ``network.delays``.

        Returns
        -------
        dict
            ``name``, ``sha256``, ``source``, ``licence``, ``regions``, and ``notes``, each with
            ``field``, ``kind`` and ``said``.
        """
        return {
            "name": self.name,
            "sha256": self.checksum,
            "source": self.source,
            "licence": self.licence,
            "regions": self.n_regions,
            "notes": [note._asdict() for note in self.notes_for(delays)],
        }

    def notes_for(self, delays: str) -> tuple[Note, ...]:
        """The notes, and one more where delays are made from lengths that nobody has measured."""
        lengths = [n for n in self.notes if n.field == "tract_lengths" and n.kind != "read"]
        if delays != "tract" or not any(n.kind in (DERIVED, INVENTED) for n in lengths):
            return self.notes
        what = "made-up lengths" if lengths[-1].kind == INVENTED else "straight distances"
        said = f"delays come from {what}, since the file has no tract lengths"
        return (*self.notes, Note("delays", lengths[-1].kind, said))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {label: k for k, label in enumerate(self.labels)}

    def index(self, label: str) -> int:
        """Find a region.

        Parameters
        ----------
        label : str
            One of `labels`.

        Returns
        -------
        int
            Its place.

        Raises
        ------
        ParameterError
            For an unknown label; names the nearest.
        """
        if label not in self._places:
            rule = f"must be a region of {self.name}"
            complaint = sentence("Connectome.index", rule, shown(label))
            raise ParameterError(f"{complaint} {nearest_hint(str(label), self.labels)}")
        return self._places[label]

    def mirror(self, i: int) -> int | None:
        """Find the homologous region in the other hemisphere, by its label.

        Parameters
        ----------
        i : int
            A region.

        Returns
        -------
        int or None
            The region with the same label but for the side: ``L.X`` and ``R.X``, ``lX`` and
            ``rX``, ``X_L`` and ``X_R`` …; None where there is none.
        """
        label = mirror_label(self.labels[i], self._places)
        return None if label is None else self._places[label]

    def lobes(self) -> dict[str, NDArray[np.intp]]:
        """Group the regions.

        Returns
        -------
        dict of str to (n,) int
            Lobe to its regions, in the order in which the lobes first come.
        """
        lobe = np.array(self.lobe)
        return {name: np.flatnonzero(lobe == name) for name in dict.fromkeys(self.lobe)}

    def probability(self, on: NDArray[np.bool_], weighting: str = "raw") -> NDArray[np.float64]:
        """Turn weights into the chance that an input of a region comes from another one.

        ``P[i, j] = w[i, j] on[j] / sum_k w[i, k] on[k]``

        Parameters
        ----------
        on : (n_regions,) bool
            The regions that take part.
        weighting : str
            What `w` is: "raw", the weights as they are, or "log", ``log(1 + weights)``.

        Returns
        -------
        (n_regions, n_regions) float64
            Each row sums to 1 over the sources that are on, or is all zero where none of them
            reaches the region; zero on the diagonal.

        Raises
        ------
        ParameterError
            When `on` has another shape or another type, or there is no such weighting.
        """
        on = np.asarray(on)
        if on.shape != (self.n_regions,) or on.dtype != bool:
            rule = f"must be {self.n_regions} bools, one per region"
            got = f"{on.dtype.name} of shape {on.shape}"
            raise ParameterError(sentence("Connectome.probability", rule, got))
        if weighting not in WEIGHTINGS:
            rule = f"must be one of {', '.join(WEIGHTINGS)}"
            raise ParameterError(sentence("Connectome.probability", rule, shown(weighting)))
        inputs = np.where(on, WEIGHTINGS[weighting](self.weights), 0.0)
        total = inputs.sum(axis=1, keepdims=True)
        return np.divide(inputs, total, out=np.zeros_like(inputs), where=total > 0)
