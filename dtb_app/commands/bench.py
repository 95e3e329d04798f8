"""``dtb bench``: what things cost on this machine, as one table."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from dtb_app.benchmarks import Row
from dtb_app.commands.progress import on_stderr
from engine.errors import ParameterError, nearest_hint

__all__ = ["BENCHES", "add", "table"]


def _engine() -> list[Row]:
    from dtb_app.benchmarks.engine import bench_engine

    return bench_engine()


def _growth() -> list[Row]:
    from dtb_app.benchmarks.engine import bench_growth

    return bench_growth()


def _memory() -> list[Row]:
    from dtb_app.benchmarks.engine import bench_memory

    return bench_memory()


def _presets() -> list[Row]:
    from dtb_app.benchmarks.engine import bench_presets

    return bench_presets()


def _plastic() -> list[Row]:
    from dtb_app.benchmarks.plastic import bench_plastic

    return bench_plastic()


def _twin(**how_much: Any) -> list[Row]:
    from dtb_app.benchmarks.twin import bench_twin

    return bench_twin(**how_much, progress=on_stderr())


def _column() -> list[Row]:
    from dtb_app.benchmarks.column import bench_column

    return bench_column()


def _neurons() -> list[Row]:
    from dtb_app.benchmarks.neurons import bench_neurons

    return bench_neurons()


def _analog() -> list[Row]:
    from dtb_app.benchmarks.analog import bench_analog, bench_chips, bench_events

    return [*bench_analog(), *bench_events(), *bench_chips()]


def _fidelity() -> list[Row]:
    from dtb_app.benchmarks.fidelity import bench_fidelity

    return bench_fidelity()


def _billion() -> list[Row]:
    from dtb_app.benchmarks.billion import bench_billion

    return bench_billion()


def _noc_placement() -> list[Row]:
    from dtb_app.benchmarks.noc_placement import bench_placement

    return bench_placement()


def _noc_flow() -> list[Row]:
    from dtb_app.benchmarks.noc_flow import bench_flow

    return bench_flow()


def _noc_small_world() -> list[Row]:
    from dtb_app.benchmarks.noc_small_world import bench_small_world

    return bench_small_world()


def _codesign() -> list[Row]:
    from dtb_app.benchmarks.codesign import bench_codesign

    return bench_codesign()


def _fit() -> list[Row]:
    from dtb_app.benchmarks.fit import bench_fit

    return bench_fit()


def _wire() -> list[Row]:
    from dtb_app.benchmarks.wire import bench_wire

    return bench_wire()


def _views() -> list[Row]:
    from dtb_app.benchmarks.views import bench_views

    return bench_views()


def _page() -> list[Row]:
    from dtb_app.benchmarks.page import bench_page

    return bench_page()


def _visitors(**how_many: int) -> list[Row]:
    from dtb_app.benchmarks.visits.visitors import bench_visitors

    return bench_visitors(**how_many)


def _crash(**how_many: int) -> list[Row]:
    from dtb_app.benchmarks.crash import bench_crash

    return bench_crash(**how_many)


def _soak(minutes: float = 5.0) -> list[Row]:
    from dtb_app.benchmarks.visits.soak import bench_soak

    return bench_soak(minutes)


def _noc() -> list[Row]:
    from dtb_app.benchmarks.noc import bench_noc

    return bench_noc()


MAX_MINUTES = 1440
MAX_NOISE_DRIVEN = 1000

BENCHES: dict[str, Callable[..., list[Row]]] = {
    "engine": _engine,
    "growth": _growth,
    "neurons": _neurons,
    "plastic": _plastic,
    "twin": _twin,
    "column": _column,
    "analog": _analog,
    "fidelity": _fidelity,
    "billion": _billion,
    "noc-placement": _noc_placement,
    "noc-flow": _noc_flow,
    "noc-small-world": _noc_small_world,
    "memory": _memory,
    "noc": _noc,
    "presets": _presets,
    "codesign": _codesign,
    "fit": _fit,
    "wire": _wire,
    "views": _views,
    "page": _page,
    "visitors": _visitors,
    "crash": _crash,
    "soak": _soak,
}


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("bench")
    names = f"of {', '.join(BENCHES)}; all if none"
    p.add_argument("names", nargs="*", metavar="NAME", help=names)
    p.add_argument(
        "--against",
        choices=("nest", "brian2"),
        action="append",
        default=[],
        help="run the microcircuit in another simulator too",
    )
    p.add_argument(
        "--visitors", type=int, default=30, metavar="N", help="of visitors: who come in the same second"
    )
    p.add_argument(
        "--visits", type=int, default=200, metavar="N", help="of visitors: one after another, after these"
    )
    p.add_argument("--kills", type=int, default=300, metavar="N", help="of crash: processes that are killed")
    p.add_argument(
        "--minutes", type=float, default=5.0, metavar="M", help="of soak: how long visitors come and go"
    )
    p.add_argument("--cards", action="store_true", help="of twin: make and time every preset's scorecard too")
    p.add_argument(
        "--noise-driven",
        type=int,
        default=0,
        metavar="N",
        help="of twin: patients without a warning, on whom false positives are counted; none if not given",
    )
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Measure and print.

    Raises
    ------
    ParameterError
        A benchmark is unknown, asked for fewer visitors or kills than one, for no time, or for patients
        that cannot be.
    """
    for word in ("visitors", "visits", "kills"):
        if (n := getattr(arguments, word)) < 1:
            raise ParameterError(f"bench.{word}: must be at least 1 (got {n}).")
    if not 0 < arguments.minutes <= MAX_MINUTES:
        raise ParameterError(
            f"bench.minutes: must be above 0, up to {MAX_MINUTES} (got {arguments.minutes:g})."
        )
    if not 0 <= arguments.noise_driven <= MAX_NOISE_DRIVEN:
        raise ParameterError(
            f"bench.noise-driven: must be from 0 to {MAX_NOISE_DRIVEN} (got {arguments.noise_driven})."
        )
    how_many: dict[str, dict[str, Any]] = {
        "visitors": {"n_visitors": arguments.visitors, "n_visits": arguments.visits},
        "crash": {"n_kills": arguments.kills},
        "soak": {"minutes": arguments.minutes},
        "twin": {"with_cards": arguments.cards, "n_noise_driven": arguments.noise_driven},
    }
    for name in arguments.names:
        if name not in BENCHES:
            raise ParameterError(f"bench: unknown name '{name}'. " + nearest_hint(name, BENCHES))
    rows: list[Row] = []
    for name in arguments.names or ([] if arguments.against else BENCHES):
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += BENCHES[name](**how_many.get(name, {}))
    for name in arguments.against:
        from dtb_app.benchmarks.column import bench_peer

        print(f"measuring against {name} …", file=sys.stderr, flush=True)
        rows += bench_peer(name)
    if arguments.json:
        print(json.dumps({"machine": platform.processor(), "rows": [asdict(r) for r in rows]}))
    else:
        print(table(rows))
    return 0


def table(rows: list[Row]) -> str:
    """Rows as text."""
    lines = [f"{'bench':8} {'what':52} {'value':>10} {'target':>10}  unit"]
    for row in rows:
        bound = ">= " if row.at_least else ""
        target = "" if row.target is None else f"{bound}{row.target:g}"
        over = "  MISSED" if row.misses else ""
        note = f"  ({row.note})" if row.note else ""
        lines.append(
            f"{row.bench:8} {row.what[:52]:52} {row.value:10.4g} {target:>10}  {row.unit}{over}{note}"
        )
    return "\n".join(lines)
