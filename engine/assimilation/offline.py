"""Global parameters fitted to a whole series at once, by CMA-ES (Hansen & Ostermeier 2001; package `cma`).

Every parameter of `engine.assimilation.parameters` has one value for all regions. The candidates of a
generation run side by side as members. They are fitted to the first half of the series, all with the
same noise, so that a difference is one of parameters; what is found is judged on the second half with
other noise, in driven and in held-out regions apart, beside neutral parameters.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
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
from engine.progress import LastSaid, Progress, no_progress, part_of

__all__ = ["POPULATION", "OfflineFit", "next_generation", "offline_fit", "require_generations", "series_loss"]

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


class OfflineFit:
    """Global parameters that move from generation to generation towards the first half of a series.

    What has been tried and how far it was off is all there is to keep: told again, the optimiser comes to
    where it was, bit for bit.

    Parameters
    ----------
    brain : Wired
    observations : Observations
    settings : FilterSettings
        Its parameters, the spread of their prior, and the seed are used.
    threads : int

    Raises
    ------
    DataError
        The series is too short, or has nothing to compare.
    """

    def __init__(self, brain: Wired, observations: Observations, settings: FilterSettings, threads: int = 1):
        if observations.n_trs < MIN_TRS:
            raise DataError(f"observations: must be at least {MIN_TRS} rows (got {observations.n_trs}).")
        self.brain, self.observations, self.settings = brain, observations, settings
        self._threads, self._half = threads, observations.n_trs // 2
        driven = observations.driven
        self._wanted = observations.values[: self._half, driven]
        if not np.isfinite(series_loss(self._wanted, self._wanted, observations.is_relative)):
            raise DataError(
                f"observations: must be of {_FC_REGIONS} regions at least where BOLD has no level of its own "
                f"(got {int(driven.sum())})."
            )
        self._optimiser = _optimiser(settings)
        self._next: NDArray[np.float64] | None = None
        self._moves: list[NDArray[np.float64]] = []
        self._losses: list[NDArray[np.float64]] = []

    @property
    def n_generations(self) -> int:
        """Generations done."""
        return len(self._losses)

    @property
    def losses(self) -> NDArray[np.float64]:
        """(n_generations, POPULATION) float64 [1], of every candidate."""
        return np.array(self._losses).reshape(-1, POPULATION)

    @property
    def curve(self) -> list[float]:
        """The best loss of each generation."""
        return [float(of_one.min()) for of_one in self._losses]

    @property
    def values(self) -> NDArray[np.float64]:
        """(n_parameters,) float64, in units: where it stands."""
        return self._units(np.array(self._optimiser.result.xfavorite)[None])[0]

    def step(self, progress: Progress = no_progress) -> None:
        """Try a generation; where `progress` ends it, nothing of it is kept.

        Raises
        ------
        SimulationError
            A member's membrane potential is no number.
        """
        given, driven = self.observations, self.observations.driven
        moves = self._asked()
        seeds = [member_seed(self.settings.seed, _FIT_NUMBER)] * POPULATION
        seen = self._run(seeds, self._half, self._units(moves), progress)
        losses = np.array(
            [series_loss(seen[:, k][:, driven], self._wanted, given.is_relative) for k in range(POPULATION)]
        )
        self._tell(moves, losses)

    def report(self, progress: Progress = no_progress) -> dict[str, Any]:
        """Judge what is found on the second half with other noise.

        Parameters
        ----------
        progress : callable

        Returns
        -------
        dict
            "parameters": records of parameter, unit, value and neutral; "fitted" and "neutral": losses
            on the second half, of driven and held-out regions; "curve": best loss of each generation.
        """
        given, settings = self.observations, self.settings
        second = given.values[self._half :]
        neutral = np.array([p.neutral for p in settings.records])
        judging = [member_seed(settings.seed, _JUDGE_FROM + k) for k in range(N_REPLAYS)]
        judged = {}
        for k, (name, values) in enumerate((("fitted", self.values), ("neutral", neutral))):
            of_all = np.repeat(values[None], N_REPLAYS, axis=0)
            part = part_of(progress, 0.5 * k, 0.5 * (k + 1))
            seen = self._run(judging, given.n_trs, of_all, part)[self._half :]
            judged[name] = {
                group: _mean_loss(seen[:, :, mask], second[:, mask], given.is_relative)
                for group, mask in (("driven", given.driven), ("held_out", given.held_out))
            }
        progress(1.0, "judged")
        rows = [
            {"parameter": p.name, "unit": p.unit, "value": float(value), "neutral": p.neutral}
            for p, value in zip(settings.records, self.values, strict=True)
        ]
        return {"parameters": rows, **judged, "curve": self.curve, "seed": settings.seed}

    def state(self) -> dict[str, NDArray]:
        """Copies of all that changes: moves in spreads of the prior, and their losses."""
        shape = -1, POPULATION, len(self.settings.parameters)
        return {"moves": np.array(self._moves).reshape(shape), "losses": self.losses}

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go to a :meth:`state` of the same brain, observations and settings.

        Raises
        ------
        DataError
            The optimiser asks for other candidates; nothing has changed.
        """
        again = OfflineFit(self.brain, self.observations, self.settings, self._threads)
        if len(state["moves"]) != len(state["losses"]) or not np.isfinite(state["losses"]).all():
            raise DataError("offline fit: must have a loss for every candidate (got others).")
        for moves, losses in zip(state["moves"], state["losses"], strict=True):
            if not np.array_equal(again._asked(), moves):
                raise DataError("offline fit: must go on with the same optimiser (got other candidates).")
            again._tell(moves, losses)
        self._optimiser, self._moves, self._losses = again._optimiser, again._moves, again._losses
        self._next = None

    def _asked(self) -> NDArray[np.float64]:
        """The next candidates; asked again they are the same."""
        if self._next is None:
            self._next = np.array(self._optimiser.ask())
        return self._next

    def _tell(self, moves: NDArray[np.float64], losses: NDArray[np.float64]) -> None:
        self._optimiser.tell(list(moves), list(losses))
        self._moves.append(moves)
        self._losses.append(losses)
        self._next = None

    def _units(self, moves: NDArray[np.float64]) -> NDArray[np.float64]:
        settings = self.settings
        return values_of((settings.prior_mean + settings.prior_sd * moves)[:, None], settings)[:, 0]

    def _run(
        self, seeds: list[int], n_trs: int, values: NDArray[np.float64], progress: Progress
    ) -> NDArray[np.float64]:
        """(n_trs, n_members, n_regions) float64 of members with one value each in all regions."""
        given, told = self.observations, LastSaid(progress)
        n_regions = given.driven.size
        members = BrainMembers(self.brain, seeds, self._threads)
        try:
            members.set_parameters(
                {
                    p.name: np.repeat(values[:, i, None], n_regions, axis=1)
                    for i, p in enumerate(self.settings.records)
                }
            )
            instrument = Instrument(given.observed, len(seeds), n_regions, given.tr_ms)
            settled(members, instrument, told.again)
            seen = np.empty((n_trs, len(seeds), n_regions))
            for k in range(n_trs):
                seen[k] = instrument.observe(members.advance(given.tr_ms, told.again))
                told((k + 1) / n_trs, "running candidates")
            return seen
        finally:
            members.close()


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
    brain, observations, settings, threads
        As of `OfflineFit`.
    n_generations : int
        Of `POPULATION` candidates each.
    progress : callable

    Returns
    -------
    dict
        See `OfflineFit.report`.

    Raises
    ------
    DataError
        As of `OfflineFit`.
    ParameterError
        There is no generation.
    """
    require_generations(n_generations)
    fit = OfflineFit(brain, observations, settings, threads)
    while fit.n_generations < n_generations:
        next_generation(fit, n_generations, part_of(progress, 0.0, 0.8))
    return fit.report(part_of(progress, 0.8, 1.0))


def require_generations(n_generations: int) -> None:
    """Refuse a fit without a generation.

    Raises
    ------
    ParameterError
        There is none.
    """
    if n_generations < 1:
        raise ParameterError(f"generations: must be at least 1 (got {n_generations}).")


def next_generation(fit: OfflineFit, n_generations: int, progress: Progress) -> None:
    """Try one of so many generations, and tell how far it is.

    Parameters
    ----------
    fit : OfflineFit
    n_generations : int
    progress : callable
    """
    done = fit.n_generations
    best = f", best {min(fit.curve):.3g}" if done else ""

    def told(fraction: float, what: str) -> None:
        progress((done + fraction) / n_generations, f"generation {done + 1} of {n_generations}{best}")

    fit.step(told)


def _mean_loss(seen: NDArray[np.float64], wanted: NDArray[np.float64], is_relative: bool) -> float | None:
    losses = [series_loss(seen[:, k], wanted, is_relative) for k in range(seen.shape[1])]
    return float(np.mean(losses)) if np.isfinite(losses).all() else None


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
