"""``dtb noc``: synthetic traffic on a network on chip, cycle by cycle."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from typing import Any

from dtb_app.commands.progress import on_stderr
from engine.amounts import number
from engine.errors import ParameterError
from engine.model.topologies import TOPOLOGIES
from engine.noc.cycle.cycle import PORT_CYCLES, CycleResult, run_synthetic
from engine.noc.cycle.patterns import PATTERNS, SyntheticTraffic
from engine.noc.topology.build import LONG_LINKS, build_topology
from engine.progress import no_progress

__all__ = ["add"]

_MOST_CYCLES = 10_000_000


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("noc")
    p.add_argument("--topology", default="mesh", metavar="T", help=", ".join(TOPOLOGIES.names))
    p.add_argument("--size", default="8x8", metavar="WxH", help="tiles across and down")
    p.add_argument("--pattern", default="uniform", metavar="P", help=", ".join(PATTERNS))
    p.add_argument(
        "--rate", type=float, default=0.1, metavar="R", help="packets a tile sends per cycle, 0 to 1"
    )
    p.add_argument("--cycles", type=int, default=20_000, metavar="N")
    p.add_argument("--seed", type=int, default=1, metavar="S", help="gives every random number")
    p.add_argument(
        "--long-links", type=int, default=LONG_LINKS, metavar="N", help="of a small world, drawn by distance"
    )
    p.add_argument(
        "--group-size", type=int, default=0, metavar="G", help="tiles in a node of a two-level network"
    )
    p.add_argument(
        "--buffer",
        type=int,
        default=0,
        metavar="N",
        help="flits a queue holds, the rest is dropped; 0 for no end",
    )
    p.add_argument(
        "--timeout",
        type=int,
        default=0,
        metavar="N",
        help="cycles after which a waiting flit is dropped; 0 for never",
    )
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Run it.

    Raises
    ------
    ParameterError
        The number of cycles or the seed is refused.
    """
    a = arguments
    if not 1 <= a.cycles <= _MOST_CYCLES:
        raise ParameterError(f"cycles: must be from 1 to {_MOST_CYCLES:,} (got {a.cycles}).")
    if a.seed < 0:
        raise ParameterError(f"seed: must not be negative (got {a.seed}).")
    topology = build_topology(
        a.topology, parse_size(a.size), long_links=a.long_links, seed=a.seed, group_size=a.group_size
    )
    traffic = SyntheticTraffic(topology, a.pattern, a.rate, a.seed)
    progress = on_stderr() if sys.stderr.isatty() else no_progress
    result = run_synthetic(traffic, a.cycles, room=a.buffer, patience=a.timeout, progress=progress)
    progress(1.0, "done")
    if a.json:
        out = result.as_json()
        out |= {
            "pattern": a.pattern,
            "rate": a.rate,
            "seed": a.seed,
            "saturation_rate": traffic.saturation,
            "expected_max_link_load": a.rate * float(traffic.expected_link_load.max(initial=0.0)),
        }
        print(json.dumps(out, allow_nan=False))
    else:
        print(summary(traffic, result))
    return 0


def parse_size(text: str) -> tuple[int, int]:
    """``"8x8"`` as two sides.

    Raises
    ------
    ParameterError
        It is nothing like that.
    """
    found = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", text.strip())
    if not found:
        raise ParameterError(f"size: must be WxH, for instance 8x8 (got '{text}').")
    return int(found[1]), int(found[2])


def summary(traffic: SyntheticTraffic, result: CycleResult) -> str:
    """A run in a few lines."""
    t, r = traffic.topology, result
    limit = traffic.saturation
    load = r.link_load
    worst = int(load.argmax()) if load.size else -1
    lines = [
        f"{t.kind} {t.width}x{t.height}, {traffic.pattern} at {traffic.rate:g} packets per tile "
        f"per cycle, {r.cycles:,} cycles (measured from cycle {r.measured_from:,})",
        f"  latency     {_cycles(r.mean_latency)} cycles; {r.zero_load:.3f} without waiting "
        f"({PORT_CYCLES} + {number(traffic.mean_hops, 4)} hops), so {_cycles(r.mean_wait)} of waiting; "
        f"99 % within {_cycles(r.latency_at(0.99), 0)}",
        f"  accepted    {r.accepted_rate:.4f} of {traffic.rate:g}; {_cycles(r.mean_hops)} hops",
        f"  links       busiest {t.link_name(worst) if worst >= 0 else 'none'} at "
        f"{load.max(initial=0.0):.4f} flits per cycle, {load.mean() if load.size else 0.0:.4f} in "
        f"the mean; longest queue {r.longest_queue.max(initial=0)}",
        f"  limit       {number(limit, 4)} packets per tile per cycle by the busiest link or port in "
        f"theory{'; this is beyond it' if traffic.rate > limit else ''}",
        f"  packets     {r.injected:,} sent = {r.delivered:,} delivered + {r.in_flight:,} on the "
        f"way + {r.dropped:,} dropped",
        f"  spikes      intervals change by {_cycles(r.isi_distortion)} cycles; {r.disorder:,} out of order",
    ]
    return "\n".join(lines)


def _cycles(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "n/a"
