"""Progress of a long command on stderr: one moving line on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time

from engine.progress import Progress

__all__ = ["on_stderr"]


def on_stderr(every_s: float = 5.0) -> Progress:
    """A progress callback that writes to stderr."""
    begun = last = time.monotonic()
    is_terminal = sys.stderr.isatty()

    def progress(fraction: float, what: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < (0.2 if is_terminal else every_s) and fraction < 1.0:
            return
        last = now
        line = f"{100 * fraction:3.0f} %  {what}  ({now - begun:.0f} s)"
        if is_terminal:
            print(f"\r{line:<78}", end="\n" if fraction >= 1.0 else "", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    return progress
