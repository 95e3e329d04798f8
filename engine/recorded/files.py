"""Recorded cells from files: what the readers of own data give, put onto one clock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.amounts import counted
from engine.brain.readers.limits import shown
from engine.errors import DataError, nearest_hint
from engine.fit.measured import MeasuredData, RegionSeries, SpikeList
from engine.recorded.cell import RecordedCell

__all__ = ["recorded_cell"]


def recorded_cell(
    spikes: MeasuredData,
    stimulus: MeasuredData,
    unit: str | None = None,
    channel: str | None = None,
    in_decibels: bool = False,
) -> RecordedCell:
    """One cell of a file of spikes, with one channel of a file of signals as its stimulus.

    Parameters
    ----------
    spikes, stimulus : SpikeList, RegionSeries
        As `engine.fit.measured.open_measured` reads them. Of one file they have one clock; of two
        files both begin at 0.
    unit : str, optional
        Which cell; may be left out where there is one.
    channel : str, optional
        Which signal; likewise.
    in_decibels : bool
        The stimulus is an amplitude, and its level drives the neuron: ``20 log10(amplitude)``.

    Raises
    ------
    DataError
        They hold something else, or several cells or signals of which none is named; or the rules
        of `RecordedCell`.
    """
    if not isinstance(spikes, SpikeList):
        raise DataError(f"{spikes.origin.filename}: must hold spike times (got {spikes.words}).")
    if not isinstance(stimulus, RegionSeries):
        raise DataError(f"{stimulus.origin.filename}: must hold a signal over time (got {stimulus.words}).")
    which = _one(unit, spikes.units, "unit", spikes.origin.filename)
    column = _one(channel, stimulus.labels, "channel", stimulus.origin.filename)
    values = stimulus.values[:, column]
    times = spikes.times[spikes.ids == which]
    interval_ms = 1000.0 * stimulus.interval_s
    if spikes.origin.sha256 == stimulus.origin.sha256:
        times = times + 1000.0 * (spikes.origin.begin_s - stimulus.origin.begin_s)
    inside = times[(times >= 0.0) & (times < values.size * interval_ms)]
    level = _decibels(values, stimulus.origin.filename) if in_decibels else values
    name = f"{spikes.units[which]} of {spikes.origin.filename}"
    return RecordedCell(name, level, interval_ms, "dB" if in_decibels else stimulus.unit, inside)


def _one(wanted: str | None, names: tuple[str, ...], what: str, where: str) -> int:
    if wanted is None:
        if len(names) > 1:
            some = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
            raise DataError(f"{where}: must be told which {what} (got {counted(len(names), what)}: {some}).")
        return 0
    if wanted not in names:
        raise DataError(f"{where}: must have the {what} {shown(wanted)}. {nearest_hint(wanted, names)}")
    return names.index(wanted)


def _decibels(values: NDArray[np.float64], where: str) -> NDArray[np.float64]:
    if (lowest := float(values.min())) <= 0:
        raise DataError(f"{where}: amplitudes must be above 0 to have a level in dB (got {lowest:g}).")
    return 20.0 * np.log10(values)
