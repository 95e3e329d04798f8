"""Every signal that can be made of a run's spike counts: one record each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError
from engine.fit.forward.bands import BANDS, HOP_MS, SEGMENT_MS, WINDOW_MS, Band, BandPower
from engine.fit.forward.bold import GAIN_PER_HZ, TR_MS, Bold
from engine.fit.forward.calcium import FRAME_MS, Calcium
from engine.fit.forward.facts import NetworkFacts
from engine.fit.forward.lfp import EstimatedCurrents, LfpProxy
from engine.registry import Registry

__all__ = ["SIGNALS", "Series", "Signal", "SignalStream", "groups"]

_FINE_MS = 100.0  # between two samples of BOLD as it grows
_CHUNK_MS = 10_000  # bounds the memory that a long run takes


class SignalStream(Protocol):
    """A signal as its spikes come in, millisecond by millisecond."""

    def advance(self, counts: ArrayLike) -> NDArray[np.float64]:
        """The samples that fell into some more milliseconds.

        Parameters
        ----------
        counts : (n_ms, n_populations) int

        Returns
        -------
        (n_samples, n_regions) float64
        """
        ...

    def state(self) -> dict[str, NDArray]:
        """Everything that a later `restore` needs; copies."""
        ...

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go back to where a `state` was taken."""
        ...


@dataclass(frozen=True, eq=False)
class Series:
    """A signal of every region.

    Attributes
    ----------
    times : (n_samples,) float64 [ms]
    values : (n_samples, n_regions) float64
        NaN where a region has none.
    """

    times: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Signal:
    """A signal that can be made of spike counts.

    Attributes
    ----------
    name, label : str
    group : str
        Signals of one group have the same unit and times, and are exported together.
    unit : str
    interval : float [ms]
        Between two samples.
    first : float [ms]
        Of the first sample.
    settles : float [ms]
        How long it takes to forget how it began.
    sentence : str
        What it is, and what in it is an approximation.
    source : str
        Whose model it is.
    stream : callable
        Gets `NetworkFacts`, gives a `SignalStream`.
    fine : callable or None
        The same signal with a sample every `fine_interval`, for who watches it grow; None where
        `stream` is fine enough.
    fine_interval : float [ms]
    """

    name: str
    label: str
    group: str
    unit: str
    interval: float
    first: float
    settles: float
    sentence: str
    source: str
    stream: Callable[[NetworkFacts], SignalStream]
    fine: Callable[[NetworkFacts], SignalStream] | None = None
    fine_interval: float = 0.0

    def of(self, counts: ArrayLike, facts: NetworkFacts) -> Series:
        """The signal of a whole run.

        Parameters
        ----------
        counts : (n_ms, n_populations) int
            Spikes of each population in each millisecond.
        facts : NetworkFacts

        Returns
        -------
        Series

        Raises
        ------
        DataError
            The counts are not of these populations.
        SimulationError
            The model leaves the range in which it holds.
        """
        counts = np.asarray(counts)
        if counts.ndim != 2 or counts.shape[1] != len(facts.sizes):
            raise DataError(
                f"signal.counts: must be (n_ms, {len(facts.sizes)}), one column a population "
                f"(got {counts.shape})."
            )
        stream = self.stream(facts)
        parts = [stream.advance(counts[at : at + _CHUNK_MS]) for at in range(0, len(counts), _CHUNK_MS)]
        values = np.concatenate([np.zeros((0, facts.n_regions)), *parts])
        return Series(self.times(len(values)), values)

    def times(self, n_samples: int, before: int = 0) -> NDArray[np.float64]:
        """(n_samples,) float64 [ms], of samples of which some came `before`.

        Returns
        -------
        (n_samples,) float64 [ms]
        """
        return self.first + self.interval * np.arange(before, before + n_samples, dtype=np.float64)

    def begun(self, duration_ms: float) -> str:
        """What to know of a run of this length; "" where it is long enough."""
        ran, settles = f"{duration_ms / 1000:g} s", f"{self.settles / 1000:g} s"
        if duration_ms < self.first:
            return f"{self.label} has its first sample after {self.first / 1000:g} s; this run has {ran}."
        if duration_ms < 0.25 * self.settles:
            return f"{self.label} takes {settles} to settle; a run of {ran} has hardly begun it."
        if duration_ms < self.settles:
            return f"{self.label} takes {settles} to settle; a run of {ran} does not reach that."
        return ""


class _Excitatory:
    """Spikes of each region's excitatory neurons, over their number."""

    def __init__(self, facts: NetworkFacts):
        columns = np.flatnonzero(facts.is_excitatory & (facts.sizes > 0))
        self._columns = columns[np.argsort(facts.region_of[columns], kind="stable")]
        self._present, self._starts = np.unique(facts.region_of[self._columns], return_index=True)
        self._n = facts.n_excitatory
        self.has = self._n > 0

    def a_neuron(self, counts: ArrayLike) -> NDArray[np.float64]:
        """(n_ms, n_regions) float64, spikes a neuron; 0 where there is none."""
        out = np.zeros((len(np.asarray(counts)), len(self._n)))
        if self._present.size:
            spikes = np.asarray(counts)[:, self._columns]
            spikes = np.add.reduceat(spikes, self._starts, axis=1, dtype=np.int64)
            out[:, self._present] = spikes / self._n[self._present]
        return out


class _BoldStream:
    def __init__(self, facts: NetworkFacts, tr: float = TR_MS):
        self._excitatory = _Excitatory(facts)
        self._bold = Bold("friston2003", facts.n_regions, tr=tr)
        self.state, self.restore = self._bold.state, self._bold.restore

    def advance(self, counts: ArrayLike) -> NDArray[np.float64]:
        percent = self._bold.balloon.percent
        samples = percent * self._bold.advance(1000.0 * self._excitatory.a_neuron(counts))
        return np.where(self._excitatory.has, samples, np.nan)


class _CalciumStream:
    def __init__(self, facts: NetworkFacts):
        self._excitatory = _Excitatory(facts)
        n = facts.n_excitatory
        self._calcium = Calcium("gcamp6f", facts.n_regions, seed=facts.seed, n_averaged=n)
        self.state, self.restore = self._calcium.state, self._calcium.restore

    def advance(self, counts: ArrayLike) -> NDArray[np.float64]:
        samples = self._calcium.advance(self._excitatory.a_neuron(counts))
        return np.where(self._excitatory.has, samples, np.nan)


class _LfpStream:
    def __init__(self, facts: NetworkFacts):
        self._has = facts.n_excitatory > 0
        self._currents = EstimatedCurrents(facts.weights)
        self._lfp = LfpProxy(facts.n_regions)

    def advance(self, counts: ArrayLike) -> NDArray[np.float64]:
        return np.where(self._has, self._lfp.advance(*self._currents.advance(counts)), np.nan)

    def state(self) -> dict[str, NDArray]:
        return {**self._currents.state(), **self._lfp.state()}

    def restore(self, state: Mapping[str, NDArray]) -> None:
        self._currents.restore(state)
        self._lfp.restore(state)


class _BandStream:
    def __init__(self, facts: NetworkFacts, band: int):
        self._band = band
        self._lfp = _LfpStream(facts)
        self._power = BandPower(facts.n_regions)

    def advance(self, counts: ArrayLike) -> NDArray[np.float64]:
        return self._power.advance(self._lfp.advance(counts))[:, self._band]

    def state(self) -> dict[str, NDArray]:
        return {**self._lfp.state(), **self._power.state()}

    def restore(self, state: Mapping[str, NDArray]) -> None:
        self._lfp.restore(state)
        self._power.restore(state)


_MAZZONI = "Mazzoni et al. (2015), doi 10.1371/journal.pcbi.1004584"


def _band_signal(place: int, band: Band) -> Signal:
    name, low, high = band
    return Signal(
        name,
        f"{name.capitalize()} power",
        "bands",
        "pA^2",
        HOP_MS,
        WINDOW_MS,
        WINDOW_MS,
        f"Power of the LFP proxy from {low:g} to {high:g} Hz in the last {WINDOW_MS / 1000:g} s (Welch, "
        f"segments of {SEGMENT_MS / 1000:g} s); the currents are an approximation from spike counts.",
        _MAZZONI,
        lambda facts: _BandStream(facts, place),
    )


SIGNALS: Registry[Signal] = Registry(
    "signal",
    (
        Signal(
            "bold",
            "BOLD",
            "bold",
            "%",
            TR_MS,
            TR_MS,
            20_000.0,
            "Blood oxygenation by the Balloon-Windkessel model, from rest; its input is the rate of "
            f"excitatory neurons times {GAIN_PER_HZ:g} per Hz, a choice.",
            "Friston, Harrison & Penny (2003), as in neurolib 0.6.2",
            _BoldStream,
            lambda facts: _BoldStream(facts, _FINE_MS),
            _FINE_MS,
        ),
        Signal(
            "calcium",
            "Calcium",
            "calcium",
            "dF/F",
            FRAME_MS,
            FRAME_MS,
            1_000.0,
            "Fluorescence of GCaMP6f in excitatory neurons, each taken to spike as the region's do on "
            "average, with the noise of their mean.",
            "Chen et al. (2013), cleosim 0.20.0",
            _CalciumStream,
        ),
        Signal(
            "lfp",
            "LFP proxy",
            "lfp",
            "pA",
            1.0,
            1.0,
            100.0,
            "Weighted sum of synaptic currents of a mean excitatory neuron; the currents are an "
            "approximation from spike counts.",
            _MAZZONI,
            _LfpStream,
        ),
        *(_band_signal(k, band) for k, band in enumerate(BANDS)),
    ),
)


def groups() -> dict[str, tuple[Signal, ...]]:
    """Signals that are exported together, by the name of their group."""
    out: dict[str, tuple[Signal, ...]] = {}
    for signal in SIGNALS:
        out[signal.group] = (*out.get(signal.group, ()), signal)
    return out
