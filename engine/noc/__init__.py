"""The network-on-chip: spikes as packets, from tile to tile.

`topology` says which links exist, `routing` which of them a packet crosses, `placement` which tile
each unit sits on, and `flow` how many packets every link carries.
"""

from engine.noc.flow import FlowModel, FlowSummary
from engine.noc.placement import PLACEMENT_METHODS, place, placement_cost
from engine.noc.routing import TreeMatrix, hop_table, multicast_tree, next_links, route, tree_matrix
from engine.noc.topology import MAX_SIDE, TOPOLOGY_KINDS, Topology, build_topology, mesh

__all__ = [
    "MAX_SIDE",
    "PLACEMENT_METHODS",
    "TOPOLOGY_KINDS",
    "FlowModel",
    "FlowSummary",
    "Topology",
    "TreeMatrix",
    "build_topology",
    "hop_table",
    "mesh",
    "multicast_tree",
    "next_links",
    "place",
    "placement_cost",
    "route",
    "tree_matrix",
]
