"""What deep brain stimulation changes, and at which dose: the part of a trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.codesign.workers import Check, Work, run_all
from engine.progress import part_of
from engine.twin.stimulation.anatomy import circuit_table
from engine.twin.stimulation.controllers import CONTROLLERS
from engine.twin.stimulation.electrode import Electrode, electrode
from engine.twin.stimulation.example import example_of
from engine.twin.stimulation.gates import gates_of
from engine.twin.stimulation.mechanism import MECHANISM, UNITS
from engine.twin.stimulation.study import (
    AMPLITUDES_MA,
    FREQUENCIES_HZ,
    SET_POINT_SHARE,
    TREATED_S,
    Case,
    Kept,
    case_of,
    keep,
    run_condition,
    set_point_of,
)
from engine.twin.stimulation.targets import targets_of
from engine.twin.stimulation.treatment import Course
from engine.twin.trial.interval import mean_interval
from engine.twin.trial.part import Trial

__all__ = ["CLOSED_LOOP", "stimulation"]

CLOSED_LOOP = "pi_frequency"
"""The controller that stands for closed loop; the best one of Fleming et al. 2020, named before ours was
judged."""

_FIRST = ("untreated", "setting", "chance", "healthy")
_CONTROLS = ("sham", "random_timing", "wrong_frequency")


def _show(value: float | None) -> float | None:
    """A number with as many digits as are read, or nothing where it is not known."""
    return None if value is None or not np.isfinite(value) else float(f"{value:.5g}")


def _interval(values: Sequence[float]) -> list[float | None]:
    low, high = mean_interval(values)
    return [_show(low), _show(high)]


def _averages(kept: Sequence[Kept], effects: Sequence[float]) -> dict[str, Any]:
    """One condition over all patients."""
    effect = float(np.mean(effects))
    charge = float(np.mean([k.charge_uc for k in kept]))
    energy = float(np.mean([k.energy_uj for k in kept]))
    power = float(np.mean([k.power_uw for k in kept]))
    return {
        "effect": _show(effect),
        "interval": _interval(effects),
        "charge_uc": _show(charge),
        "energy_uj": _show(energy),
        "power_uw": _show(power),
        "effect_per_uc": _show(effect / charge) if charge > 0 else None,
        "effect_per_uj": _show(effect / energy) if energy > 0 else None,
        "percent_per_uw": _show(100 * effect / power) if power > 0 else None,
        "n_pulses": _show(float(np.mean([k.n_pulses for k in kept]))),
        "target_hz": _show(float(np.mean([k.rates_hz["stn"] for k in kept]))),
        "driven_hz": _show(float(np.mean([k.driven_hz for k in kept]))),
    }


def _network(kept: Sequence[Kept], before: Sequence[Kept]) -> dict[str, Any]:
    """Rates and beta of each population, and how they stand to the untreated circuit."""
    rates = {p: _show(float(np.mean([k.rates_hz[p] for k in kept]))) for p in kept[0].rates_hz}
    beta = {
        p: _show(
            float(np.mean([1 - k.rate_beta[p] / b.rate_beta[p] for k, b in zip(kept, before, strict=True)]))
        )
        for p in kept[0].rate_beta
        if all(b.rate_beta[p] > 0 for b in before)
    }
    return {"rates_hz": rates, "beta_effect": beta}


def _jobs(
    cases: Sequence[Case], names: Sequence[str], base: Electrode, set_points: Sequence[float]
) -> list[tuple[str, Work]]:
    """One job a patient and condition; each gives what is kept, and the first patient's course besides."""

    def work(number: int, name: str) -> Work:
        def done(check: Check) -> tuple[Kept, Course | None, float]:
            course = run_condition(cases[number], name, base, set_points[number], check)
            mine = set_point_of(course) if name == "setting" else set_points[number]
            is_shown = number == 0 and ":" not in name
            return keep(course), course if is_shown else None, mine

        return done

    return [
        (
            f"patient {number + 1} of {len(cases)}: {name.replace('_', ' ').replace(':', ' ')}",
            work(number, name),
        )
        for name in names
        for number in range(len(cases))
    ]


def stimulation(trial: Trial) -> dict[str, Any]:
    """Treat a trial's patients in every way, and judge it.

    Parameters
    ----------
    trial : Trial
        Of its brain nothing is used: circuits of this part have a nucleus that the connectome lacks.

    Returns
    -------
    dict
        Plain values. ``open_loop``, ``closed_loop``, ``sham``, ``random_timing`` and ``wrong_frequency`` have
        ``effect``, ``interval``, ``charge_uc`` and ``energy_uj``; beside them ``controllers``,
        ``frequency_sweep``, ``dose_response``, ``network``, ``circuit``, ``electrode``, ``gates``,
        ``mechanism``, ``units`` and ``example``. What is not known, as the interval of one patient, is None.
    """
    base = electrode()
    cases = [case_of(trial.seed, number) for number in range(trial.patients)]
    n = len(cases)
    first = run_all(_jobs(cases, _FIRST, base, [0.0] * n), trial.workers, part_of(trial.progress, 0.0, 0.14))
    found = {name: first[k * n : (k + 1) * n] for k, name in enumerate(_FIRST)}
    set_points = [set_point for _, _, set_point in found["setting"]]
    later = (
        *CONTROLLERS.names,
        *_CONTROLS,
        *(f"frequency:{f:g}" for f in FREQUENCIES_HZ),
        *(f"amplitude:{a:g}" for a in AMPLITUDES_MA if a != base.amplitude_ma),
    )
    rest = run_all(_jobs(cases, later, base, set_points), trial.workers, part_of(trial.progress, 0.14, 0.9))
    found |= {name: rest[k * n : (k + 1) * n] for k, name in enumerate(later)}
    found[f"amplitude:{base.amplitude_ma:g}"] = found[f"frequency:{base.frequency_hz:g}"]
    kept = {name: [one for one, _, _ in rows] for name, rows in found.items()}
    courses = {name: rows[0][1] for name, rows in found.items() if rows[0][1] is not None}
    card = _judged(kept, set_points)
    card |= {
        "targets": targets_of(cases, base, trial.workers, part_of(trial.progress, 0.9, 1.0)),
        "electrode": base.model_dump(),
        "circuit": circuit_table(),
        "mechanism": MECHANISM,
        "units": UNITS,
        "example": example_of(courses, set_points[0]),
    }
    return card


def _judged(kept: dict[str, list[Kept]], set_points: Sequence[float]) -> dict[str, Any]:
    before = kept["untreated"]

    def effects(name: str) -> list[float]:
        return [k.effect(b) for k, b in zip(kept[name], before, strict=True)]

    def errors(name: str) -> list[float]:
        return [k.error(s) for k, s in zip(kept[name], set_points, strict=True)]

    def reductions(name: str) -> list[float]:
        return [1 - k.over(s) / b.over(s) for k, b, s in zip(kept[name], before, set_points, strict=True)]

    def row(name: str) -> dict[str, Any]:
        return _averages(kept[name], effects(name))

    controllers = [
        {
            "name": kind.name,
            "label": kind.label,
            "sentence": kind.sentence,
            "source": kind.source,
            "is_closed": kind.is_closed,
            **row(kind.name),
            "power_share": _show(_mean_ratio(kept[kind.name], kept["open_loop"])),
            "set_point_error": _show(float(np.mean(errors(kind.name)))),
            "error_reduction": _show(float(np.mean(reductions(kind.name)))),
            "mean_ma": _show(float(np.mean([k.mean_ma for k in kept[kind.name]]))),
            "mean_hz": _show(float(np.mean([k.mean_hz for k in kept[kind.name]]))),
        }
        for kind in CONTROLLERS
    ]
    sweep = {f: effects(f"frequency:{f:g}") for f in FREQUENCIES_HZ}
    conditions = ("open_loop", *_CONTROLS)
    closed, opened = kept[CLOSED_LOOP], kept["open_loop"]
    ratio = [b.beta / h.beta for b, h in zip(before, kept["healthy"], strict=True)]
    return {
        **{name: row(name) for name in conditions},
        "closed_loop": {"controller": CLOSED_LOOP, **row(CLOSED_LOOP)},
        "chance": {
            "sentence": "The untreated circuit again, in another noise: what an effect of nothing looks "
            "like.",
            "effect": _show(float(np.mean(effects("chance")))),
            "interval": _interval(effects("chance")),
            "spread": _show(float(np.std(effects("chance"), ddof=1))) if len(before) > 1 else None,
        },
        "controllers": controllers,
        "frequency_sweep": [
            {
                "frequency_hz": f,
                **row(f"frequency:{f:g}"),
                "gpi_effect": _show(_gpi_effect(kept[f"frequency:{f:g}"], before)),
            }
            for f in FREQUENCIES_HZ
        ],
        "dose_response": [{"amplitude_ma": a, **row(f"amplitude:{a:g}")} for a in AMPLITUDES_MA],
        "network": {
            name: _network(kept[name], before)
            for name in ("healthy", "untreated", *conditions, *(c.name for c in CONTROLLERS if c.is_closed))
        },
        "untreated": {
            "beta_mv": _show(float(np.mean([b.beta for b in before]))),
            "peak_hz": _show(float(np.mean([b.peak_hz for b in before]))),
            "healthy_beta_mv": _show(float(np.mean([h.beta for h in kept["healthy"]]))),
            "ratio": _show(float(np.mean(ratio))),
            "interval": _interval(ratio),
            "set_point_mv": _show(float(np.mean(set_points))),
            "set_point_share": SET_POINT_SHARE,
            "set_point_error": _show(float(np.mean(errors("untreated")))),
        },
        "treated_s": TREATED_S,
        "gates": gates_of(
            {name: effects(name) for name in conditions},
            sweep,
            [c.power_uw / o.power_uw for c, o in zip(closed, opened, strict=True)],
            errors(CLOSED_LOOP),
            errors("untreated"),
            ratio,
        ),
    }


def _mean_ratio(kept: Sequence[Kept], other: Sequence[Kept]) -> float:
    return float(np.mean([k.power_uw / o.power_uw for k, o in zip(kept, other, strict=True)]))


def _gpi_effect(kept: Sequence[Kept], before: Sequence[Kept]) -> float:
    shares = [k.rate_beta["gpi"] / b.rate_beta["gpi"] for k, b in zip(kept, before, strict=True)]
    return float(np.mean([1 - share for share in shares]))
