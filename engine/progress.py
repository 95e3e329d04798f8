"""Progress of work: told as a share done and what is being done; the told one may end the work."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["LastSaid", "Progress", "no_progress", "part_of"]

Progress = Callable[[float, str], None]
"""Called with (fraction, what); may raise :class:`engine.run.simulation.Stopped` to end the work."""


def no_progress(fraction: float, what: str) -> None:
    """Tell nobody."""


def part_of(progress: Progress, low: float, high: float) -> Progress:
    """Progress of a part of the work, from `low` to `high` of the whole."""

    def within(fraction: float, what: str) -> None:
        progress(low + (high - low) * fraction, what)

    return within


class LastSaid:
    """Progress that can be told again, so that work without news of its own can be cancelled.

    Parameters
    ----------
    progress : callable
        Told whatever this is told; it may raise to end the work.
    """

    def __init__(self, progress: Progress):
        self._progress = progress
        self._said = 0.0, ""

    def __call__(self, fraction: float, what: str) -> None:
        """Tell it."""
        self._said = fraction, what
        self._progress(fraction, what)

    def again(self, fraction: float = 0.0, what: str = "") -> None:
        """Tell what was told last, whatever is said now."""
        self._progress(*self._said)
