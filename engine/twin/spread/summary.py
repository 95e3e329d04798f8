"""What was foretold of hidden regions, in words."""

from __future__ import annotations

from typing import Any

from engine.twin.trial.part import Summary

__all__ = ["summary"]


def summary(found: dict[str, Any]) -> Summary:
    """The answer and its table.

    Parameters
    ----------
    found : dict
        As of `engine.twin.spread.part.spread`.
    """
    rows = tuple(_row(one, found["gain"].get(one["name"])) for one in found["predictors"])
    n = len(found["errors_s"]["twin"])
    notes = (
        f"{found['n_seizures']} seizures of {n} patients, in {found['n_failures']} failures of inhibition "
        "that differ in and around the focus (assumed). Every region but the focus is hidden in turn; "
        "latency counts from the first region that is recorded. Intervals: patients drawn anew (bootstrap).",
        f"The twin has the group's tracts and weighs {found['n_lived']} seizures of its own, brought to one "
        "pace, by how alike they are elsewhere; no patient taught it. In the "
        f"{found['n_shuffled']} shuffled twins as many tracts of the same strengths reach each region, from "
        "other regions; both know which regions are weak.",
        "Order: rank correlation of foretold and true latencies within a seizure; the mean of the others has "
        "none. Brier: of being recruited at all, 0 is best.",
    )
    columns = (
        "what is known",
        "error of latency [s]",
        "95 %",
        "the twin's gain [s]",
        "95 %",
        "order",
        "Brier",
    )
    return Summary(_answer(found), columns, rows, notes)


def _answer(found: dict[str, Any]) -> str:
    by_name = {one["name"]: one for one in found["predictors"]}
    twin, mean = by_name["twin"], by_name["mean"]
    if twin["error_s"] is None:
        return "No seizure came, so nothing could be foretold."
    surely = [_beats(found["gain"][name]["error_interval"]) for name in ("mean", "shuffled")]
    known = ("the mean of the others", "shuffled tracts")
    verdict = (
        "better than no structure"
        if all(surely)
        else "not surely better than no structure"
        if not any(surely)
        else f"better than {known[not surely[0]]}, but not surely than {known[surely[0]]}"
    )
    whether = found["gain"]["mean"]
    low, high = whether["brier_interval"]
    says = (
        "better than by the share of the others"
        if _beats([low, high])
        else "worse than by the share of the others"
        if high is not None and high < 0
        else "no better than by the share of the others"
    )
    late = {name: f"{one['error_s']:.2f} s" for name, one in by_name.items()}
    return (
        f"When a hidden region is recruited, the twin foretells with an error of {late['twin']}, the mean of "
        f"the others {late['mean']}, shuffled tracts {late['shuffled']}, tracts from the focus alone "
        f"{late['rule']}: {verdict}. Whether it is recruited, it foretells {says} (Brier "
        f"{twin['brier']:.3f} against {mean['brier']:.3f})."
    )


def _beats(interval: list[float | None]) -> bool:
    return interval[0] is not None and interval[0] > 0


def _row(one: dict[str, Any], gain: dict[str, Any] | None) -> tuple[str, ...]:
    return (
        one["label"],
        _n(one["error_s"]),
        _range(one["error_interval"]),
        "–" if gain is None else _n(gain["error_s"], "+.2f"),
        "–" if gain is None else _range(gain["error_interval"]),
        _n(one["order"]),
        _n(one["brier"], ".3f"),
    )


def _n(value: float | None, form: str = ".2f") -> str:
    return "–" if value is None else f"{value:{form}}"


def _range(interval: list[float | None]) -> str:
    low, high = interval
    return "–" if low is None or high is None else f"{low:.2f} to {high:.2f}"
