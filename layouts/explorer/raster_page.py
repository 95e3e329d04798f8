"""The pixels of the page that a sweeping raster is on."""

from __future__ import annotations

import numpy as np

from layouts.explorer.raster_figure import N_COLUMNS

__all__ = ["FIRST_WINDOW_MS", "LAST_WINDOW_MS", "MOST_IN_PIXEL", "RasterPage", "counted"]

FIRST_WINDOW_MS = 1000
LAST_WINDOW_MS = 16_000
MOST_IN_PIXEL = 255


def counted(flat: np.ndarray, n_rows: int) -> np.ndarray:
    """(n_rows, n_columns) uint8, spikes of each pixel, numbered row by row, at most `MOST_IN_PIXEL`."""
    n = flat.size // n_rows
    return np.minimum(flat, MOST_IN_PIXEL).astype(np.uint8).reshape(n_rows, n)


class RasterPage:
    """A window of time, `N_COLUMNS` wide; a run turns from one page to the next.

    Parameters
    ----------
    n_rows : int

    Attributes
    ----------
    pixel : (n_rows, N_COLUMNS) uint8
        Spikes of each pixel.
    window_ms : int [ms]
        How long a page is.
    number : int
        Pages before it.
    """

    def __init__(self, n_rows: int):
        self.pixel = np.zeros((n_rows, N_COLUMNS), np.uint8)
        self.window_ms = FIRST_WINDOW_MS
        self.number = 0

    @property
    def column_ms(self) -> int:
        """Biological time of a column [ms]."""
        return self.window_ms // N_COLUMNS

    @property
    def first_ms(self) -> int:
        """Where the page begins [ms]."""
        return self.number * self.window_ms

    @property
    def last_ms(self) -> int:
        """Where the next page begins [ms]."""
        return (self.number + 1) * self.window_ms

    def begin(self, now: int) -> None:
        """Be the page that `now` [ms] lies on, empty."""
        self.pixel[:] = 0
        self.number = now // self.window_ms

    def turn(self, now: int) -> bool:
        """Be the page that `now` [ms] lies on; whether it is another one. What it shows stays."""
        before, self.number = self.number, now // self.window_ms
        return self.number != before

    def widen(self) -> None:
        """Twice the window at half the resolution; what was on the page is kept."""
        half = N_COLUMNS // 2
        merged = self.pixel[:, 0::2].astype(np.uint16) + self.pixel[:, 1::2]
        start = half * (self.number % 2)
        self.window_ms *= 2
        self.number //= 2
        self.pixel = np.zeros_like(self.pixel)
        self.pixel[:, start : start + half] = np.minimum(merged, MOST_IN_PIXEL)

    def add(self, rows: np.ndarray, ms: np.ndarray, first: int, last: int) -> tuple[int, np.ndarray]:
        """Count the spikes of a stretch of this page.

        Parameters
        ----------
        rows : (n_spikes,) int64
        ms : (n_spikes,) int64 [ms]
        first, last : int [ms]
            Half-open, on this page; spikes outside are left out.

        Returns
        -------
        column : int
            The first that is new.
        pixels : (n_rows, n_columns) uint8
            From there on, contiguous.
        """
        n_rows, width, begin = len(self.pixel), self.column_ms, self.first_ms
        a, b = (first - begin) // width, (last - 1 - begin) // width + 1
        inside = (ms >= first) & (ms < last)
        at = (ms[inside] - begin) // width - a
        new = counted(np.bincount(rows[inside] * (b - a) + at, minlength=n_rows * (b - a)), n_rows)
        if (first - begin) % width:  # the first column may hold spikes of the frame before
            both = new[:, 0].astype(np.uint16) + self.pixel[:, a]
            new[:, 0] = np.minimum(both, MOST_IN_PIXEL)
        self.pixel[:, a:b] = new
        return a, new
