"""Trims: codes for the threshold of every single circuit, found from spike counts alone.

As a laboratory does it: run the chip under training conditions, count the spikes of every circuit,
compare with its teacher's. A circuit whose threshold is x codes higher fires exp(-b x) times as
often, and b is measured once with all thresholds raised. Then the codes that explain all rounds so
far are the most probable ones (maximum a posteriori: counts as of Poisson, a normal prior of a few
codes). Every round is another run on the chip, so that its drift is averaged out. Deterministic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.codesign.stand import Stand
from engine.model.trims import TRIM_CODES, Trim
from engine.scenario.scenario import Scenario

__all__ = ["N_ROUNDS", "Round", "trim_circuits", "with_trims"]

N_ROUNDS = 8  # the first as it is, the second with all thresholds raised
PRIOR_CODES = 4.0  # standard deviation; the spread of calibrated thresholds and leaks is 4.5
_PROBE_CODES = 6
_DRIFT_SEEDS = 90_000
_NEWTON_STEPS = 30
_LONGEST_STEP = 3.0  # codes
_FEW = 0.1  # spikes, so that a teacher that is silent can still be too silent


@dataclass(frozen=True, eq=False)
class Round:
    """One run of the training conditions.

    Attributes
    ----------
    codes : (n_neurons,) float64
        What was added to each threshold.
    counts : (n_conditions, n_neurons) float64
        Spikes of the student.
    """

    codes: np.ndarray
    counts: np.ndarray


def with_trims(scenario: Scenario, stand: Stand, codes: np.ndarray) -> Scenario:
    """The scenario with these codes on its chip, in place of those it had there.

    Parameters
    ----------
    scenario : Scenario
    stand : Stand
        Tells which neuron is in which region.
    codes : (n_neurons,) int
        In the order of the stand's neurons.
    """
    chip = scenario.analog.chip_seed
    region_of = stand.loop.region_of
    kept = [t for t in scenario.trim if t.chip_seed != chip or t.region not in stand.labels]
    new = [
        Trim(region=label, chip_seed=chip, threshold=tuple(int(c) for c in codes[region_of == r]))
        for r, label in enumerate(stand.labels)
        if np.any(codes[region_of == r])
    ]
    return scenario.model_copy(update={"trim": (*kept, *new)})


def trim_circuits(stand: Stand, scenario: Scenario, report: Callable[[int, np.ndarray], None]) -> np.ndarray:
    """Find the codes of all circuits.

    Parameters
    ----------
    stand : Stand
        With the training conditions.
    scenario : Scenario
        The student.
    report : callable
        Gets the rounds done and the last one's distances in floors, one a condition; may raise to
        give up.

    Returns
    -------
    (n_neurons,) int64
    """
    teacher = np.array([h.teacher.trains.counts for h in stand.heard], np.float64)
    n = teacher.shape[1]
    codes = np.zeros(n)
    rounds: list[Round] = []
    for number in range(N_ROUNDS):
        tried = np.full(n, float(_PROBE_CODES)) if number == 1 else np.round(codes)
        run = (scenario.seed + _DRIFT_SEEDS + number) % 2**31
        student = with_trims(scenario, stand, tried).with_values({"analog.run_seed": run})
        counts, distances = stand.counts(student)
        rounds.append(Round(tried, counts))
        if number == 1:
            slope = _slope(rounds, stand.loop.is_excitatory)
        if number > 0:
            codes = most_probable(rounds, teacher, slope, codes)
        report(number + 1, distances)
    return np.round(codes).astype(np.int64)


def _slope(rounds: list[Round], is_excitatory: np.ndarray) -> np.ndarray:
    """(n_conditions, n_neurons), by how much a code lowers the logarithm of a rate."""
    slope = np.empty_like(rounds[0].counts)
    for kind in (True, False):
        mine = is_excitatory == kind
        low, high = (r.counts[:, mine].sum(axis=1) for r in rounds[:2])
        found = np.log((low + 1.0) / (high + 1.0)) / _PROBE_CODES
        slope[:, mine] = np.maximum(found, 0.0)[:, None]
    return slope


def most_probable(
    rounds: list[Round], teacher: np.ndarray, slope: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Codes at which the student's counts would be its teacher's.

    Newton steps on the logarithm of the posterior, circuit by circuit:
    ``sum over conditions of b (n - m exp(-b (x - z))), mean over rounds, - z / prior**2 = 0`` with
    the student's counts n at codes x and the teacher's m.

    Parameters
    ----------
    rounds : list of Round
    teacher, slope : (n_conditions, n_neurons) float64
    start : (n_neurons,) float64
        Where to begin.

    Returns
    -------
    (n_neurons,) float64
    """
    z = start.copy()
    for _ in range(_NEWTON_STEPS):
        pull, stiff = -z / PRIOR_CODES**2, np.full(z.size, 1.0 / PRIOR_CODES**2)
        for r in rounds:
            expected = (teacher + _FEW) * np.exp(-slope * (r.codes - z))
            pull += (slope * (r.counts - expected)).sum(axis=0) / len(rounds)
            stiff += (slope**2 * expected).sum(axis=0) / len(rounds)
        z += np.clip(pull / stiff, -_LONGEST_STEP, _LONGEST_STEP)
        z = np.clip(z, -TRIM_CODES, TRIM_CODES)
    return z
