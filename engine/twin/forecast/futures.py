"""The twin lives ahead: futures of the group's brain, from one moment at rest, each with a noise of its own.

The twin knows what patients have in common and how seizures come about in a kind of patient, but neither a
patient's tracts nor its focus. So it lives with every focus that there may be. The twin is the same for every
patient, and so are its futures: they are lived once, and a forecaster weighs, second by second, which of
them a patient is on (`engine.twin.forecast.look_ahead`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.brain.network import Network
from engine.codesign.workers import Check, unchecked
from engine.twin.patients import PATIENT_KINDS, Group, Life
from engine.twin.patients.brain import FOCI, PatientBrain, group_person
from engine.twin.patients.life import live_on, threshold_of

__all__ = ["N_FUTURES", "SECONDS", "live_futures"]

N_FUTURES, SECONDS = 2, 300
"""Futures of each focus and kind, and how long each is [s]."""
_ROLE = 3  # of seeds: 0 to 2 are patients to train, to choose and to judge on


def live_futures(
    group: Group,
    kinds: Sequence[str],
    focus: int,
    seed: int,
    n: int = N_FUTURES,
    seconds: int = SECONDS,
    check: Check = unchecked,
) -> dict[str, tuple[Life, ...]]:
    """Live futures of the twin with one focus.

    One brain, brought to rest once, goes back to that moment for every future: a future costs the copy of
    what changes, and no connectivity.

    Parameters
    ----------
    group : Group
    kinds : sequence of str
        Of `PATIENT_KINDS`.
    focus : int
        Of `engine.twin.patients.brain.FOCI`.
    seed : int
        Everything follows from it.
    n : int
        Futures of each kind.
    seconds : int
        Of each.
    check : callable

    Returns
    -------
    dict of str to tuple of Life
        By kind.
    """
    network = Network.of(group.scenario, group.connectome)
    of_wiring = int(np.random.default_rng([seed, _ROLE, focus]).integers(2**31))
    person = group_person(group.tuning, network, FOCI[focus], of_wiring)
    brain = PatientBrain(group.scenario, group.connectome, person)
    brink = threshold_of(brain, check)
    rest = brain.state()
    names = [kind.name for kind in PATIENT_KINDS]
    found: dict[str, tuple[Life, ...]] = {}
    for kind in kinds:
        lives = []
        for number in range(n):
            brain.restore(rest)
            of_noise = np.random.default_rng([seed, _ROLE, focus, names.index(kind), number])
            brain.use_noise(int(of_noise.integers(2**31)))
            lives.append(live_on(brain, brink, kind, (seed, _ROLE, focus, number), seconds, check))
        found[kind] = tuple(lives)
    return found
