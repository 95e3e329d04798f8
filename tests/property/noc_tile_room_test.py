"""Whatever units and tiles: never overfull where packing the largest first has room for all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import CapacityError
from engine.noc import build_topology, place
from engine.noc.placement.tile_room import TileRoom, fewest_bins


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["mesh", "torus", "small_world", "two_level"]),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.lists(st.tuples(st.integers(0, 1), st.integers(1, 20)), min_size=1, max_size=24),
    st.integers(1, 40),
    st.integers(1, 12),
    st.sampled_from(["sequential", "random"]),
    st.integers(0, 2**32 - 1),
)
def test_no_tile_is_overfull_where_simple_packing_fits(topology, size, units, neurons, chips, method, seed):
    kind, need = (np.array(column) for column in zip(*units, strict=True))
    kind = kind.astype(np.int8)
    tiles_of = build_topology(topology, size)
    traffic = np.random.default_rng(seed).random((len(need), len(need)))
    room = TileRoom(need, kind, neurons, chips)
    largest = np.array([need[kind == k].max(initial=0) for k in (0, 1)])
    fits = bool(np.all(largest <= room.rooms)) and (
        sum(fewest_bins(need[kind == k], room.rooms[k]) for k in (0, 1)) <= tiles_of.n_tiles
    )
    if not fits:
        with pytest.raises(CapacityError) as refusal:
            place(method, tiles_of, traffic, kind, seed, room=room)
        assert refusal.value.remedy
        assert refusal.value.needed > refusal.value.available
        return
    tiles = place(method, tiles_of, traffic, kind, seed, room=room)
    assert np.all(room.taken(tiles, tiles_of.n_tiles) <= room.rooms[:, None])
    assert not set(tiles[kind == 0]) & set(tiles[kind == 1])
