"""Fluorescence of a calcium indicator from spikes.

A spike raises calcium by a kernel of two exponentials with a peak of 1, scaled so that one spike
alone gives the indicator's measured response. Calcium C saturates the indicator, after Hill::

    dF/F = max (h(C) - h(rest)) + noise,   h(C) = 1 / (1 + (Kd / C)^n)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError, ParameterError
from engine.fit.forward.calcium_kernel import KERNELS, CalciumKernel
from engine.kernels.compiling import njit
from engine.registry import Registry

__all__ = ["FRAME_MS", "INDICATORS", "REST_NM", "Calcium", "Figure", "Indicator", "region_means"]

FRAME_MS = 33.0
"""Time between two frames [ms], about the 30 Hz of a resonant two-photon microscope."""

REST_NM = 50.0
"""Calcium at rest [nM], as in cleosim 0.20.0."""


class Figure(NamedTuple):
    """A number, how sure it is, and who says so.

    "published": stated in released code or a paper that was read. "recalled": of a paper, from
    memory, to be checked before it is leaned on. "derived": arithmetic on published numbers.
    "assumed": nobody was found who states it.
    """

    value: float
    standing: Literal["published", "recalled", "derived", "assumed"]
    source: str


@dataclass(frozen=True)
class Indicator:
    """A genetically encoded calcium indicator.

    Attributes
    ----------
    name, label : str
    t_peak, half_decay : Figure [ms]
        After one spike: when fluorescence peaks, and how long it then takes to halve; the decay
        time is ``half_decay / ln 2``, the rise time what gives this peak.
    kd : Figure [nM]
    hill : Figure
    dff_max, dff_spike : Figure
        dF/F of a saturated indicator above an empty one, and the peak after one spike.
    noise : Figure
        Standard deviation of dF/F of one neuron in one frame.
    """

    name: str
    label: str
    t_peak: Figure
    half_decay: Figure
    kd: Figure
    hill: Figure
    dff_max: Figure
    dff_spike: Figure
    noise: Figure

    @property
    def tau_decay(self) -> float:
        """Decay time [ms]."""
        return self.half_decay.value / float(np.log(2.0))

    def tau_rise(self, kernel: CalciumKernel) -> float:
        """Rise time of a kernel that peaks when this does [ms]."""
        return kernel.rise_for(self.t_peak.value, self.tau_decay)

    def saturation(self, calcium_nm: ArrayLike) -> NDArray[np.float64]:
        """Share of the indicator that glows.

        Parameters
        ----------
        calcium_nm : (n,) float64 [nM]

        Returns
        -------
        (n,) float64
        """
        return 1.0 / (1.0 + (self.kd.value / np.asarray(calcium_nm, np.float64)) ** self.hill.value)

    def dff(self, calcium_nm: ArrayLike) -> NDArray[np.float64]:
        """dF/F without noise.

        Parameters
        ----------
        calcium_nm : (n,) float64 [nM]

        Returns
        -------
        (n,) float64
        """
        return self.dff_max.value * (self.saturation(calcium_nm) - self.saturation(REST_NM))

    @property
    def spike_nm(self) -> float:
        """By how much a spike raises calcium [nM], so that it alone gives `dff_spike`."""
        glowing = float(self.saturation(REST_NM)) + self.dff_spike.value / self.dff_max.value
        return self.kd.value * (glowing / (1.0 - glowing)) ** (1.0 / self.hill.value) - REST_NM


_CHEN = "Chen et al. (2013), doi 10.1038/nature12354: one spike in mouse V1"
_CLEO = "sensors of cleosim 0.20.0, there from NAOMi (Song et al. 2021)"
_ZHANG = "cleosim 0.20.0: Zhang et al. (2023), relative to GCaMP6s"
_DANA = "cleosim 0.20.0: Dana et al. (2019)"
_SPIKE_6S, _NOISE_6S = 0.133, 0.133 / 4.4


def _indicator(
    name: str,
    label: str,
    kinetics: tuple[float, float],
    binding: tuple[float, float, float],
    relative: tuple[float, float],
    like: str = "",
) -> Indicator:
    """From (peak, half decay), (Kd, n, max) and (response, noise) relative to GCaMP6s."""
    kinetic = [
        Figure(value, "assumed", f"that of {like}") if like else Figure(value, "recalled", _CHEN)
        for value in kinetics
    ]
    kd, hill, dff_max = (Figure(value, "published", _CLEO) for value in binding)
    spike, noise = relative
    if relative == (1.0, 1.0):
        strength = (
            Figure(_SPIKE_6S, "published", _DANA),
            Figure(_NOISE_6S, "derived", f"{_DANA}: 0.133 over a signal to noise of 4.4"),
        )
    else:
        strength = (
            Figure(spike * _SPIKE_6S, "derived", _ZHANG),
            Figure(noise * _NOISE_6S, "derived", _ZHANG),
        )
    t_peak, half_decay = kinetic
    return Indicator(name, label, t_peak, half_decay, kd, hill, dff_max, *strength)


INDICATORS: Registry[Indicator] = Registry(
    "calcium.indicator",
    (
        _indicator("gcamp6f", "GCaMP6f", (45.0, 142.0), (290.0, 2.7, 25.2), (0.735, 1.24)),
        _indicator("gcamp6s", "GCaMP6s", (179.0, 550.0), (147.0, 2.45, 27.2), (1.0, 1.0)),
        _indicator("jgcamp7f", "jGCaMP7f", (45.0, 142.0), (174.0, 2.3, 30.2), (1.71, 0.72), "GCaMP6f"),
        _indicator("jgcamp7s", "jGCaMP7s", (179.0, 550.0), (68.0, 2.49, 40.4), (4.96, 0.33), "GCaMP6s"),
    ),
)


@njit(nogil=True, cache=True, error_model="numpy")
def _calcium_advance(spikes, decayed, n_rows_a_frame, traces, arrived, counters, out):
    """Add rows of spikes to the traces, each by what is left of it at its frame.

    Parameters
    ----------
    spikes : (n_rows, n_cells) float64
        Read.
    decayed : (2, n_rows_a_frame + 1) float64
        Read; what is left of a slow and of a fast trace after so many rows.
    n_rows_a_frame : int
    traces, arrived : (2, n_cells) float64
        At the last frame, and what came since as it will be at the next; written in place.
    counters : (2,) int64
        Rows since the last frame, and frames; written in place.
    out : (n_frames, n_cells) float64
        The slow trace minus the fast one at every frame; written in place.
    """
    n_rows, n_cells = spikes.shape
    frame = 0
    for row in range(n_rows):
        counters[0] += 1
        left = n_rows_a_frame - counters[0]
        for i in range(n_cells):
            n = spikes[row, i]
            if n != 0.0:
                arrived[0, i] += n * decayed[0, left]
                arrived[1, i] += n * decayed[1, left]
        if left == 0:
            counters[0] = 0
            counters[1] += 1
            for i in range(n_cells):
                for k in range(2):
                    traces[k, i] = traces[k, i] * decayed[k, n_rows_a_frame] + arrived[k, i]
                    arrived[k, i] = 0.0
                out[frame, i] = traces[0, i] - traces[1, i]
            frame += 1


class Calcium:
    """dF/F of cells from their spikes, in chunks of any length.

    A cell is one neuron, or a region whose neurons all are taken to spike as they do on average.
    The indicator is not linear, so the mean over neurons is right only where each is a cell of its
    own; `region_means` averages them then.

    Parameters
    ----------
    indicator : Indicator or str
        Or its name in `INDICATORS`.
    n_cells : int
    kernel : str
        A name in `KERNELS`.
    frame : float [ms]
        Time between two frames, a whole number of rows.
    input_dt : float [ms]
        Time between two rows of spikes.
    seed : int
        Of the noise; each frame has its own numbers whatever was run before it.
    n_averaged : (n_cells,) int, optional
        Neurons that a cell stands for; noise shrinks by the root of it.
    is_noisy : bool

    Raises
    ------
    ParameterError
        A name is unknown, or a frame is no whole number of rows.
    """

    def __init__(
        self,
        indicator: Indicator | str,
        n_cells: int,
        *,
        kernel: str = "product",
        frame: float = FRAME_MS,
        input_dt: float = 1.0,
        seed: int = 0,
        n_averaged: ArrayLike | None = None,
        is_noisy: bool = True,
    ):
        self.indicator = INDICATORS[indicator] if isinstance(indicator, str) else indicator
        rows = round(frame / input_dt)
        if rows < 1 or abs(rows * input_dt - frame) > 1e-9 * frame:
            raise ParameterError(
                f"Calcium.frame: must be a whole number of input_dt of {input_dt:g} ms (got {frame:g} ms)."
            )
        self.frame, self.seed = frame, seed
        course = KERNELS[kernel]
        rise, decay = self.indicator.tau_rise(course), self.indicator.tau_decay
        taus = np.array([[decay], [course.tau_fast(rise, decay)]])
        self._decayed = np.exp(-np.arange(rows + 1) * input_dt / taus)
        self._spike_nm = self.indicator.spike_nm / course.peak(rise, decay)
        averaged = np.ones(n_cells) if n_averaged is None else np.asarray(n_averaged, np.float64)
        self._noise = is_noisy * self.indicator.noise.value / np.sqrt(np.maximum(averaged, 1.0))
        self._traces, self._arrived = np.zeros((2, n_cells)), np.zeros((2, n_cells))
        self._counters = np.zeros(2, np.int64)

    @property
    def n_cells(self) -> int:
        """Cells."""
        return self._noise.size

    def advance(self, spikes: ArrayLike) -> NDArray[np.float64]:
        """Go on by some rows of spikes.

        Parameters
        ----------
        spikes : (n_rows, n_cells) float64
            Spikes of each cell; of a region, spikes over neurons.

        Returns
        -------
        (n_frames, n_cells) float64
            dF/F at the frames that fell into these rows.

        Raises
        ------
        DataError
            The shape is another one, or a number is negative or not finite.
        """
        spikes = np.ascontiguousarray(spikes, np.float64)
        if spikes.ndim != 2 or spikes.shape[1] != self.n_cells:
            raise DataError(
                f"Calcium.spikes: must be (n_rows, {self.n_cells}), one column a cell (got {spikes.shape})."
            )
        if not (np.isfinite(spikes).all() and (spikes >= 0).all()):
            raise DataError("Calcium.spikes: must be finite and not negative (got some that are not).")
        rows = self._decayed.shape[1] - 1
        first = int(self._counters[1])
        bound = np.empty(((int(self._counters[0]) + len(spikes)) // rows, self.n_cells))
        _calcium_advance(spikes, self._decayed, rows, self._traces, self._arrived, self._counters, bound)
        # At first the fast trace may be above the slow one by a rounding error.
        out = self.indicator.dff(REST_NM + self._spike_nm * np.maximum(bound, 0.0))
        if self._noise.any():
            for k, row in enumerate(out):
                row += self._noise * self._normal(first + k)
        return out

    def _normal(self, frame: int) -> NDArray[np.float64]:
        """(n_cells,) float64, the noise of a frame, of variance 1."""
        numbers = np.random.Philox(key=self.seed, counter=[0, 0, 0, frame])
        return np.random.Generator(numbers).standard_normal(self.n_cells)

    def state(self) -> dict[str, NDArray]:
        """Everything that a later `restore` needs; copies."""
        return {
            "traces": self._traces.copy(),
            "arrived": self._arrived.copy(),
            "counters": self._counters.copy(),
        }

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go back to where a `state` was taken, of a model with the same parameters.

        Raises
        ------
        DataError
            It is of another number of cells.
        """
        if state["traces"].shape != self._traces.shape:
            raise DataError(
                f"Calcium.state: must be of {self.n_cells} cells (got {state['traces'].shape[1]})."
            )
        self._traces, self._arrived = state["traces"].copy(), state["arrived"].copy()
        self._counters = state["counters"].copy()


def region_means(dff: ArrayLike, region_of: ArrayLike, n_regions: int) -> NDArray[np.float64]:
    """Mean over the neurons of every region.

    Parameters
    ----------
    dff : (n_frames, n_neurons) float64
    region_of : (n_neurons,) int
    n_regions : int

    Returns
    -------
    (n_frames, n_regions) float64
        NaN where a region has no neuron.
    """
    dff, region_of = np.asarray(dff, np.float64), np.asarray(region_of)
    sizes = np.bincount(region_of, minlength=n_regions).astype(np.float64)
    out = np.full((len(dff), n_regions), np.nan)
    has = sizes > 0
    for frame, row in enumerate(dff):
        out[frame, has] = np.bincount(region_of, row, n_regions)[has] / sizes[has]
    return out
