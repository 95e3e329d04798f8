"""What an electrode did to seizures, in words."""

from __future__ import annotations

from typing import Any

from engine.twin.trial.part import Summary

__all__ = ["summary"]


def summary(found: dict[str, Any]) -> Summary:
    """The answer and its table.

    Parameters
    ----------
    found : dict
        As of `engine.twin.suppression.part.suppression`.
    """
    electrode = found["electrode"]
    rows = tuple(_row(one) for one in found["treatments"])
    notes = (
        f"{len(found['patients'])} patients, {found['tries']} failures of inhibition each, every treatment "
        f"in the same noise. {electrode['amplitude_ma']:g} mA, {electrode['width_us']:g} µs, on for "
        f"{found['treated_s']:g} s from 2 s before the failure; charge is that of one failure. Length counts "
        "0 s where no seizure came. Intervals: patients drawn anew (bootstrap).",
        found["standing"],
    )
    columns = (
        "treatment",
        "failures with a seizure",
        "95 %",
        "length [s]",
        "95 %",
        "shorter than sham [s]",
        "95 %",
        "regions",
        "charge [µC]",
    )
    return Summary(_answer(found), columns, rows, notes)


def _answer(found: dict[str, Any]) -> str:
    by_name = {one["name"]: one for one in found["treatments"]}
    sham, focus, chance = (by_name[name] for name in ("sham", "focus", "random"))
    sure = found["against_sham"], found["against_random"]
    fewer, shorter = (_beats(sure[0][key]) for key in ("fewer_interval", "shorter_interval"))
    longer = _beats([None if value is None else -value for value in sure[0]["shorter_interval"][::-1]])
    if not (fewer or shorter):
        verdict = "no help" if not longer else "no help, and seizures are longer"
    else:
        what = " and ".join(word for word, is_it in (("fewer", fewer), ("shorter", shorter)) if is_it)
        over = any(_beats(sure[1][key]) for key in ("fewer_interval", "shorter_interval"))
        verdict = f"{what} seizures than under the sham, " + (
            "and more so than at random times" if over else "but not surely more so than at random times"
        )
    return (
        f"With the electrode in the focus at 130 Hz {focus['seizures']:.0%} of failures become seizures, "
        f"{focus['length_s']:.1f} s on average; sham {sham['seizures']:.0%}, {sham['length_s']:.1f} s; "
        f"as many pulses at random times {chance['seizures']:.0%}, {chance['length_s']:.1f} s: {verdict}."
    )


def _beats(interval: list[float | None]) -> bool:
    return interval[0] is not None and interval[0] > 0


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    is_sham = one["charge_uc"] == 0
    change = one["change"]
    return (
        one["label"],
        f"{one['seizures']:.0%}",
        _range(one["seizures_interval"], ".0%"),
        f"{one['length_s']:.1f}",
        _range(one["length_interval"], ".1f"),
        "–" if is_sham else f"{change['shorter_s']:+.2f}",
        "–" if is_sham else _range(change["shorter_interval"], ".2f"),
        f"{one['recruited']:.1f}",
        f"{one['charge_uc']:.0f}",
    )


def _range(interval: list[float | None], form: str) -> str:
    low, high = interval
    return "–" if low is None or high is None else f"{low:{form}} to {high:{form}}"
