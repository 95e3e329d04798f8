"""Recorded traffic: the spikes of a run as packets, on the clock of the hardware."""

from __future__ import annotations

import numpy as np

from engine.kernels.noc.queues import Packets
from engine.noc.fabric import Fabric
from engine.noc.routing.nodes import nodes_of_trees

__all__ = ["RecordedTraffic"]


class RecordedTraffic:
    """Spikes as packets on a fabric.

    A link passes one packet per cycle, so a cycle lasts ``1 / link_rate_mpps`` microseconds of
    hardware time, and a spike at t ms of biological time is sent in cycle
    ``t * 1000 * link_rate_mpps / speedup``. Spikes of one time and tile leave one after another.

    Parameters
    ----------
    fabric : Fabric
    spike_ms : (n_spikes,) float64 [ms]
        Ascending.
    spike_ids : (n_spikes,) int32
        Neurons.

    Attributes
    ----------
    topology : Topology
    nodes : RouteNodes
    packets : Packets
        Spikes of keys without any destination are left out.
    pair_hops : (n_pairs,) uint16 [hops]
        Of every neuron and destination tile.
    n_copies : int
    cycles_per_ms : float
    """

    def __init__(self, fabric: Fabric, spike_ms: np.ndarray, spike_ids: np.ndarray):
        flow = fabric.flow
        trees = flow.trees
        laid = nodes_of_trees(fabric.topology, trees, flow.tile_of_source)
        copies = trees.copies
        key_of = fabric.source_of
        pair_start = np.concatenate(([0], np.cumsum(copies[key_of])))
        self.topology, self.nodes = fabric.topology, laid.nodes
        starts = trees.dest_indptr[key_of]
        entry = np.repeat(starts - pair_start[:-1], copies[key_of]) + np.arange(pair_start[-1])
        self.pair_hops = laid.dest_hops[entry]
        self.cycles_per_ms = flow.link_rate_mpps * 1e3 / flow.speedup
        spike_ids = np.asarray(spike_ids)
        sent = copies[key_of[spike_ids]] > 0
        ids = spike_ids[sent]
        cycle = np.floor(np.asarray(spike_ms)[sent] * self.cycles_per_ms).astype(np.int64)
        self.n_copies = int(copies[key_of[ids]].sum())
        self.packets = Packets(
            cycle, laid.root[key_of[ids]], laid.port[key_of[ids]], pair_start[ids].astype(np.int32)
        )
