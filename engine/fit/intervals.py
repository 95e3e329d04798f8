"""Inter-spike intervals: CV, CV2, LV and LvR of every neuron, in one pass over the spikes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError
from engine.kernels.compiling import njit

__all__ = ["IntervalStatistics", "cv_isi", "poisson_cv", "poisson_lvr"]

# One row of eight float64 per neuron: one cache line for each spike that comes in.
_LAST_STEP, _LAST_INTERVAL, _N, _MEAN, _M2, _CV2_SUM, _LV_SUM, _LVR_SUM = range(8)
_ROW = 8
_OK, _UNKNOWN_NEURON, _NOT_SORTED = range(3)


class IntervalStatistics:
    """Running interval statistics of many neurons, fed chunk by chunk.

    Mean and squared deviation follow Welford (1962), so that long recordings lose no digits.
    The result does not depend, not by one bit, on how the spikes are cut into chunks.

    Parameters
    ----------
    n_neurons : int
        Neurons are numbered from 0.
    start_step : int [steps]
        Spikes before this step are left out (the transient).
    """

    def __init__(self, n_neurons: int, start_step: int = 0):
        self._start_step = int(start_step)
        self._newest_step = np.iinfo(np.int64).min
        self._table = np.zeros((n_neurons, _ROW))
        self._table[:, _LAST_STEP] = -np.inf

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return len(self._table)

    @property
    def n_intervals(self) -> NDArray[np.int64]:
        """Intervals seen so far, (n_neurons,) int64."""
        return self._table[:, _N].astype(np.int64)

    def add(self, spike_steps: ArrayLike, spike_ids: ArrayLike) -> None:
        """Take in the next spikes; they follow all earlier ones in time.

        Parameters
        ----------
        spike_steps : (n_spikes,) int64 [steps]
            Times, ascending.
        spike_ids : (n_spikes,) int32
            The neuron of each spike.

        Raises
        ------
        DataError
            A time goes back, a neuron does not exist, or the lengths differ. Nothing changes then.
        """
        steps = np.ascontiguousarray(spike_steps, dtype=np.int64)
        ids = np.ascontiguousarray(spike_ids, dtype=np.int32)
        if steps.ndim != 1 or steps.shape != ids.shape:
            raise DataError(
                "intervals.spike_ids: must hold one neuron for each spike time "
                f"(got {ids.shape} neurons and {steps.shape} times)."
            )
        if not steps.size:
            return
        status, at = _check_spikes(steps, ids, self._newest_step, self.n_neurons)
        if status == _UNKNOWN_NEURON:
            raise DataError(f"intervals.spike_ids: must be from 0 to {self.n_neurons - 1} (got {ids[at]}).")
        if status == _NOT_SORTED:
            raise DataError(
                f"intervals.spike_steps: must ascend (got {steps[at]} after a later step). "
                "Sort the spikes by time."
            )
        _intervals_add(steps, ids, self._start_step, self._table)
        self._newest_step = int(steps[-1])

    def mean_interval(self) -> NDArray[np.float64]:
        """Mean interval of each neuron.

        Returns
        -------
        (n_neurons,) float64 [steps]
            NaN without intervals.
        """
        return np.where(self._table[:, _N] > 0, self._table[:, _MEAN], np.nan)

    def cv(self, min_spikes: int = 5) -> NDArray[np.float64]:
        """Coefficient of variation of each neuron's intervals, ``sd / mean`` with ddof 0.

        Parameters
        ----------
        min_spikes : int
            A neuron with fewer spikes gets NaN; never below 2.

        Returns
        -------
        (n_neurons,) float64 [1]

        Notes
        -----
        The definition of ``elephant.statistics.cv`` 1.2.1; held to it by
        ``tests/unit/fit/intervals_test.py``. Short trains pull it down: see `poisson_cv`.
        """
        n, mean, m2 = self._table[:, _N], self._table[:, _MEAN], self._table[:, _M2]
        deviation = np.sqrt(_ratio(m2, n, n + 1 >= max(2, min_spikes)))
        return _ratio(deviation, mean, mean > 0)

    def cv2(self, min_spikes: int = 5) -> NDArray[np.float64]:
        """CV2 of each neuron: the mean of ``2 |I' - I| / (I' + I)`` over neighbours.

        Holt, Softky, Koch & Douglas (1996); as ``elephant.statistics.cv2`` 1.2.1. It ignores slow
        changes of the rate.

        Parameters
        ----------
        min_spikes : int
            A neuron with fewer spikes gets NaN; never below 3.

        Returns
        -------
        (n_neurons,) float64 [1]
        """
        return self._mean_of_pairs(_CV2_SUM, min_spikes)

    def lv(self, min_spikes: int = 5) -> NDArray[np.float64]:
        """Local variation of each neuron: the mean of ``3 ((I' - I) / (I' + I))^2``.

        Shinomoto, Shima & Tanji (2003); as ``elephant.statistics.lv`` 1.2.1.

        Parameters
        ----------
        min_spikes : int
            A neuron with fewer spikes gets NaN; never below 3.

        Returns
        -------
        (n_neurons,) float64 [1]
        """
        return self._mean_of_pairs(_LV_SUM, min_spikes)

    def lvr(self, refractory: float, min_spikes: int = 5) -> NDArray[np.float64]:
        """Revised local variation: ``3 ((I' - I) / (I' + I))^2 (1 + 4 R / (I' + I))``, its mean.

        Shinomoto et al. (2009); as ``elephant.statistics.lvr`` 1.2.1. The rate and the refractory
        period enter it less than `lv`.

        Parameters
        ----------
        refractory : float [steps]
            The constant R.
        min_spikes : int
            A neuron with fewer spikes gets NaN; never below 3.

        Returns
        -------
        (n_neurons,) float64 [1]
        """
        revision = self._mean_of_pairs(_LVR_SUM, min_spikes)
        return self._mean_of_pairs(_LV_SUM, min_spikes) + 4.0 * refractory * revision

    def _mean_of_pairs(self, column: int, min_spikes: int) -> NDArray[np.float64]:
        """Mean over neighbouring intervals of what a column has summed."""
        n = self._table[:, _N]
        return _ratio(self._table[:, column], n - 1, n + 1 >= max(3, min_spikes))


def cv_isi(
    spike_steps: ArrayLike, spike_ids: ArrayLike, n_neurons: int, start_step: int = 0, min_spikes: int = 5
) -> NDArray[np.float64]:
    """Coefficient of variation of the inter-spike intervals of every neuron.

    Parameters
    ----------
    spike_steps : (n_spikes,) int64 [steps]
        Times, ascending.
    spike_ids : (n_spikes,) int32
        The neuron of each spike.
    n_neurons : int
        Neurons are numbered from 0.
    start_step : int [steps]
        Spikes before this step are left out (the transient).
    min_spikes : int
        A neuron with fewer spikes gets NaN.

    Returns
    -------
    (n_neurons,) float64 [1]
        The same numbers as `IntervalStatistics.cv`, to the bit.

    Raises
    ------
    DataError
        As `IntervalStatistics.add`.
    """
    statistics = IntervalStatistics(n_neurons, start_step)
    statistics.add(spike_steps, spike_ids)
    return statistics.cv(min_spikes)


def poisson_cv(n_intervals: ArrayLike, mean_interval: ArrayLike, t_refrac: float) -> NDArray[np.float64]:
    """The CV to expect of equally short trains of a Poisson process with a dead time.

    For endless trains this is ``1 - rate * t_refrac``. A train of `m` intervals shows less: given
    its first and last spike, the intervals less `t_refrac` are uniform on a simplex, so
    ``E[CV^2] = (1 - rate * t_refrac)^2 (m - 1) / (m + 1)``, exactly. The mean of CV itself follows
    from the same distribution to second order, within 1 % for `m` from 4 up.

    Parameters
    ----------
    n_intervals : (n,) int
        Intervals `m` of each neuron; infinity gives the limit.
    mean_interval, t_refrac : (n,) float64 and float, both in one unit
        Mean interval of each neuron (``1 / rate``), and the absolute refractory period.

    Returns
    -------
    (n,) float64 [1]
        NaN under 2 intervals.

    Notes
    -----
    Dead-time Poisson: Cox & Lewis (1966). The moments of the flat Dirichlet distribution are
    checked against sampling by ``tests/unit/fit/intervals_test.py``.
    """
    m, mean_interval = np.asarray(n_intervals, float), np.asarray(mean_interval, float)
    m = np.where(m >= 2, m, np.nan)
    inverse = 1.0 / m
    square = (1 - inverse) / (1 + inverse)
    spread = 4 * (1 + 5 * inverse) / ((1 + inverse) * (1 + 2 * inverse) * (1 + 3 * inverse))
    variance = spread - 4 / (1 + inverse) ** 2
    mean_cv = np.sqrt(square) * (1 - variance / (8 * square**2))
    return mean_cv * np.clip(1.0 - t_refrac / mean_interval, 0.0, 1.0)


def poisson_lvr(mean_interval: ArrayLike, t_refrac: float, refractory: float) -> NDArray[np.float64]:
    """The LvR to expect of a Poisson process with a dead time.

    Its intervals are ``t_refrac`` and an exponential part of mean m, so two neighbours sum to
    ``2 t_refrac + m G`` with G of a gamma distribution of shape 2, and differ by a uniform share of
    ``m G``; hence ``E[(G / (G + a))^2 (1 + 4 R / (m (G + a)))]`` with ``a = 2 t_refrac / m``, which
    exponential integrals give.

    Parameters
    ----------
    mean_interval : (n,) float64
        Of each neuron, in the unit of the other two.
    t_refrac, refractory : float
        The dead time, and the constant R of LvR.

    Returns
    -------
    (n,) float64 [1]
        ``1 + 4 R / mean_interval`` without a dead time; 0 where there is nothing but the dead time.

    Notes
    -----
    Checked against sampling by ``tests/unit/fit/intervals_test.py``.
    """
    from scipy.special import exp1

    mean = np.maximum(np.asarray(mean_interval, float) - t_refrac, 1e-300)
    a = 2.0 * t_refrac / mean
    short = np.where((a > 0) & (a < 50.0), a, 1.0)  # beyond 50 the terms cancel to the last digit
    e = np.exp(short) * exp1(short)
    square = 1 - 2 * short - short**2 + (3 * short**2 + short**3) * e
    cube = 1 + 2.5 * short + short**2 / 2 - (3 * short + 3 * short**2 + short**3 / 2) * e
    found = square + 4.0 * refractory / mean * cube
    return np.where(a == 0, 1.0 + 4.0 * refractory / mean, np.where(a < 50.0, found, 0.0))


def _ratio(top: NDArray, bottom: NDArray, where: NDArray) -> NDArray[np.float64]:
    return np.divide(top, bottom, out=np.full(len(top), np.nan), where=where)


@njit(nogil=True, cache=True)
def _check_spikes(spike_steps, spike_ids, newest_step, n_neurons):
    """Find the first bad spike; everything is read. Returns a status code and its place."""
    for k in range(spike_steps.size):
        if spike_ids[k] < 0 or spike_ids[k] >= n_neurons:
            return _UNKNOWN_NEURON, k
        if spike_steps[k] < newest_step:
            return _NOT_SORTED, k
        newest_step = spike_steps[k]
    return _OK, 0


@njit(nogil=True, cache=True, error_model="numpy")
def _intervals_add(spike_steps, spike_ids, start_step, table):
    """Add spikes; `spike_steps` and `spike_ids` are read, `table` is written in place."""
    for k in range(spike_steps.size):
        if spike_steps[k] < start_step:
            continue
        i = np.uint32(spike_ids[k])  # unsigned, and no view of the row: three times as fast
        step = float(spike_steps[k])
        last, previous = table[i, _LAST_STEP], table[i, _LAST_INTERVAL]
        table[i, _LAST_STEP] = step
        if last == -np.inf:
            continue
        interval = step - last
        table[i, _LAST_INTERVAL] = interval
        n = table[i, _N] + 1.0
        table[i, _N] = n
        deviation = interval - table[i, _MEAN]
        mean = table[i, _MEAN] + deviation / n
        table[i, _MEAN] = mean
        table[i, _M2] += deviation * (interval - mean)
        if n > 1.0:
            # whole steps: the sum is at least 1, or both intervals are 0
            contrast = (interval - previous) / max(interval + previous, 1.0)
            table[i, _CV2_SUM] += 2.0 * abs(contrast)
            table[i, _LV_SUM] += 3.0 * contrast * contrast
            table[i, _LVR_SUM] += 3.0 * contrast * contrast / max(interval + previous, 1.0)
