"""The sentences under the map of the network on chip."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.amounts import number, percent_text
from layouts.noc.idle import idle_words
from layouts.noc.load import Load, Senders
from layouts.region_names import mid_sentence
from layouts.scene import Scene

__all__ = ["busiest", "clock_words", "crossings_text", "totals"]


def busiest(scene: Scene, senders: Senders, load: Load, packets: np.ndarray) -> str:
    """Name the busiest link of a load, whose spikes were these (n_sources,) packets."""
    if not load.links.size or not load.links.max():
        return idle_words(scene.scenario) or "No packet has crossed a link."
    use = load.links / scene.fabric.flow.capacity(load.duration_ms)
    worst = int(np.argmax(use))
    sent = senders.on(worst, packets)
    most = [r for r in np.argsort(-sent, kind="stable")[:2] if sent[r]]
    names = [mid_sentence(scene.connectome, scene.network.region_index[r]) for r in most]
    text = (
        f"Busiest link {scene.fabric.topology.link_name(worst)} at {percent_text(use[worst])}, "
        f"carries most from {' and '.join(names)}."
    )
    over = int(np.count_nonzero(use > 1.0))
    if over:
        text += f" {over} link{'s are' if over > 1 else ' is'} asked for more than they carry."
    return text


def crossings_text(n: int) -> str:
    """How often packets crossed a link, as it is said."""
    if n == 1:
        return "1 link crossing"
    return f"{number(n / 1e6, 2)} million link crossings" if n >= 1e6 else f"{n:,} link crossings"


def clock_words(speedup: float) -> str:
    """Why a chip that is faster than life carries more; "" at the speed of life."""
    if speedup <= 1:
        return ""
    times = number(speedup)
    return f" The chip runs {times} times faster than life, and so do its packets."


def totals(injected: np.ndarray, link_packets: np.ndarray, noc: Mapping[str, int]) -> str:
    """Packets and link crossings so far, and how many were late or dropped.

    Parameters
    ----------
    injected : (n_tiles,) int64
    link_packets : (n_links,) int64
    noc : mapping of str to int
        As in run.json.
    """
    packets, hops = int(injected.sum()), int(link_packets.sum())
    if not hops:
        return f" {packets:,} packets so far, each within its own tile."
    text = f" {packets:,} packets, {crossings_text(hops)} so far"
    late, dropped = noc.get("late", 0), noc.get("dropped", 0)
    if not late and not dropped:
        return text + ", all in time."
    share = 100.0 / max(noc["copies"], 1)
    lost = f"{percent_text(dropped * share / 100)} dropped" if dropped else "none dropped"
    return f"{text}: {percent_text(late * share / 100)} late, {lost} (estimate)."
