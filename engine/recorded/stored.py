"""Comparisons with recorded cells in a file of plain JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, model_validator

from engine.recorded.comparison import MODELS, Comparison
from engine.recorded.measures import MEASURES
from engine.recorded.neuron import NEURONS_FITTED
from engine.stored_results import STORED, read_stored

__all__ = ["StoredComparisons", "read_comparisons"]

MAX_BYTES = 4_000_000


@dataclass(frozen=True)
class StoredComparisons:
    """Comparisons, and what is needed to make them again.

    Attributes
    ----------
    comparisons : tuple of Comparison
    command : str
        What made them.
    source : str
        Of the recordings.
    versions : dict of str to str
        Of everything that can change a number.

    Notes
    -----
    Held by ``tests/unit/recorded/stored_test.py``.
    """

    __pydantic_config__ = STORED

    comparisons: tuple[Comparison, ...]
    command: str
    source: str
    versions: dict[str, str]

    @model_validator(mode="after")
    def _whole(self) -> StoredComparisons:
        if not self.comparisons:
            raise ValueError("comparisons must be at least one (got none)")
        for k, c in enumerate(self.comparisons):
            if c.neuron not in NEURONS_FITTED:
                raise ValueError(f"comparisons.{k}.neuron must be known (got {c.neuron!r})")
            knobs = {knob.name for knob in NEURONS_FITTED[c.neuron]}
            if any(fit.keys() != {"digital", "chip"} for fit in c.fits) or any(
                one.values.keys() != knobs for fit in c.fits for one in fit.values()
            ):
                raise ValueError(
                    f"comparisons.{k}.fits must have all of the neuron's numbers on both substrates"
                )
            models = {*MODELS, "poisson"}
            is_whole = c.values.keys() == set(MEASURES) and all(
                of.keys() == models
                and all(len(v) == len(c.fits) > 1 for v in of.values())
                and len({len(draws) for v in of.values() for draws in v}) == 1
                for of in c.values.values()
            )
            if not is_whole:
                raise ValueError(f"comparisons.{k} must have every measure of every model, fit by fit")
            if c.responses.keys() != {"animal", *MODELS}:
                raise ValueError(f"comparisons.{k}.responses must be of the animal and of every model")
            for r in c.responses.values():
                if len(r.sta) != len(c.lags_ms) or len(r.coherence) != len(c.frequencies_hz):
                    raise ValueError(f"comparisons.{k}.responses must be as long as their axes")
        return self


def read_comparisons(path: Path | str) -> StoredComparisons:
    """Read and check what :func:`engine.stored_results.write_stored` wrote.

    Parameters
    ----------
    path : path

    Returns
    -------
    StoredComparisons

    Raises
    ------
    DataError
        It cannot be read or is something else.
    """
    return read_stored(path, _FORM, MAX_BYTES, asdict)


_FORM = TypeAdapter(StoredComparisons)
