"""How a scenario names an own file: by its name for people, and by the checksum of its content."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Reference"]

_WRITTEN = re.compile(r"(?P<name>.+)@sha256:(?P<checksum>[0-9a-f]{8,64})", re.DOTALL)
_DIGITS = 16
_MAX_NAME = 200


class Reference(NamedTuple):
    """A connectome or a tuning as a scenario names it, ``"mine.csv@sha256:0123456789abcdef"``.

    Parameters
    ----------
    name : str
        A shipped name, or a file's.
    checksum : str
        The first digits of the SHA-256 of its content; "" where the name alone stands.
    """

    name: str
    checksum: str = ""

    @classmethod
    def of(cls, text: str) -> Reference:
        """Take the text of a scenario's ``connectome`` or ``network.tuning`` apart."""
        found = _WRITTEN.fullmatch(text)
        return cls(found["name"], found["checksum"]) if found else cls(text)

    @classmethod
    def to(cls, name: str, checksum: str) -> Reference:
        """Name what has this checksum."""
        return cls(name[-_MAX_NAME:], checksum[:_DIGITS])

    def __str__(self) -> str:
        return f"{self.name}@sha256:{self.checksum}" if self.checksum else self.name

    @property
    def words(self) -> str:
        """The same for a person, ``"mine.csv (01234567)"``."""
        return f"{self.name} ({self.checksum[:8]})" if self.checksum else self.name

    def fits(self, checksum: str) -> bool:
        """Whether what has this whole checksum is meant."""
        return bool(self.checksum) and checksum.startswith(self.checksum)
