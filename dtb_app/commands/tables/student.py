"""A fitted brain on the analog chip as text."""

from __future__ import annotations

from typing import Any

from engine.amounts import number

__all__ = ["student_table"]


def student_table(found: Any) -> str:
    """Students beside their teacher and what needs no brain."""

    def said(value: float | None) -> str:
        return "n/a" if value is None else f"{value:.3f}"

    lines = [
        f"{found.title}: r of BOLD FC over {found.n_pairs:,} pairs, {number(found.judge_minutes, 4)} min of "
        f"biology each, frozen, chip {found.chip_seed}, noise {found.noise_seed}",
        f"  {'on the chip':28} {'mode':13} {'tuned on':9} {'r':>6} {'halves':>7} {'endless':>8} "
        f"{'rates of regions [Hz]':>22} {'in 1 s [Hz]':>12}",
    ]
    for s in filter(None, (found.teacher, found.teacher_tuned_on, *found.students)):
        name = f"{s.regions} ({s.n_regions})" if s.n_regions else "none, all digital"
        rates = f"{s.min_hz:.1f} to {s.max_hz:.1f}"
        lines.append(
            f"  {name[:28]:28} {s.mode if s.n_regions else '':13} {'yes' if s.in_the_loop else '':9} "
            f"{said(s.r):>6} {said(s.halves):>7} {said(s.corrected):>8} {rates:>22} {s.max_1s_hz:>12.1f}"
        )
    return "\n".join(
        [
            *lines,
            f"  the wiring alone {said(found.wiring)}, linear noise {said(found.linear)}",
            f"  tuned on: {number(found.tune_minutes, 4)} min of tuning with the chip in the loop. endless: "
            "what an endless run would reach (estimate). The chip is a software model.",
        ]
    )
