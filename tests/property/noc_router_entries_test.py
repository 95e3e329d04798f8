"""Router tables: merging entries never sends a key the wrong way."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.topologies import TOPOLOGIES
from engine.noc import build_topology, tree_matrix
from engine.noc.routing.router_entries import minimised, router_entries

PROFILE = settings(max_examples=200, deadline=None)

tables = st.dictionaries(st.integers(0, 300), st.integers(-1, 4), min_size=1, max_size=80)


def matches(key, entries):
    values, routes, masks = entries
    return set(routes[(key & masks) == values].tolist())


@PROFILE
@given(tables)
def test_every_arriving_key_matches_its_own_route_and_no_other(table):
    entries = minimised(np.array(list(table)), np.array(list(table.values())))
    for key, route in table.items():
        assert matches(key, entries) == ({route} if route >= 0 else set())
    assert len(entries[0]) <= sum(route >= 0 for route in table.values())
    assert np.all(entries[0] & ~entries[2] == 0)


@PROFILE
@given(st.integers(0, 6), st.integers(0, 3))
def test_one_route_for_all_is_one_entry(bits, route):
    keys = np.arange(2**bits)
    assert len(minimised(keys, np.full(len(keys), route))[0]) == 1


@settings(PROFILE, max_examples=40)
@given(st.sampled_from(TOPOLOGIES.names), st.data())
def test_sizes_only_shrink_and_follow_the_trees(kind, data):
    topology = build_topology(kind, (4, 4))
    tile = st.integers(0, 15)
    keys = data.draw(st.lists(st.tuples(tile, st.lists(tile, max_size=6)), min_size=1, max_size=20))
    indptr = np.cumsum([0] + [len(destinations) for _, destinations in keys])
    flat = [t for _, destinations in keys for t in destinations]
    tiles = [source for source, _ in keys]
    trees = tree_matrix(topology, tiles, indptr, flat)
    sizes = router_entries(topology, trees, tiles)
    assert np.all(sizes.minimised <= sizes.needed)
    assert np.all(sizes.needed <= sizes.plain)
    # A key has an entry wherever its tree goes.
    passed = np.zeros(16, np.int64)
    for k, (source, destinations) in enumerate(keys):
        links = trees.links[trees.indptr[k] : trees.indptr[k + 1]]
        here = {source, *topology.links[links].ravel().tolist()} if destinations else set()
        passed[list(here)] += 1
    assert np.array_equal(sizes.plain, passed)
    assert sizes.fits
    assert f"{sizes.plain.max():,} entries" in sizes.sentence
