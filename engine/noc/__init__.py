"""The network-on-chip: spikes as packets, from tile to tile.

`topology` says which links exist (`grids` and `small_world` lay them, `build` finds one by name),
`route_tables` and `routing` which of them a packet crosses, `placement` which tile each unit sits
on, `tile_room` how much a tile holds, `flow` how many packets every link carries, and `energy` what
that costs.
"""

from engine.model.topologies import TOPOLOGIES
from engine.noc.flow.flow import FlowModel, FlowSummary
from engine.noc.placement.cost import placement_cost
from engine.noc.placement.placement import PLACEMENT_METHODS, place
from engine.noc.routing.routing import TreeMatrix, multicast_tree, route, tree_matrix
from engine.noc.routing.tables import hop_table, next_links
from engine.noc.topology.build import build_topology
from engine.noc.topology.grids import hex_torus, mesh, torus, two_level
from engine.noc.topology.small_world import LONG_LINK_LAWS, long_pairs, small_world
from engine.noc.topology.topology import MAX_SIDE, Topology

__all__ = [
    "LONG_LINK_LAWS",
    "MAX_SIDE",
    "PLACEMENT_METHODS",
    "TOPOLOGIES",
    "FlowModel",
    "FlowSummary",
    "Topology",
    "TreeMatrix",
    "build_topology",
    "hex_torus",
    "hop_table",
    "long_pairs",
    "mesh",
    "multicast_tree",
    "next_links",
    "place",
    "placement_cost",
    "route",
    "small_world",
    "torus",
    "tree_matrix",
    "two_level",
]
