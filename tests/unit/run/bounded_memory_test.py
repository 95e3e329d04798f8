"""What a run keeps in memory is bounded: older spikes and counts lie in files without a name."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from engine import Simulation
from engine.run import large_arrays, spike_log
from engine.run.large_arrays import large_zeros, leave_to_file
from engine.run.spike_log import SpikeLog

N_CHUNKS, N = 40, 500
ROOM = 30_000  # bytes: five chunks


def chunk(k: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(k)
    steps = np.sort(rng.integers(k * 100, (k + 1) * 100, N)).astype(np.int64)
    return steps + 2**40, rng.integers(0, 90, N).astype(np.int32)


def filled(room: int) -> SpikeLog:
    log = SpikeLog(room)
    for k in range(N_CHUNKS):
        log.append(*chunk(k))
    return log


def test_older_chunks_go_to_a_file_and_are_read_as_they_were():
    log, plain = filled(ROOM), filled(10**9)
    assert plain.n_filed == 0
    assert N_CHUNKS - 5 <= log.n_filed < N_CHUNKS
    assert log._held <= ROOM
    assert log.n_spikes == plain.n_spikes == N_CHUNKS * N
    for first, last in ((0, N_CHUNKS), (3, 4), (log.n_filed - 1, log.n_filed + 1), (N_CHUNKS - 1, N_CHUNKS)):
        for found, wanted in zip(log.between(first, last), plain.between(first, last), strict=True):
            assert found.dtype == wanted.dtype
            np.testing.assert_array_equal(found, wanted)
    steps, ids = log.joined()
    everything = [np.concatenate(parts) for parts in zip(*map(chunk, range(N_CHUNKS)), strict=True)]
    order = np.lexsort(everything[::-1])
    np.testing.assert_array_equal(steps, everything[0][order])
    np.testing.assert_array_equal(ids, everything[1][order])


def test_chunks_that_are_not_apart_in_time_are_sorted_too():
    log = SpikeLog()
    for steps, ids in (([3, 5], [1, 1]), ([4, 9], [0, 2]), ([], []), ([9, 9], [3, 1])):
        log.append(np.array(steps, np.int64), np.array(ids, np.int32))
    steps, ids = log.joined()
    assert steps.tolist() == [3, 4, 5, 9, 9, 9]
    assert ids.tolist() == [1, 0, 1, 1, 2, 3]


def test_a_full_disk_loses_no_spike(monkeypatch):
    written, pwrite = [], os.pwrite

    def full(fd, data, place):
        if len(written) == 7:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(place)
        return pwrite(fd, data, place)

    monkeypatch.setattr(spike_log.os, "pwrite", full)
    log = filled(ROOM)
    assert log.n_filed == 7
    for found, wanted in zip(log.joined(), filled(10**9).joined(), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_chunk_that_was_broken_off_in_the_middle_is_written_again(monkeypatch):
    calls, pwrite = [], os.pwrite

    def broken(fd, data, place):
        calls.append(place)
        if len(calls) == 3:
            pwrite(fd, data[: len(data) // 2], place)
            raise KeyboardInterrupt
        return pwrite(fd, data, place)

    monkeypatch.setattr(spike_log.os, "pwrite", broken)
    log, k = SpikeLog(ROOM), 0
    while k < N_CHUNKS:
        try:
            log.append(*chunk(k))
        except KeyboardInterrupt:
            assert len(log) == k + 1
        k += 1
    assert calls[2] == calls[3]
    for found, wanted in zip(log.joined(), filled(10**9).joined(), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_large_array_lies_in_a_file_and_is_given_back():
    large = large_zeros((4000, 300), np.uint16, 1000)
    large[:] = np.arange(300, dtype=np.uint16)
    before = _resident_mb()
    leave_to_file(large, len(large))
    assert before - _resident_mb() > 1.5
    assert (large == np.arange(300)).all()
    leave_to_file(np.zeros((4, 4)), 4)  # in memory: nothing to give back
    assert large_zeros((0, 3), np.int64).shape == (0, 3)


def test_without_room_for_a_file_it_is_in_memory(monkeypatch):
    def full(fd, start, n_bytes):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(large_arrays.os, "posix_fallocate", full)
    array = large_zeros((400, 300), np.uint16, 1000)
    array[5] = 7
    assert array.sum() == 2100


@pytest.fixture
def crowded(monkeypatch):
    """Room for so little that everything goes to files."""
    monkeypatch.setattr(spike_log, "IN_MEMORY_BYTES", 400)
    monkeypatch.setattr(large_arrays, "IN_MEMORY_BYTES", 400)
    monkeypatch.setattr(SpikeLog.__init__, "__defaults__", (400,))


def test_a_run_in_files_is_the_same_run(small, small_recording, crowded):
    run = Simulation(small)
    while not run.is_finished:
        run.advance(50)
        if run.frame().time_ms == 300:
            kept = run.snapshot()
    assert run._log.n_filed > 3
    recording = run.recording()
    assert recording.spike_hash == small_recording.spike_hash
    np.testing.assert_array_equal(recording.counts, small_recording.counts)
    again = Simulation(small)
    again.restore(kept)
    assert again.run().spike_hash == small_recording.spike_hash


def test_a_recording_keeps_its_counts_when_the_run_goes_back(small):
    run = Simulation(small)
    start = run.snapshot()
    run.advance(200)
    recording = run.recording()
    before = recording.counts.copy()
    run.restore(start)
    run.advance(20)
    np.testing.assert_array_equal(recording.counts, before)


def _resident_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6
