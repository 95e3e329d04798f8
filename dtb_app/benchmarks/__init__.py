"""What things cost, measured warm on this machine and printed, never asserted."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Row"]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    bench, what : str
    value : float
    unit : str
    target : float or None
        At most this, in the same unit; None where there is no target.
    note : str
    at_least : bool
        Whether `target` is a least value instead.
    """

    bench: str
    what: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""
    at_least: bool = False

    @property
    def misses(self) -> bool:
        """Whether the target is not met."""
        if self.target is None:
            return False
        return self.value < self.target if self.at_least else self.value > self.target
