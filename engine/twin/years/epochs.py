"""Short epochs of life along the years, and what is kept of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.codesign.workers import Check, unchecked
from engine.fit.functional_connectivity import fc_correlation, rate_fc
from engine.twin.seizures import SeizureRule
from engine.twin.years.brain import AgeingBrain, Heard
from engine.twin.years.schedule import Schedule, left_at

__all__ = ["ADAPT_S", "EPOCH_S", "HEALTHY_EPOCHS", "RUNAWAY_HZ", "Epoch", "Health", "healthy_epochs", "lived"]

EPOCH_S = 16
"""Biology of an epoch that is kept [s]."""
ADAPT_S = 4
"""Biology before it, in which homeostasis follows and the change is left behind [s]."""
HEALTHY_EPOCHS = 10
"""Epochs of the healthy brain that say what is normal."""
RUNAWAY_HZ = 100.0
"""Mean rate of all regions over a second from which on there is no rest any more [Hz]."""
BIN_MS = 200
"""Bin of the rates whose correlations are the functional connectivity [ms]."""
_ICTAL_HZ = SeizureRule().threshold_hz
_SECOND = 1000


@dataclass(frozen=True, eq=False)
class Epoch:
    """One epoch.

    Attributes
    ----------
    year : float [years]
    rates_hz : (n_regions,) float64 [Hz]
        Of the excitatory neurons that are left.
    r : float [1]
        Correlation of its functional connectivity with the brain's own when it was healthy; 0 once it
        has run away, for then nothing correlates.
    r_measured : float [1]
        The same with the measured one; NaN where none is.
    balance : float [1]
        Excitation over inhibition, healthy = 1.
    synchrony : float [1]
        Standard deviation of the mean rate of all regions over that of single regions.
    ictal : float [1]
        Share of seconds and regions at `SeizureRule.threshold_hz` or above.
    compensation : float [1]
        Mean factor that homeostasis gives to the inhibition that is left, over the regions that lose any.
    is_runaway : bool
    biology_s, core_s : float [s]
        Lived since year 0, this epoch included, and what a core of this machine took for it.
    """

    year: float
    rates_hz: NDArray[np.float64]
    r: float
    r_measured: float
    balance: float
    synchrony: float
    ictal: float
    compensation: float
    is_runaway: bool
    biology_s: float
    core_s: float


@dataclass(frozen=True, eq=False)
class Health:
    """What is normal for a brain, from epochs in which it loses nothing.

    Attributes
    ----------
    rates_hz : (n_epochs, n_regions) float64 [Hz]
    fc : (n_regions, n_regions) float64 [1]
        Of all epochs together.
    r : (n_epochs,) float64 [1]
        Correlation of each epoch's functional connectivity with that of all the others together.
    balance : float
    """

    rates_hz: NDArray[np.float64]
    fc: NDArray[np.float64]
    r: NDArray[np.float64]
    balance: float


def healthy_epochs(brain: AgeingBrain, check: Check = unchecked, n: int = HEALTHY_EPOCHS) -> Health:
    """Let a healthy brain live some epochs, as long as those of the years.

    Parameters
    ----------
    brain : AgeingBrain
    check : callable
        Called once a second of biology.
    n : int
    """
    rates, fine, balance = [], [], []
    for _ in range(n):
        _stretch(brain, ADAPT_S, check)
        heard = _stretch(brain, EPOCH_S, check)
        rates.append(heard.excitatory_hz)
        fine.append(heard.rates_hz(BIN_MS))
        balance.append(brain.balance(heard))
    r = [
        fc_correlation(rate_fc(fine[k]), rate_fc(np.concatenate(fine[:k] + fine[k + 1 :])))[0]
        for k in range(n)
    ]
    return Health(np.array(rates), rate_fc(np.concatenate(fine)), np.array(r), float(np.mean(balance)))


def lived(
    brain: AgeingBrain,
    schedules: Sequence[Schedule],
    years: NDArray[np.float64],
    health: Health,
    measured: NDArray[np.float64] | None,
    holds_hz: NDArray[np.float64] | None = None,
    check: Check = unchecked,
    told: Callable[[Epoch], None] = lambda epoch: None,
) -> list[Epoch]:
    """Live through the years, an epoch at each; ends early where the brain runs away.

    Parameters
    ----------
    brain : AgeingBrain
        At the moment from which it lives; every schedule begins from the healthy.
    schedules : sequence of Schedule
        None of them: the control in which nothing is lost.
    years : (n_epochs,) float64 [years]
        Ascending.
    health : Health
    measured : (n_regions, n_regions) float64 [1], optional
        Functional connectivity that was measured.
    holds_hz : (n_regions,) float64 [Hz], optional
        Rates that homeostasis holds; there is none where it is left out.
    check, told : callable
        Called once a second of biology, and with every epoch.

    Returns
    -------
    list of Epoch
    """
    epochs: list[Epoch] = []
    begun, biology = time.thread_time(), 0
    loses = left_at(schedules, brain.labels, float(years[-1])).inhibition < 1.0
    watched = loses if loses.any() else np.ones(len(brain.labels), np.bool_)
    for year in years:
        brain.set_left(left_at(schedules, brain.labels, float(year)))
        for _ in range(ADAPT_S):
            check()
            heard = brain.heard(_SECOND)
            biology += 1
            if holds_hz is not None:
                brain.hold(heard.excitatory_hz, holds_hz)
        kept = [heard] if _is_runaway(heard) else []
        while not kept or (len(kept) < EPOCH_S and not _is_runaway(kept[-1])):
            check()
            kept.append(brain.heard(_SECOND))
            biology += 1
        took = float(biology), time.thread_time() - begun
        epoch = _epoch(brain, float(year), kept, health, measured, watched, took)
        epochs.append(epoch)
        told(epoch)
        if epoch.is_runaway:
            break
    return epochs


def _is_runaway(heard: Heard) -> bool:
    return bool(heard.excitatory_hz.mean() >= RUNAWAY_HZ)


def _stretch(brain: AgeingBrain, seconds: int, check: Check) -> Heard:
    parts = []
    for _ in range(seconds):
        check()
        parts.append(brain.heard(_SECOND))
    return _joined(parts)


def _joined(parts: Sequence[Heard]) -> Heard:
    """Stretches of life without a change between them, as one."""
    return parts[-1].after(parts[:-1])


def _epoch(
    brain: AgeingBrain,
    year: float,
    kept: Sequence[Heard],
    health: Health,
    measured: NDArray[np.float64] | None,
    watched: NDArray[np.bool_],
    took: tuple[float, float],
) -> Epoch:
    runs_away = _is_runaway(kept[-1])
    heard = kept[-1] if runs_away else _joined(kept)
    fine = heard.rates_hz(BIN_MS)
    fc = rate_fc(fine)
    spread = float(np.sqrt(fine.var(axis=0).mean()))
    r = 0.0 if runs_away else float(np.nan_to_num(fc_correlation(fc, health.fc)[0]))
    r_measured = float("nan")
    if measured is not None:
        r_measured = 0.0 if runs_away else fc_correlation(fc, measured)[0]
    return Epoch(
        year,
        heard.excitatory_hz,
        r,
        r_measured,
        brain.balance(heard) / health.balance,
        float(fine.mean(axis=1).std()) / spread if spread else 0.0,
        float((heard.rates_hz(_SECOND) >= _ICTAL_HZ).mean()),
        float(brain.compensation[watched].mean()),
        runs_away,
        *took,
    )
