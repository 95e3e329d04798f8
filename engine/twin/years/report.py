"""The years of all patients in numbers: when what is lost, who would have warned, what homeostasis gains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.twin.patients.life import SITES
from engine.twin.trial.interval import mean_interval
from engine.twin.trial.part import Trial
from engine.twin.years.brain import RESERVE
from engine.twin.years.design import LOSS, REGIONS, WATCHES, WAYS, YEARS, Lived
from engine.twin.years.epochs import EPOCH_S, HEALTHY_EPOCHS, Epoch
from engine.twin.years.holding import Held, alarm_at, held
from engine.twin.years.look_ahead import clocks, look_ahead

__all__ = ["plain", "report", "series"]


def series(life: Sequence[Epoch]) -> dict[str, list[float | None]]:
    """A life as columns of plain numbers, one entry an epoch.

    Parameters
    ----------
    life : sequence of Epoch
    """
    names = ("year", "r", "r_measured", "balance", "synchrony", "ictal", "compensation", "core_s")
    columns = {name: [plain(getattr(epoch, name)) for epoch in life] for name in names}
    columns["rate_hz"] = [plain(epoch.rates_hz.mean(), 2) for epoch in life]
    columns["biology_s"] = [plain(epoch.biology_s, 0) for epoch in life]
    return columns


def report(trial: Trial, found: list[Lived], times: NDArray[np.float64], wall_s: float) -> dict[str, Any]:
    """All patients as the scorecard tells them, in plain values.

    Parameters
    ----------
    trial : Trial
    found : list of Lived
    times : (n_epochs,) float64 [years]
    wall_s : float [s]
    """
    judged = [{name: held(life, one.health) for name, life in one.lives.items()} for one in found]
    alarms = [
        {
            way.name: {w: alarm_at(one.lives[way.name], one.health, one.watched[w]) for w in WATCHES}
            for way in WAYS
        }
        for one in found
    ]
    n_epochs = sum(len(life) for one in found for life in one.lives.values())
    biology, core_s = (sum(getattr(one, name) for one in found) for name in ("biology_s", "core_s"))
    return {
        "n_patients": len(found),
        "years": YEARS,
        "regions": list(REGIONS),
        "loss": LOSS,
        "reserve": RESERVE,
        "epoch_s": EPOCH_S,
        "healthy_epochs": HEALTHY_EPOCHS,
        "ways": {
            way.name: {
                "label": way.label,
                **{
                    what: _when([getattr(j[way.name], what) for j in judged], way.where != "nowhere")
                    for what in ("rates", "fc", "rest")
                },
                "warned": {
                    watch: _warned([a[way.name][watch] for a in alarms], [j[way.name].fc for j in judged])
                    for watch in WATCHES
                },
            }
            for way in WAYS
        },
        "gained": _gained(judged),
        "curves": {way.name: _curve([one.lives[way.name] for one in found], times) for way in WAYS},
        "clocks": clocks(
            YEARS * len(WAYS) * len(found), n_epochs + HEALTHY_EPOCHS * len(found), biology, core_s, wall_s
        ),
        "look_ahead": look_ahead(trial.scenario, trial.connectome, biology / max(core_s, 1e-9)),
        "workers": min(trial.workers, len(found)),
        "patients": [
            {
                way.name: {**vars(j[way.name]), "warned": a[way.name], "epochs": len(one.lives[way.name])}
                for way in WAYS
            }
            for one, j, a in zip(found, judged, alarms, strict=True)
        ],
        "example": _example(found[0]),
        "units": {"rates, fc, rest, warned": "years", "loss": "share of inhibition", "rate_hz": "Hz"},
    }


def _when(lost: Sequence[float | None], loses: bool) -> dict[str, Any]:
    """When something is lost over patients; who never loses it counts as all the years."""
    values = np.array([YEARS if year is None else year for year in lost])
    low, high = mean_interval(values)
    return {
        "n_lost": sum(year is not None for year in lost),
        "year": plain(values.mean(), 2),
        "interval": [plain(low, 2), plain(high, 2)],
        "loss": plain(LOSS * values.mean() / YEARS, 3) if loses else None,
    }


def _warned(alarms: Sequence[float | None], lost: Sequence[float | None]) -> dict[str, Any]:
    """How often and when there was an alarm, and how long before the connectivity was lost."""
    leads = [b - a for a, b in zip(alarms, lost, strict=True) if a is not None and b is not None]
    raised = [year for year in alarms if year is not None]
    low, high = mean_interval(leads)
    return {
        "n_alarms": len(raised),
        "year": plain(float(np.mean(raised)), 2) if raised else None,
        "n_leads": len(leads),
        "lead": plain(float(np.mean(leads)), 2) if leads else None,
        "interval": [plain(low, 2), plain(high, 2)],
    }


def _gained(judged: Sequence[dict[str, Held]]) -> dict[str, Any]:
    """Years that homeostasis gives, patient by patient, within the years that are represented."""
    gained = {}
    for what in ("rates", "fc", "rest"):
        pairs = [(getattr(j["schedule"], what), getattr(j["schedule_homeostasis"], what)) for j in judged]
        won = [(YEARS if on is None else on) - (YEARS if off is None else off) for off, on in pairs]
        low, high = mean_interval(won)
        gained[what] = {"years": plain(float(np.mean(won)), 2), "interval": [plain(low, 2), plain(high, 2)]}
    return gained


def _curve(lives: Sequence[list[Epoch]], times: NDArray[np.float64]) -> dict[str, Any]:
    """Mean over patients and its interval, year by year; a brain that ran away stays as it was then."""
    out: dict[str, Any] = {"year": [float(t) for t in times]}
    for name in ("r", "r_measured", "rate_hz", "balance", "synchrony", "ictal"):
        rows = []
        for life in lives:
            row = [float(e.rates_hz.mean()) if name == "rate_hz" else float(getattr(e, name)) for e in life]
            rows.append(row + [row[-1]] * (times.size - len(row)))
        table = np.array(rows)
        bounds = [mean_interval(column) for column in table.T]
        out[name] = [plain(x) for x in table.mean(axis=0)]
        if name in ("r", "rate_hz"):
            out[f"{name}_low"], out[f"{name}_high"] = ([plain(b[side], 3) for b in bounds] for side in (0, 1))
    return out


def _example(one: Lived) -> dict[str, Any]:
    """The first patient, region by region."""
    return {
        "labels": list(one.labels),
        "sites": list(SITES),
        "elsewhere": list(one.elsewhere),
        "healthy_hz": [plain(x, 1) for x in one.health.rates_hz.mean(axis=0)],
        "healthy_r": [plain(x) for x in one.health.r],
        "lives": {
            way.name: {
                **series(one.lives[way.name]),
                "rates_hz": [[plain(x, 1) for x in epoch.rates_hz] for epoch in one.lives[way.name]],
                "lost": [
                    plain(LOSS * epoch.year / YEARS if way.where != "nowhere" else 0.0)
                    for epoch in one.lives[way.name]
                ],
            }
            for way in WAYS
        },
    }


def plain(value: float | np.floating[Any], digits: int = 3) -> float | None:
    """A number as it is written, None where it is none."""
    return round(float(value), digits) if np.isfinite(value) else None
