"""Neurodata Without Borders: spikes of sorted units, and signals sampled over time.

Read by the paths of the NWB 2 schema, without its library: ``/units`` with ``spike_times`` and its
index [s], and every group under ``acquisition`` and ``processing``, and under ``stimulus`` where that is
asked for, that holds ``data`` (samples by channels) with ``starting_time`` and its rate, or
``timestamps`` [s].
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

import h5py
import numpy as np

from engine.amounts import counted
from engine.brain.readers.limits import sentence, shown
from engine.errors import DataError
from engine.fit.measured.found import Found, FoundSpikes, FoundTable, possible_interval
from engine.fit.measured.hdf5 import members, own_group, read_dataset, read_words, words_of

__all__ = ["found_in_nwb", "is_nwb"]

Parts = Mapping[str, h5py.Group | h5py.Dataset]
_DEPTH = 4
_REGION_COLUMNS = ("region", "location", "brain_area", "area", "brain_region")
_SIGNAL_OF_TYPE = {"RoiResponseSeries": "fluorescence", "ElectricalSeries": "lfp"}
_NO_UNIT = ("", "unknown", "n.a.", "n/a")


def is_nwb(file: h5py.File) -> bool:
    """Whether a file says that it is one, or is laid out like one."""
    return "nwb_version" in file.attrs or "spike_times" in own_group(file, "units", "")


def found_in_nwb(file: h5py.File, where: str, stimuli: bool = False) -> tuple[Found, ...]:
    """Read the units and the signals.

    Parameters
    ----------
    file : h5py.File
    where : str
        Opens every sentence.
    stimuli : bool
        Whether what was presented is read too.

    Returns
    -------
    tuple of FoundTable or FoundSpikes

    Raises
    ------
    DataError
        There is neither, or none of them can be read; says why not the first.
    """
    found: list[Found] = []
    problems: list[str] = []
    if "spike_times" in (units := own_group(file, "units", where)):
        try:
            found.append(_units(_datasets(units), _locations(file, where), f"{where}: units"))
        except DataError as error:
            problems.append(str(error))
    for top in (*(("stimulus",) if stimuli else ()), "acquisition", "processing"):
        for path, holder in _holders(own_group(file, top, where), top, where, _DEPTH):
            try:
                found.append(_series(holder, path, f"{where}: {path}"))
            except DataError as error:
                problems.append(str(error))
    if not found:
        rule = "must hold units with spike times, or signals over time"
        raise DataError(problems[0] if problems else sentence(where, rule, "neither"))
    return tuple(found)


def _holders(parts: Parts, path: str, where: str, depth: int) -> Iterator[tuple[str, h5py.Group]]:
    """The groups that hold data over time, with their paths."""
    for name, member in parts.items():
        if not isinstance(member, h5py.Group):
            continue
        inside = dict(members(member, where))
        if "data" in _datasets(inside) and {"starting_time", "timestamps"} & set(_datasets(inside)):
            yield f"{path}/{name}", member
        elif depth > 1:
            yield from _holders(inside, f"{path}/{name}", where, depth - 1)


def _datasets(parts: Parts) -> dict[str, h5py.Dataset]:
    return {key: part for key, part in parts.items() if isinstance(part, h5py.Dataset)}


def _series(holder: h5py.Group, path: str, where: str) -> FoundTable:
    parts = _datasets(dict(members(holder, where)))
    data = parts["data"]
    if data.ndim not in (1, 2):
        got = f"{data.ndim} dimensions"
        raise DataError(sentence(where, "must be samples by channels", got))
    values = read_dataset(data, where)
    values = values[:, None] if values.ndim == 1 else values
    factor, offset = float(data.attrs.get("conversion", 1)), float(data.attrs.get("offset", 0))
    if not (math.isfinite(factor) and math.isfinite(offset)):
        raise DataError(sentence(where, "conversion must be a finite number", f"{factor:g}, {offset:g}"))
    unit = words_of(data.attrs.get("unit", ""))
    kind = words_of(holder.attrs.get("neurodata_type", ""))
    signal = "bold" if "bold" in path.casefold() else _SIGNAL_OF_TYPE.get(kind, "")
    times = interval_s = None
    if "starting_time" in parts:
        begin_s = float(parts["starting_time"][()])
        rate_hz = float(parts["starting_time"].attrs.get("rate", math.nan))
        if not rate_hz > 0:
            raise DataError(sentence(where, "sampling rate must be above 0 Hz", f"{rate_hz:g}"))
        interval_s = possible_interval(float(f"{1.0 / rate_hz:.9g}"), where)
    else:
        times = read_dataset(parts["timestamps"], f"{where}/timestamps")
        if times.shape != values.shape[:1]:
            got = f"{times.size} times for {len(values)} samples"
            raise DataError(sentence(where, "must have a time for each sample", got))
        begin_s = float(times[0]) if times.size else 0.0
    if not math.isfinite(begin_s):
        raise DataError(sentence(where, "must begin at a finite time", f"{begin_s:g}"))
    return FoundTable(
        where,
        values * factor + offset,
        regions_along="columns",
        times=times,
        time_unit="s",
        interval_s=interval_s,
        unit="" if unit.casefold() in _NO_UNIT else unit,
        signal=signal,
        begin_s=begin_s,
        part=path,
        part_words=f"{values.shape[0]:,} samples of {counted(values.shape[1], 'channel')}",
    )


def _ends(parts: dict[str, h5py.Dataset], name: str, n_values: int, where: str) -> np.ndarray:
    """Where each unit's values end, (n_units,) int64, by the index of a ragged column."""
    if f"{name}_index" not in parts:
        raise DataError(sentence(where, f"must have {name}_index", "none"))
    ends = read_dataset(parts[f"{name}_index"], f"{where}/{name}_index").astype(np.int64)
    if ends.ndim != 1 or not ends.size or (np.diff(ends, prepend=0) < 0).any() or ends[-1] != n_values:
        got = f"{ends.size} ends for {n_values} values"
        raise DataError(sentence(f"{where}/{name}_index", "must divide the values among units", got))
    return ends


def _units(parts: dict[str, h5py.Dataset], locations: tuple[str, ...], where: str) -> FoundSpikes:
    times = read_dataset(parts["spike_times"], f"{where}/spike_times")
    ends = _ends(parts, "spike_times", times.size, where)
    n_units = ends.size
    names = read_words(parts["id"], f"{where}/id") if "id" in parts else ()
    if len(names) != n_units or len(set(names)) != n_units:
        names = tuple(map(str, range(n_units)))
    regions = _regions(parts, locations, n_units, where)
    ids = np.repeat(np.arange(n_units), np.diff(ends, prepend=0))
    begin_s, duration_s, notes = _window(parts, n_units, where)
    return FoundSpikes(
        where,
        times,
        ids,
        names,
        regions,
        time_unit="s",
        duration_s=duration_s,
        begin_s=begin_s,
        part="units",
        part_words=f"{counted(times.size, 'spike')} of {counted(n_units, 'unit')}",
        notes=notes,
    )


def _locations(file: h5py.File, where: str) -> tuple[str, ...]:
    """Where each electrode lies, "" where it is not known; none where there are no electrodes."""
    parts: Parts = own_group(file, "general", where)
    for name in ("extracellular_ephys", "electrodes"):
        group = parts.get(name)
        parts = dict(members(group, where)) if isinstance(group, h5py.Group) else {}
    column = _datasets(parts).get("location")
    words = () if column is None else read_words(column, f"{where}: electrodes/location")
    return tuple("" if word.casefold() in _NO_UNIT else word for word in words)


def _regions(
    parts: dict[str, h5py.Dataset], locations: tuple[str, ...], n_units: int, where: str
) -> tuple[str, ...]:
    """The region of each unit, else the one where its electrodes lie; "" where nobody says."""
    column = next((name for name in _REGION_COLUMNS if name in parts), None)
    if column is not None:
        regions = read_words(parts[column], f"{where}/{column}")
        if len(regions) != n_units:
            rule = "must name a region for each unit"
            raise DataError(sentence(f"{where}/{column}", rule, f"{len(regions)} of {n_units}"))
        return regions
    if "electrodes" not in parts or not locations:
        return ("",) * n_units
    rows = read_dataset(parts["electrodes"], f"{where}/electrodes").astype(np.int64).reshape(-1)
    ends = _ends(parts, "electrodes", rows.size, where)
    if ends.size != n_units or not 0 <= rows.min(initial=0) <= rows.max(initial=0) < len(locations):
        rule = f"must name one of {counted(len(locations), 'electrode')} for each unit"
        raise DataError(sentence(f"{where}/electrodes", rule, "others"))
    around = (set(rows[begin:end]) for begin, end in pairwise((0, *ends)))
    found = ({locations[row] for row in its} for its in around)
    return tuple(places.pop() if len(places) == 1 else "" for places in found)


def _window(
    parts: dict[str, h5py.Dataset], n_units: int, where: str
) -> tuple[float, float | None, tuple[str, ...]]:
    """Begin and length of the recording [s], where all units were observed in one and the same window."""
    if "obs_intervals" not in parts:
        return 0.0, None, ()
    windows = read_dataset(parts["obs_intervals"], f"{where}/obs_intervals")
    if windows.ndim != 2 or windows.shape[1] != 2:
        got = " x ".join(map(str, windows.shape))
        raise DataError(sentence(f"{where}/obs_intervals", "must hold begins and ends", got))
    ends = _ends(parts, "obs_intervals", len(windows), where)
    if ends.size != n_units or len(windows) != n_units or (windows != windows[0]).any():
        return 0.0, None, ("units were observed in several windows, which are not used",)
    begin_s, end_s = map(float, windows[0])
    if not 0 <= begin_s < end_s < math.inf:
        got = shown(f"{begin_s:g} to {end_s:g} s")[1:-1]
        raise DataError(sentence(f"{where}/obs_intervals", "must run forward", got))
    return begin_s, end_s - begin_s, ()
