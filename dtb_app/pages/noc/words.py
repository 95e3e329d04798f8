"""Words of the Network page."""

from __future__ import annotations

from html import escape

from dtb_app.work.job import Job
from engine.amounts import number, quantity
from engine.model.topologies import TOPOLOGIES
from engine.noc.energy import ENERGY_BOUNDARY, ROUTER_PJ_PER_BIT, WIRE_PJ_PER_BIT_MM, hop_energy_pj
from engine.noc.routing.router_entries import USABLE_ENTRIES, router_entries
from engine.run.recording import Recording
from layouts.scene import Scene

__all__ = ["bar_html", "refusal_html", "router_html"]

_MOST_KEYS = 2_000  # whose router entries are merged


def refusal_html(said: str) -> str:
    """A sentence that refuses something."""
    return f'<div class="refused" role="alert">{escape(said)}</div>'


def router_html(scene: Scene, recording: Recording | None = None) -> str:
    """What the network is made of and what its routers and tiles must hold, as HTML."""
    flow, topology = scene.fabric.flow, scene.fabric.topology
    trees = flow.trees
    channels = TOPOLOGIES[topology.kind].channels
    rows = [
        ("Directed links", f"{topology.n_links:,}", False),
        ("Virtual channels a link needs against deadlock", f"{channels}", False),
        ("Links crossed, a packet of every source, multicast", f"{int(trees.tree_size.sum()):,}", False),
        ("… as one packet for each destination", f"{int(trees.hops.sum()):,}", False),
    ]
    if flow.n_sources > _MOST_KEYS:
        rows.append(("Router entries, one key a neuron", f"over {USABLE_ENTRIES:,}", True))
    else:
        e = router_entries(topology, trees, flow.tile_of_source)
        rows += [
            ("Table entries of the fullest router", f"{e.plain.max():,}", False),
            ("… after merging, every route exact", f"{e.minimised.max():,}", not e.fits),
            ("… that a SpiNNaker router holds", f"{USABLE_ENTRIES:,}", False),
        ]
    body = "".join(
        f'<dt>{name}</dt><dd class="{"over" if over else ""}">{value}</dd>'
        for name, value, over in [*rows, *_tile_rows(scene), *_link_rows(scene, recording)]
    )
    source = (
        f"Energy and lengths are estimates: {ROUTER_PJ_PER_BIT:g} pJ/bit a router and "
        f"{WIRE_PJ_PER_BIT_MM:g} pJ/bit/mm of link (Noxim's power.yaml), tile pitch assumed; "
        f"{ENERGY_BOUNDARY}."
    )
    return f'<dl>{body}</dl><p class="sentence" style="margin: 6px 0 0">{source}</p>'


def _tile_rows(scene: Scene) -> list[tuple[str, str, bool]]:
    """What the fullest tiles hold, of what they can."""
    room = scene.fabric.room
    if room is None:
        return []
    neurons, chips = room.fullest(scene.fabric.tile_of_region)
    rows = []
    if neurons:
        rows.append(("Neurons of the fullest digital tile", f"{neurons:,} of {room.neurons:,}", False))
    if chips:
        rows.append(("Chips of the fullest analog tile", f"{chips:,} of {room.chips:,}", False))
    return rows


def _link_rows(scene: Scene, recording: Recording | None) -> list[tuple[str, str, bool]]:
    """What links carry, how long they are, and what crossing them costs."""
    noc, topology = scene.scenario.noc, scene.fabric.topology
    rows = [
        ("Packets that a link carries", f"{number(noc.packet_rate_mpps, 4)} million a chip second", False)
    ]
    if not topology.n_links:
        return rows
    mm = float(topology.wire_lengths.mean()) * noc.tile_pitch_mm
    rows.append(("Length of a link, mean (estimate)", quantity(mm, "mm"), False))
    if recording is None:
        pj = hop_energy_pj(1.0, mm / noc.tile_pitch_mm, noc.packet_bits, noc.tile_pitch_mm)
        rows.append(("Energy of a link crossed (estimate)", quantity(pj, "pJ"), False))
    else:
        uj = recording.noc_energy_uj
        rows.append(("Energy of the run (estimate)", quantity(uj, "µJ"), False))
    return rows


def bar_html(job: Job) -> str:
    """How far a job is."""
    word = escape(job.note or "waiting for its turn")
    return (
        f'<div class="status" role="status"><span class="bar"><i style="width:'
        f'{100 * job.fraction:.0f}%"></i></span><span class="words">{word} '
        f"{100 * job.fraction:.0f} %</span></div>"
    )
