"""What a tile holds: the neurons of a digital one, the analog chips that hang on the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import CapacityError
from engine.noc.routing.tables import hop_table
from engine.noc.topology.topology import MAX_SIDE, Topology
from engine.scenario.scenario import Scenario

__all__ = ["TileRoom", "fewest_bins", "least_room", "packed"]

_DIGITAL, _ANALOG = 0, 1


@dataclass(frozen=True, eq=False)
class TileRoom:
    """What units take of their tile, and what a tile has.

    A chip has two halves, each of one region; regions on one tile share chips.

    Parameters
    ----------
    need : (n_units,) int64
        Neurons of a digital unit, halves of chips of an analog one.
    substrate : (n_units,) int8
        0 for digital, 1 for analog.
    neurons : int
        That a digital tile holds.
    chips : int
        That hang on one tile.
    labels : tuple of str
        Of the units, for what is said; may be empty.
    neurons_per_region : int
        As the scenario has it, for what is said; 0 where there is none.
    """

    need: np.ndarray
    substrate: np.ndarray
    neurons: int
    chips: int
    labels: tuple[str, ...] = ()
    neurons_per_region: int = 0

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        labels: tuple[str, ...],
        sizes: np.ndarray,
        is_analog: np.ndarray,
        hemispheres: np.ndarray | None = None,
    ) -> TileRoom:
        """Collect what regions take.

        Parameters
        ----------
        scenario : Scenario
        labels : (n_regions,) tuple of str
        sizes : (n_regions,) int64
            Neurons.
        is_analog : (n_regions,) bool
        hemispheres : (n_regions,) int64, optional
            Halves of chips; one of each analog region where left out.

        Returns
        -------
        TileRoom
        """
        halves = np.ones(len(sizes), np.int64) if hemispheres is None else hemispheres
        return cls(
            np.where(is_analog, halves, sizes).astype(np.int64),
            np.asarray(is_analog).astype(np.int8),
            scenario.noc.tile_neurons,
            scenario.noc.tile_chips,
            tuple(labels),
            scenario.network.neurons_per_region,
        )

    @property
    def hemispheres(self) -> np.ndarray:
        """(n_units,) int64, halves of chips; 0 of a digital unit."""
        return np.where(self.substrate == _ANALOG, self.need, 0)

    @property
    def rooms(self) -> np.ndarray:
        """(2,) int64, neurons of a digital tile and halves of an analog one."""
        return np.array([self.neurons, 2 * self.chips], np.int64)

    def taken(self, tiles: np.ndarray, n_tiles: int) -> np.ndarray:
        """(2, n_tiles) int64, neurons and halves of chips on every tile."""
        out = np.zeros((2, n_tiles), np.int64)
        np.add.at(out, (self.substrate, tiles), self.need)
        return out

    def fullest(self, tiles: np.ndarray) -> tuple[int, int]:
        """Neurons of the fullest digital tile, and chips of the fullest analog one.

        Parameters
        ----------
        tiles : (n_units,) int32
            Tile of each unit.
        """
        neurons, halves = self.taken(tiles, int(np.max(tiles, initial=0)) + 1).max(axis=1)
        return int(neurons), int(-(-halves // 2))

    def require(self, width: int, height: int) -> None:
        """Refuse units that do not fit on so many tiles.

        They fit where packing the largest first, each on the first tile with room, takes no more
        tiles than there are.

        Raises
        ------
        CapacityError
            Says what is needed and the nearest change that fits.
        """
        for substrate in (_DIGITAL, _ANALOG):
            units = np.flatnonzero(self.substrate == substrate)
            if units.size and self.need[units].max() > self.rooms[substrate]:
                unit = int(units[np.argmax(self.need[units])])
                raise self._too_large(unit, width * height)
        n_bins = [fewest_bins(self.need[self.substrate == k], self.rooms[k]) for k in (0, 1)]
        if sum(n_bins) > width * height:
            raise self._too_many(n_bins, width, height)

    def _too_large(self, unit: int, n_tiles: int) -> CapacityError:
        need, substrate = int(self.need[unit]), self.substrate[unit]
        others = self.need[self.substrate != substrate]
        room = max(int(others.max(initial=0)), int(self.rooms[1 - substrate]))
        left = max(1, n_tiles - fewest_bins(others, room))
        fits = least_room(self.need[self.substrate == substrate], left)
        name = f" (region {self.labels[unit]})" if self.labels else ""
        if substrate == _ANALOG:
            chips = -(-need // 2)
            remedy = (
                f"Set noc.tile_chips to at least {-(-fits // 2)}, use fewer neurons per region, "
                "or make it digital."
            )
            return CapacityError("noc.tile_chips", chips, self.chips, f"chips on one tile{name}", remedy)
        remedy = f"Set noc.tile_neurons to at least {fits}{self._fewer(self.neurons / fits)}."
        return CapacityError("noc.tile_neurons", need, self.neurons, f"neurons on one tile{name}", remedy)

    def _too_many(self, n_bins: list[int], width: int, height: int) -> CapacityError:
        n_tiles, needed = width * height, sum(n_bins)
        ways = []
        if size := _nearest_size(needed, width, height):
            ways.append(f"choose noc.size = [{size[0]}, {size[1]}]")
        fewer = ""
        for substrate, name in ((_DIGITAL, "tile_neurons"), (_ANALOG, "tile_chips")):
            left = n_tiles - n_bins[1 - substrate]
            if n_bins[substrate] > 1 and left > 0:
                least = least_room(self.need[self.substrate == substrate], left)
                share = self.rooms[substrate] / least
                ways.append(f"set noc.{name} to at least {least if substrate == 0 else -(-least // 2)}")
                fewer = fewer or self._fewer(share if substrate == _DIGITAL else 0.0, "")
        if fewer:
            ways.append(fewer)
        if all(n_bins):
            ways.append("give every region the same kind of backend")
        said = " or ".join([", ".join(ways[:-1]), ways[-1]] if len(ways) > 1 else ways)
        remedy = (said[:1].upper() + said[1:] or "Use fewer regions") + "."
        return CapacityError("noc.size", needed, n_tiles, "tiles", remedy)

    def _fewer(self, share: float, before: str = ", or ") -> str:
        n = int(self.neurons_per_region * share // 10 * 10)
        return f"{before}use about {n} neurons per region" if n >= 10 else ""

    def fitted(self, topology: Topology, traffic: np.ndarray, tiles: np.ndarray) -> np.ndarray:
        """Move units away from tiles that hold too much.

        Parameters
        ----------
        topology : Topology
        traffic : (n_units, n_units) float64 [packets]
            From column to row.
        tiles : (n_units,) int32
            Where the units should be; returned where they fit.

        Returns
        -------
        (n_units,) int32
            No tile holds more than its room, and none holds units of both substrates. First the unit
            that costs least packets times hops moves, as long as tiles have room; where that comes
            to an end, units are packed anew, the largest first, near where they were.

        Raises
        ------
        CapacityError
            As `require`.

        Notes
        -----
        Held by ``tests/property/noc_tile_room_test.py``.
        """
        self.require(topology.width, topology.height)
        taken = self.taken(tiles, topology.n_tiles)
        if np.all(taken <= self.rooms[:, None]):
            return tiles
        moved = self._moved(topology, traffic, tiles.copy(), taken)
        return self._packed_anew(topology, tiles) if moved is None else moved

    def _moved(self, topology, traffic, tiles, taken) -> np.ndarray | None:
        """Move one unit after another; None where no tile has room. Tiles, taken are written."""
        hops, rooms = hop_table(topology).astype(np.float64), self.rooms
        while True:
            excess = taken - rooms[:, None]
            substrate, full = np.unravel_index(int(np.argmax(excess)), excess.shape)
            if excess[substrate, full] <= 0:
                return tiles
            members = np.flatnonzero(tiles == full)
            cost = traffic[members] @ hops[tiles] + traffic[:, members].T @ hops[:, tiles].T
            cost -= cost[:, [full]]
            allowed = (taken[1 - substrate] == 0) & (
                taken[substrate] + self.need[members][:, None] <= rooms[substrate]
            )
            if not allowed.any():
                return None
            k, to = np.unravel_index(int(np.argmin(np.where(allowed, cost, np.inf))), cost.shape)
            unit = members[k]
            taken[substrate, full] -= self.need[unit]
            taken[substrate, to] += self.need[unit]
            tiles[unit] = to

    def _packed_anew(self, topology: Topology, tiles: np.ndarray) -> np.ndarray:
        hops, out = hop_table(topology).astype(np.float64), np.empty_like(tiles)
        free = np.ones(topology.n_tiles, bool)
        for substrate in (_DIGITAL, _ANALOG):
            units = np.flatnonzero(self.substrate == substrate)
            bin_of = packed(self.need[units], self.rooms[substrate])
            for b in range(int(bin_of.max(initial=-1)) + 1):
                members = units[bin_of == b]
                away = hops[tiles[members]].sum(axis=0)
                tile = int(np.argmin(np.where(free, away, np.inf)))
                free[tile] = False
                out[members] = tile
        return out


def packed(need: np.ndarray, room: int) -> np.ndarray:
    """Pack the largest first, each into the first bin with room.

    Parameters
    ----------
    need : (n_units,) int64
        None above `room`.
    room : int
        Of a bin.

    Returns
    -------
    (n_units,) int64
        Bin of each unit, counted from 0.
    """
    left = np.full(len(need), room, np.int64)
    bin_of = np.zeros(len(need), np.int64)
    if need.sum() <= room:
        return bin_of
    for unit in np.argsort(-need, kind="stable"):
        bin_of[unit] = first = int(np.argmax(left >= need[unit]))
        left[first] -= need[unit]
    return bin_of


def fewest_bins(need: np.ndarray, room: int) -> int:
    """Bins that `packed` takes; 0 for nothing to pack.

    Parameters
    ----------
    need : (n_units,) int64
    room : int
        Of one bin.
    """
    return int(packed(need, room).max(initial=-1)) + 1


def least_room(need: np.ndarray, n_bins: int) -> int:
    """Room of a bin with which `packed` takes no more than `n_bins`; about the least.

    Parameters
    ----------
    need : (n_units,) int64
    n_bins : int

    Returns
    -------
    int
    """
    low = max(int(need.max()), -(-int(need.sum()) // n_bins))
    high = low + int(need.max())  # always fits: every bin but the last is full to the mean
    while low < high:
        middle = (low + high) // 2
        if fewest_bins(need, middle) <= n_bins:
            high = middle
        else:
            low = middle + 1
    return high


def _nearest_size(n_tiles: int, width: int, height: int) -> tuple[int, int] | None:
    """Find the smallest size that is no narrower and no lower; None beyond `MAX_SIDE`."""
    sizes = [
        (w, h) for w in range(width, MAX_SIDE + 1) for h in range(height, MAX_SIDE + 1) if w * h >= n_tiles
    ]
    return min(sizes, key=lambda s: (s[0] * s[1], abs(s[0] - s[1])), default=None)
