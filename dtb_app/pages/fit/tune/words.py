"""What the section Tune says."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.amounts import number
from engine.markup import parts
from engine.markup.parts import Cell, Fact
from engine.tuning.standing import Standing

__all__ = ["WARNING", "hardest_html", "judged_html", "made_with"]

WARNING = (
    "A fit has more parameters than there are pairs of regions: what its dynamics do may be read from it, "
    "single weights may not, for they are not identified. Read r beside its baselines, after judging, and "
    "beside what the same procedure reaches where there is nothing to find."
)
_CSS = """
.dtb-hardest { border-collapse: collapse; width: 100%; font-size: 12px; }
.dtb-hardest th { text-align: left; font-weight: 400; padding: 2px 8px 2px 0; }
.dtb-hardest thead th { color: var(--dtb-muted); }
.dtb-hardest td { text-align: right; font-weight: 600; padding: 2px 0 2px 8px; }
.dtb-hardest thead th + th { text-align: right; padding: 2px 0 2px 8px; }
"""


def hardest_html(standing: Standing | None, labels: tuple[str, ...]) -> str:
    """Pairs whose error is largest, by the labels of the connectome."""
    if standing is None or not standing.curve or not np.isfinite(standing.curve[-1].r):
        return parts.note("The pairs that lie furthest from what was measured are named here.")
    rows = [
        (
            Cell(f"{labels[standing.region[i]]} and {labels[standing.region[j]]}", is_head=True, scope="row"),
            f"{standing.fc[i, j]:.2f}",
            f"{standing.target[i, j]:.2f}",
        )
        for i, j in standing.hardest
    ]
    heads = [Cell(name, scope="col") for name in ("Pair", "Simulated", "Measured")]
    return parts.joined(parts.style(_CSS), parts.table(rows, heads, "dtb-hardest"))


def judged_html(report: dict[str, Any] | None) -> str:
    """What the frozen brain reaches, by what `engine.tuning.study.report_of` says of it."""
    if report is None:
        return parts.note(
            "Not judged: Judge freezes the brain, lets it run with noise that the fit never saw, and "
            "compares its BOLD with what was measured."
        )
    rate, base = report["rate_hz"], report["baselines"]
    rows = [
        Fact(f"BOLD FC over {report['n_pairs']:,} pairs", f"r = {_said(report['r'])}"),
        Fact("Two halves of the run agree at", _said(report["halves"])),
        Fact("An endless run would reach (estimate)", _said(report["corrected"])),
        Fact("FC of rates in bins of 1 s", f"r = {_said(report['r_rates'])}"),
        Fact("The wiring alone", _said(base["wiring"])),
        Fact("Linear noise on the wiring", _said(base["linear"])),
        Fact("Rates of regions", f"{rate['min']:.1f} to {rate['max']:.1f} Hz"),
        Fact("Highest in a second", f"{rate['max_1s']:.0f} Hz"),
        Fact("Judged over", f"{number(report['judged_minutes'], 3)} min"),
    ]
    return parts.facts(rows)


def made_with(provenance: Any) -> str:
    """What a tuning says of how it was made, as a sentence; "" where it says nothing."""
    scenario = provenance.get("scenario", {}) if isinstance(provenance, dict) else {}
    title, minutes = scenario.get("title"), provenance.get("minutes") if scenario else None
    if not title:
        return ""
    over = f" over {number(float(minutes), 3)} min of biology" if isinstance(minutes, int | float) else ""
    return f" It was fitted to '{title}'{over}."


def _said(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"
