"""What is held against the filter: persistence, a fixed covariance, and brains that see no data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.assimilation.brain_filter import BrainFilter, set_driven, settled, values_of
from engine.assimilation.filter import static_step
from engine.assimilation.instrument import Instrument
from engine.assimilation.members import BrainMembers, member_seed
from engine.assimilation.twin import run_members
from engine.progress import LastSaid, Progress, no_progress

__all__ = ["N_REPLAYS", "persistence", "replayed", "static_forecasts", "unassimilated"]

N_REPLAYS = 4
"""Brains with other noise that a series is replayed in."""

_STATIC_NUMBER = 2  # of the noise of the member that a fixed covariance moves
_REPLAYS_FROM = 10


def persistence(targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Forecasts that say what was observed last.

    Parameters
    ----------
    targets : (n_trs, n_regions) float64

    Returns
    -------
    (n_trs, n_regions) float64
        NaN in the first row.
    """
    return np.vstack([np.full((1, targets.shape[1]), np.nan), targets[:-1]])


def static_forecasts(done: BrainFilter, progress: Progress = no_progress) -> NDArray[np.float64]:
    """Forecasts of one brain that is moved with the covariance of the prior: 3D-Var.

    Parameters
    ----------
    done : BrainFilter
        Whose observations, targets and gain are used.
    progress : callable

    Returns
    -------
    (n_trs, n_regions) float64
    """
    settings, observations, driven = done.settings, done.observations, done.driven
    members = BrainMembers(done.brain, [member_seed(settings.seed, _STATIC_NUMBER)])
    instrument = Instrument(observations.observed, 1, driven.size, observations.tr_ms)
    x = np.repeat(settings.prior_mean[None], int(driven.sum()), axis=0)
    n_parameters = x.shape[1]
    forecasts, told = np.empty_like(done.targets), LastSaid(progress)
    try:
        for k, target in enumerate(done.targets):
            set_driven(members, values_of(x[None], settings), driven, settings)
            if k == 0:
                settled(members, instrument, told.again)
            seen = instrument.observe(members.advance(observations.tr_ms, told.again))
            forecasts[k] = seen[0]
            hidden = instrument.hidden
            state = np.concatenate([x, hidden[0, driven]], axis=1)
            for region, (y, wanted) in enumerate(zip(seen[0, driven], target[driven], strict=True)):
                gain = done.static_gain[region][:, None]
                state[region] = static_step(state[region], [y], [wanted], gain)
            x, hidden[0, driven] = state[:, :n_parameters], state[:, n_parameters:]
            instrument.set_hidden(hidden)
            told((k + 1) / len(forecasts), "with a fixed covariance")
    finally:
        members.close()
    return forecasts


def replayed(done: BrainFilter, threads: int = 1, progress: Progress = no_progress) -> NDArray[np.float64]:
    """The fitted series in brains with other noise, which see no data.

    Parameters
    ----------
    done : BrainFilter
        Finished; the mean of its members is the series.
    threads : int
    progress : callable

    Returns
    -------
    (n_trs, n_replays, n_regions) float64
    """
    return _replay(done, done.series["mean"], threads, progress)


def unassimilated(
    done: BrainFilter, threads: int = 1, progress: Progress = no_progress
) -> NDArray[np.float64]:
    """The same brains with neutral parameters throughout.

    Parameters
    ----------
    done : BrainFilter
    threads : int
    progress : callable

    Returns
    -------
    (n_trs, n_replays, n_regions) float64
    """
    neutral = np.array([p.neutral for p in done.settings.records])
    series = np.broadcast_to(neutral, done.series["mean"].shape)
    return _replay(done, series, threads, progress)


def _replay(
    done: BrainFilter, series: NDArray[np.float64], threads: int, progress: Progress
) -> NDArray[np.float64]:
    seeds = [member_seed(done.settings.seed, _REPLAYS_FROM + k) for k in range(N_REPLAYS)]
    return run_members(
        done.brain, seeds, done.observations, series, done.settings, threads=threads, progress=progress
    )
