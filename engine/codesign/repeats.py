"""A calibration repeated on several chips, each with an optimiser seed of its own.

One fit says little about the next: chips differ, and CMA-ES draws its own numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import Field, PositiveFloat

from engine.brain.connectome import Connectome
from engine.codesign.calibration import N_EVALS, OPTIMISER_SEED, Calibration, calibrate
from engine.codesign.calibration_stands import Stands
from engine.codesign.substrates import student_of
from engine.errors import ParameterError
from engine.progress import LastSaid, Progress, no_progress, part_of
from engine.scenario.scenario import Scenario

__all__ = ["Repeat", "Repeats", "repeat_calibration"]


@dataclass(frozen=True)
class Repeat:
    """One fit, held out.

    Attributes
    ----------
    chip_seed, seed : int
        The chip, and the seed of the optimiser.
    before, after : float
        Mean distance in floors.
    factor : float
        Geometric mean over conditions of before over after.
    trims_alone : float
        The same with the knobs as they came.
    other_chip : float
        The same with the fitted knobs, without trims, on another chip.
    knobs_kept : bool
        Whether the fitted knobs were moved at all.
    spotless : float
        Distance of an untouched chip without any fixed mismatch.
    """

    chip_seed: int
    seed: int
    before: PositiveFloat
    after: PositiveFloat
    factor: PositiveFloat
    trims_alone: PositiveFloat
    other_chip: PositiveFloat
    knobs_kept: bool
    spotless: PositiveFloat


@dataclass(frozen=True)
class Repeats:
    """All fits of one scenario.

    Attributes
    ----------
    fits : tuple of Repeat
    n_conditions : int
        Held-out conditions of each.
    n_evals : int
        Students tried in each.
    """

    fits: Annotated[tuple[Repeat, ...], Field(min_length=1)]
    n_conditions: int
    n_evals: int

    def median_and_range(self, name: str) -> tuple[float, float, float]:
        """Median, least and largest of one of the figures."""
        values = np.array([getattr(f, name) for f in self.fits])
        return float(np.median(values)), float(values.min()), float(values.max())

    @property
    def sentence(self) -> str:
        """What calibration is worth, with its spread."""
        n = len(self.fits)
        factor, elsewhere = (
            "{:.2f} ({:.2f} to {:.2f})".format(*self.median_and_range(name))
            for name in ("factor", "other_chip")
        )
        before, after, spotless = (self.median_and_range(name)[0] for name in ("before", "after", "spotless"))
        kept = sum(f.knobs_kept for f in self.fits)
        knobs = (
            f"The shared knobs moved in {kept} of {n} fits; alone on another chip, which the trims "
            f"do not fit, they are worth {elsewhere}."
            if kept
            else "All of it by trims, which fit no other chip."
        )
        return (
            f"Calibration lowers the held-out error by a factor of {factor}: median and range of "
            f"{n} chips, from {before:.2f} to {after:.2f} floors. Doing nothing is 1; a chip "
            f"without fixed mismatch lies at {spotless:.2f} floors. {knobs}"
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        names = ("factor", "trims_alone", "other_chip", "before", "after", "spotless")
        return {
            "fits": [vars(f) for f in self.fits],
            "n_conditions": self.n_conditions,
            **{n: dict(zip(("median", "low", "high"), self.median_and_range(n), strict=True)) for n in names},
            "sentence": self.sentence,
        }


def repeat_calibration(
    scenario: Scenario,
    connectome: Connectome,
    n_chips: int = 3,
    n_evals: int = N_EVALS,
    workers: int = 2,
    progress: Progress = no_progress,
) -> tuple[Calibration, Repeats]:
    """Calibrate the scenario's chip and the next ones, each with an optimiser seed of its own.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    n_chips : int
    n_evals, workers, progress
        As in :func:`engine.codesign.calibration.calibrate`.

    Returns
    -------
    Calibration
        Of the scenario's own chip.
    Repeats

    Raises
    ------
    EngineError
        As `calibrate`, or there is no chip.
    """
    if n_chips < 1:
        raise ParameterError(f"calibrate.n_chips: must be at least 1 (got {n_chips}).")
    progress = LastSaid(progress)
    stands = Stands(scenario, connectome, workers, part_of(progress, 0.0, 0.05), progress.again)
    found = []
    for k in range(n_chips):
        student = student_of(scenario, (scenario.analog.chip_seed + k) % 2**31)
        share = 0.95 / n_chips
        part = part_of(progress, 0.05 + share * k, 0.05 + share * (k + 1))
        found.append(
            calibrate(student, connectome, n_evals, workers, part, stands=stands, seed=OPTIMISER_SEED + k)
        )
    repeats = tuple(_repeat(fit, OPTIMISER_SEED + k) for k, fit in enumerate(found))
    return found[0], Repeats(repeats, len(found[0].held_out.conditions), found[0].state.n_evals)


def _repeat(fit: Calibration, seed: int) -> Repeat:
    h = fit.held_out
    return Repeat(
        fit.origin.analog.chip_seed,
        seed,
        float(np.mean(h.before)),
        float(np.mean(h.after)),
        h.factor,
        fit.trims_alone.factor,
        fit.other_chip.factor,
        fit.knobs_kept,
        fit.spotless,
    )
