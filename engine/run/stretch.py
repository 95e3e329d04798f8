"""A stretch of a run: what was recorded between two moments, while the run goes on."""

from __future__ import annotations

from dataclasses import dataclass

from engine.run.recording import Recording

__all__ = ["Stretch"]


@dataclass(frozen=True, eq=False)
class Stretch:
    """What a run has recorded from one moment to another.

    Attributes
    ----------
    first_ms : int [ms]
        Where it begins.
    n_chunks : int
        Entries of the run's log up to its end.
    part : Recording
        Its spikes, in the order they were made, and its counts are those from `first_ms` on;
        everything else is of the run from its beginning.
    """

    first_ms: int
    n_chunks: int
    part: Recording

    @classmethod
    def whole(cls, recording: Recording) -> Stretch:
        """All of a run that has ended."""
        return cls(0, 0, recording)

    @property
    def until_ms(self) -> int:
        """Where it ends [ms]."""
        return self.first_ms + len(self.part.counts)
