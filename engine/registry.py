"""What comes in kinds: one record each, found by name, unknown names refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from engine.errors import ParameterError, nearest_hint

__all__ = ["Named", "Registry", "at"]


class Named(Protocol):
    """What every record has: the name in a scenario, and what a person reads."""

    @property
    def name(self) -> str:
        """In a scenario."""
        ...

    @property
    def label(self) -> str:
        """What a choice calls it."""
        ...


Record = TypeVar("Record", bound=Named)


class Registry(Generic[Record]):
    """Records of one kind, in the order in which they were added.

    Parameters
    ----------
    what : str
        One of them in words, for what is said of an unknown name: "neuron".
    records : iterable of records
    """

    def __init__(self, what: str, records: Iterable[Record] = ()):
        self.what = what
        self._records: dict[str, Record] = {}
        self._labels: dict[str, str] = {}
        for record in records:
            self.add(record)

    def add(self, record: Record) -> Record:
        """Add a record.

        Raises
        ------
        ValueError
            There is another one of its name.
        """
        if record.name in self._records:
            raise ValueError(f"{self.what}: two records are called '{record.name}'.")
        self._records[record.name] = record
        self._labels[record.name] = record.label
        return record

    @contextmanager
    def also(self, record: Record) -> Iterator[Record]:
        """While this is open, there is one more record: to try one out."""
        try:
            yield self.add(record)
        finally:
            self._records.pop(record.name, None)
            self._labels.pop(record.name, None)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in order."""
        return tuple(self._records)

    @property
    def labels(self) -> Mapping[str, str]:
        """Name to label; follows what is added later."""
        return MappingProxyType(self._labels)

    def __getitem__(self, name: str) -> Record:
        """The record of a name.

        Raises
        ------
        ParameterError
            There is none.
        """
        if name not in self._records:
            hint = nearest_hint(str(name), self._records)
            raise ParameterError(f"{self.what}: must be a known one (got {name!r}). {hint}")
        return self._records[name]

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)


def at(place: str) -> Any:
    """What stands at ``module:name``, imported when it is asked for.

    A record names by its place what only a deeper room can import.
    """
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
