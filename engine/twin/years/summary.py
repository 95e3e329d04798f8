"""What came of the years, in words."""

from __future__ import annotations

from typing import Any

from engine.twin.trial.part import Summary

__all__ = ["summary"]


def summary(found: dict[str, Any]) -> Summary:
    """The answer and its table.

    Parameters
    ----------
    found : dict
        As of `engine.twin.years.part.years`.
    """
    columns = (
        "twin",
        "rates lost [year] (95 %)",
        "FC lost [year] (95 %)",
        "runs away [year] (95 %)",
        "warned",
        "before FC [years] (95 %)",
    )
    rows = tuple(_row(one, found) for one in found["ways"].values())
    return Summary(_answer(found), columns, rows, _notes(found))


def _answer(found: dict[str, Any]) -> str:
    bare, held = found["ways"]["schedule"], found["ways"]["schedule_homeostasis"]
    gained, lead = found["gained"], bare["warned"]["sites"]
    also = held["warned"]["sites"]
    n = found["n_patients"]
    years = (
        f"Rates at four sites would have told {lead['lead']:.1f} years before"
        if lead["lead"] is not None
        else "Rates at four sites would not have told before"
    )
    with_it = f", with homeostasis {also['lead']:.1f}" if also["lead"] is not None else ""
    if 2 * found["ways"]["none_homeostasis"]["warned"]["sites"]["n_alarms"] >= n:
        with_it = ", with homeostasis their alarms say nothing"
    lost = (
        f"Where inhibition in {len(found['regions'])} temporal regions wears down to {1 - found['loss']:.0%} "
        f"in {found['years']:.0f} years, {_patients(n)} lose their rates from a loss of "
        f"{bare['rates']['loss']:.0%} on and their functional connectivity (FC) from "
        f"{bare['fc']['loss']:.0%}, and run away at {bare['rest']['loss']:.0%}."
    )
    given = f"Homeostasis gives rates {_years(gained['rates'])} and FC {_years(gained['fc'])}."
    return (
        f"{lost} {given} {years} FC is lost{with_it}; where nothing is lost {_false(found)} alarmed falsely."
    )


def _patients(n: int) -> str:
    return "brains of one patient" if n == 1 else f"the brains of {n} patients"


def _years(one: dict[str, Any]) -> str:
    return f"{one['years']:.1f} years{_sure(one['interval'])}"


def _sure(interval: list[float | None]) -> str:
    low, high = interval
    return "" if low is None or high is None else f" (95 % {low:.1f} to {high:.1f})"


def _false(found: dict[str, Any]) -> str:
    n = found["n_patients"]
    bare, held = (found["ways"][name]["warned"]["sites"] for name in ("none", "none_homeostasis"))
    return f"{bare['n_alarms']} of {n} ({held['n_alarms']} with homeostasis)"


def _row(one: dict[str, Any], found: dict[str, Any]) -> tuple[str, ...]:
    n = found["n_patients"]
    warned = one["warned"]["sites"]
    lead = "–" if warned["lead"] is None else f"{warned['lead']:.1f}{_range(warned['interval'])}"
    lost = [_lost(one[what], n) for what in ("rates", "fc", "rest")]
    return (one["label"], *lost, f"{warned['n_alarms']} of {n}", lead)


def _lost(when: dict[str, Any], n: int) -> str:
    """The year and its interval; a mean in which some never lost it is the least that it can be."""
    if not when["n_lost"]:
        return "never"
    if when["n_lost"] < n:
        return f"≥ {when['year']:.1f}, {when['n_lost']} of {n}"
    return f"{when['year']:.1f}{_range(when['interval'])}"


def _range(interval: list[float | None]) -> str:
    low, high = interval
    return "" if low is None or high is None else f" ({low:.1f} to {high:.1f})"


def _notes(found: dict[str, Any]) -> tuple[str, ...]:
    warned = found["ways"]["schedule"]["warned"]
    took, ahead = found["clocks"], found["look_ahead"]
    days = found["years"] * 365.25 / ahead["speedup"]
    n = found["n_patients"]
    future = ahead["futures"][0]
    others = ", ".join(
        f"{label} {warned[name]['n_alarms']} of {n}, {_lead(warned[name])}"
        for name, label in (("elsewhere", "four sites where nothing is lost"), ("all", "all regions"))
    )
    return (
        f"An epoch a year of {found['epoch_s']} s. Rates lost: more than a tenth of the regions off by "
        "half, for "
        f"good. FC lost: less like the healthy one than any of {found['healthy_epochs']} healthy epochs, for "
        f"good. Whom it never befalls counts as {found['years']:.0f} years, so a mean with ≥ is the least it "
        f"can be. Homeostasis strengthens what inhibition is left by at most {found['reserve']:g} (assumed).",
        "Warned: two epochs in a row with the mean rate of four sites in the temporal lobe 3 standard "
        f"deviations off the healthy ones. Without homeostasis, beside them: {others}.",
        f"Clocks, all lives together: {took['years']:,.0f} years in {took['epochs']:,} epochs, "
        f"{took['biology_s']:,.0f} s of biology; measured {took['core_s']:,.0f} s of cores and "
        f"{took['wall_s']:,.0f} s of wall; a chip {took['chip_ms'] / 1000:.1f} s (estimate). Every second of "
        f"{found['years']:.0f} years would take the chip {days:.1f} days (estimate).",
        f"Look-ahead: {ahead['chips']} chips hold one copy of the twin and try {future['chip']:.0f} "
        "futures of "
        f"{future['future_s']:g} s while the patient lives one second, {future['chip_configured']:.0f} where "
        f"parameters differ (estimate); a core of this machine {future['digital']:.1f} (measured).",
    )


def _lead(one: dict[str, Any]) -> str:
    return "no lead" if one["lead"] is None else f"{one['lead']:.1f} years before"
