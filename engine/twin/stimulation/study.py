"""What is done to each patient: the conditions of a trial, and what is kept of each.

Every patient has a circuit, a noise in which it is judged, and another noise in which the device is set
before: nothing is set in the noise it is judged in. An effect is the share by which the mean biomarker is
lower than in the untreated circuit with the same noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.codesign.workers import Check, unchecked
from engine.twin.stimulation.controllers import CONTROLLERS
from engine.twin.stimulation.electrode import Electrode, electrode
from engine.twin.stimulation.patients import Patient, draw_patient
from engine.twin.stimulation.pulses import random_times
from engine.twin.stimulation.treatment import ONSET_S, Course, treat

__all__ = [
    "AMPLITUDES_MA",
    "FREQUENCIES_HZ",
    "SETTING_S",
    "SET_POINT_SHARE",
    "TREATED_S",
    "Case",
    "Kept",
    "case_of",
    "keep",
    "run_condition",
    "set_point_of",
    "untreated",
]

TREATED_S = 10.0
SETTING_S = 20.0
SWEEP_S = 6.0
FREQUENCIES_HZ = (5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 70.0, 90.0, 110.0, 130.0, 150.0, 175.0, 200.0)
AMPLITUDES_MA = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
WRONG_HZ = 20.0
SET_POINT_SHARE = 0.7
"""Of the mean biomarker of the patient's own untreated circuit; assumed."""

_CIRCUIT, _JUDGED, _SETTING, _OTHER, _TIMES = range(5)


@dataclass(frozen=True, eq=False)
class Case:
    """A patient of a trial, and the seeds of what is drawn for it.

    Attributes
    ----------
    patient : Patient
    judged_seed, setting_seed, other_seed, times_seed : int
        Of the noise it is judged in, of the one the device is set in, of one more to know chance by, and of
        random pulse times.
    """

    patient: Patient
    judged_seed: int
    setting_seed: int
    other_seed: int
    times_seed: int


def case_of(trial_seed: int, number: int) -> Case:
    """A patient of a trial by its number."""

    def drawn(what: int) -> int:
        return int(np.random.SeedSequence([trial_seed, number, what]).generate_state(1, np.uint64)[0] >> 1)

    return Case(draw_patient(drawn(_CIRCUIT)), drawn(_JUDGED), drawn(_SETTING), drawn(_OTHER), drawn(_TIMES))


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of a course.

    Attributes
    ----------
    trace : (n_updates,) float64 [mV]
        The biomarker at every update after the onset.
    charge_uc, energy_uj, power_uw, n_pulses, mean_ma, mean_hz : float
    driven_hz : float
        At which pulses drove the target's axons.
    peak_hz : float
        Where the field has most power.
    rates_hz, rate_beta : dict of str to float
        Of each population; the beta of those in the loop.
    """

    trace: NDArray[np.float64]
    charge_uc: float
    energy_uj: float
    power_uw: float
    n_pulses: int
    mean_ma: float
    mean_hz: float
    driven_hz: float
    peak_hz: float
    rates_hz: dict[str, float]
    rate_beta: dict[str, float]

    @property
    def beta(self) -> float:
        """Mean biomarker after the onset [mV]."""
        return float(self.trace.mean())

    def effect(self, untreated: Kept) -> float:
        """Share by which the mean biomarker is lower than in as much of an untreated course [1]."""
        n = min(self.trace.size, untreated.trace.size)
        return 1.0 - float(self.trace[:n].mean()) / float(untreated.trace[:n].mean())

    def error(self, set_point: float) -> float:
        """Mean error relative to a set point [1]."""
        return self.beta / set_point - 1.0

    def over(self, set_point: float) -> float:
        """Mean of how far it is above a set point, relative to that [1]; what is below counts as 0."""
        return float(np.maximum(self.trace / set_point - 1.0, 0.0).mean())


def keep(course: Course) -> Kept:
    """What is kept of a course."""
    on = course.update_s >= 0
    return Kept(
        trace=course.beta[course.update_s >= ONSET_S],
        charge_uc=course.charge_uc,
        energy_uj=course.energy_uj,
        power_uw=course.power_uw,
        n_pulses=int(course.pulse_s.size),
        mean_ma=float(course.amplitude_ma[on].mean()),
        mean_hz=float(course.frequency_hz[on].mean()),
        driven_hz=course.driven_hz(),
        peak_hz=course.peak_hz(),
        rates_hz=course.rates_hz(),
        rate_beta={name: course.rate_beta(name) for name in ("stn", "gpe", "gpi", "cortex_e")},
    )


def _off() -> Electrode:
    return electrode(amplitude_ma=0.0)


def untreated(patient: Patient, seed: int, check: Check = unchecked, seconds: float = TREATED_S) -> Course:
    """The circuit without any pulse: the electrode's frequency is never asked."""
    off = _off()
    silent = CONTROLLERS["open_loop"].make(0.0, off)
    return treat(patient, seed, off, silent, seconds, pulse_s=np.empty(0), check=check)


def set_point_of(course: Course) -> float:
    """The set point from an untreated course [mV]."""
    return SET_POINT_SHARE * course.mean_beta


def equal_energy(base: Electrode, frequency_hz: float) -> Electrode:
    """The electrode at another frequency, and at the amplitude that takes the same power."""
    amplitude = base.amplitude_ma * float(np.sqrt(base.frequency_hz / frequency_hz))
    return electrode(**{**base.model_dump(), "frequency_hz": frequency_hz, "amplitude_ma": amplitude})


def run_condition(
    case: Case, name: str, base: Electrode, set_point: float, check: Callable[[], None] = unchecked
) -> Course:
    """Run one condition.

    Parameters
    ----------
    case : Case
    name : str
        ``untreated``, ``setting`` (untreated, in the noise the device is set in), ``chance`` (untreated, in
        another noise), ``healthy``, ``sham``, ``random_timing``, ``wrong_frequency``, the name of a
        controller, or ``frequency:`` and ``amplitude:`` with a number.
    base : Electrode
    set_point : float [mV]
    check : callable
    """
    patient, seed = case.patient, case.judged_seed
    if name in ("untreated", "setting", "chance"):
        seeds = {"untreated": seed, "setting": case.setting_seed, "chance": case.other_seed}
        return untreated(patient, seeds[name], check, SETTING_S if name == "setting" else TREATED_S)
    if name == "healthy":
        return untreated(patient.with_loss(0.0), seed, check)
    if name in CONTROLLERS:
        return treat(patient, seed, base, CONTROLLERS[name].make(set_point, base), TREATED_S, check=check)
    kind, _, value = name.partition(":")
    used, seconds, times = base, TREATED_S, None
    if kind == "sham":
        used = electrode(**{**base.model_dump(), "amplitude_ma": 0.0})
    elif kind == "wrong_frequency":
        used = equal_energy(base, WRONG_HZ)
    elif kind == "random_timing":
        n = int(np.ceil(TREATED_S * base.frequency_hz - 1e-9))
        times = random_times(n, 0.0, TREATED_S, np.random.default_rng(case.times_seed))
    else:
        key = {"frequency": "frequency_hz", "amplitude": "amplitude_ma"}[kind]
        used, seconds = electrode(**{**base.model_dump(), key: float(value)}), SWEEP_S
    always = CONTROLLERS["open_loop"].make(set_point, used)
    return treat(patient, seed, used, always, seconds, pulse_s=times, check=check)
