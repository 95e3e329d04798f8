"""Spikes as a run makes them, and what identifies them."""

from __future__ import annotations

import hashlib
import os
from typing import Any, NamedTuple
from weakref import finalize

import numpy as np

from engine.run.large_arrays import IN_MEMORY_BYTES, large_zeros, nameless_file

__all__ = ["SpikeLog", "spike_hash"]


_STEP = np.dtype(np.uint32)  # in the file, from the first of its chunk on


class _Chunk(NamedTuple):
    """Spikes that became known together.

    Attributes
    ----------
    n_before : int
        Spikes of the chunks before it.
    n : int
    steps : (n,) int64, or None
        None where the chunk is in the file.
    ids : (n,) int32, or None
    place : int
        In the file [bytes].
    first_step : int
    """

    n_before: int
    n: int
    steps: np.ndarray | None
    ids: np.ndarray | None
    place: int = 0
    first_step: int = 0


class SpikeLog:
    """Spikes in the order they were made; one writer, any number of readers.

    A reader holds a frame's ``n_chunks`` and never looks past it, so what it reads never changes. The
    newest spikes are in memory, older ones in a file without a name, where there is room for one.

    Parameters
    ----------
    in_memory : int
        Bytes of spikes from which on the older ones go to the file.
    """

    def __init__(self, in_memory: int = IN_MEMORY_BYTES) -> None:
        self._chunks: list[_Chunk] = []
        self._open: tuple[int, list[tuple[np.ndarray, np.ndarray]]] = 0, []
        self._most, self._held, self._n_filed = in_memory, 0, 0
        self._file: Any = None
        self._filed = 0  # bytes in the file

    def __len__(self) -> int:
        return len(self._chunks)

    @property
    def n_spikes(self) -> int:
        """Spikes of all chunks."""
        return self._chunks[-1].n_before + self._chunks[-1].n if self._chunks else 0

    @property
    def n_filed(self) -> int:
        """Chunks that are in the file."""
        return self._n_filed

    def append(self, steps: np.ndarray, ids: np.ndarray) -> None:
        """Add one chunk: (n,) int64 membrane steps and (n,) int32 neurons."""
        self._chunks.append(_Chunk(self.n_spikes, ids.size, steps, ids))
        self._held += steps.nbytes + ids.nbytes
        if self._held > self._most:
            self._file_older()

    def _file_older(self) -> None:
        """Move chunks to the file, the oldest first, until half of what may be held is left.

        Whatever interrupts it, a chunk is in memory or whole in the file.
        """
        try:
            if self._file is None:
                self._file = nameless_file()
                finalize(self, self._file.close)
            while self._held > self._most // 2 and self._n_filed < len(self._chunks):
                chunk = self._chunks[self._n_filed]
                if chunk.steps is not None and chunk.ids is not None:
                    filed = self._written(chunk.n_before, chunk.steps, chunk.ids)
                    self._held -= chunk.steps.nbytes + chunk.ids.nbytes
                    self._chunks[self._n_filed] = filed
                self._n_filed += 1
        except OSError:  # no folder, or no room: the spikes stay where they are
            self._most = np.iinfo(np.int64).max

    def _written(self, n_before: int, steps: np.ndarray, ids: np.ndarray) -> _Chunk:
        place, first = self._filed, int(steps.min(initial=np.iinfo(np.int64).max))
        if int(steps.max(initial=0)) - first > np.iinfo(_STEP).max:
            raise OSError("a chunk of so long a time does not fit")
        whole = (steps - first).astype(_STEP).tobytes() + ids.astype(np.int32).tobytes()
        if os.pwrite(self._file.fileno(), whole, place) != len(whole):
            raise OSError("no room")
        self._filed += len(whole)
        return _Chunk(n_before, ids.size, None, None, place, first)

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

    def _read(self, chunk: _Chunk) -> tuple[np.ndarray, np.ndarray]:
        """Steps and neurons of a chunk, wherever it is."""
        if chunk.steps is not None and chunk.ids is not None:
            return chunk.steps, chunk.ids
        n_bytes = chunk.n * _STEP.itemsize
        data = os.pread(self._file.fileno(), 2 * n_bytes, chunk.place)
        steps = np.frombuffer(data, _STEP, chunk.n).astype(np.int64) + chunk.first_step
        return steps, np.frombuffer(data, np.int32, chunk.n, n_bytes)

    def between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Steps and neurons of chunks ``first`` to ``last`` (half-open).

        Returns
        -------
        steps : (n_spikes,) int64
        ids : (n_spikes,) int32
        """
        chunks = self._chunks[first:last]
        n = sum(chunk.n for chunk in chunks)
        steps, ids = large_zeros((n,), np.int64, self._most), large_zeros((n,), np.int32, self._most)
        done = 0
        for chunk in chunks:
            steps[done : done + chunk.n], ids[done : done + chunk.n] = self._read(chunk)
            done += chunk.n
        return steps, ids

    def joined(self) -> tuple[np.ndarray, np.ndarray]:
        """All spikes, sorted by step, then neuron.

        Returns
        -------
        steps : (n_spikes,) int64
        ids : (n_spikes,) int32
        """
        steps, ids = self.between(0, len(self._chunks))
        low, latest = 0, -1
        for chunk in self._chunks:
            part = slice(low, low + chunk.n)
            if chunk.n:
                if int(steps[part].min()) <= latest:  # chunks are not apart in time
                    part = slice(0, low + chunk.n)
                _sort(steps[part], ids[part])
                latest = int(steps[part.stop - 1])
            low += chunk.n
        return steps, ids


def _sort(steps: np.ndarray, ids: np.ndarray) -> None:
    """Sort spikes by step, then neuron, in place."""
    # Exchange steps come in time order, so one key in long sorted runs is quicker than two keys.
    order = np.argsort(steps * (int(ids.max(initial=0)) + 1) + ids, kind="stable")
    steps[:], ids[:] = steps[order], ids[order]


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
