"""The scores of a run as its report shows them: in words, and as places between trivial and best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.amounts import number, quantity
from engine.fit import METRICS, Metric
from engine.fit.evidence import Evidence
from engine.markup import parts
from engine.markup.parts import Mark

__all__ = ["ShownScore", "shown_scores"]

_WIDTH, _HEIGHT, _EDGE = 176.0, 26.0, 9.0
_NOT_JUDGED = "It was not judged when this run was written, and its spikes are not at hand."


class ShownScore(NamedTuple):
    """A score in words.

    Attributes
    ----------
    name, label, source : str
    has_value : bool
    value, n : str
    track : str
        The picture of its place.
    sentence : str
    beside : list of (str, str)
        What stands beside it: baseline, ceiling, band, basis.
    """

    name: str
    label: str
    source: str
    has_value: bool
    value: str
    n: str
    track: str
    sentence: str
    beside: list[tuple[str, str]]


def shown_scores(fit: Mapping[str, Mapping[str, Any]], evidence: Evidence | None) -> list[ShownScore]:
    """Every metric of the registry, and every other score of the run.

    Parameters
    ----------
    fit : mapping of str to mapping
        ``fit`` of run.json.
    evidence : Evidence or None
        What is missing there is judged by; without it that is said.
    """
    out = []
    for metric in METRICS:
        score = fit.get(metric.name)
        if score is None and evidence is not None:
            score = metric.judge(evidence).as_json()
        out.append(_shown(metric.name, score or {"label": metric.label, "sentence": _NOT_JUDGED}, metric))
    out += [_shown(name, score, None) for name, score in fit.items() if name not in METRICS.names]
    return out


def _shown(name: str, score: Mapping[str, Any], metric: Metric | None) -> ShownScore:
    value, unit = score.get("value"), str(score.get("unit", ""))
    n = f"{score['n']:,} {score.get('n_unit', '')}" if value is not None and score.get("n") else ""
    beside = []
    for words, key in (("Trivial answer", "baseline"), ("Best to expect", "ceiling")):
        if score.get(key) is not None:
            label = score.get(f"{key}_label", "")
            beside.append((words, _text(score[key], unit) + (f", {label}" if label else "")))
    for words, key in (("Plausible", "band"), ("95 % interval", "interval")):
        if score.get(key):
            low, high = score[key]
            beside.append((words, f"{_text(low, unit)} to {_text(high, unit)}"))
    if score.get("basis"):
        beside.append(("Basis", str(score["basis"])))
    return ShownScore(
        name,
        str(score.get("label", name)),
        parts.cited(metric.source if metric is not None else ""),
        value is not None,
        _text(value, unit) if value is not None else "–",
        n.strip(),
        _track(score, unit, metric is not None and metric.in_panel),
        str(score.get("sentence", "")),
        beside,
    )


def _text(value: float, unit: str) -> str:
    if unit == "share":
        return quantity(100 * value, "%", 4)
    digits = 4 if abs(value) >= 10 else 3
    return quantity(value, unit if unit not in ("1", "r") else "", digits)


def _track(score: Mapping[str, Any], unit: str, more_is_better: bool) -> str:
    """A line from the lowest to the highest value with what is on it; empty without a value."""
    value = score.get("value")
    middle = _HEIGHT / 2
    marks = [Mark("axis", f"M{_EDGE} {middle}H{_WIDTH - _EDGE}")]
    if value is None:
        return parts.picture(_WIDTH, _HEIGHT, marks, "no value", "track")
    known = [v for v in (value, score.get("baseline"), score.get("ceiling")) if v is not None]
    low, high = score.get("low"), score.get("high")
    low = min([*known, 0.0]) if low is None else low
    high = max([*known, 1.0]) if high is None else high

    def at(x: float) -> float:
        return _EDGE + (_WIDTH - 2 * _EDGE) * min(1.0, max(0.0, (x - low) / ((high - low) or 1.0)))

    if score.get("band"):
        a, b = (at(edge) for edge in score["band"])
        marks.append(Mark("good", f"M{a:.1f} {middle - 5}H{b:.1f}v10H{a:.1f}Z"))
    if score.get("interval"):
        a, b = (at(edge) for edge in score["interval"])
        marks.append(Mark("span", f"M{a:.1f} {middle}H{b:.1f}"))
    for kind, key in (("base", "baseline"), ("best", "ceiling")):
        if score.get(key) is not None:
            marks.append(Mark(kind, f"M{at(score[key]):.1f} {middle - 9}v18", _text(score[key], unit)))
    base = score.get("baseline")
    is_low = more_is_better and not score.get("band") and base is not None and value <= base
    dot = f"M{at(value) - 5:.1f} {middle}a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z"
    marks.append(Mark("dot low" if is_low else "dot", dot, _text(value, unit)))
    said = f"{_text(value, unit)} on a line from {number(low)} to {number(high)}"
    return parts.picture(_WIDTH, _HEIGHT, marks, said, "track")
