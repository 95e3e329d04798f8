"""Results of the co-design loop as text."""

from __future__ import annotations

from typing import Any

from engine.amounts import number
from engine.codesign import COSTS, DISTANCE, KNOBS, knob_values, pareto

__all__ = ["attribution_table", "calibration_table", "trade_off_table", "validation_table"]


def validation_table(found: Any) -> str:
    """Teacher against student."""
    scenario = found.scenario
    lines = [
        f"{scenario.title}: {', '.join(found.labels)} ({found.n_neurons:,} neurons) on "
        f"{len(found.chip_seeds)} chips, mode {scenario.analog.mode}, against the digital teacher; "
        f"{number(scenario.duration - scenario.transient, 6)} ms each",
        f"  {'measure':29} {'student':>9} {'±':>8} {'floor':>9} {'±':>8} {'nudged':>8} "
        f"{'Poisson':>9} {'unit':4} {'n':>9}  verdict",
    ]
    for s in found.standings.values():
        lines.append(
            f"  {s.label:29} {_said(s.value):>9} {_said(s.spread):>8} {_said(s.floor):>9} "
            f"{_said(s.floor_spread):>8} {_said(s.nudged):>8} {_said(s.baseline):>9} {s.unit:4} "
            f"{s.n:>9,}  {s.verdict}"
        )
    lines += [
        f"  {found.sentence}",
        "  student: mean and standard deviation over chips, each under the teacher's noise. "
        f"floor: teachers under {len(found.noise_seeds)} noises, all pairs. nudged: the teacher "
        "after 100 pA for 1 ms. Poisson: neurons of the teacher's rates that hear nothing.",
        "  The chip is a software model.",
    ]
    for name, control in found.controls.items():
        lines.append(
            f"  control {name:14} {'holds' if control['passed'] else 'FAILS'}: {control['sentence']}"
        )
    return "\n".join(lines)


def attribution_table(found: Any, measure: str = DISTANCE) -> str:
    """What each imperfection costs."""
    lines = [
        f"What each imperfection costs, in floors ({len(found.chip_seeds)} chips, "
        f"{len(found.noise_seeds)} noises, open loop)",
        f"  {'term':22} {'on alone':>9} {'±':>6} {'off alone':>10} {'±':>6}",
    ]
    for c in found.costs[measure]:
        if c.term not in found.inert:
            lines.append(f"  {c.term:22} {c.on:9.3f} {c.on_spread:6.3f} {c.off:10.3f} {c.off_spread:6.3f}")
    if found.inert:
        lines.append(f"  no effect here: {', '.join(found.inert)}")
    return "\n".join([*lines, f"  {found.sentence(measure)}"])


def calibration_table(found: Any) -> str:
    """Knobs before and after, and what they are worth."""
    before, after = knob_values(found.origin), knob_values(found.scenario)
    codes = found.state.trims
    lines = [
        f"  threshold trims: {sum(c != 0 for c in codes)} of {len(codes)} circuits, "
        f"{min(codes):+d} to {max(codes):+d} codes"
        if codes
        else "  threshold trims: none"
    ]
    lines += [f"  {'knob':34} {'before':>9} {'fitted':>9}  unit"]
    for key, knob in KNOBS.items():
        lines.append(f"  {key:34} {before[key]:9.4g} {after[key]:9.4g}  {knob.unit}")
    lines.append(f"  {'held-out condition':34} {'before':>9} {'fitted':>9}  floors")
    h = found.held_out
    for name, b, a in zip(h.conditions, h.before, h.after, strict=True):
        lines.append(f"  {name:34} {b:9.3f} {a:9.3f}")
    wish = " ".join(f"--set {key}={value:g}" for key, value in after.items())
    lines += [f"  {found.sentence}", f"  Use the knobs: {wish}"]
    return "\n".join([*lines, "  Use the trims too: --fitted FILE writes the scenario with both."])


def trade_off_table(found: Any) -> str:
    """Every design with its costs; a star where no other is nearer and cheaper in memory."""
    front = {id(p) for p in pareto(found.fitting, "weight_kbit")}
    heads = "".join(f" {c.label:>15}" for c in COSTS.values())
    lines = [f"  {'design':34} {'floors':>8} {'±':>6}{heads}"]
    for p in found.points:
        if p.refused:
            lines.append(f"  {p.name:34} {p.refused}")
            continue
        star = "*" if id(p) in front else " "
        costs = "".join(f" {p.costs[name]:15.4g}" for name in COSTS)
        lines.append(f"{star} {p.name:34} {p.distance:8.3f} {p.spread:6.3f}{costs}")
    units = "; ".join(f"{c.label} in {c.unit} ({c.standing})" for c in COSTS.values())
    return "\n".join([*lines, f"  {found.sentence}", f"  {units}. * nearest for its memory."])


def _said(value: float | None) -> str:
    return "n/a" if value is None else number(value, 3)
