"""Cutting units into groups of about equal size with few packets between groups, by METIS."""

from __future__ import annotations

import numpy as np

from engine.errors import DataError, ParameterError

__all__ = ["cut"]

_LARGEST_WEIGHT = 10_000


def cut(
    traffic: np.ndarray, substrate: np.ndarray, n_groups_of_substrate: np.ndarray, n_slots: int, seed: int
) -> np.ndarray:
    """Cut the units of each substrate into groups.

    Parameters
    ----------
    traffic : (n_units, n_units) float64 [packets]
        From column to row.
    substrate : (n_units,) int8
        Units of different substrates are never in one group.
    n_groups_of_substrate : (n_substrates,) int64
    n_slots : int
        Most units in a group; METIS balances within a few percent, and what it puts beyond this
        moves to the group with room that it exchanges most packets with.
    seed : int

    Returns
    -------
    (n_units,) int64
        Group of each unit; those of substrate 0 come first. A group may be empty.

    Raises
    ------
    ParameterError
        The units do not fit.
    DataError
        The package `pymetis` is not installed.

    Notes
    -----
    Source: Karypis and Kumar, SIAM J. Sci. Comput. 20 (1998) 359, as packaged by ``pymetis``. Held
    by ``tests/unit/noc/partition_test.py``.
    """
    n_units = np.bincount(substrate, minlength=len(n_groups_of_substrate))
    if np.any(n_units > np.asarray(n_groups_of_substrate) * n_slots):
        raise ParameterError(
            f"cut.n_slots: must let all units fit (got {n_slots} units in each of "
            f"{n_groups_of_substrate} groups for {n_units} units)."
        )
    try:
        import pymetis
    except ImportError:
        raise DataError(
            "noc.placement: 'metis' needs the package pymetis. Install it or choose 'traffic'."
        ) from None
    both = np.asarray(traffic) + np.asarray(traffic).T
    np.fill_diagonal(both, 0.0)
    group, first = np.zeros(len(substrate), np.int64), 0
    for value, n_groups in enumerate(n_groups_of_substrate):
        units = np.flatnonzero(substrate == value)
        n_groups = int(n_groups)
        if not units.size:
            continue
        mine = both[np.ix_(units, units)]
        if n_groups >= units.size:
            part = np.arange(units.size)
        elif n_groups == 1:
            part = np.zeros(units.size, np.int64)
        else:
            scale = _LARGEST_WEIGHT / max(mine.max(), 1e-300)
            weights = np.rint(mine * scale).astype(np.int64)
            row, column = np.nonzero(weights)
            starts = np.searchsorted(row, np.arange(units.size + 1))
            graph = pymetis.CSRAdjacency(starts.tolist(), column.tolist())
            options = pymetis.Options(seed=seed & 0x7FFFFFFF)
            _, found = pymetis.part_graph(
                n_groups, graph, eweights=weights[row, column].tolist(), options=options
            )
            part = np.asarray(found, np.int64)
        group[units] = first + _fitted(part, mine, n_groups, n_slots)
        first += n_groups
    return group


def _fitted(part: np.ndarray, both: np.ndarray, n_groups: int, n_slots: int) -> np.ndarray:
    """Move units out of groups that hold too many."""
    part = part.copy()
    sizes = np.bincount(part, minlength=n_groups)
    while sizes.max() > n_slots:
        full = int(sizes.argmax())
        with_group = np.zeros((len(part), n_groups))
        np.add.at(with_group.T, part, both.T)
        members = np.flatnonzero(part == full)
        gain = with_group[members] - with_group[members, full][:, None]
        gain[:, sizes >= n_slots] = -np.inf
        unit, target = np.unravel_index(int(gain.argmax()), gain.shape)
        part[members[unit]] = target
        sizes = np.bincount(part, minlength=n_groups)
    return part
