"""Words of the Network page."""

from __future__ import annotations

from dtb_app.work.job import Job
from engine.amounts import number, quantity
from engine.markup import parts
from engine.markup.parts import Fact
from engine.model.topologies import TOPOLOGIES
from engine.noc.energy import ENERGY_BOUNDARY, ROUTER_PJ_PER_BIT, WIRE_PJ_PER_BIT_MM, hop_energy_pj
from engine.noc.routing.router_entries import USABLE_ENTRIES, router_entries
from engine.run.recording import Recording
from layouts.scene import Scene

__all__ = ["bar_html", "router_html"]

_MOST_KEYS = 2_000  # whose router entries are merged


def router_html(scene: Scene, recording: Recording | None = None) -> str:
    """What the network is made of and what its routers and tiles must hold, as HTML."""
    flow, topology = scene.fabric.flow, scene.fabric.topology
    trees = flow.trees
    channels = TOPOLOGIES[topology.kind].channels
    rows = [
        Fact("Directed links", f"{topology.n_links:,}"),
        Fact("Virtual channels a link needs against deadlock", f"{channels}"),
        Fact("Links crossed, a packet of every source, multicast", f"{int(trees.tree_size.sum()):,}"),
        Fact("… as one packet for each destination", f"{int(trees.hops.sum()):,}"),
    ]
    if flow.n_sources > _MOST_KEYS:
        rows.append(Fact("Router entries, one key a neuron", f"over {USABLE_ENTRIES:,}", True))
    else:
        e = router_entries(topology, trees, flow.tile_of_source)
        rows += [
            Fact("Table entries of the fullest router", f"{e.plain.max():,}"),
            Fact("… after merging, every route exact", f"{e.minimised.max():,}", not e.fits),
            Fact("… that a SpiNNaker router holds", f"{USABLE_ENTRIES:,}"),
        ]
    source = (
        f"Energy and lengths are estimates: {ROUTER_PJ_PER_BIT:g} pJ/bit a router and "
        f"{WIRE_PJ_PER_BIT_MM:g} pJ/bit/mm of link (Noxim's power.yaml), tile pitch assumed; "
        f"{ENERGY_BOUNDARY}."
    )
    return parts.joined(
        parts.facts([*rows, *_tile_rows(scene), *_link_rows(scene, recording)]),
        parts.note(source, style="margin: 6px 0 0", tag="p"),
    )


def _tile_rows(scene: Scene) -> list[Fact]:
    """What the fullest tiles hold, of what they can."""
    room = scene.fabric.room
    if room is None:
        return []
    neurons, chips = room.fullest(scene.fabric.tile_of_region)
    rows = []
    if neurons:
        rows.append(Fact("Neurons of the fullest digital tile", f"{neurons:,} of {room.neurons:,}"))
    if chips:
        rows.append(Fact("Chips of the fullest analog tile", f"{chips:,} of {room.chips:,}"))
    return rows


def _link_rows(scene: Scene, recording: Recording | None) -> list[Fact]:
    """What links carry, how long they are, and what crossing them costs."""
    noc, topology = scene.scenario.noc, scene.fabric.topology
    rows = [Fact("Packets that a link carries", f"{number(noc.packet_rate_mpps, 4)} million a chip second")]
    if not topology.n_links:
        return rows
    mm = float(topology.wire_lengths.mean()) * noc.tile_pitch_mm
    rows.append(Fact("Length of a link, mean (estimate)", quantity(mm, "mm")))
    if recording is None:
        pj = hop_energy_pj(1.0, mm / noc.tile_pitch_mm, noc.packet_bits, noc.tile_pitch_mm)
        rows.append(Fact("Energy of a link crossed (estimate)", quantity(pj, "pJ")))
    else:
        uj = recording.noc_energy_uj
        rows.append(Fact("Energy of the run (estimate)", quantity(uj, "µJ")))
    return rows


def bar_html(job: Job) -> str:
    """How far a job is."""
    word = job.note or "waiting for its turn"
    return parts.status([f"{word} {100 * job.fraction:.0f} %"], job.fraction, heard="all")
