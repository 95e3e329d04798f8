"""A signal of every region as it grows with a run, worked out bit by bit."""

from __future__ import annotations

import time

import numpy as np

from engine.amounts import number
from engine.errors import EngineError
from engine.fit.forward import NetworkFacts, Signal, SignalStream
from layouts.scene import Scene

__all__ = ["MAX_SAMPLES", "SignalCourse", "unit_of"]

MAX_SAMPLES = 800  # a longer course has means of more
_SHORTEST_MS = 5.0  # between two samples that are kept
_SLICE_MS = 100  # worked out at once


class SignalCourse:
    """A signal of every region up to where it has been worked out.

    Attributes
    ----------
    signal : Signal or None
        What was chosen.
    done_ms : int
        How far it has been worked out [ms].
    latest : (n_regions,) float64 or None
        The newest sample.
    n_kept : int
        Samples that are kept, at most `MAX_SAMPLES`.
    n_thinned : int
        How often all kept samples became others.
    trouble : str
        Why it goes no further, or "".
    """

    def __init__(self) -> None:
        self.signal: Signal | None = None
        self._scene: Scene | None = None
        self._facts: NetworkFacts | None = None
        self._counts = np.zeros((0, 0), np.uint16)
        self._n_ms = 0
        self.n_thinned = 0
        self._restart()

    def _restart(self) -> None:
        self._stream: SignalStream | None = None
        self.done_ms = self.n_kept = self._n_samples = 0
        self.n_thinned += 1
        self.latest: np.ndarray | None = None
        self.trouble = ""
        n_regions = self._scene.network.n_regions if self._scene is not None else 0
        self._times, self._values = np.zeros(MAX_SAMPLES), np.zeros((MAX_SAMPLES, n_regions))
        self._sum, self._n_summed = np.zeros(n_regions), 0
        self._stride = max(1, round(_SHORTEST_MS / self._interval)) if self.signal is not None else 1

    @property
    def _interval(self) -> float:
        assert self.signal is not None
        return self.signal.fine_interval or self.signal.interval

    def choose(self, signal: Signal | None) -> None:
        """Work out another signal of the same run, or none."""
        if signal is not self.signal:
            self.signal = signal
            self._restart()

    def lay_out(self, scene: Scene) -> None:
        """Begin with another network."""
        self._scene, self._facts = scene, None
        self._n_ms = 0
        self._restart()

    def follow(self, counts: np.ndarray, n_ms: int) -> None:
        """There are more spikes of the run that was laid out.

        Parameters
        ----------
        counts : (n_exchanges, n_populations) uint16
            Of the whole run; not copied.
        n_ms : int
            Rows that are written.
        """
        self._counts, self._n_ms = counts, n_ms

    @property
    def is_behind(self) -> bool:
        """Whether there are spikes that have not been worked in."""
        return self.signal is not None and self.done_ms < self._n_ms and not self.trouble

    @property
    def is_unsettled(self) -> bool:
        """Whether the run is too short for the signal to forget how it began."""
        return self.signal is not None and bool(self._n_ms) and bool(self.signal.begun(self._n_ms))

    @property
    def times_s(self) -> np.ndarray:
        """(n_kept,) float64 [s]."""
        return self._times[: self.n_kept] / 1000.0

    @property
    def values(self) -> np.ndarray:
        """(n_kept, n_regions) float64, means over the time between two that are kept."""
        return self._values[: self.n_kept]

    @property
    def remark(self) -> str:
        """What to know of it: that it has hardly begun, is not worked out, or cannot be."""
        if self.signal is None or not self._n_ms:
            return ""
        if self.trouble:
            return self.trouble
        begun = self.signal.begun(self._n_ms)
        if self.done_ms + 10 * _SLICE_MS < self._n_ms:
            done, ran = number(self.done_ms / 1000, 3), number(self._n_ms / 1000, 3)
            return f"Worked out up to {done} of {ran} s. {begun}".strip()
        return begun

    def advance(self, budget_s: float) -> bool:
        """Go on for about this long; whether there are new samples."""
        end = time.perf_counter() + budget_s
        before = self._n_samples
        while self.is_behind:
            self._slice()
            if time.perf_counter() >= end:
                break
        return self._n_samples > before

    def _slice(self) -> None:
        signal, scene = self.signal, self._scene
        assert signal is not None
        assert scene is not None
        if self._stream is None:
            self._facts = self._facts or NetworkFacts.of(scene.network, scene.scenario)
            self._stream = (signal.fine or signal.stream)(self._facts)
        stop = min(self.done_ms + _SLICE_MS, self._n_ms)
        try:
            samples = self._stream.advance(self._counts[self.done_ms : stop])
        except EngineError as error:
            self.trouble = str(error)
            return
        self.done_ms = stop
        first = self._interval if signal.fine is not None else signal.first
        for sample in samples:
            self._keep(first + self._interval * self._n_samples, sample)
            self._n_samples += 1
        if len(samples):
            self.latest = samples[-1]

    def _keep(self, at_ms: float, sample: np.ndarray) -> None:
        self._sum += sample
        self._n_summed += 1
        if self._n_summed < self._stride:
            return
        if self.n_kept == MAX_SAMPLES:
            half = MAX_SAMPLES // 2
            self._values[:half] = 0.5 * (self._values[0::2] + self._values[1::2])
            self._times[:half] = self._times[1::2]
            self.n_kept, self._stride = half, 2 * self._stride
            self.n_thinned += 1
            return  # this one is the first half of the next
        self._times[self.n_kept], self._values[self.n_kept] = at_ms, self._sum / self._n_summed
        self.n_kept += 1
        self._sum, self._n_summed = np.zeros_like(self._sum), 0


def unit_of(signal: Signal) -> str:
    """Its unit as it is printed."""
    return signal.unit.replace("^2", "²")
