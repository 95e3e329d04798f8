"""A user's own electrode, tried on one patient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import ParameterError
from engine.progress import Progress, no_progress
from engine.twin.stimulation.controllers import CONTROLLERS
from engine.twin.stimulation.electrode import Electrode, electrode
from engine.twin.stimulation.example import RASTER_S, course_trace, pulse_shape, raster_of
from engine.twin.stimulation.mechanism import UNITS
from engine.twin.stimulation.study import SETTING_S, case_of, keep, set_point_of, untreated
from engine.twin.stimulation.treatment import Course, treat

__all__ = ["MAX_SECONDS", "try_stimulation"]

MAX_SECONDS = 60.0


def try_stimulation(
    values: Electrode | Mapping[str, object],
    controller: str = "open_loop",
    seed: int = 1,
    *,
    seconds: float = 10.0,
    patient: int = 0,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """Treat one patient with an electrode of one's own.

    Parameters
    ----------
    values : Electrode or mapping
        Of its fields; those left out are the defaults.
    controller : str
        Of `CONTROLLERS`.
    seed : int
        The patient is one of those that a trial of this seed judges.
    seconds : float [s]
        Of treatment.
    patient : int
        Its number, from 0.
    progress : callable
        Told several times a second; may raise to end the work.

    Returns
    -------
    dict
        ``effect``, ``charge_uc``, ``energy_uj``, ``power_uw``, ``untreated`` and ``treated`` traces,
        ``pulses``, ``pulse``, ``raster`` before and on stimulation, ``rates_hz``, ``safety`` and
        ``set_point_mv``.

    Raises
    ------
    ParameterError
        The electrode may harm, the controller is unknown, or the seed, the patient or the time is out of
        range.
    """
    used = values if isinstance(values, Electrode) else electrode(**values)
    kind = CONTROLLERS[controller]
    if not 2.0 <= seconds <= MAX_SECONDS:
        raise ParameterError(f"stimulation.seconds: must be from 2 to {MAX_SECONDS:g} (got {seconds:g}).")
    if not 0 <= seed < 2**31:
        raise ParameterError(f"stimulation.seed: must be from 0 to {2**31 - 1} (got {seed}).")
    if not 0 <= patient < 100:
        raise ParameterError(f"stimulation.patient: must be from 0 to 99 (got {patient}).")
    kind.make(1.0, used)  # refuses what cannot be made before anything is run
    case = case_of(seed, patient)
    n_runs = 3 if kind.is_closed else 2
    done = 0

    def check() -> None:
        progress(done / n_runs, "stimulating" if done == n_runs - 1 else "untreated")

    set_point = 0.0
    if kind.is_closed:
        set_point = set_point_of(untreated(case.patient, case.setting_seed, check, SETTING_S))
        done += 1
    before = untreated(case.patient, case.judged_seed, check, seconds)
    done += 1
    after = treat(case.patient, case.judged_seed, used, kind.make(set_point, used), seconds, check=check)
    progress(1.0, "done")
    return _told(before, after, set_point, used, controller)


def _told(
    before: Course, after: Course, set_point: float, used: Electrode, controller: str
) -> dict[str, Any]:
    kept, kept_before = keep(after), keep(before)
    late = after.seconds - RASTER_S
    return {
        "controller": controller,
        "electrode": used.model_dump(),
        "effect": kept.effect(kept_before),
        "beta_mv": kept.beta,
        "untreated_beta_mv": kept_before.beta,
        "set_point_mv": set_point or None,
        "set_point_error": kept.error(set_point) if set_point else None,
        "charge_uc": kept.charge_uc,
        "energy_uj": kept.energy_uj,
        "power_uw": kept.power_uw,
        "n_pulses": kept.n_pulses,
        "driven_hz": kept.driven_hz,
        "rates_hz": kept.rates_hz,
        "untreated_rates_hz": kept_before.rates_hz,
        "safety": {
            "pulse_uc": used.pulse_uc,
            "density_uc_cm2": used.density_uc_cm2,
            "max_amplitude_ma": used.max_amplitude_ma,
            "direct_ua": used.direct_ua,
        },
        "untreated": course_trace(before),
        "treated": course_trace(after),
        "pulses": {
            "s": [round(float(s), 5) for s in after.pulse_s],
            "ma": [round(float(a), 3) for a in after.pulse_ma],
        },
        "pulse": pulse_shape(after),
        "raster": {"before": raster_of(after, -RASTER_S, 0.0), "on": raster_of(after, late, late + RASTER_S)},
        "units": UNITS,
    }
