"""The suppression of a trial: the focus fails again and again, with an electrode in it and with controls.

Each failure is lived under every treatment in the same noise of the brain, and the electrode is on from
before the failure to the end. Random timing and the contact elsewhere have as many pulses, so as much charge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.brain.network import Network
from engine.codesign.workers import Check, run_all, unchecked
from engine.twin.patients import Group, PatientBrain, draw_person, group_of
from engine.twin.patients.life import threshold_of
from engine.twin.seizures import find_seizures
from engine.twin.stimulation.electrode import Electrode, electrode
from engine.twin.stimulation.pulses import PulseClock, random_times
from engine.twin.stimulation.recruitment import as_of_60_us
from engine.twin.suppression.electrode_in_brain import BrainElectrode
from engine.twin.trial.interval import bootstrap_interval
from engine.twin.trial.part import Trial

__all__ = ["ELSEWHERE", "TREATMENTS", "TRIES", "Treatment", "suppression"]

TRIES = 2
"""Failures of inhibition in each patient."""
ELSEWHERE = "L.STG"
"""The most connected region of the temporal lobe that is never a focus."""
_ROLE = 13  # of these patients: none of them is forecast, operated on or hidden
_BEFORE_S, _LIVED_S = 2, 15
_FAILED = 0.8  # of the brink
_BIN_MS = 100


@dataclass(frozen=True)
class Treatment:
    """What is done while the focus fails.

    Attributes
    ----------
    name, label : str
    frequency_hz : float
        Pulses each second; 0 is none.
    is_random : bool
        Whether as many pulses come at random times.
    is_elsewhere : bool
        Whether the contact is in `ELSEWHERE`, not in the focus.
    is_control : bool
    """

    name: str
    label: str
    frequency_hz: float = 130.0
    is_random: bool = False
    is_elsewhere: bool = False
    is_control: bool = True


TREATMENTS = (
    Treatment("sham", "Sham, 0 mA", 0.0),
    Treatment("focus", "The focus, 130 Hz", is_control=False),
    Treatment("random", "The focus, as many pulses at random", is_random=True),
    Treatment("elsewhere", f"{ELSEWHERE}, 130 Hz", is_elsewhere=True),
)
"""The sham first; everything is compared with it."""


@dataclass(frozen=True)
class _Outcome:
    """One failure under one treatment: length of the seizure [s], 0 without one; regions; driven spikes."""

    seconds: float
    recruited: int
    mean_hz: float
    driven: int
    charge_uc: float


def suppression(trial: Trial) -> dict[str, Any]:
    """Stimulate the patients of a trial while their focus fails.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    dict
        Plain values, by treatment: share of failures that became seizures, their length (0 s where none
        came), regions and charge, with intervals over patients; `against_sham` and `against_random`, what the
        focus at 130 Hz changes, patient by patient.
    """
    group, base = group_of(trial.scenario, trial.connectome), electrode()
    jobs = [
        ("a patient is stimulated", partial(_treated, group, base, (trial.seed, _ROLE, k)))
        for k in range(trial.patients)
    ]
    found: list[dict[str, list[_Outcome]]] = run_all(jobs, trial.workers, trial.progress)
    of_patient = {
        one.name: np.array(
            [
                [
                    np.mean([outcome.seconds > 0 for outcome in patient[one.name]]),
                    np.mean([outcome.seconds for outcome in patient[one.name]]),
                    np.mean([outcome.recruited for outcome in patient[one.name]]),
                    np.mean([outcome.mean_hz for outcome in patient[one.name]]),
                    np.mean([outcome.driven for outcome in patient[one.name]]),
                    np.mean([outcome.charge_uc for outcome in patient[one.name]]),
                ]
                for patient in found
            ]
        )
        for one in TREATMENTS
    }
    rows = []
    for one in TREATMENTS:
        share, seconds, recruited, rate, driven, charge = of_patient[one.name].T
        rows.append(
            {
                "name": one.name,
                "label": one.label,
                "is_control": one.is_control,
                "seizures": _plain(share.mean()),
                "seizures_interval": _interval(share, trial.seed),
                "length_s": _plain(seconds.mean()),
                "length_interval": _interval(seconds, trial.seed),
                "recruited": _plain(recruited.mean()),
                "rate_hz": _plain(rate.mean()),
                "driven": _plain(driven.mean()),
                "charge_uc": _plain(charge.mean()),
                "change": _change(of_patient[one.name], of_patient["sham"], trial.seed),
            }
        )
    return {
        "treatments": rows,
        "against_sham": _change(of_patient["focus"], of_patient["sham"], trial.seed),
        "against_random": _change(of_patient["focus"], of_patient["random"], trial.seed),
        "patients": [
            {name: [_plain(outcome.seconds, 2) for outcome in outcomes] for name, outcomes in one.items()}
            for one in found
        ],
        "tries": TRIES,
        "treated_s": _BEFORE_S + _LIVED_S,
        "electrode": base.model_dump(exclude={"target"}),
        "units": {"length": "s, 0 where no seizure came", "charge": "uC a failure", "rate": "Hz"},
        "standing": "All of how a pulse acts is assumed; the brain has no thalamus, so it is no target.",
    }


def _change(treated: NDArray[np.float64], other: NDArray[np.float64], seed: int) -> dict[str, Any]:
    """Fewer and shorter seizures than under another treatment; above 0 is help."""
    fewer, shorter = (other[:, k] - treated[:, k] for k in (0, 1))
    return {
        "fewer": _plain(fewer.mean()),
        "fewer_interval": _interval(fewer, seed),
        "shorter_s": _plain(shorter.mean()),
        "shorter_interval": _interval(shorter, seed),
    }


def _treated(
    group: Group, base: Electrode, seed: tuple[int, ...], check: Check = unchecked
) -> dict[str, list[_Outcome]]:
    rng = np.random.default_rng(seed)
    person = draw_person(group.tuning, Network.of(group.scenario, group.connectome), rng)
    brain = PatientBrain(group.scenario, group.connectome, person)
    brink = threshold_of(brain, check)
    rest = brain.state()
    found: dict[str, list[_Outcome]] = {one.name: [] for one in TREATMENTS}
    for number in range(TRIES):
        noise = int(rng.integers(2**31))
        for one in TREATMENTS:
            brain.restore(rest)
            brain.use_noise(noise)
            region = ELSEWHERE if one.is_elsewhere else person.focus[0]
            contact = BrainElectrode(brain, region, np.random.default_rng([*seed, number, 0]))
            times = _pulses(one, base, np.random.default_rng([*seed, number, 1]))
            found[one.name].append(_lived(brain, contact, times, base, _FAILED * brink, check))
    return found


def _pulses(one: Treatment, base: Electrode, rng: np.random.Generator) -> NDArray[np.int64]:
    """When pulses come, (n_pulses,) [ms] from the beginning of the treatment; at most one a millisecond."""
    whole = 1000.0 * (_BEFORE_S + _LIVED_S)
    if one.frequency_hz <= 0.0:
        return np.zeros(0, np.int64)
    if one.is_random:
        n = PulseClock().advance(0.0, whole, one.frequency_hz).size
        times = random_times(n, 0.0, whole, rng)
    else:
        times = PulseClock().advance(0.0, whole, one.frequency_hz)
    return np.floor(times).astype(np.int64)


def _lived(
    brain: PatientBrain,
    contact: BrainElectrode,
    times: NDArray[np.int64],
    base: Electrode,
    clearance: float,
    check: Check,
) -> _Outcome:
    """The focus fails under pulses."""
    parts, charge = [], 0.0
    for second in range(_BEFORE_S + _LIVED_S):
        check()
        brain.set(1.0 if second < _BEFORE_S else clearance)
        mine = times[(times >= 1000 * second) & (times < 1000 * (second + 1))] - 1000 * second
        amplitude = base.amplitude_ma * base.gate(second + 0.5)
        strength = as_of_60_us(amplitude, base.width_us)
        charge += mine.size * base.charge_uc(amplitude)
        parts.append(contact.live(1000, mine, np.full(mine.size, strength)))
    counts = np.concatenate(parts[_BEFORE_S:])
    rates = brain.running.rates_hz(counts, _BIN_MS)
    seizures = find_seizures(rates, _BIN_MS / 1000.0)
    return _Outcome(
        float(sum(one.duration_s for one in seizures)),
        max((len(one.recruited) for one in seizures), default=0),
        float(rates.mean()),
        contact.n_driven,
        charge,
    )


def _plain(value: float | np.floating[Any], digits: int = 4) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None


def _interval(values: NDArray[np.float64], seed: int) -> list[float | None]:
    return [_plain(value) for value in bootstrap_interval(values, seed)]
