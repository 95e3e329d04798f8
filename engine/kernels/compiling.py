"""How long the machine spent compiling kernels, so that a clock can leave it out."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from numba.core import event

__all__ = ["CompileClock"]


class CompileClock(event.Listener):
    """A context that sums the seconds in which any thread compiled.

    Attributes
    ----------
    seconds : float [s]
        So far; what a compilation starts in turn is counted once.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._begun = 0.0

    def __enter__(self) -> CompileClock:
        event.register("numba:compile", self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        event.unregister("numba:compile", self)

    def on_start(self, event: Any) -> None:
        """A compilation begins."""
        if self._depth == 0:
            self._begun = time.perf_counter()
        self._depth += 1

    def on_end(self, event: Any) -> None:
        """A compilation ends."""
        if self._depth:
            self._depth -= 1
            if self._depth == 0:
                self.seconds += time.perf_counter() - self._begun
