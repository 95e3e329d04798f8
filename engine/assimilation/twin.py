"""A synthetic brain whose parameters are known, observed as a real one would be."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.assimilation.brain_filter import FilterSettings, set_driven, settled, values_of
from engine.assimilation.instrument import Instrument, Observed
from engine.assimilation.members import BrainMembers, Wired, member_seed
from engine.assimilation.observations import Observations
from engine.progress import LastSaid, Progress, no_progress

__all__ = ["Twin", "observed_twin", "run_members"]

_STREAM = 3  # of random numbers
_NUMBER = 1  # of the noise of the brain that is observed


class Twin(NamedTuple):
    """What was observed of the synthetic brain, and what is true of it.

    Attributes
    ----------
    observations : Observations
    x : (n_driven, n_parameters) float64 [1]
        On the logit scale; held for the whole series.
    """

    observations: Observations
    x: NDArray[np.float64]


def run_members(
    brain: Wired,
    seeds: list[int],
    observations: Observations,
    series: NDArray[np.float64],
    settings: FilterSettings,
    *,
    threads: int = 1,
    progress: Progress = no_progress,
) -> NDArray[np.float64]:
    """Run members through a series of parameters and observe them; nothing is assimilated.

    Parameters
    ----------
    brain : Wired
    seeds : list of int
        Of the noise of each member.
    observations : Observations
        Says what is observed, how often and where; its values are not used.
    series : (n_trs, n_driven, n_parameters) float64
        In units; the same for all members.
    settings : FilterSettings
    threads : int
    progress : callable

    Returns
    -------
    (n_trs, n_members, n_regions) float64
    """
    driven, told = observations.driven, LastSaid(progress)
    members = BrainMembers(brain, seeds, threads)
    try:
        instrument = Instrument(observations.observed, len(seeds), driven.size, observations.tr_ms)
        seen = np.empty((len(series), len(seeds), driven.size))
        for k, values in enumerate(series):
            set_driven(members, np.repeat(values[None], len(seeds), axis=0), driven, settings)
            if k == 0:
                settled(members, instrument, told.again)
            seen[k] = instrument.observe(members.advance(observations.tr_ms, told.again))
            told((k + 1) / len(series), "running without data")
        return seen
    finally:
        members.close()


def observed_twin(
    brain: Wired,
    observed: Observed,
    tr_ms: int,
    n_trs: int,
    driven: NDArray[np.bool_],
    held_out: NDArray[np.bool_],
    settings: FilterSettings,
    *,
    noise_share: float = 0.3,
    progress: Progress = no_progress,
) -> Twin:
    """Draw parameters from the prior, run one brain with them and with noise of its own, observe it.

    Parameters
    ----------
    brain : Wired
    observed : str
    tr_ms : int [ms]
    n_trs : int
    driven, held_out : (n_regions,) bool
    settings : FilterSettings
        Of the filter that is to find them.
    noise_share : float [1]
        Of the observation noise; see `Observations`.
    progress : callable

    Returns
    -------
    Twin

    Raises
    ------
    DataError
        The series is too short, or no region is driven.
    """
    rng = np.random.default_rng([settings.seed, _STREAM])
    n_driven, n_parameters = int(driven.sum()), len(settings.parameters)
    x = settings.prior_mean + settings.prior_sd * rng.standard_normal((n_driven, n_parameters))
    rows = rng.standard_normal((n_trs, driven.size))
    plan = Observations(
        observed, tr_ms, brain.network.labels, rows, driven, held_out, noise_share
    )  # of the right form; its values are replaced
    series = np.repeat(values_of(x[None], settings), n_trs, axis=0)
    seeds = [member_seed(settings.seed, _NUMBER)]
    clean = run_members(brain, seeds, plan, series, settings, progress=progress)[:, 0]
    noise = noise_share * clean.std(axis=0) * rng.standard_normal(clean.shape)
    return Twin(replace(plan, values=clean + noise), x)
