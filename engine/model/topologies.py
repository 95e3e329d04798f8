"""The shapes a network on chip may have: one record each."""

from __future__ import annotations

from dataclasses import dataclass

from engine.registry import Registry

__all__ = ["TOPOLOGIES", "TopologyKind"]


@dataclass(frozen=True)
class TopologyKind:
    """One way to link tiles.

    Attributes
    ----------
    name : str
        In a scenario.
    label : str
        What a picture calls it.
    build : str
        Place of ``build(width, height, **options)``, which returns the topology; options are the
        settings of `uses` that say how it is built, and `seed` where it is drawn.
    routes : str
        Place of ``routes(topology)``, the tables of `engine.noc.routing.tables`.
    channels : int
        Virtual channels a link needs so that packets never wait for one another in a circle.
        Without a circle among channels there is no deadlock (Dally and Seitz 1987); a small world
        has one for its routes and one for escape (Duato 1993). Held to that by
        tests/reference/noc_deadlock_test.py.
    uses : tuple of str
        Settings of `noc` that act on no other shape.
    is_drawn : bool
        Whether a seed chooses links.
    is_folded : bool
        Whether it is closed to rings, which are laid out folded.
    goes_straight : bool
        Whether a router passes packets on to the opposite side without an entry.
    """

    name: str
    label: str
    build: str
    routes: str
    channels: int
    uses: tuple[str, ...] = ()
    is_drawn: bool = False
    is_folded: bool = False
    goes_straight: bool = False


_BUILD = "engine.noc.topology.{}:{}".format
_ROUTES = "engine.noc.routing.tables:{}_routes".format

TOPOLOGIES: Registry[TopologyKind] = Registry(
    "noc.topology",
    (
        TopologyKind("mesh", "Mesh", _BUILD("grids", "mesh"), _ROUTES("mesh"), 1, goes_straight=True),
        TopologyKind(
            "torus",
            "Torus",
            _BUILD("grids", "torus"),
            _ROUTES("torus"),
            2,
            is_folded=True,
            goes_straight=True,
        ),
        TopologyKind(
            "hex",
            "Hex torus",
            _BUILD("grids", "hex_torus"),
            _ROUTES("hex"),
            4,
            is_folded=True,
            goes_straight=True,
        ),
        TopologyKind(
            "small_world",
            "Small world",
            _BUILD("build", "drawn_small_world"),
            _ROUTES("small_world"),
            2,
            uses=("long_links", "long_link_law"),
            is_drawn=True,
        ),
        TopologyKind(
            "two_level",
            "Two-level",
            _BUILD("grids", "two_level"),
            _ROUTES("two_level"),
            1,
            uses=("group_size",),
        ),
    ),
)
