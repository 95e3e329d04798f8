"""A tuning as a record: by how much every tract and every region's inhibition is scaled."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError, first_of, nearest_hint

__all__ = ["MAX_FACTOR", "Tuning"]

MAX_FACTOR = 8.0
"""Largest factor: a weight in 1/16 of an 8-bit one then still fits into 16 bits."""

MAX_BIAS = 2000.0
_MATRICES = ("onto_excitatory", "onto_inhibitory")
_DIGITS = 4


@dataclass(frozen=True, eq=False, repr=False)
class Tuning:
    """Factors of a brain's synapses, and a current for every region; checked when made.

    Parameters
    ----------
    name : str
    labels : tuple of str
        The regions, unique.
    onto_excitatory, onto_inhibitory : (n_regions, n_regions) float64 [1]
        Factor of long-range synapses onto excitatory and onto inhibitory neurons, from column to
        row (LRE and FFI of Schirner, Deco & Ritter 2023, doi 10.1038/s41467-023-38626-y); 0 to
        `MAX_FACTOR`.
    local_inhibition : (n_regions,) float64 [1]
        Factor of a region's synapses from its inhibitory onto its excitatory neurons.
    bias : (n_regions,) float64 [pA]
        Added to every excitatory neuron.
    provenance : mapping
        How it was made, as plain values; not part of the identity.

    Raises
    ------
    DataError
        For the first rule that is broken.

    Notes
    -----
    All numbers are kept to four decimals, so that a tuning and the file written from it are one.
    """

    name: str
    labels: tuple[str, ...]
    onto_excitatory: NDArray[np.float64]
    onto_inhibitory: NDArray[np.float64]
    local_inhibition: NDArray[np.float64]
    bias: NDArray[np.float64]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        labels = tuple(self.labels)
        n = len(labels)
        if not n or len(set(labels)) < n:
            raise DataError(f"Tuning.labels: must be different regions, at least one (got {n}).")
        object.__setattr__(self, "labels", labels)
        for name in (*_MATRICES, "local_inhibition", "bias"):
            shape = (n, n) if name in _MATRICES else (n,)
            low, high = (-MAX_BIAS, MAX_BIAS) if name == "bias" else (0.0, MAX_FACTOR)
            object.__setattr__(self, name, _checked(name, getattr(self, name), shape, low, high))

    def __repr__(self) -> str:
        return f"<Tuning {self.name!r}: {len(self.labels)} regions, {self.checksum[:12]}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tuning) and self.checksum == other.checksum

    def __hash__(self) -> int:
        return hash(self.checksum)

    @classmethod
    def neutral(cls, labels: tuple[str, ...], factor: float = 1.0, inhibition: float = 1.0) -> Tuning:
        """The same factor for every tract, and the same for every region's inhibition.

        Raises
        ------
        DataError
            A factor is out of range.
        """
        n = len(labels)
        tracts = np.full((n, n), factor)
        return cls("neutral", labels, tracts, tracts, np.full(n, inhibition), np.zeros(n))

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of regions and numbers, in hexadecimal."""
        digest = hashlib.sha256("\x1f".join(self.labels).encode())
        for name in (*_MATRICES, "local_inhibition", "bias"):
            digest.update(f"{name}\x1e".encode() + (getattr(self, name) + 0.0).astype("<f8").tobytes())
        return digest.hexdigest()

    @property
    def n_parameters(self) -> int:
        """Numbers that it sets: the factors off the diagonal, the regions' inhibition, and a bias if any."""
        n = len(self.labels)
        return 2 * n * (n - 1) + n + (n if self.bias.any() else 0)

    def with_inhibition(self, local_inhibition: ArrayLike) -> Tuning:
        """The same but for local inhibition.

        Parameters
        ----------
        local_inhibition : (n_regions,) float64 [1]

        Raises
        ------
        DataError
            A factor is out of range.
        """
        return replace(self, local_inhibition=np.asarray(local_inhibition, np.float64))

    def of_regions(self, labels: tuple[str, ...]) -> Tuning:
        """The part that some regions need, in their order.

        Parameters
        ----------
        labels : tuple of str

        Raises
        ------
        DataError
            It has no factors for one of them.
        """
        place = {label: k for k, label in enumerate(self.labels)}
        if missing := [label for label in labels if label not in place]:
            few = ", ".join(first_of(missing, 4))
            raise DataError(
                f"network.tuning: must have every region that is on ({self.name} has none called "
                f"{few}). {nearest_hint(missing[0], self.labels)}"
            )
        index = np.array([place[label] for label in labels])
        both = np.ix_(index, index)
        return Tuning(
            self.name,
            labels,
            self.onto_excitatory[both],
            self.onto_inhibitory[both],
            self.local_inhibition[index],
            self.bias[index],
            self.provenance,
        )


def _checked(
    name: str, given: ArrayLike, shape: tuple[int, ...], low: float, high: float
) -> NDArray[np.float64]:
    values = np.array(given, dtype=np.float64)
    if values.shape != shape:
        raise DataError(f"Tuning.{name}: must have the shape {shape} (got {values.shape}).")
    if not np.isfinite(values).all():
        raise DataError(f"Tuning.{name}: must be finite numbers (got {values[~np.isfinite(values)][0]}).")
    if values.min() < low or values.max() > high:
        worst = values.min() if values.min() < low else values.max()
        raise DataError(f"Tuning.{name}: must be from {low:g} to {high:g} (got {worst:g}).")
    values = np.round(values, _DIGITS)
    values.setflags(write=False)
    return values
