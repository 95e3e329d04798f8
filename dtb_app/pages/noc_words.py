"""Words of the Network page."""

from __future__ import annotations

from html import escape

from dtb_app.jobs import Job
from engine.noc.deadlock import VIRTUAL_CHANNELS
from engine.noc.router_entries import USABLE_ENTRIES, router_entries
from layouts.scene import Scene

__all__ = ["bar_html", "refusal_html", "router_html"]

_MOST_KEYS = 2_000  # whose router entries are merged


def refusal_html(said: str) -> str:
    """A sentence that refuses something."""
    return f'<div class="refused" role="alert">{escape(said)}</div>'


def router_html(scene: Scene) -> str:
    """What the network is made of and what its routers must hold, as HTML."""
    flow, topology = scene.fabric.flow, scene.fabric.topology
    trees = flow.trees
    channels = VIRTUAL_CHANNELS[topology.kind]
    rows = [
        ("Directed links", f"{topology.n_links:,}", False),
        ("Virtual channels a link needs against deadlock", f"{channels}", False),
        (
            "Links crossed, a packet of every source, multicast",
            f"{int(trees.tree_size.sum()):,}",
            False,
        ),
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
        for name, value, over in rows
    )
    return f"<dl>{body}</dl>"


def bar_html(job: Job) -> str:
    """How far a job is."""
    word = escape(job.note or "waiting for its turn")
    return (
        f'<div class="status" role="status"><span class="bar"><i style="width:'
        f'{100 * job.fraction:.0f}%"></i></span><span class="words">{word} '
        f"{100 * job.fraction:.0f} %</span></div>"
    )
