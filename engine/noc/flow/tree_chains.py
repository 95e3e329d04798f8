"""Multicast trees as chains along lines of links, for `engine.kernels.noc.chains`."""

from __future__ import annotations

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.noc.chains import LONGEST_LINE, Chains, ChainTables, chains_in
from engine.noc.flow.flow import FlowModel
from engine.noc.flow.walks import walks_of

__all__ = ["chain_tables", "chains_of"]


def chains_of(flow: FlowModel) -> Chains:
    """Cut every tree into chains; see `chain_tables`."""
    return chains_in.py_func(chain_tables(flow))


def chain_tables(flow: FlowModel) -> ChainTables:
    """Cut every tree into chains.

    Links go onto lines by how often one is crossed right after the other in the trees at hand, most
    often first, so that any topology and routing gives long chains.

    Parameters
    ----------
    flow : FlowModel

    Returns
    -------
    ChainTables

    Notes
    -----
    Held by ``tests/unit/noc/backlog_test.py``.
    """
    walks, topology = walks_of(flow), flow.topology
    n_links = topology.n_links
    follows = walks.before >= 0
    pairs = walks.before[follows].astype(np.int64) * n_links + walks.links[follows]
    pairs, times = np.unique(pairs, return_counts=True)
    pairs = pairs[np.argsort(-times, kind="stable")]
    after = _noc_lines(pairs // max(n_links, 1), pairs % max(n_links, 1), n_links)
    place, link_at = _places(after)
    trees = flow.trees
    indptr, of_chain, of_copy = _noc_chains(
        walks,
        flow.tile_of_source,
        topology.links,
        trees.dest_indptr,
        trees.dest_tiles,
        topology.n_tiles,
        after,
        place,
    )
    of_source = np.zeros((3, flow.n_sources + 1), np.int64)
    of_source[:2] = indptr, trees.dest_indptr
    of_source[2, :-1] = flow.tile_of_source + n_links
    for enters, leaves, entries in (
        (of_chain[4], of_chain[3], of_chain[4:6]),
        (of_copy[2], of_copy[1], of_copy[2:4]),
    ):
        entries[:] = _table_entries(enters.astype(np.int64), leaves.astype(np.int64), len(link_at))
    return ChainTables(link_at, of_source, of_chain, of_copy)


def _table_entries(first: np.ndarray, last: np.ndarray, n_places: int) -> np.ndarray:
    """Entries of the table of waits that cover all places from `first` to `last`, two for each."""
    level = np.zeros_like(first)
    for k in range(1, LONGEST_LINE.bit_length()):
        level += last - first + 1 >= 1 << k
    return level * n_places + np.array([first, last + 1 - (1 << level)])


def _places(after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place of each link, from 1 on, and link at each place, with a gap behind every line."""
    place = np.zeros(len(after), np.int32)
    is_first = np.ones(len(after), bool)
    is_first[after[after >= 0]] = False
    link_at = [-1]
    for link in np.flatnonzero(is_first).tolist():
        while link >= 0:
            place[link] = len(link_at)
            link_at.append(link)
            link = int(after[link])
        link_at.append(-1)
    return place, np.array(link_at, np.int32)


@njit(cache=True, nogil=True)
def _noc_lines(first, second, n_links):
    """Join links to lines, none closed or too long; read, a new array returned: the link after each."""
    after = np.full(n_links, -1, dtype=np.int32)
    head, tail = np.arange(n_links), np.arange(n_links)  # of the line of a tail, of a head
    length = np.ones(n_links, np.int64)  # of the line of a head
    has_before = np.zeros(n_links, np.bool_)
    for k in range(len(first)):
        a, b = first[k], second[k]
        if after[a] >= 0 or has_before[b] or head[a] == b:
            continue
        start = head[a]
        if length[start] + length[b] > LONGEST_LINE:
            continue
        after[a], has_before[b] = b, True
        length[start] += length[b]
        tail[start] = tail[b]
        head[tail[b]] = start
    return after


@njit(cache=True, nogil=True)
def _noc_chains(walks, tile_of_source, ends, dest_indptr, dest_tiles, n_tiles, after, place):
    """Cut trees into chains; all arguments read.

    Returns where a source's chains start, and `of_chain` and `of_copy`, these with the first place of
    the chain they leave or end on where `high` belongs, and without `low`.
    """
    n_sources, n_links = len(tile_of_source), len(ends)
    indptr = np.zeros(n_sources + 1, np.int64)
    of_chain = np.zeros((6, len(walks.links)), np.uint32)
    first, stop, parent, leaves, enters = (of_chain[0], of_chain[1], of_chain[2], of_chain[3], of_chain[4])
    of_copy = np.zeros((6, len(dest_tiles)), np.uint32)
    copy_chain, copy_leaves, copy_enters = of_copy[0], of_copy[1], of_copy[2]
    chain_of, hops = np.zeros(n_links, np.int32), np.zeros(n_links, np.int32)
    reached_by = np.full(n_tiles, -1, np.int64)
    n = 0
    for key in range(n_sources):
        start = n - 1
        for k in range(walks.indptr[key], walks.indptr[key + 1]):
            link, before = walks.links[k], walks.before[k]
            reached_by[ends[link, 1]] = link
            hops[link] = 1 if before < 0 else hops[before] + 1
            if before >= 0 and after[before] == link:
                chain_of[link] = chain_of[before]
                stop[start + chain_of[link]] = place[link] + 1
                continue
            first[n], stop[n] = place[link], place[link] + 1
            parent[n], enters[n], leaves[n] = 0, 0, 0
            if before >= 0:
                parent[n], leaves[n] = chain_of[before], place[before]
                enters[n] = first[start + chain_of[before]]
            chain_of[link] = n - start
            n += 1
        for c in range(dest_indptr[key], dest_indptr[key + 1]):
            link = reached_by[dest_tiles[c]]
            if dest_tiles[c] == tile_of_source[key]:
                link = -1
            of_copy[4, c] = n_links + n_tiles + dest_tiles[c]
            if link >= 0:
                copy_chain[c], copy_leaves[c] = chain_of[link], place[link]
                copy_enters[c] = first[start + chain_of[link]]
                of_copy[5, c] = hops[link]
        indptr[key + 1] = n
    return indptr, of_chain[:, :n].copy(), of_copy
