"""What the Scale page says: the answer, what would be needed, and the table of coefficients."""

from __future__ import annotations

from engine.amounts import number
from engine.markup import parts
from engine.markup.parts import Cell
from engine.scale import Study
from layouts.scale.bars import say_bytes

__all__ = ["answers_html", "table_html", "verdict_html"]

_CSS = """
.dtb-verdict { display: flex; align-items: baseline; gap: 8px 18px; flex-wrap: wrap; }
.dtb-verdict .big { font-size: 25px; font-weight: 600; line-height: 34px; white-space: nowrap; }
.dtb-verdict .big small { font-size: 14px; font-weight: 600; }
.dtb-verdict .fact { font-size: 12px; color: var(--dtb-muted); }
.dtb-verdict .fact b { display: block; font-size: 14px; color: var(--dtb-ink); font-weight: 600; }
.dtb-warning { margin-top: 6px; font-size: 12px; color: var(--dtb-overload); }
.dtb-answers { margin: 2px 0 0; padding: 0; list-style: none; font-size: 12px; line-height: 17px; }
.dtb-answers li { padding: 7px 0; border-top: 1px solid var(--dtb-line); }
.dtb-answers li:first-child { border-top: 0; padding-top: 0; }
.dtb-answers b { display: block; font-weight: 600; }
.dtb-answers .yes b { color: var(--dtb-good); }
.dtb-coefficients { width: 100%; border-collapse: collapse; font-size: 12px; }
.dtb-coefficients th { text-align: left; font-weight: 600; color: var(--dtb-muted);
  padding: 3px 10px 3px 0; border-bottom: 1px solid var(--dtb-line); }
.dtb-coefficients td { padding: 4px 10px 4px 0; border-bottom: 1px solid var(--dtb-line);
  vertical-align: top; }
.dtb-coefficients td.n { text-align: right; white-space: nowrap; font-weight: 600; }
.dtb-coefficients td.r { white-space: nowrap; color: var(--dtb-muted); }
.dtb-coefficients td.s { color: var(--dtb-muted); }
.dtb-standing { white-space: nowrap; border: 1px solid var(--dtb-control); border-radius: 9px;
  padding: 0 7px; font-size: 11px; }
.dtb-standing.assumed { border-style: dashed; }
"""


def verdict_html(study: Study) -> str:
    """The answer in one line, the figures beside it, and what does not fit."""
    plan = study.plan
    low, high = plan.slowdown_range
    load = plan.load
    doubt = (f"{number(low, 3)} to {number(high, 3)}", "nine draws in ten")
    if high - low <= 0.001 * plan.slowdown:
        doubt = ("fitted", "to this published point")
    _, power_low, power_high = plan.power_kw
    facts = [
        doubt,
        (say_bytes(plan.memory_known_gb), "memory of a device"),
        (say_bytes(load.sent_mb / 1e3), "sent per second of life"),
        (number(load.reach.mean_destinations, 3), "devices a spike goes to"),
        (_power(power_low, power_high), "power, an estimate"),
    ]
    if plan.slowdown >= 1:
        big, small = f"{number(plan.slowdown, 3)}×", "slower than life"
    else:
        big, small = f"{number(1 / plan.slowdown, 3)}×", "faster than life"
    warnings = (parts.note(w, "dtb-warning") for w in plan.warnings())
    return parts.joined(parts.style(_CSS), parts.headline(big, small, facts), *warnings)


def _power(low_kw: float, high_kw: float) -> str:
    size, unit = next((s, u) for s, u in ((1e3, "MW"), (1.0, "kW"), (1e-3, "W")) if high_kw >= s)
    low, high = (f"{kw / size:.{2 if kw < 100 * size else 3}g}" for kw in (low_kw, high_kw))
    return f"{high} {unit}" if low == high else f"{low} to {high} {unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else number(value, 4)


_ANSWERS = {
    "devices": "Other numbers of devices",
    "links": "Faster links",
    "messages": "Cheaper messages",
    "analog": "Analog chips",
}


def answers_html(study: Study) -> str:
    """What would reach real time, as sentences."""
    items = [(_ANSWERS[a.name], a.reaches, a.sentence) for a in study.answers]
    return parts.joined(parts.style(_CSS), parts.answers(items))


def table_html(study: Study) -> str:
    """Every coefficient with its range, standing and source."""
    rows = []
    for c in study.plan.coefficients:
        span = "" if c.low == c.high else f"{_number(c.low)} to {_number(c.high)}"
        rows.append(
            (
                c.sentence,
                Cell(f"{_number(c.value)} {c.unit.replace('us', 'µs')}", "n"),
                Cell(span, "r"),
                parts.note(c.standing, f"dtb-standing {c.standing}", tag="span"),
                Cell(c.source, "s"),
            )
        )
    top = ("What", "Value", "Range", "Standing", "Source")
    return parts.joined(parts.style(_CSS), parts.table(rows, top, "dtb-coefficients"))
