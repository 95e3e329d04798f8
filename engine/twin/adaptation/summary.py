"""What came of adaptation, in words."""

from __future__ import annotations

from typing import Any

from engine.twin.trial.part import Summary

__all__ = ["summary"]

_ORDER = ("twin", "inhibition_only", "no_learning", "shuffled", "refit", "group")


def summary(found: dict[str, Any]) -> Summary:
    """The answer and its table.

    Parameters
    ----------
    found : dict
        As of `engine.twin.adaptation.part.adaptation`.
    """
    brains = {"twin": found["twin"], **found["controls"]}
    rows = tuple(_row(brains[name]) for name in _ORDER)
    known = found["identified"]
    notes = (
        f"r: FC of rates in 1-s bins over all {found['n_pairs']} pairs, frozen brain against a recording of "
        f"{found['judged_minutes']:g} min that it never heard; two such recordings of one patient agree at "
        f"{found['ceiling']:.2f}. Gap: from the group brain (0) to the offline refit (1), which goes through "
        f"the recording {found['passes_of_refit']} times; 95 % by bootstrap over patients.",
        *_pace(found),
        f"What was learned correlates with what truly sets patients apart at {_r(known['inhibition'])} for "
        f"local inhibition and at {_r(known['tracts'])} for single tracts: read dynamics, not anatomy, from "
        "the twin.",
    )
    columns = ("brain", "r", "95 %", "gap closed", "95 %", "rates off [Hz]", "learning [s]")
    return Summary(_answer(found), columns, rows, notes)


def _answer(found: dict[str, Any]) -> str:
    minutes = found["minutes"]
    n = found["n_patients"]
    heard = f"{minutes:g} min of {'one patient' if n == 1 else f'each of {n} patients'}, heard once,"
    if found["gap_closed"] is None:
        return (
            f"No gap to close: refitted offline, the brain resembles the patients no better than the group "
            f"brain does (r {found['controls']['refit']['r']:.2f} and {found['controls']['group']['r']:.2f})."
        )
    interval = found["interval"]
    sure = f" (95 % {interval[0]:.0%} to {interval[1]:.0%})" if interval else ""
    gain = found["gain_of_learning"]
    low = gain["interval"][0] if gain["interval"] else None
    by = "adds" if low is not None and low > 0 else "adds nothing sure"
    return (
        f"After {heard} the twin has closed {found['gap_closed']:.0%} of the gap from the group brain to the "
        f"refitted brain{sure}. Learning in synapses {by}: r {gain['r']:+.2f} against a twin whose drive "
        "alone follows."
    )


def _pace(found: dict[str, Any]) -> tuple[str, ...]:
    """How fast the gap closes, while it does."""
    if found["per_hour"] is None:
        return ()
    between = _range(found.get("per_hour_interval"), ".1f")
    return (
        f"That is a pace of {found['per_hour']:.1f} gaps an hour of biology (95 % {between}) over the "
        f"{found['minutes']:g} min that were lived; there is one to close, so it says how fast, not how far.",
    )


def _row(brain: dict[str, Any]) -> tuple[str, ...]:
    return (
        brain["label"],
        f"{brain['r']:.2f}",
        _range(brain["r_interval"], ".2f"),
        "–" if brain["gap_closed"] is None else f"{brain['gap_closed']:.0%}",
        _range(brain["interval"], ".0%"),
        f"{brain['rate_error_hz']:.2f}",
        f"{brain['wall_s']:.0f}",
    )


def _range(interval: list[float] | None, form: str) -> str:
    return "–" if interval is None else f"{interval[0]:{form}} to {interval[1]:{form}}"


def _r(value: float | None) -> str:
    return "–" if value is None else f"r = {value:.2f}"
