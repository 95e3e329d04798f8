"""The small-world question: what topologies are worth to a brain at equal wire budget."""

from __future__ import annotations

import sys
import time

import numpy as np

from dtb_app.benchmarks import Row
from engine.amounts import number
from engine.noc.studies.comparison import METRICS, Comparison
from engine.noc.studies.small_world import small_world_comparison
from engine.scenario.presets import preset

__all__ = ["bench_small_world"]

_PRESET, _SEEDS = "whole-brain-at-rest", 3


def bench_small_world(n_seeds: int = _SEEDS) -> list[Row]:
    """Every metric of every topology under the brain, with both controls beside it."""
    begun = time.perf_counter()

    def progress(fraction: float, what: str) -> None:
        print(f"  {100 * fraction:3.0f} %  {what}", file=sys.stderr, flush=True)  # noqa: T201

    found = small_world_comparison(preset(_PRESET), n_seeds, progress=progress)
    rows = [_row(found, name, label, unit) for name, label, unit in _lines(found)]
    took = time.perf_counter() - begun
    seconds = Row("small-world", "the whole comparison", took, "s", None, f"{n_seeds} seeds")
    return [row for line in rows for row in line] + [seconds, _answer(found)]


def _lines(found: Comparison) -> list[tuple[str, str, str]]:
    lines = [(name, label, unit) for name, (label, unit) in METRICS.items()]
    for k, load in enumerate(found.loads, start=1):
        lines.append((f"latency_{k}", f"latency at {load:g} of the mesh's limit", "cycles"))
    lines.insert(2, ("port_saturation", "Saturation of ports", METRICS["saturation"][1]))
    return lines


def _row(found: Comparison, name: str, label: str, unit: str) -> list[Row]:
    kinds = list(dict.fromkeys(o.topology for o in found.outcomes))
    rows = []
    for kind in kinds:
        values = found.values(name, kind, "brain")
        controls = [
            f"{brain} {_text(found.values(name, kind, brain))}" for brain in ("rewired", "all to all")
        ]
        rows.append(
            Row(
                "small-world",
                f"{label.lower()}: {kind.replace('_', ' ')}",
                float(np.mean(values)),
                unit,
                None,
                f"sd {np.std(values, ddof=1) if len(values) > 1 else 0:.2g}; " + ", ".join(controls),
            )
        )
    return rows


def _text(values: np.ndarray) -> str:
    return "full" if np.isnan(values).any() else number(values.mean(), 4)


def _answer(found: Comparison) -> Row:
    worth = float(found.change("saturation", "brain").mean())
    return Row("small-world", "saturation of the small world over the mesh", worth, "%", None, found.answer())
