"""Progress of a long command on stderr: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

from engine.progress import Progress

__all__ = ["on_stderr"]

_BAR = "{percentage:3.0f} % |{bar:24}| {desc} ({elapsed}, {remaining} left)"


def on_stderr(every_s: float = 5.0) -> Progress:
    """A progress callback that writes to stderr, in a log every so many seconds."""
    return _bar() if sys.stderr.isatty() else _lines(every_s)


def _bar() -> Progress:
    bar = tqdm(
        total=100.0,
        bar_format=_BAR,
        file=sys.stderr,
        mininterval=0.2,
        miniters=0,
        leave=False,
        dynamic_ncols=True,
    )

    def progress(fraction: float, what: str) -> None:
        bar.set_description_str(what, refresh=False)
        bar.update(100.0 * fraction - bar.n)
        if fraction >= 1.0:
            bar.close()

    return progress


def _lines(every_s: float) -> Progress:
    begun = last = time.monotonic()

    def progress(fraction: float, what: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < every_s and fraction < 1.0:
            return
        last = now
        print(f"{100 * fraction:3.0f} %  {what}  ({now - begun:.0f} s)", file=sys.stderr, flush=True)

    return progress
