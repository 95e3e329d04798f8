"""SONATA files of spikes: one population a region."""

from __future__ import annotations

import h5py
import numpy as np

from engine.brain.readers.limits import sentence, shown
from engine.errors import DataError
from engine.fit.measured.found import SILENT, FoundSpikes
from engine.fit.measured.hdf5 import members, own_group, read_dataset, words_of
from engine.fit.measured.questions import TIME_UNITS

__all__ = ["found_in_sonata", "is_sonata"]

_UNITS = {"millisecond": "ms", "milliseconds": "ms", "second": "s", "seconds": "s"}


def is_sonata(file: h5py.File) -> bool:
    """Whether a file is laid out like one."""
    return len(own_group(file, "spikes", "")) > 0


def found_in_sonata(file: h5py.File, where: str) -> tuple[FoundSpikes, ...]:
    """Read the spikes of all populations, each with its name for the region.

    Parameters
    ----------
    file : h5py.File
        ``/spikes/<population>/{timestamps, node_ids}``.
    where : str
        Opens every sentence.

    Raises
    ------
    DataError
        There are none, they do not belong together, or the populations differ in the unit of time.
    """
    times: list[np.ndarray] = []
    ids: list[np.ndarray] = []
    names: list[str] = []
    regions: list[str] = []
    units = set()
    populations = own_group(file, "spikes", where)
    for population, group in populations.items():
        parts = dict(members(group, where)) if isinstance(group, h5py.Group) else {}
        pair = [parts[name] for name in ("timestamps", "node_ids") if name in parts]
        if len(pair) < 2 or not all(isinstance(part, h5py.Dataset) for part in pair):
            continue
        place = f"{where}: spikes/{population}"
        these, nodes = (read_dataset(part, place) for part in pair)
        if these.ndim != 1 or these.shape != nodes.shape:
            got = f"{these.size} times and {nodes.size} units"
            raise DataError(sentence(place, "must have one unit for each spike time", got))
        found, inverse = np.unique(nodes, return_inverse=True)
        ids.append(inverse.reshape(-1) + len(names))
        times.append(these)
        names += [f"{population}:{int(node)}" for node in found]
        regions += [population] * len(found)
        unit = words_of(pair[0].attrs.get("units", ""))
        units.add(_UNITS.get(unit, unit))
    if not names:
        rule = "must hold spikes: timestamps and node_ids of a population"
        raise DataError(sentence(where, rule, "none"))
    if len(units) > 1 or not units <= {"", *TIME_UNITS}:
        got = ", ".join(shown(unit) for unit in sorted(units))
        raise DataError(sentence(where, "times must be in one known unit", got))
    said = ("names of the populations taken for the regions", SILENT)
    return (
        FoundSpikes(
            where,
            np.concatenate(times),
            np.concatenate(ids),
            tuple(names),
            tuple(regions),
            time_unit=units.pop(),
            notes=said,
        ),
    )
