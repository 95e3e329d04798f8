"""Multicast trees as runs along lines of links: the form in which kernels read them fastest.

Links that packets mostly cross one after the other stand side by side on *lines*, and a tree is a
list of *runs* along these. What a run adds to the links it covers is one product that is switched
on at its first link and off behind its last, and the longest wait on it is the larger of two
entries of a table; so the work is that of the runs, not of their links.

A *place* is where a link stands on its line. Place 0 is where packets come from the injection
port, and behind every line one place stays empty.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

__all__ = [
    "LONGEST_LINE",
    "PortState",
    "Runs",
    "larger",
    "runs_longest_wait",
    "runs_products",
    "runs_wait_table",
    "runs_waits",
]

LONGEST_LINE = 32
"""Links on a line; with `_LEAST_PASS`, keeps the products along a line above the least double."""

_LEAST_PASS = 1e-9


class Runs(NamedTuple):
    """Trees as runs along lines; all arrays read.

    `longest` is the links of the longest run; `link_at` (n_places,) int32, -1 where no link stands;
    `injection` (n_sources,) int64, the port a source's packets enter at. `indptr` (n_sources + 1,)
    int64; per run, all uint32: `first` and `stop`, the places it covers; `parent`, the run it
    branches off, counted from the source's first as 1, 0 for injection; `enters` and `leaves`, the
    first place of that one and the one it branches off behind. `copy_indptr` (n_sources + 1,)
    int64; per copy `copy_run`, `copy_enters` and `copy_leaves` uint32 likewise, `copy_port` uint32,
    its ejection port, and `copy_hops` int32.
    """

    longest: int
    link_at: np.ndarray
    injection: np.ndarray
    indptr: np.ndarray
    first: np.ndarray
    stop: np.ndarray
    parent: np.ndarray
    enters: np.ndarray
    leaves: np.ndarray
    copy_indptr: np.ndarray
    copy_run: np.ndarray
    copy_enters: np.ndarray
    copy_leaves: np.ndarray
    copy_port: np.ndarray
    copy_hops: np.ndarray


class PortState(NamedTuple):
    """All ports, links before injection before ejection; written in place.

    `load` and `backlog` [packets], `wait` [ms] and `loss` [share], all (n_ports,) float64.
    """

    load: np.ndarray
    backlog: np.ndarray
    wait: np.ndarray
    loss: np.ndarray


@njit(cache=True, nogil=True, error_model="numpy")
def runs_products(link_at, loss):
    """Find what the links of a line before each place pass on, that with the place itself, and one
    over the first; all read.
    """
    reach, onward = np.ones(len(link_at)), np.ones(len(link_at))
    through = 1.0
    for place in range(1, len(link_at)):
        link = link_at[place]
        reach[place] = through
        through = 1.0 if link < 0 else through * max(1.0 - loss[link], _LEAST_PASS)
        onward[place] = through
    return reach, onward, 1.0 / reach


@njit(cache=True, nogil=True, inline="always")
def larger(a, b):
    """The larger of two numbers, neither of them NaN: one instruction, where max() needs four."""
    return a if a > b else b


@njit(cache=True, nogil=True)
def runs_wait_table(runs, wait):
    """Tabulate the longest wait on every 1, 2, 4 ... places; all read.

    Returns the table, and for every number of places the row to read.
    """
    link_at, row = runs.link_at, np.zeros(runs.longest + 1, np.int64)
    for n in range(2, len(row)):
        row[n] = row[n // 2] + 1
    n_places = len(link_at)
    table = np.zeros((row[-1] + 1, n_places))
    for place in range(n_places):
        if link_at[place] >= 0:
            table[0, place] = wait[link_at[place]]
    for k in range(1, len(table)):
        half = 1 << (k - 1)
        for place in range(n_places - half):
            table[k, place] = larger(table[k - 1, place], table[k - 1, place + half])
    return table, row


@njit(cache=True, nogil=True, inline="always")
def runs_longest_wait(table, row, first, last):
    """Find the longest wait from place `first` to place `last`; all read."""
    k = row[last - first + 1]
    return larger(table[k, first], table[k, last + 1 - (1 << k)])


@njit(cache=True, nogil=True, inline="always")
def runs_waits(runs, key, table, row, waited):
    """Find the longest wait before each run, from `waited[0]` on; `waited` written in place."""
    at = runs.indptr[key] - 1
    for r in range(runs.indptr[key], runs.indptr[key + 1]):
        w = runs_longest_wait(table, row, runs.enters[r], runs.leaves[r])
        waited[r - at] = larger(waited[runs.parent[r]], w)
