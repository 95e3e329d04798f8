"""The filter of a brain: members run, are observed, and their regional parameters drawn to the data.

Once a TR, as in the hierarchical mesoscale assimilation of the Digital Twin Brain (`filter` in
DTB-consortium/Digital_twin_brain-open at b524ac0):

1. every parameter takes a step of a random walk on the logit scale within its bounds;
2. all members run for the TR and are observed;
3. every driven region's parameters and the hidden state of its BOLD are moved by `regional_step`;
4. what chance has drawn together is given back by `chance_inflation`.

The members differ in their noise, so the model's own variability is in their spread. Beside the
parameters the filter carries controls, numbers that act on nothing: what they seem to learn is what
chance teaches, and a parameter that has learnt no more is marked as one that the data say nothing of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.assimilation.bounded import walked
from engine.assimilation.filter import MIN_MEMBERS, chance_inflation, inflated, regional_step
from engine.assimilation.instrument import Instrument
from engine.assimilation.members import BrainMembers, Wired, member_seed
from engine.assimilation.observations import Observations
from engine.assimilation.parameters import PARAMETERS, RegionalParameter
from engine.assimilation.reliability import ranks_of
from engine.errors import ParameterError
from engine.progress import Progress, no_progress

__all__ = ["WARM_MS", "BrainFilter", "FilterSettings", "Forecast", "set_driven", "settled", "values_of"]

WARM_MS = 2000
"""Biology of every member before the first TR [ms]; the second half of it is where BOLD settles."""

_FIRST_STREAM, _STEP_STREAM = 1, 2  # of random numbers
_MEMBERS_FROM = 1000  # number of the first member's noise, so that none is that of a truth or a replay


@dataclass(frozen=True)
class FilterSettings:
    """How a brain is filtered.

    Attributes
    ----------
    parameters : tuple of str
        Of `PARAMETERS`; estimated in every driven region.
    n_members : int
    prior_sd, walk_sd : float [1]
        On the logit scale: spread at the beginning, and of a step each TR.
    own_share : float [1]
        See `regional_step`.
    n_controls : int
        Numbers a region that act on nothing.
    seed : int

    Raises
    ------
    ParameterError
        A number is out of range, or a name is unknown.
    """

    parameters: tuple[str, ...] = ("bias",)
    n_members: int = 30
    prior_sd: float = 1.0
    walk_sd: float = 0.05
    own_share: float = 1.0
    n_controls: int = 50
    seed: int = 1

    def __post_init__(self) -> None:
        if self.n_members < MIN_MEMBERS:
            raise ParameterError(f"members: must be at least {MIN_MEMBERS} (got {self.n_members}).")
        if not (self.prior_sd > 0 and self.walk_sd >= 0):
            raise ParameterError(
                f"prior and walk: must be above 0 and at least 0 (got {self.prior_sd:g}, {self.walk_sd:g})."
            )
        if not 0.0 <= self.own_share <= 1.0:
            raise ParameterError(f"own share: must be from 0 to 1 (got {self.own_share:g}).")
        if self.n_controls < 1 or not self.parameters:
            raise ParameterError("parameters: must be at least one, and one control (got none).")
        for name in self.parameters:
            _ = PARAMETERS[name]

    @property
    def records(self) -> tuple[RegionalParameter, ...]:
        """The parameters."""
        return tuple(PARAMETERS[name] for name in self.parameters)

    @property
    def prior_mean(self) -> NDArray[np.float64]:
        """(n_parameters,) float64 [1], on the logit scale: what leaves the brain as it is."""
        return np.array([float(p.bounds.logit(p.neutral)) for p in self.records])


class Forecast(NamedTuple):
    """One TR, before its analysis.

    Attributes
    ----------
    mean, spread : (n_regions,) float64
        Over members, of what is observed.
    innovation : (n_regions,) float64
        Observed less forecast; NaN where nothing was measured.
    ranks : (n_driven,) int64
    """

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    innovation: NDArray[np.float64]
    ranks: NDArray[np.int64]


def values_of(x: NDArray[np.float64], settings: FilterSettings) -> NDArray[np.float64]:
    """Parameters in their units.

    Parameters
    ----------
    x : (n_members, n_regions, n_parameters) float64 [1]
        On the logit scale; or with other axes before the last.
    settings : FilterSettings

    Returns
    -------
    (n_members, n_regions, n_parameters) float64
    """
    return np.stack([p.bounds.value(x[..., i]) for i, p in enumerate(settings.records)], axis=-1)


def set_driven(
    members: BrainMembers, values: NDArray[np.float64], driven: NDArray[np.bool_], settings: FilterSettings
) -> None:
    """Give members the parameters of driven regions; the others are neutral.

    Parameters
    ----------
    members : BrainMembers
    values : (n_members, n_driven, n_parameters) float64
    driven : (n_regions,) bool
    settings : FilterSettings
    """
    given = {}
    for i, p in enumerate(settings.records):
        of_all = np.full((members.n_members, driven.size), p.neutral)
        of_all[:, driven] = values[..., i]
        given[p.name] = of_all
    members.set_parameters(given)


class BrainFilter:
    """Members of a brain, drawn to observations TR by TR.

    Equal inputs give equal results, bit for bit, whatever the number of threads.

    Parameters
    ----------
    brain : Wired
    observations : Observations
    settings : FilterSettings
    threads : int
    progress : callable
        Told while members run in.

    Attributes
    ----------
    time : int
        TRs done.
    x : (n_members, n_driven, n_parameters) float64 [1]
        Parameters on the logit scale.
    controls : (n_members, n_driven, n_controls) float64 [1]
    targets : (n_trs, n_regions) float64
        The observations as they are compared with members.
    noise_sd : (n_regions,) float64
    static_gain : (n_driven, n_parameters + n_hidden) float64
        Of the spread before the first analysis, for `static_step`.
    series : dict of str to array
        A row a TR: "mean" and "sd" (n_trs, n_driven, n_parameters) in units, "forecast", "spread"
        and "innovation" (n_trs, n_regions), "ranks" (n_trs, n_driven).

    Raises
    ------
    ParameterError
        The TR is no whole number of bins.
    """

    def __init__(
        self,
        brain: Wired,
        observations: Observations,
        settings: FilterSettings,
        threads: int = 1,
        progress: Progress = no_progress,
    ):
        self.brain, self.observations, self.settings = brain, observations, settings
        driven = self.driven = observations.driven
        seeds = [member_seed(settings.seed, _MEMBERS_FROM + k) for k in range(settings.n_members)]
        n_regions, n_driven, n_trs = driven.size, int(driven.sum()), observations.n_trs
        self._instrument = Instrument(observations.observed, len(seeds), n_regions, observations.tr_ms)
        self.members = BrainMembers(brain, seeds, threads)
        rng = np.random.default_rng([settings.seed, _FIRST_STREAM])
        shape = (len(seeds), n_driven)
        spread = settings.prior_sd * rng.standard_normal((*shape, len(settings.parameters)))
        self.x = settings.prior_mean + spread
        self.controls = settings.prior_sd * rng.standard_normal((*shape, settings.n_controls))
        self.time = 0
        n_parameters = len(settings.parameters)
        self.series: dict[str, NDArray] = {
            **{key: np.full((n_trs, n_driven, n_parameters), np.nan) for key in ("mean", "sd")},
            **{key: np.full((n_trs, n_regions), np.nan) for key in ("forecast", "spread", "innovation")},
            "ranks": np.full((n_trs, n_driven), -1, np.int64),
        }
        set_driven(self.members, values_of(self.x, settings), driven, settings)
        begin = settled(self.members, self._instrument, progress)
        self.targets = _targets(observations, begin)
        self.noise_sd = observations.noise_share * self.targets.std(axis=0)
        self.static_gain = self._gain(begin)

    def _gain(self, seen: NDArray[np.float64]) -> NDArray[np.float64]:
        state = np.concatenate([self.x, self._instrument.hidden[:, self.driven]], axis=2)
        y = seen[:, self.driven] - seen[:, self.driven].mean(axis=0)
        n = len(y) - 1
        covariance = np.einsum("krs,kr->rs", state - state.mean(axis=0), y) / n
        variance = (y**2).sum(axis=0) / n + self.noise_sd[self.driven] ** 2
        return covariance / variance[:, None]

    @property
    def is_finished(self) -> bool:
        """Whether all observations are used."""
        return self.time >= self.observations.n_trs

    @property
    def prior_variance(self) -> float:
        """What the variance of a parameter on the logit scale would be by now without data."""
        return self.settings.prior_sd**2 + self.time * self.settings.walk_sd**2

    def step(self, progress: Progress = no_progress) -> Forecast:
        """Forecast and use the next observation.

        Parameters
        ----------
        progress : callable
            As of `BrainMembers.advance`.

        Raises
        ------
        SimulationError
            A member's membrane potential is no number, or blood flow would stop.
        """
        settings, driven, k = self.settings, self.driven, self.time
        rng = np.random.default_rng([settings.seed, _STEP_STREAM, k])
        self.x = walked(self.x, settings.walk_sd, rng)
        self.controls = walked(self.controls, settings.walk_sd, rng)
        set_driven(self.members, values_of(self.x, settings), driven, settings)
        seen = self._instrument.observe(self.members.advance(self.observations.tr_ms, progress))
        target, noise = self.targets[k], self.noise_sd[driven]
        noisy = seen[:, driven] + noise * rng.standard_normal(seen[:, driven].shape)
        done = Forecast(
            seen.mean(axis=0),
            seen.std(axis=0, ddof=1),
            target - seen.mean(axis=0),
            ranks_of(noisy, target[driven], rng),
        )
        self._analyse(seen[:, driven], target[driven], noise, rng)
        values = values_of(self.x, settings)
        self.series["mean"][k], self.series["sd"][k] = values.mean(axis=0), values.std(axis=0, ddof=1)
        self.series["forecast"][k], self.series["spread"][k] = done.mean, done.spread
        self.series["innovation"][k], self.series["ranks"][k] = done.innovation, done.ranks
        self.time += 1
        return done

    def _analyse(
        self,
        seen: NDArray[np.float64],
        target: NDArray[np.float64],
        noise: NDArray[np.float64],
        rng: np.random.Generator,
    ) -> None:
        hidden = self._instrument.hidden
        parts = [self.x, self.controls, hidden[:, self.driven]]
        edges = np.cumsum([part.shape[2] for part in parts])[:-1]
        state = np.concatenate(parts, axis=2)
        moved = regional_step(state, seen, target, noise**2, rng, own_share=self.settings.own_share)
        before, after = state[..., edges[0] : edges[1]], moved[..., edges[0] : edges[1]]
        factors = chance_inflation(before, after)
        for region, factor in enumerate(factors):
            moved[:, region] = inflated(moved[:, region], factor)
        self.x, self.controls, of_driven = np.split(moved, edges, axis=2)
        hidden[:, self.driven] = of_driven
        self._instrument.set_hidden(hidden)

    def state(self) -> dict[str, NDArray]:
        """Copies of all that changes."""
        return {
            "time": np.array(self.time),
            "x": self.x.copy(),
            "controls": self.controls.copy(),
            **{f"series_{key}": value.copy() for key, value in self.series.items()},
            **{f"members_{key}": value for key, value in self.members.state().items()},
            **{f"instrument_{key}": value for key, value in self._instrument.state().items()},
        }

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go back to a :meth:`state` of the same brain, observations and settings."""

        def part(prefix: str) -> dict[str, NDArray]:
            return {k.removeprefix(prefix): v.copy() for k, v in state.items() if k.startswith(prefix)}

        self.time = int(state["time"])
        self.x, self.controls = state["x"].copy(), state["controls"].copy()
        self.series = part("series_")
        self.members.restore(part("members_"))
        self._instrument.restore(part("instrument_"))

    def close(self) -> None:
        """Let threads go."""
        self.members.close()


def settled(
    members: BrainMembers, instrument: Instrument, progress: Progress = no_progress
) -> NDArray[np.float64]:
    """Run members in before the first TR.

    Parameters
    ----------
    members : BrainMembers
    instrument : Instrument
        Comes to rest at the rates that the members have by then.
    progress : callable

    Returns
    -------
    (n_members, n_regions) float64
        What is seen of them.
    """
    rates = members.advance(WARM_MS, progress)
    return instrument.settle(rates[len(rates) // 2 :].mean(axis=0))


def _targets(observations: Observations, begin: NDArray[np.float64]) -> NDArray[np.float64]:
    values = observations.values
    if not observations.is_relative:
        return values
    sd = values.std(axis=0)
    z = (values - values.mean(axis=0)) / np.where(sd > 0, sd, 1.0)
    spread = begin.std(axis=0, ddof=1)
    return begin.mean(axis=0) + np.median(spread[observations.driven]) * z
