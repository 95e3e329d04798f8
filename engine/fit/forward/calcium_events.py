"""Events in calcium traces: what a microscope would count instead of spikes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError, ParameterError

__all__ = ["FALLEN_SD", "RISEN_SD", "EventCounter"]

RISEN_SD, FALLEN_SD = 4.0, 1.0
"""Where an event begins and ends, in standard deviations of one frame's noise; assumed. Noise alone
is above the first about once in 17 minutes at 30 Hz."""


class EventCounter:
    """Counts events of cells, in chunks of any length.

    An event begins where dF/F rises to the upper bound and ends where it falls below the lower one,
    so that noise on top of an event makes no second one.

    Parameters
    ----------
    n_cells : int
    risen, fallen : float [dF/F]
        The bounds; the first is the higher one.

    Raises
    ------
    ParameterError
        It is not.

    Attributes
    ----------
    counts : (n_cells,) int64
        Events that have begun so far.

    Notes
    -----
    Two bounds after Dombeck, Khabbaz, Collman, Adelman & Tank (2007). Held to traces made by hand by
    tests/unit/fit/forward/calcium_events_test.py.
    """

    def __init__(self, n_cells: int, risen: float, fallen: float):
        if not risen > fallen:
            raise ParameterError(f"EventCounter.risen: must be above fallen (got {risen:g} and {fallen:g}).")
        self._risen, self._fallen = risen, fallen
        self._is_up = np.zeros(n_cells, bool)
        self.counts: NDArray[np.int64] = np.zeros(n_cells, np.int64)

    def add(self, dff: ArrayLike) -> None:
        """Take in the next frames.

        Parameters
        ----------
        dff : (n_frames, n_cells) float64

        Raises
        ------
        DataError
            The shape is another one.
        """
        dff = np.asarray(dff, np.float64)
        if dff.ndim != 2 or dff.shape[1] != self._is_up.size:
            raise DataError(
                f"EventCounter.dff: must be (n_frames, {self._is_up.size}), one column a cell "
                f"(got {dff.shape})."
            )
        for row in dff:
            begins = ~self._is_up & (row >= self._risen)
            self.counts += begins
            self._is_up = (self._is_up | begins) & (row >= self._fallen)
