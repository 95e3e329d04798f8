"""Multicast trees as chains along lines of links: the form in which kernels read them fastest.

Links that packets mostly cross one after the other stand side by side on *lines*, and a tree is a
list of *chains* along these. What a chain adds to the links it covers is one product that is switched
on at its first link and off behind its last, and the longest wait on it is the larger of two
entries of a table; so the work is that of the chains, not of their links.

A *place* is where a link stands on its line. Place 0 is where packets come from the injection
port, and behind every line one place stays empty.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit

__all__ = [
    "LONGEST_LINE",
    "ChainTables",
    "Chains",
    "PortState",
    "Ports",
    "Scratch",
    "chains_in",
    "chains_products",
    "chains_wait_table",
    "chains_waits",
    "larger",
    "scratch_in",
    "scratch_shape",
    "state_in",
]

LONGEST_LINE = 32
"""Links on a line; with `_LEAST_PASS`, keeps the products along a line above the least double."""

_LEAST_PASS = 1e-9


class Chains(NamedTuple):
    """Trees as chains along lines; all arrays read.

    `link_at` (n_places,) int32, -1 where no link stands. Per source, int64: `indptr` and
    `copy_indptr` (n_sources + 1,), where its chains and copies start, and `injection` (n_sources,),
    the port its packets enter at.

    Per chain, all uint32: `first` and `stop`, the places it covers; `parent`, the chain it branches
    off, counted from the source's first as 1, 0 for injection; `leaves`, the place of that one it
    branches off behind; `high` and `low`, the two entries of the table of waits whose larger one is
    the longest wait from the first place of that one to `leaves`. Per copy `copy_chain`,
    `copy_leaves`, `copy_high` and `copy_low` likewise; `copy_port`, its ejection port; `copy_hops`.
    """

    link_at: np.ndarray
    indptr: np.ndarray
    copy_indptr: np.ndarray
    injection: np.ndarray
    first: np.ndarray
    stop: np.ndarray
    parent: np.ndarray
    leaves: np.ndarray
    high: np.ndarray
    low: np.ndarray
    copy_chain: np.ndarray
    copy_leaves: np.ndarray
    copy_high: np.ndarray
    copy_low: np.ndarray
    copy_port: np.ndarray
    copy_hops: np.ndarray


class ChainTables(NamedTuple):
    """`Chains` in four arrays, since each array that is handed to a kernel takes its time.

    `link_at` (n_places,) int32; `of_source` (3, n_sources + 1) int64, `of_chain` (6, n_chains) and
    `of_copy` (6, n_copies) uint32, with one row for each field of `Chains`.
    """

    link_at: np.ndarray
    of_source: np.ndarray
    of_chain: np.ndarray
    of_copy: np.ndarray


class PortState(NamedTuple):
    """All ports, links before injection before ejection; written in place.

    `load` and `backlog` [packets], `wait` [ms] and `loss` [share], all (n_ports,) float64.
    """

    load: np.ndarray
    backlog: np.ndarray
    wait: np.ndarray
    loss: np.ndarray


class Scratch(NamedTuple):
    """Room to work in, written in place; all float64.

    By place `reach`, what the links of its line before it pass on, `onward`, that with its own, and
    `inverse`, one over the first; and `added`. By chain of a source `waited` and `factor`; by port
    `before`. `table`, the longest wait on as many places from each on, for 1, 2, 4 ... places, one
    after the other.
    """

    reach: np.ndarray
    onward: np.ndarray
    inverse: np.ndarray
    added: np.ndarray
    waited: np.ndarray
    factor: np.ndarray
    before: np.ndarray
    table: np.ndarray


class Ports(NamedTuple):
    """Everything about a fabric that its kernels need, in as few arrays as can be.

    `tables` is read. Written in place: `state`, (4, n_ports) float64, `PortState` row by row;
    `scratch` float64 of `scratch_shape`; `spikes` (2, n_sources) int64, the spikes of each key,
    zeros between two steps, and the keys that have any; `counts` (3,) float64, copies offered, late
    and lost. `longest` is the links of the longest chain, `capacity` and `limit` what a port passes a
    step and may keep [packets]; `packet_ms` and `deadline_ms` [ms], `max_lateness` [steps].
    """

    tables: ChainTables
    state: np.ndarray
    scratch: np.ndarray
    spikes: np.ndarray
    counts: np.ndarray
    longest: int
    capacity: float
    limit: float
    packet_ms: float
    deadline_ms: float
    max_lateness: int


_N_ROWS = 7  # of scratch before the table


def scratch_shape(n_places, n_ports, most_chains, longest):
    """Shape of the array that `scratch_in` divides up: (n_rows, width)."""
    n_levels = 1
    while 2**n_levels <= longest:
        n_levels += 1
    width = max(n_places, n_ports, most_chains + 1)
    return _N_ROWS + -(-n_levels * n_places // width), width


@njit(cache=True, nogil=True, inline="always")
def chains_in(tables):
    """Name the rows of `ChainTables`; no copies."""
    s, r, c = tables.of_source, tables.of_chain, tables.of_copy
    return Chains(
        tables.link_at,
        s[0],
        s[1],
        s[2],
        r[0],
        r[1],
        r[2],
        r[3],
        r[4],
        r[5],
        c[0],
        c[1],
        c[2],
        c[3],
        c[4],
        c[5],
    )


@njit(cache=True, nogil=True, inline="always")
def state_in(rows):
    """Name the rows of a (4, n_ports) array; no copies."""
    return PortState(rows[0], rows[1], rows[2], rows[3])


@njit(cache=True, nogil=True, inline="always")
def scratch_in(rows):
    """Name the parts of an array of `scratch_shape`; no copies."""
    return Scratch(rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], rows[6], rows[7:].reshape(-1))


@njit(cache=True, nogil=True, error_model="numpy")
def chains_products(link_at, loss, scratch):
    """Find `reach`, `onward` and `inverse` of `scratch`, written in place; the rest is read."""
    reach, onward, inverse = scratch.reach, scratch.onward, scratch.inverse
    through = 1.0
    reach[0] = onward[0] = inverse[0] = 1.0
    for place in range(1, len(link_at)):
        link = link_at[place]
        reach[place] = through
        through = 1.0 if link < 0 else through * larger(1.0 - loss[link], _LEAST_PASS)
        onward[place] = through
    for place in range(len(link_at)):
        inverse[place] = 1.0 / reach[place]


@njit(cache=True, nogil=True, inline="always")
def larger(a, b):
    """The larger of two numbers, neither of them NaN: one instruction, where max() needs four."""
    return a if a > b else b


@njit(cache=True, nogil=True)
def chains_wait_table(link_at, longest, wait, table):
    """Tabulate the longest wait on every 1, 2, 4 ... places; `table` written in place."""
    n_places = len(link_at)
    for place in range(n_places):
        link = link_at[place]
        table[place] = wait[link] if link >= 0 else 0.0
    half = 1
    while 2 * half <= longest:
        wider = table[n_places:]
        for place in range(n_places - half):
            wider[place] = larger(table[place], table[place + half])
        for place in range(n_places - half, n_places):
            wider[place] = 0.0
        table, half = wider, 2 * half


@njit(cache=True, nogil=True, inline="always")
def chains_waits(chains, key, table, waited):
    """Find the longest wait before each chain, from `waited[0]` on; `waited` written in place."""
    at = chains.indptr[key] - 1
    for r in range(chains.indptr[key], chains.indptr[key + 1]):
        w = larger(table[chains.high[r]], table[chains.low[r]])
        waited[r - at] = larger(waited[chains.parent[r]], w)
