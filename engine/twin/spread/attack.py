"""Seizures of one brain that differ: inhibition in the focus fails more or less, and around it too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.codesign.workers import Check, unchecked
from engine.fit.forward.bands import HOP_MS, WINDOW_MS, BandPower
from engine.fit.forward.facts import NetworkFacts
from engine.fit.forward.lfp import EstimatedCurrents, LfpProxy
from engine.twin.patients.brain import PatientBrain
from engine.twin.patients.life import threshold_of
from engine.twin.seizures import find_seizures

__all__ = ["BEFORE_S", "BIN_MS", "LIVED_S", "Attack", "attacks_of"]

BEFORE_S = 4
"""At rest before inhibition fails, in the noise of the attack [s]."""
LIVED_S = 14
"""From the failure on [s]."""
BIN_MS = 50
_FAILED = (0.4, 1.1)  # of the brink; assumed
_RING = (0.1, 0.5)  # of the focus's excitability around it; assumed


@dataclass(frozen=True, eq=False)
class Attack:
    """One failure of inhibition after which a seizure came.

    Attributes
    ----------
    clearance : float [1]
        To which the focus failed, over that of the brink.
    ring : float [1]
        How much of the focus's excitability the regions around had.
    onset_s, end_s : float [s]
        From the failure on.
    latency_s : (n_regions,) float64 [s]
        From the onset of the first region; not a number where one is not recruited.
    band_s : (n_windows,) float64 [s]
        When each window of power ends, from the onset on.
    bands : (n_windows, n_bands) float64 [pA^2]
        Power of the LFP proxy in the focus, by `engine.fit.forward.bands.BANDS`.
    """

    clearance: float
    ring: float
    onset_s: float
    end_s: float
    latency_s: NDArray[np.float64]
    band_s: NDArray[np.float64]
    bands: NDArray[np.float64]


def attacks_of(
    brain: PatientBrain, n: int, rng: np.random.Generator, check: Check = unchecked
) -> tuple[Attack, ...]:
    """Let inhibition fail some times, each from the same rest and in another noise.

    Parameters
    ----------
    brain : PatientBrain
        New, or at rest.
    n : int
        Failures; those without a seizure of it are left out.
    rng : Generator
        Of how much inhibition fails, in the focus and around it, and of the noise.
    check : callable
        Called once a second of biology.

    Returns
    -------
    tuple of Attack
    """
    brink = threshold_of(brain, check)
    rest = brain.state()
    found = []
    for _ in range(n):
        clearance, ring = float(rng.uniform(*_FAILED)), float(rng.uniform(*_RING))
        brain.restore(rest)
        brain.set(1.0)
        brain.use_noise(int(rng.integers(2**31)))
        before = _lived(brain, BEFORE_S, check)
        brain.set(clearance * brink, ring=ring)
        during = _lived(brain, LIVED_S, check)
        seizures = find_seizures(brain.running.rates_hz(during, BIN_MS), BIN_MS / 1000.0)
        if not seizures:
            continue
        first = seizures[0]
        power = _power(brain, np.concatenate([before, during]))
        ends = np.arange(len(power), dtype=np.float64) * HOP_MS + WINDOW_MS
        ends = ends / 1000.0 - BEFORE_S - first.onset_s
        found.append(Attack(clearance, ring, first.onset_s, first.end_s, first.latency_s, ends, power))
    return tuple(found)


def _lived(brain: PatientBrain, seconds: int, check: Check) -> NDArray[np.int32]:
    """(n_ms, n_populations), spikes."""
    parts = []
    for _ in range(seconds):
        check()
        parts.append(brain.running.advance(1000))
    return np.concatenate(parts)


def _power(brain: PatientBrain, counts: NDArray[np.int32]) -> NDArray[np.float64]:
    """(n_windows, n_bands) float64 [pA^2], mean over the regions of the focus."""
    network = brain.running.network
    weights = NetworkFacts.of(network, brain.running.scenario).weights
    lfp = LfpProxy(network.n_regions).advance(*EstimatedCurrents(weights).advance(counts))
    power = BandPower(network.n_regions).advance(lfp)
    focus = [brain.labels.index(label) for label in brain.person.focus]
    return np.asarray(power[:, :, focus].mean(axis=2), np.float64)
