"""A recording's packets in windows of time, so that any stretch of it can be shown at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array

if TYPE_CHECKING:
    from engine.run.recording import Recording

__all__ = ["LoadWindows"]

_MOST_WINDOWS = 500


class LoadWindows:
    """Packets per link in every window of a recording; exact counts.

    Parameters
    ----------
    recording : Recording

    Attributes
    ----------
    window_ms : int [ms]
        Length of a window, so that there are at most 500; the last one may be shorter.
    n_windows : int
    duration_ms : int [ms]
    worst : (n_windows,) float64
        Packets of the busiest link over what it can carry.
    link_hops : (n_windows,) int64
        Packets summed over links.
    """

    def __init__(self, recording: Recording):
        fabric = recording.fabric
        flow, trees = fabric.flow, fabric.flow.trees
        n_keys, n_tiles = flow.n_sources, fabric.topology.n_tiles
        self.duration_ms = recording.duration_ms
        self.window_ms = max(1, -(-self.duration_ms // _MOST_WINDOWS))
        self.n_windows = max(1, -(-self.duration_ms // self.window_ms))
        window = recording.spike_steps // recording.scenario.n_sub // self.window_ms
        spot = window * n_keys + fabric.source_of[recording.spike_ids]
        counts = np.bincount(spot, minlength=self.n_windows * n_keys)
        counts = counts.reshape(self.n_windows, n_keys)
        crossed = csc_array(
            (np.ones(len(trees.links), np.int64), trees.links, trees.indptr), shape=(trees.n_links, n_keys)
        )
        received = csc_array(
            (np.ones(len(trees.dest_tiles), np.int64), trees.dest_tiles, trees.dest_indptr),
            shape=(n_tiles, n_keys),
        )
        links = (crossed @ counts.T).T
        sent = np.zeros((self.n_windows, n_tiles), np.int64)
        np.add.at(sent.T, flow.tile_of_source, counts.T)
        self.link_hops = links.sum(axis=1)
        lengths = np.full(self.n_windows, float(self.window_ms))
        lengths[-1] = max(self.duration_ms - self.window_ms * (self.n_windows - 1), 1)
        self.worst = links.max(axis=1, initial=0) / (lengths * flow.capacity(1.0))
        self._so_far = [_sums(links), _sums(sent), _sums((received @ counts.T).T), _sums(counts)]

    def edges(self, begin_ms: float, end_ms: float) -> tuple[int, int]:
        """First window and the one after the last that this stretch touches, at least one."""
        first = int(np.clip(begin_ms // self.window_ms, 0, self.n_windows - 1))
        last = int(np.clip(-(-end_ms // self.window_ms), first + 1, self.n_windows))
        return first, last

    def between(self, first: int, last: int) -> tuple[np.ndarray, ...]:
        """Sum some windows.

        Parameters
        ----------
        first, last : int
            The first window and the one after the last.

        Returns
        -------
        (n_links,), (n_tiles,), (n_tiles,), (n_sources,) int64
            Packets on every link, sent and received at every tile, and of every source key.
        """
        return tuple(total[last] - total[first] for total in self._so_far)


def _sums(counts: np.ndarray) -> np.ndarray:
    zero = np.zeros((1, counts.shape[1]), np.int64)
    return np.concatenate((zero, np.cumsum(counts, axis=0, dtype=np.int64)))
