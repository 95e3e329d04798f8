"""What came of forecasts, in words."""

from __future__ import annotations

from typing import Any

from engine.twin.forecast.forecasters import FORECASTERS
from engine.twin.patients import PATIENT_KINDS
from engine.twin.trial.interval import within
from engine.twin.trial.part import Summary

__all__ = ["summary"]


def summary(found: dict[str, Any]) -> Summary:
    """The answer and its table.

    Parameters
    ----------
    found : dict
        As of `engine.twin.forecast.part.forecast`.
    """
    rows = []
    for kind, of_kind in found["by_patient_kind"].items():
        for name, one in of_kind["forecasters"].items():
            rows.append(_row(PATIENT_KINDS[kind].label, FORECASTERS[name].label, one))
    rate = found["false_positive_rate"]
    n, begin = found["patients"], found["horizon_s"]
    notes = (
        f"A seizure counts as foretold {begin:g} to {begin + found['occurrence_s']:g} s after an alarm. "
        f"Time is {found['time']}. Of each kind {n['train']} patients to train, {n['choose']} to choose the "
        f"threshold, {n['judge']} others to judge.",
        "The look-ahead weighs futures that the twin has lived from one moment, with the group's tracts and "
        "every focus there may be; it is taught on patients only how to make a probability of them.",
        "The oracle reads the hidden state and is a ceiling; Poisson, periodic and persistence know only the "
        "seizures so far and are the floor. Chance: an alarm for as much of the time, at random.",
        *_brier_notes(found),
        f"Judged one by one, {rate['n_better']} of {rate['n_patients']} noise-driven patients were called "
        f"better than chance; at a level of {rate['level']:.0%} up to {rate['most']} are to be expected.",
    )
    columns = (
        "patients",
        "forecaster",
        "AUC",
        "95 %",
        "Brier skill",
        "foretold",
        "in warning",
        "over chance",
        "p",
        "false/h",
        "lead [s]",
        "seizures",
        "verdict",
    )
    return Summary(_answer(found), columns, tuple(rows), notes)


def _answer(found: dict[str, Any]) -> str:
    by_kind = found["by_patient_kind"]
    said = "; ".join(
        f"{PATIENT_KINDS[kind].label.lower()} patients: {of_kind['verdict']} "
        f"(AUC {_n(of_kind['sample']['auc'])}, oracle {_n(of_kind['sample']['oracle_auc'])})"
        for kind, of_kind in by_kind.items()
    )
    return f"{FORECASTERS[found['forecaster']].label}, on patients it never met. {said[0].upper()}{said[1:]}."


def _brier_notes(found: dict[str, Any]) -> tuple[str, ...]:
    """What the Brier scores of the forecaster in question are made of; none in an older scorecard."""
    name = found["forecaster"]
    of_kind = {kind: one["forecasters"][name].get("brier") for kind, one in found["by_patient_kind"].items()}
    said = [
        f"{PATIENT_KINDS[kind].label.lower()} {parts['score']:.3f} = {parts['uncertainty']:.3f} uncertainty "
        f"- {parts['resolution']:.3f} resolution + {parts['reliability']:.3f} reliability"
        for kind, parts in of_kind.items()
        if parts and parts["score"] is not None
    ]
    if not said:
        return ()
    return (
        f"Brier score of the {FORECASTERS[name].label.lower()} (0 is perfect): {'; '.join(said)}; up to what "
        "varies inside the ten bins.",
    )


def _row(kind: str, label: str, one: dict[str, Any]) -> tuple[str, ...]:
    low, high = one["interval"]
    return (
        kind,
        label,
        _n(one["auc"]),
        "–" if low is None else f"{low:.2f} to {high:.2f}",
        _n(one["brier_skill"]),
        _share(one["sensitivity"]) + within(one.get("sensitivity_interval"), ".0%"),
        _share(one["time_in_warning"]),
        _n(one["improvement_over_chance"], "+.2f") + within(one.get("improvement_interval"), "+.2f"),
        _n(one["p_binomial"], ".3f"),
        _n(one["false_alarms_per_h"], ".0f"),
        _n(one["lead_s"], ".0f"),
        str(one["n_seizures"]),
        one["verdict"],
    )


def _n(value: float | None, form: str = ".2f") -> str:
    return "–" if value is None else f"{value:{form}}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
