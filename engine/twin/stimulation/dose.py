"""What an electrode does at other doses: one row a setting, over the same circuits and the same noises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.codesign.workers import Check, run_all
from engine.errors import ParameterError
from engine.progress import Progress, no_progress, part_of
from engine.twin.stimulation.controllers import CONTROLLERS
from engine.twin.stimulation.electrode import Electrode
from engine.twin.stimulation.study import TREATED_S, Case, Kept, case_of, keep, untreated
from engine.twin.stimulation.treatment import treat
from engine.twin.trial.interval import mean_interval
from engine.twin.trial.scorecard import check_trial

__all__ = ["DOSE_UNITS", "DoseStudy"]

DOSE_UNITS = {
    "effect": "1",
    "effect_low": "1",
    "effect_high": "1",
    "gpi_effect": "1",
    "chance_effect": "1",
    "charge_uc": "uC",
    "energy_uj": "uJ",
    "power_uw": "uW",
    "effect_per_uc": "1/uC",
    "effect_per_uj": "1/uJ",
    "target_hz": "Hz",
    "driven_hz": "Hz",
    "n_pulses": "1",
}
"""Columns of a row, and their units; an effect is a share of the untreated circuit's beta."""


@dataclass(frozen=True, eq=False)
class _Judged:
    """One circuit at one setting, beside itself untreated and untreated in another noise."""

    kept: Kept
    before: Kept
    again: Kept


class DoseStudy:
    """Circuits that are stimulated in open loop at one setting after another.

    The same circuits as those a trial of this seed judges, in the same noise, so settings differ by the
    electrode alone.

    Parameters
    ----------
    seed : int
    patients : int
        How many circuits.
    workers : int
        Circuits at once; does not change the results.

    Raises
    ------
    ParameterError
        A number is out of range.
    """

    def __init__(self, seed: int, patients: int, workers: int = 1):
        check_trial(patients, seed)
        if workers < 1:
            raise ParameterError(f"sweep.workers: must be at least 1 (got {workers}).")
        self._cases = [case_of(seed, k) for k in range(patients)]
        self._workers = workers
        self._untreated: list[tuple[Kept, Kept]] = []

    def row(self, used: Electrode, progress: Progress = no_progress) -> dict[str, Any]:
        """What one setting does.

        Parameters
        ----------
        used : Electrode
        progress : callable
            May raise to end the work.

        Returns
        -------
        dict
            By the names of `DOSE_UNITS`, means over circuits; ``effect_low`` and ``effect_high`` bound the
            mean effect at 95 % by Student's t and are None for one circuit. ``chance_effect`` is that of
            nothing: the untreated circuit again, in another noise.
        """
        if not self._untreated:
            self._untreated = run_all(
                [(f"patient {k + 1}: untreated", self._before(case)) for k, case in enumerate(self._cases)],
                self._workers,
                part_of(progress, 0.0, 0.6),
            )
            progress = part_of(progress, 0.6, 1.0)
        treated: list[Kept] = run_all(
            [(f"patient {k + 1}", self._treated(case, used)) for k, case in enumerate(self._cases)],
            self._workers,
            progress,
        )
        both = zip(treated, self._untreated, strict=True)
        return _row([_Judged(kept, before, again) for kept, (before, again) in both])

    @staticmethod
    def _before(case: Case) -> Any:
        def work(check: Check) -> tuple[Kept, Kept]:
            found = (untreated(case.patient, seed, check) for seed in (case.judged_seed, case.other_seed))
            before, again = map(keep, found)
            return before, again

        return work

    @staticmethod
    def _treated(case: Case, used: Electrode) -> Any:
        def work(check: Check) -> Kept:
            always = CONTROLLERS["open_loop"].make(0.0, used)
            return keep(treat(case.patient, case.judged_seed, used, always, TREATED_S, check=check))

        return work


def _row(judged: Sequence[_Judged]) -> dict[str, Any]:
    effects = [one.kept.effect(one.before) for one in judged]
    low, high = mean_interval(effects)

    def mean(values: Sequence[float]) -> float:
        return float(np.mean(values))

    effect = mean(effects)
    charge, energy = (
        mean([getattr(one.kept, name) for one in judged]) for name in ("charge_uc", "energy_uj")
    )
    row = {
        "effect": effect,
        "effect_low": low,
        "effect_high": high,
        "gpi_effect": mean([1 - one.kept.rate_beta["gpi"] / one.before.rate_beta["gpi"] for one in judged]),
        "chance_effect": mean([one.again.effect(one.before) for one in judged]),
        "charge_uc": charge,
        "energy_uj": energy,
        "power_uw": mean([one.kept.power_uw for one in judged]),
        "effect_per_uc": effect / charge if charge else np.nan,
        "effect_per_uj": effect / energy if energy else np.nan,
        "target_hz": mean([one.kept.rates_hz["stn"] for one in judged]),
        "driven_hz": mean([one.kept.driven_hz for one in judged]),
        "n_pulses": mean([one.kept.n_pulses for one in judged]),
    }
    return {name: float(f"{x:.6g}") if np.isfinite(x) else None for name, x in row.items()}
