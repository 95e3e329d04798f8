"""Adaptation of all twins in numbers: the gap that learning closed, beside its controls."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.twin.adaptation.compared import JUDGE_MINUTES, PASSES, Compared
from engine.twin.adaptation.learner import LEARNINGS, RULE
from engine.twin.adaptation.patient import Spread
from engine.twin.trial.interval import mean_interval

__all__ = ["gap_closed", "report"]


def gap_closed(
    reached: NDArray[np.float64],
    group: NDArray[np.float64],
    refit: NDArray[np.float64],
    seed: int = 0,
    draws: int = 2000,
) -> tuple[float | None, list[float] | None]:
    """Share of the way from the group brain to the refitted one, over all patients together.

    Parameters
    ----------
    reached, group, refit : (n_patients,) float64 [1]
        Scores; higher is better.
    seed : int
        Of the bootstrap.
    draws : int

    Returns
    -------
    share : float [1] or None
        Ratio of the summed gains; None where the refit is no better than the group.
    interval : [low, high] or None
        95 % by bootstrap over patients; None below three patients, or where a twentieth of the draws has
        no gap to close.
    """
    gap = refit - group
    if gap.sum() <= 0:
        return None, None
    share = float((reached - group).sum() / gap.sum())
    n = len(gap)
    if n < 3:
        return share, None
    picked = np.random.default_rng(seed).integers(n, size=(draws, n))
    gaps = gap[picked].sum(axis=1)
    shares = (reached - group)[picked].sum(axis=1)[gaps > 0] / gaps[gaps > 0]
    if shares.size < 0.95 * draws:
        return share, None
    low, high = np.quantile(shares, [0.025, 0.975])
    return share, [float(low), float(high)]


def report(found: list[Compared], spread: Spread, minutes: float) -> dict[str, Any]:
    """All patients as the scorecard tells them, in plain values.

    Parameters
    ----------
    found : list of Compared
    spread : Spread
    minutes : float [min]
        Of the recordings that the twins heard.
    """

    def over(name: str, what: str) -> NDArray[np.float64]:
        return np.array([getattr(f.brains[name], what) for f in found])

    def judged(name: str) -> dict[str, Any]:
        r, error = over(name, "r"), over(name, "rate_error_hz")
        share, interval = gap_closed(r, over("none", "r"), over("refit", "r"))
        low, high = mean_interval(r)
        label = "Offline refit" if name == "refit" else LEARNINGS[name].label
        return {
            "label": label,
            "gap_closed": _plain(share),
            "interval": interval and [_plain(x) for x in interval],
            "r": _plain(r.mean()),
            "r_interval": None if np.isnan(low) else [_plain(low), _plain(high)],
            "r_sites": _plain(over(name, "r_sites").mean()),
            "rate_error_hz": _plain(error.mean()),
            "wall_s": round(float(over(name, "wall_s").mean()), 1),
            "r_each": [_plain(x) for x in r],
        }

    twin = judged("synapses")
    hours = minutes / 60.0
    share = twin["gap_closed"]
    gains = over("synapses", "r") - over("drive", "r")
    low, high = mean_interval(gains)
    first = found[0]
    return {
        "gap_closed": share,
        "interval": twin["interval"],
        "per_hour": None if share is None else _plain(share / hours),
        "per_hour_interval": twin["interval"] and [_plain(end / hours) for end in twin["interval"]],
        "gain_of_learning": {
            "r": _plain(gains.mean()),
            "interval": None if np.isnan(low) else [_plain(low), _plain(high)],
            "against": "drive",
        },
        "twin": twin,
        "controls": {
            "no_learning": judged("drive"),
            "inhibition_only": judged("inhibition"),
            "shuffled": judged("shuffled"),
            "refit": judged("refit"),
            "group": judged("none"),
        },
        "ceiling": _plain(float(np.mean([f.ceiling for f in found]))),
        "identified": _identified(found),
        "minutes": minutes,
        "judged_minutes": JUDGE_MINUTES,
        "passes_of_refit": PASSES,
        "n_regions": len(first.fc),
        "n_sites": int(first.patient.sites.size),
        "n_pairs": len(first.fc) * (len(first.fc) - 1) // 2,
        "n_patients": len(found),
        "spread": {name: _plain(getattr(spread, name)) for name in spread.__dataclass_fields__},
        "rule": {"rate": RULE.rate, "quiet_s": RULE.quiet_s},
        "basis": "Pearson's r of the FC of rates in 1-s bins, frozen brain against an unheard recording",
        "example": _example(first),
    }


def _identified(found: list[Compared]) -> dict[str, float | None]:
    """Whether what the twins learned is what sets the patients apart, as correlations over all of them.

    Returns
    -------
    dict
        ``inhibition`` over recorded regions, ``tracts`` over tracts between recorded regions, both in the
        logarithm of factors.
    """
    changes: dict[str, tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]] = {
        "inhibition": ([], []),
        "tracts": ([], []),
    }
    for f in found:
        sites, group, learned = f.patient.sites, f.patient.group, f.brains["synapses"].tuning
        true = f.at_end
        for name, what in (("inhibition", "local_inhibition"), ("tracts", "onto_excitatory")):
            before, after, real = (getattr(t, what) for t in (group, learned, true))
            if name == "tracts":
                pairs = np.ix_(sites, sites)
                off = ~np.eye(sites.size, dtype=bool)
                before, after, real = (m[pairs][off] for m in (before, after, real))
            else:
                before, after, real = (v[sites] for v in (before, after, real))
            known = (before > 0.1) & (after > 0.1) & (real > 0.1)
            changes[name][0].append(np.log(after[known] / before[known]))
            changes[name][1].append(np.log(real[known] / before[known]))
    return {name: _correlation(*map(np.concatenate, both)) for name, both in changes.items()}


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    if a.size < 3 or not a.std() or not b.std():
        return None
    return _plain(np.corrcoef(a, b)[0, 1])


def _example(found: Compared) -> dict[str, Any]:
    """Pictures of the first patient."""
    sites, group = found.patient.sites, found.patient.group
    true = found.at_end

    def course(name: str) -> list[list[float | None]]:
        steps = found.brains[name].curve[:: max(1, len(found.brains[name].curve) // 90)]
        return [[_plain(x) for x in step] for step in steps]

    def square(fc: NDArray[np.float64]) -> list[list[float | None]]:
        return [[None if not np.isfinite(x) else round(float(x), 2) for x in row] for row in fc]

    learned = found.brains["synapses"].tuning
    return {
        "labels": list(group.labels),
        "sites": [group.labels[k] for k in sites],
        "fc": {
            "patient": square(found.fc),
            "twin": square(found.brains["synapses"].fc),
            "group": square(found.brains["none"].fc),
        },
        "course": {name: course(name) for name in ("synapses", "inhibition", "drive", "shuffled")},
        "inhibition": {
            "patient": [_plain(x) for x in (true.local_inhibition / group.local_inhibition)[sites]],
            "twin": [_plain(x) for x in (learned.local_inhibition / group.local_inhibition)[sites]],
        },
    }


def _plain(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 4)
