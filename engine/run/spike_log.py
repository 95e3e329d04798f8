"""Spikes as a run makes them, and what identifies them."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["SpikeLog", "spike_hash"]


class SpikeLog:
    """Spikes in the order they were made; one writer, any number of readers.

    A reader holds a frame's ``n_chunks`` and never looks past it, so what it reads never changes.
    """

    def __init__(self) -> None:
        self._chunks: list[tuple[np.ndarray, np.ndarray, int]] = []  # steps, neurons, spikes so far
        self._open: tuple[int, list[tuple[np.ndarray, np.ndarray]]] = 0, []

    def __len__(self) -> int:
        return len(self._chunks)

    @property
    def n_spikes(self) -> int:
        """Spikes of all chunks."""
        return self._chunks[-1][2] if self._chunks else 0

    def append(self, steps: np.ndarray, ids: np.ndarray) -> None:
        """Add one chunk: (n,) int64 membrane steps and (n,) int32 neurons."""
        self._chunks.append((steps, ids, self.n_spikes + ids.size))

    def add(self, steps: np.ndarray, ids: np.ndarray) -> None:
        """Add the spikes of one exchange step to a chunk that no reader sees before `close`.

        Parameters
        ----------
        steps : (n_spikes,) int64
        ids : (n_spikes,) int32
        """
        if self._open[0] != len(self._chunks):  # it has become a chunk
            self._open = len(self._chunks), []
        self._open[1].append((steps, ids))

    def close(self, before: int) -> None:
        """Make one chunk of the exchange steps added since; those from `before` on are dropped.

        At no point of it are spikes lost or twice there, so it can be called again after whatever
        has interrupted it.
        """
        number, parts = self._open
        whole = [part for part in parts if part[0][0] < before]
        if number == len(self._chunks) and whole:
            self.append(np.concatenate([p[0] for p in whole]), np.concatenate([p[1] for p in whole]))
        self._open = len(self._chunks), []

    def between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Steps and neurons of chunks ``first`` to ``last`` (half-open).

        Returns
        -------
        steps : (n_spikes,) int64
        ids : (n_spikes,) int32
        """
        chunks = self._chunks[first:last]
        if not chunks:
            return np.zeros(0, np.int64), np.zeros(0, np.int32)
        return np.concatenate([c[0] for c in chunks]), np.concatenate([c[1] for c in chunks])

    def joined(self) -> tuple[np.ndarray, np.ndarray]:
        """All spikes, sorted by step, then neuron.

        Returns
        -------
        steps : (n_spikes,) int64
        ids : (n_spikes,) int32
        """
        steps, ids = self.between(0, len(self._chunks))
        # Chunks come in time order, so one key in long sorted runs is quicker than two keys.
        order = np.argsort(steps * (int(ids.max(initial=0)) + 1) + ids, kind="stable")
        return steps[order], ids[order]


def spike_hash(spike_steps: np.ndarray, spike_ids: np.ndarray) -> str:
    """sha256 over the sorted (step, neuron) int64 pairs, little-endian.

    Parameters
    ----------
    spike_steps : (n_spikes,) int64
    spike_ids : (n_spikes,) int32
    """
    pairs = np.column_stack([spike_steps, spike_ids]).astype("<i8")
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return hashlib.sha256(np.ascontiguousarray(pairs[order]).tobytes()).hexdigest()
