"""Global parameters fitted to a whole series at once, by CMA-ES (Hansen & Ostermeier 2001; package `cma`).

Every parameter of `engine.assimilation.parameters` has one value for all regions. The candidates of a
generation run side by side as members. They are fitted to the first half of the series, all with the
same noise, so that a difference is one of parameters; what is found is judged on the second half with
other noise, in driven and in held-out regions apart, beside neutral parameters.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.assimilation.baselines import N_REPLAYS
from engine.assimilation.brain_filter import FilterSettings, settled, values_of
from engine.assimilation.instrument import Instrument
from engine.assimilation.members import BrainMembers, Wired, member_seed
from engine.assimilation.observations import Observations
from engine.errors import DataError, ParameterError
from engine.fit.functional_connectivity import rate_fc
from engine.progress import Progress, no_progress, part_of

__all__ = ["POPULATION", "offline_fit", "series_loss"]

POPULATION = 8
MIN_TRS = 8
_FIT_NUMBER = 3  # of the noise of candidates
_JUDGE_FROM = 20
_FC_REGIONS = 3  # fewest whose correlations are compared


def series_loss(seen: NDArray[np.float64], wanted: NDArray[np.float64], is_relative: bool = False) -> float:
    """Distance of two series: of the regions' means, and of their correlations.

    ``mean_i ((<x_i> - <y_i>) / max(sd y_i, |<y_i>|))^2 + mean_ij (r_ij(x) - r_ij(y))^2``; the first
    is left out where the wanted series have no level of their own, the second below three regions.

    Parameters
    ----------
    seen, wanted : (n_trs, n_regions) float64
    is_relative : bool

    Returns
    -------
    float [1]
        NaN where nothing can be compared.
    """
    terms = []
    if not is_relative and wanted.shape[1]:
        scale = np.maximum(wanted.std(axis=0), np.abs(wanted.mean(axis=0)))
        terms.append(float((((seen.mean(axis=0) - wanted.mean(axis=0)) / scale) ** 2).mean()))
    if wanted.shape[1] >= _FC_REGIONS:
        pairs = np.triu_indices(wanted.shape[1], 1)
        apart = rate_fc(seen)[pairs] - rate_fc(wanted)[pairs]
        terms.append(float((apart**2).mean()))
    return float(np.sum(terms)) if terms else float("nan")


def offline_fit(
    brain: Wired,
    observations: Observations,
    settings: FilterSettings,
    n_generations: int = 10,
    *,
    threads: int = 1,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """Fit global parameters and judge them.

    Parameters
    ----------
    brain : Wired
    observations : Observations
    settings : FilterSettings
        Its parameters, the spread of their prior, and the seed are used.
    n_generations : int
        Of `POPULATION` candidates each.
    threads : int
    progress : callable

    Returns
    -------
    dict
        "parameters": records of parameter, unit, value and neutral; "fitted" and "neutral": losses
        on the second half, of driven and held-out regions; "curve": best loss of each generation.

    Raises
    ------
    DataError
        The series is too short, or has nothing to compare.
    ParameterError
        There is no generation.
    """
    if observations.n_trs < MIN_TRS:
        raise DataError(f"observations: must be at least {MIN_TRS} rows (got {observations.n_trs}).")
    if n_generations < 1:
        raise ParameterError(f"generations: must be at least 1 (got {n_generations}).")
    half, driven = observations.n_trs // 2, observations.driven
    first, second = observations.values[:half], observations.values[half:]
    if not np.isfinite(series_loss(first[:, driven], first[:, driven], observations.is_relative)):
        raise DataError(
            f"observations: must be of {_FC_REGIONS} regions at least where BOLD has no level of its own "
            f"(got {int(driven.sum())})."
        )
    optimiser = _optimiser(settings)
    seeds = [member_seed(settings.seed, _FIT_NUMBER)] * POPULATION
    curve: list[float] = []
    told = part_of(progress, 0.0, 0.8)
    for generation in range(n_generations):
        moves = optimiser.ask()
        x = settings.prior_mean + settings.prior_sd * np.array(moves)
        seen = _run(
            brain, seeds, observations, half, values_of(x[:, None], settings)[:, 0], settings, threads
        )
        losses = [
            series_loss(seen[:, k][:, driven], first[:, driven], observations.is_relative)
            for k in range(POPULATION)
        ]
        optimiser.tell(moves, losses)
        curve.append(min(losses))
        told((generation + 1) / n_generations, f"generation {generation + 1}, best {min(curve):.3g}")
    found = values_of((settings.prior_mean + settings.prior_sd * optimiser.result.xfavorite)[None], settings)
    neutral = np.array([[p.neutral for p in settings.records]])
    judging = [member_seed(settings.seed, _JUDGE_FROM + k) for k in range(N_REPLAYS)]
    judged = {}
    for name, values in (("fitted", found), ("neutral", neutral)):
        of_all = np.repeat(values, N_REPLAYS, axis=0)
        seen = _run(brain, judging, observations, observations.n_trs, of_all, settings, threads)[half:]
        judged[name] = {
            group: _mean_loss(seen[:, :, mask], second[:, mask], observations.is_relative)
            for group, mask in (("driven", driven), ("held_out", observations.held_out))
        }
    progress(1.0, "judged")
    rows = [
        {"parameter": p.name, "unit": p.unit, "value": float(value), "neutral": p.neutral}
        for p, value in zip(settings.records, found[0], strict=True)
    ]
    return {"parameters": rows, **judged, "curve": curve, "seed": settings.seed}


def _mean_loss(seen: NDArray[np.float64], wanted: NDArray[np.float64], is_relative: bool) -> float | None:
    losses = [series_loss(seen[:, k], wanted, is_relative) for k in range(seen.shape[1])]
    return float(np.mean(losses)) if np.isfinite(losses).all() else None


def _run(
    brain: Wired,
    seeds: list[int],
    observations: Observations,
    n_trs: int,
    values: NDArray[np.float64],
    settings: FilterSettings,
    threads: int,
) -> NDArray[np.float64]:
    """(n_trs, n_members, n_regions) float64 of members with one value each in all regions."""
    n_regions = observations.driven.size
    members = BrainMembers(brain, seeds, threads)
    try:
        members.set_parameters(
            {p.name: np.repeat(values[:, i, None], n_regions, axis=1) for i, p in enumerate(settings.records)}
        )
        instrument = Instrument(observations.observed, len(seeds), n_regions, observations.tr_ms)
        settled(members, instrument)
        return np.stack([instrument.observe(members.advance(observations.tr_ms)) for _ in range(n_trs)])
    finally:
        members.close()


def _optimiser(settings: FilterSettings) -> Any:
    """CMA-ES in spreads of the prior, with random numbers of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses matplotlib, and says so of one dimension
        import cma

        random = np.random.default_rng([settings.seed, 4])
        return cma.CMAEvolutionStrategy(
            [0.0] * len(settings.parameters),
            0.5,
            {
                "popsize": POPULATION,
                "verbose": -9,
                "seed": np.nan,
                "verb_log": 0,
                "verb_disp": 0,
                "randn": lambda *shape: random.standard_normal(shape),
            },
        )
