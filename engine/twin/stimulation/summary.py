"""What came of stimulation, in words."""

from __future__ import annotations

from typing import Any

from engine.twin.trial.part import Summary

__all__ = ["summary"]


def summary(found: dict[str, Any]) -> Summary:
    """The answer and its table.

    Parameters
    ----------
    found : dict
        As of `engine.twin.stimulation.part.stimulation`.
    """
    rows = [_row(one["label"], one) for one in found["controllers"]]
    rows += [
        _row("Control: random timing, as many pulses", found["random_timing"]),
        _row("Control: 20 Hz of equal energy", found["wrong_frequency"]),
        _row("Control: sham, 0 mA", found["sham"]),
    ]
    targets = found["targets"]
    other = targets["rows"][1]
    failed = [gate for gate in found["gates"] if not gate["holds"]]
    disagrees = "; ".join(f"{gate['what'][0].lower() + gate['what'][1:]}: {gate['found']}" for gate in failed)
    notes = (
        f"Effect: share by which beta of the subthalamic nucleus (13 to 30 Hz) is lower than untreated under "
        f"the same noise, mean over patients, 95 %. {found['treated_s']:g} s of treatment. Energy at an "
        "assumed impedance of 1 kOhm.",
        f"{found['circuit']['sentence']}",
        f"{len(found['gates']) - len(failed)} of {len(found['gates'])} published shapes hold."
        + (f" The circuit disagrees with its sources in {disagrees}." if failed else ""),
    )
    low, high = targets["difference_interval"]
    sure = low is not None and (low > 0 or high < 0)
    chance_low = other["over_random_interval"][0]
    beside = (
        f"{other['label']} as the target, as many pulses: {other['effect']:.0%} of beta of the subthalamic "
        f"nucleus gone{_within(other['effect_interval'])}, at random times {other['random']:.0%}"
        f"{_within(other['random_interval'])}: "
        + ("regular pulses do more. " if chance_low is not None and chance_low > 0 else "not surely less. ")
        + f"The subthalamic nucleus takes {targets['difference']:+.0%} more{_within([low, high])}, "
        + ("which is sure." if sure else "which is not sure.")
    )
    columns = ("treatment", "effect", "95 %", "charge [µC]", "energy [µJ]", "power [µW]", "% per µW")
    return Summary(_answer(found), columns, tuple(rows), (*notes, beside))


def _within(interval: list[float | None]) -> str:
    low, high = interval
    return "" if low is None or high is None else f" ({low:.0%} to {high:.0%})"


def _answer(found: dict[str, Any]) -> str:
    loop, closed = found["open_loop"], found["closed_loop"]
    label = next(one["label"] for one in found["controllers"] if one["name"] == closed["controller"])
    saved = 1.0 - closed["power_uw"] / loop["power_uw"] if loop["power_uw"] else 0.0
    electrode = found["electrode"]
    return (
        f"Open loop at {electrode['frequency_hz']:g} Hz and {electrode['amplitude_ma']:g} mA takes "
        f"{loop['effect']:.0%} of beta away; closed loop ({label}) "
        f"{closed['effect']:.0%} with {saved:.0%} less power. Random timing of as many pulses takes "
        f"{found['random_timing']['effect']:.0%}, 20 Hz of equal energy "
        f"{found['wrong_frequency']['effect']:.0%}, sham {found['sham']['effect']:.0%}."
    )


def _row(label: str, one: dict[str, Any]) -> tuple[str, ...]:
    low, high = one["interval"]
    per_power = one["percent_per_uw"]
    return (
        label,
        f"{one['effect']:.0%}",
        "–" if low is None else f"{low:.0%} to {high:.0%}",
        f"{one['charge_uc']:.0f}",
        f"{one['energy_uj']:.0f}",
        f"{one['power_uw']:.1f}",
        "–" if per_power is None else f"{per_power:.2f}",
    )
