"""A patient's life: hours of a spiking brain, and what a clinic has of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.codesign.workers import Check, unchecked
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning
from engine.twin.patients.brain import PatientBrain, Person, draw_person, part_scenario, part_tuning
from engine.twin.patients.kinds import DEAD_S, PATIENT_KINDS
from engine.twin.record import ClinicRecord
from engine.twin.seizures import Seizure, SeizureRule, find_seizures

__all__ = [
    "INTERVAL_S",
    "SITES",
    "Group",
    "Life",
    "group_of",
    "kept_samples",
    "live",
    "live_on",
    "record_of",
    "threshold_of",
]

SITES = ("L.HI", "L.EC", "L.TP", "L.MTG")
"""Where a clinic records; of every patient the same, wherever the focus is."""
INTERVAL_S = 1.0

_BIN_MS = 100
_BINS = 10
_SETTLE_S = 30
_ICTAL_HZ = SeizureRule().threshold_hz
_RAMP_S, _FROM, _TO = 60, 0.25, 0.06
_RECOVER_S = 30
_AROUSAL_PA, _AROUSAL_S = 5.0, 60.0
_NOISE, _FLOOR_HZ = 0.15, 0.5
_SEEN_S = 2.0  # of a seizure, before the clock of a record stops


@dataclass(frozen=True, eq=False)
class Group:
    """What all patients have in common.

    Attributes
    ----------
    scenario : Scenario
        Of the part of the brain.
    connectome : Connectome
    tuning : Tuning
    """

    scenario: Scenario
    connectome: Connectome
    tuning: Tuning


def group_of(scenario: Scenario, connectome: Connectome) -> Group:
    """What the patients of a preset have in common.

    Parameters
    ----------
    scenario : Scenario
        Of the preset: a whole brain.
    connectome : Connectome
    """
    part = part_scenario(scenario, connectome)
    return Group(part, connectome, part_tuning(scenario, part, connectome))


@dataclass(frozen=True, eq=False)
class Life:
    """All there is of a patient.

    Attributes
    ----------
    name, kind : str
    person : Person
    labels : tuple of str
    brink : float
        Clearance at which the focus begins to seize by itself.
    rates_hz : (n_seconds, n_regions) float64 [Hz]
        Of excitatory neurons.
    observed : (n_seconds, n_sites) float64 [Hz]
        Of `SITES`, with the noise of an instrument.
    hidden : (n_seconds,) float64
    chloride : (n_seconds,) float64 [mM]
        In the focus.
    seizures : tuple of Seizure
    """

    name: str
    kind: str
    person: Person
    labels: tuple[str, ...]
    brink: float
    rates_hz: NDArray[np.float64]
    observed: NDArray[np.float64]
    hidden: NDArray[np.float64]
    chloride: NDArray[np.float64]
    seizures: tuple[Seizure, ...]


def threshold_of(brain: PatientBrain, check: Check = unchecked) -> float:
    """The clearance at which a patient's focus begins to seize while inhibition is slowly taken away.

    Parameters
    ----------
    brain : PatientBrain
        At rest; afterwards it has recovered.
    check : callable
    """
    clearance, ictal = _FROM, 0
    for second in range(_RAMP_S):
        check()
        clearance = _FROM * (_TO / _FROM) ** (second / _RAMP_S)
        brain.set(clearance)
        ictal = ictal + 1 if _is_ictal(brain.rates_hz(1000, _BIN_MS)) else 0
        if ictal >= 3:
            break
    brain.set(1.0)
    for _ in range(_RECOVER_S):
        check()
        brain.rates_hz(1000, 1000)
    return clearance * (_FROM / _TO) ** (ictal / _RAMP_S)


def _is_ictal(rates: NDArray[np.float64]) -> bool:
    """Whether at least three of the regions, (n_bins, n_regions) [Hz], are ictal together."""
    return bool(np.count_nonzero(rates.mean(axis=0) >= _ICTAL_HZ) >= 3)


def live(group: Group, kind: str, seed: tuple[int, ...], seconds: int, check: Check = unchecked) -> Life:
    """Let a patient live.

    Parameters
    ----------
    group : Group
    kind : str
        Of `PATIENT_KINDS`.
    seed : tuple of int
        Everything of the patient follows from it.
    seconds : int
        Of the record.
    check : callable

    Returns
    -------
    Life
    """
    place = [one.name for one in PATIENT_KINDS].index(kind)
    of_person = np.random.default_rng([*seed, place, 0])
    network = Network.of(group.scenario, group.connectome)
    person = draw_person(group.tuning, network, of_person)
    brain = PatientBrain(group.scenario, group.connectome, person)
    return live_on(brain, threshold_of(brain, check), kind, seed, seconds, check)


def live_on(
    brain: PatientBrain,
    brink: float,
    kind: str,
    seed: tuple[int, ...],
    seconds: int,
    check: Check = unchecked,
) -> Life:
    """Let a brain live on from where it is.

    Parameters
    ----------
    brain : PatientBrain
    brink : float
        Of :func:`threshold_of`.
    kind : str
        Of `PATIENT_KINDS`.
    seed : tuple of int
        Of what brings seizures about, arousal and the instrument; the noise in the brain is its own.
    seconds : int
        Of the record.
    check : callable

    Returns
    -------
    Life
    """
    place = [one.name for one in PATIENT_KINDS].index(kind)
    of_process, of_arousal, of_clinic = (np.random.default_rng([*seed, place, k]) for k in range(1, 4))
    process = PATIENT_KINDS[kind].make(of_process)
    keep = math.exp(-1.0 / _AROUSAL_S)
    arousal, is_seizure = 0.0, False
    rates, hidden, chloride = [], [], []
    for second in range(-_SETTLE_S, seconds):
        check()
        setting = process.step(float(second), is_seizure)
        arousal = keep * arousal + math.sqrt(1 - keep * keep) * _AROUSAL_PA * of_arousal.normal()
        brain.set(min(1.0, setting.clearance * brink), arousal)
        fine = brain.rates_hz(1000, _BIN_MS)
        is_seizure = _is_ictal(fine)
        if second >= 0:
            rates.append(fine)
            hidden.append(setting.hidden)
            chloride.append(brain.chloride)
    fine = np.concatenate(rates)
    coarse = fine.reshape(seconds, _BINS, -1).mean(axis=1)
    sites = coarse[:, [brain.labels.index(label) for label in SITES]]
    noise = np.exp(_NOISE * of_clinic.normal(size=sites.shape))
    return Life(
        f"{PATIENT_KINDS[kind].label} {'.'.join(map(str, seed))}",
        kind,
        brain.person,
        brain.labels,
        brink,
        coarse,
        (sites + _FLOOR_HZ) * noise,
        np.array(hidden),
        np.array(chloride),
        find_seizures(fine, _BIN_MS / 1000.0),
    )


def record_of(life: Life) -> ClinicRecord:
    """What a forecaster is given, on a clock that stands still while a seizure and its recovery last.

    Nobody forecasts in a seizure or just after one, where a second one is not told from the first. Two
    seconds of a seizure are seen; the next sample is the first one `DEAD_S` after its onset, and a seizure
    that begins in between belongs to the one before. On this clock a constant hazard is a Poisson process
    without a dead time.

    Parameters
    ----------
    life : Life

    Returns
    -------
    ClinicRecord
    """
    kept, onsets, ends = kept_samples(life)
    return ClinicRecord(life.name, INTERVAL_S, life.observed[kept], onsets, ends, life.hidden[kept])


def kept_samples(life: Life) -> tuple[NDArray[np.bool_], tuple[float, ...], tuple[float, ...]]:
    """What the clock of a record counts.

    Parameters
    ----------
    life : Life

    Returns
    -------
    kept : (n_seconds,) bool
        The samples of the life that are samples of the record.
    onsets_s, ends_s : tuple of float
        Of the seizures, on the clock of the record [s].
    """
    times = np.arange(1, len(life.observed) + 1) * INTERVAL_S
    kept = np.ones(times.size, np.bool_)
    onsets: list[float] = []
    ends: list[float] = []
    until, lost = -math.inf, 0.0
    for seizure in life.seizures:
        seen = math.ceil(seizure.onset_s) + _SEEN_S
        if seizure.onset_s < until or seen >= times[-1]:
            continue
        until = max(seizure.onset_s + DEAD_S, seizure.end_s)
        gone = (times > seen) & (times <= until)
        kept &= ~gone
        onsets.append(seizure.onset_s - lost)
        ends.append(seen - lost)
        lost += float(np.count_nonzero(gone)) * INTERVAL_S
    return kept, tuple(onsets), tuple(ends)
