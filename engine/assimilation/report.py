"""What an assimilation comes to: parameters with what was learnt, and fits beside their baselines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.assimilation.baselines import persistence, replayed, static_forecasts, unassimilated
from engine.assimilation.brain_filter import BrainFilter
from engine.assimilation.observations import Observations
from engine.assimilation.reliability import flatness, rank_counts, shrinkage, z_scores
from engine.progress import Progress, no_progress, part_of

__all__ = ["chance_shrinkage", "fit_of", "fits_of", "learnt", "ranks_told", "report_of"]

_LEVEL = 0.95  # of the controls, above which a parameter has learnt
_RANK_BINS = 6
_RANKS_APART_MS = 6000.0  # cases of the rank histogram: what BOLD remembers, so that they are independent


def fit_of(predicted: NDArray[np.float64], targets: NDArray[np.float64]) -> dict[str, float | None]:
    """How well some regions are predicted, the mean over them.

    Parameters
    ----------
    predicted, targets : (n_trs, n_regions) float64
        A row that is NaN is left out.

    Returns
    -------
    dict of str to float or None
        "r", Pearson's over time, and "rmse" in standard deviations of what was observed; None where
        there is no region, or one that never changes.
    """
    rows = np.isfinite(predicted).all(axis=1)
    p, t = predicted[rows], targets[rows]
    if not p.size or len(p) < 2:
        return {"r": None, "rmse": None}
    error = np.sqrt(((p - t) ** 2).mean(axis=0)) / t.std(axis=0)
    if not (np.ptp(p, axis=0) > 0).all():
        return {"r": None, "rmse": _plain(error.mean())}
    p, t = p - p.mean(axis=0), t - t.mean(axis=0)
    norm = np.sqrt((p**2).sum(axis=0) * (t**2).sum(axis=0))
    return {"r": _plain(((p * t).sum(axis=0) / norm).mean()), "rmse": _plain(error.mean())}


def fits_of(
    of_one: list[NDArray[np.float64]], targets: NDArray[np.float64], observations: Observations
) -> dict[str, Any]:
    """How well driven and held-out regions are predicted, in each half of the series.

    Parameters
    ----------
    of_one : list of (n_done, n_regions) float64
        Predictions of the first observations, from one noise each; the fits are means over them.
    targets : (n_done, n_regions) float64
    observations : Observations

    Returns
    -------
    dict
        A `fit_of` by group, "driven" and "held_out", and by half, "first" and "second".
    """
    groups = {"driven": observations.driven, "held_out": observations.held_out}
    half = observations.n_trs // 2
    halves = {"first": slice(0, half), "second": slice(half, None)}
    return {
        group: {
            name: _mean_fit([fit_of(one[part][:, mask], targets[part][:, mask]) for one in of_one])
            for name, part in halves.items()
        }
        for group, mask in groups.items()
    }


def chance_shrinkage(done: BrainFilter) -> float:
    """The shrinkage that one in twenty controls exceeds."""
    of_controls = shrinkage(done.controls, np.full(done.controls.shape[1:], done.prior_variance))
    return float(np.quantile(of_controls, _LEVEL))


def learnt(done: BrainFilter, truth: NDArray[np.float64] | None = None) -> list[dict[str, Any]]:
    """Every parameter at the end, a record each.

    Parameters
    ----------
    done : BrainFilter
    truth : (n_driven, n_parameters) float64 [1], optional
        On the logit scale, where it is known.

    Returns
    -------
    list of dict
        Region, parameter, unit, mean and sd in units, prior_mean, shrinkage, is_informed, truth, z.
    """
    settings = done.settings
    labels = np.array(done.observations.labels)[done.driven]
    learnt_of = shrinkage(done.x, np.full(done.x.shape[1:], done.prior_variance))
    z = None if truth is None else z_scores(done.x, truth)
    chance = chance_shrinkage(done)
    rows = []
    for r, label in enumerate(labels):
        for i, p in enumerate(settings.records):
            values = p.bounds.value(done.x[:, r, i])
            rows.append(
                {
                    "region": str(label),
                    "parameter": p.name,
                    "unit": p.unit,
                    "mean": _plain(values.mean()),
                    "sd": _plain(values.std(ddof=1)),
                    "prior_mean": p.neutral,
                    "shrinkage": _plain(learnt_of[r, i]),
                    "is_informed": bool(learnt_of[r, i] > chance),
                    "truth": None if truth is None else _plain(float(p.bounds.value(truth[r, i]))),
                    "z": None if z is None else _plain(z[r, i]),
                }
            )
    return rows


def ranks_told(done: BrainFilter) -> dict[str, Any]:
    """The rank histogram of driven regions, over TRs so far apart that they are independent.

    Returns
    -------
    dict
        "counts", "p" of their flatness, "every": TRs between two cases.
    """
    every = max(1, round(_RANKS_APART_MS / done.observations.tr_ms))
    ranks = done.series["ranks"][: done.time : every].ravel()
    rng = np.random.default_rng(done.settings.seed)
    counts = rank_counts(ranks, done.settings.n_members, _RANK_BINS, rng)
    return {"counts": counts.tolist(), "p": _plain(flatness(counts)), "every": every}


def report_of(
    done: BrainFilter,
    truth: NDArray[np.float64] | None = None,
    *,
    threads: int = 1,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """Run the baselines and the replay, and put all together as plain values.

    Parameters
    ----------
    done : BrainFilter
        Finished.
    truth : (n_driven, n_parameters) float64 [1], optional
    threads : int
    progress : callable

    Returns
    -------
    dict
        "parameters", "ranks", "fits" and "series". A fit has driven and held-out regions apart, and
        the first half of the series apart from the second.
    """
    observations, targets = done.observations, done.targets
    fixed = static_forecasts(done, part_of(progress, 0.0, 0.2))
    replay = replayed(done, threads, part_of(progress, 0.2, 0.6))
    plain = unassimilated(done, threads, part_of(progress, 0.6, 1.0))
    forecasts = {
        "assimilated": done.series["forecast"],
        "persistence": persistence(targets),
        "fixed covariance (3D-Var)": fixed,
    }
    told = {name: fits_of([one], targets, observations) for name, one in forecasts.items()}
    replays = {"replay": replay, "replay, unassimilated": plain}
    told |= {
        name: fits_of(list(one.transpose(1, 0, 2)), targets, observations) for name, one in replays.items()
    }
    series = {key: _listed(value) for key, value in done.series.items() if key != "ranks"}
    return {
        "observed": observations.observed,
        "tr_ms": observations.tr_ms,
        "n_trs": observations.n_trs,
        "n_members": done.settings.n_members,
        "seed": done.settings.seed,
        "is_relative": observations.is_relative,
        "driven": [x for x, on in zip(observations.labels, observations.driven, strict=True) if on],
        "held_out": [x for x, on in zip(observations.labels, observations.held_out, strict=True) if on],
        "chance_shrinkage": _plain(chance_shrinkage(done)),
        "parameters": learnt(done, truth),
        "ranks": ranks_told(done),
        "fits": told,
        "series": {**series, "targets": _listed(targets), "replay": _listed(replay.mean(axis=1))},
    }


def _mean_fit(fits: list[dict[str, float | None]]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for key in ("r", "rmse"):
        values = [fit[key] for fit in fits]
        known = [v for v in values if v is not None]
        found[key] = _plain(float(np.mean(known))) if len(known) == len(values) else None
    return found


def _listed(values: NDArray[np.float64]) -> Any:
    """Nested lists with six digits, None where there is no number."""
    if values.ndim > 1:
        return [_listed(row) for row in values]
    return [_plain(v) for v in values]


def _plain(value: float) -> float | None:
    return float(f"{float(value):.6g}") if np.isfinite(value) else None
