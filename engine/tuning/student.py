"""How much of a fit survives on the analog chip, and how much tuning with the chip in the loop wins back.

A brain that was tuned on digital equations is its own teacher: the same tuning is judged with more and
more regions on the model of the chip, in each of its modes, with noise that no fit has seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike
from pydantic import TypeAdapter

from engine.brain.connectome import Connectome
from engine.codesign.workers import Check, run_all
from engine.errors import ParameterError
from engine.progress import Progress, no_progress
from engine.run.provenance import versions
from engine.scenario.hardware import AnalogMode as Mode
from engine.scenario.scenario import Scenario
from engine.stored_results import STORED, read_stored, stored_from
from engine.tuning.controls import linear_baseline, wiring_baseline
from engine.tuning.judgement import judge
from engine.tuning.study import judge_seed, run_tuner, tuned
from engine.tuning.tuner import FCTuner, TuningStep
from engine.whole_files import write_file

__all__ = [
    "IN_THE_LOOP",
    "MODES",
    "StudentFit",
    "StudentFits",
    "fit_students",
    "read_students",
    "students_bytes",
    "students_from",
    "write_students",
]

MODES: tuple[Mode, ...] = get_args(Mode)
"""Of the chip, from no imperfection to all of them."""

IN_THE_LOOP: tuple[Mode, ...] = ("calibrated", "uncalibrated")
"""Modes of a real chip, in which a fit can go on."""

_MAX_BYTES = 200_000
_CHIPS = 64  # enough for every region; a stand of that many is assumed, not built


@dataclass(frozen=True)
class StudentFit:
    """One tuned brain with some regions on the chip.

    Attributes
    ----------
    regions : str
        Name of the set of regions that are on the chip.
    n_regions : int
    mode : str
        Of the chip.
    in_the_loop : bool
        Whether the tuning went on with the chip before it was judged.
    r, halves, corrected : float [1]
        As of `engine.tuning.Judgement`; None where not defined.
    mean_hz, min_hz, max_hz : float [Hz]
        Mean excitatory rates of regions.
    max_1s_hz : float [Hz]
        Highest rate of a region in any second.
    """

    regions: str
    n_regions: int
    mode: Mode
    in_the_loop: bool
    r: float | None
    halves: float | None
    corrected: float | None
    mean_hz: float
    min_hz: float
    max_hz: float
    max_1s_hz: float


@dataclass(frozen=True)
class StudentFits:
    """Students of one tuned brain beside their teacher and what needs no brain.

    Attributes
    ----------
    title : str
        Of the scenario.
    command : str
        Makes these results.
    scenario_digest, connectome_sha256 : str
    chip_seed, noise_seed : int
        Of the one chip, and of the noise that all are judged with.
    n_pairs : int
    tune_minutes, judge_minutes : float [min]
        Biology of the tuning in the loop, and of each judgement.
    wiring, linear : float [1]
        What the wiring alone and linear noise reach; None where not defined.
    teacher : StudentFit
        With no region on the chip.
    teacher_tuned_on : StudentFit or None
        The same after as much more tuning as students in the loop have: what time alone is worth.
    students : list of StudentFit
    versions : dict of str to str
    """

    __pydantic_config__ = STORED

    title: str
    command: str
    scenario_digest: str
    connectome_sha256: str
    chip_seed: int
    noise_seed: int
    n_pairs: int
    tune_minutes: float
    judge_minutes: float
    wiring: float | None
    linear: float | None
    teacher: StudentFit
    teacher_tuned_on: StudentFit | None
    students: list[StudentFit]
    versions: dict[str, str]

    def of(self, regions: str, mode: str, in_the_loop: bool = False) -> StudentFit | None:
        """One of the students; None where it was not measured."""
        for student in self.students:
            if (student.regions, student.mode, student.in_the_loop) == (regions, mode, in_the_loop):
                return student
        return None


def fit_students(
    scenario: Scenario,
    connectome: Connectome,
    target: ArrayLike,
    sets: Mapping[str, Sequence[str]],
    *,
    command: str = "",
    modes: Sequence[Mode] = MODES,
    tune_minutes: float = 10.0,
    judge_minutes: float = 10.0,
    workers: int = 1,
    progress: Progress = no_progress,
) -> StudentFits:
    """Judge a tuned brain on the chip.

    Parameters
    ----------
    scenario : Scenario
        With a tuning; its regions on the chip are replaced by those of the sets.
    connectome : Connectome
    target : (n_regions, n_regions) float64 [1]
        Measured connectivity of the simulated regions in their order.
    sets : mapping of str to sequence of str
        Labels of the regions that go to the chip together, by name.
    command : str
        That makes the same results.
    modes : sequence of str
        Of `MODES`.
    tune_minutes : float [min]
        Biology of the tuning with the chip in the loop; 0 leaves it out.
    judge_minutes : float [min]
    workers : int
        Brains at once; does not change the results.
    progress : callable

    Raises
    ------
    ParameterError
        A set is empty, or the scenario has no tuning.
    EngineError
        One of the brains cannot be run.
    """
    if not scenario.network.tuning:
        raise ParameterError("network.tuning: must be given for a brain's fit on the chip (got '').")
    for name, labels in sets.items():
        if not labels:
            raise ParameterError(f"regions: must be at least one to be on the chip (got none in '{name}').")
    seed = judge_seed(scenario.seed)
    cells: list[tuple[str, tuple[str, ...], Mode, bool]] = [
        (name, tuple(labels), mode, loop)
        for name, labels in sets.items()
        for mode in modes
        for loop in ((False, True) if tune_minutes > 0 and mode in IN_THE_LOOP else (False,))
    ]

    alone: list[tuple[str, tuple[str, ...], Mode, bool]] = [("none", (), "ideal", False)]
    if tune_minutes > 0:
        alone.append(("none", (), "ideal", True))
    shares = [0.0] * (len(alone) + len(cells))  # of every brain's work, what is done

    def work(
        k: int, name: str, labels: tuple[str, ...], mode: Mode, loop: bool
    ) -> Callable[[Check], StudentFit]:
        def done(check: Check) -> StudentFit:
            on_chip = scenario.with_values(
                {
                    "regions.analog": list(labels),
                    "analog.mode": mode,
                    "analog.max_chips": _CHIPS,
                    "network.wiring_seed": scenario.wiring_seed,
                }
            )
            if loop:
                tuner = FCTuner(on_chip, connectome, target)

                def told(step: TuningStep) -> None:
                    shares[k] = 0.5 * min(1.0, step.minutes / tune_minutes)

                try:
                    run_tuner(tuner, tune_minutes, check, told)
                    on_chip = tuned(on_chip, tuner.tuning("in the loop"))
                finally:
                    tuner.close()

            def look(fraction: float, what: str) -> None:
                check()
                shares[k] = 1.0 - (1.0 - fraction) * (0.5 if loop else 1.0)

            found = judge(on_chip, connectome, target, seed=seed, minutes=judge_minutes, progress=look)
            return StudentFit(
                name,
                len(labels),
                mode,
                loop,
                _plain(found.r),
                _plain(found.halves),
                _plain(found.corrected),
                round(float(found.rates_hz.mean()), 4),
                round(float(found.rates_hz.min()), 4),
                round(float(found.rates_hz.max()), 4),
                round(found.max_1s_hz, 4),
            )

        return done

    jobs = [(_said(*cell), work(k, *cell)) for k, cell in enumerate([*alone, *cells])]
    found = run_all(jobs, workers, lambda _, what: progress(sum(shares) / len(shares), what))
    on = np.array([k for k, b in enumerate(scenario.backend_of(connectome.labels)) if b != "off"])
    aim = np.asarray(target, float)
    return StudentFits(
        title=scenario.title,
        command=command,
        scenario_digest=scenario.digest(),
        connectome_sha256=connectome.checksum,
        chip_seed=scenario.analog.chip_seed,
        noise_seed=seed,
        n_pairs=int(np.isfinite(np.triu(aim, 1) + np.tril(np.full_like(aim, np.nan))).sum()),
        tune_minutes=float(tune_minutes),
        judge_minutes=float(judge_minutes),
        wiring=_plain(wiring_baseline(connectome, aim, on)),
        linear=_plain(linear_baseline(connectome, aim, on)),
        teacher=found[0],
        teacher_tuned_on=found[1] if len(alone) > 1 else None,
        students=found[len(alone) :],
        versions=versions(),
    )


def _said(name: str, labels: tuple[str, ...], mode: Mode, loop: bool) -> str:
    where = f"{name} on the chip, {mode}" if labels else "all digital"
    return f"{where}{', tuned on' if loop else ''}"


def _plain(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def write_students(path: Path | str, found: StudentFits) -> None:
    """Write results; an existing file is replaced only once the new one is whole.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    write_file(path, json.dumps(asdict(found), indent=1, allow_nan=False) + "\n")


def students_bytes(found: StudentFits) -> bytes:
    """Results as JSON, for :func:`students_from`."""
    return json.dumps(asdict(found), allow_nan=False).encode()


def students_from(data: bytes, name: str) -> StudentFits:
    """Read what :func:`students_bytes` wrote, and check it.

    Raises
    ------
    DataError
        It is not whole and sound; `name` opens the sentence.
    """
    return stored_from(data, name, TypeAdapter(StudentFits), asdict)


def read_students(path: Path | str) -> StudentFits:
    """Read what :func:`write_students` wrote, and check it.

    Raises
    ------
    DataError
        It cannot be read, or is not whole and sound.
    """
    return read_stored(path, TypeAdapter(StudentFits), _MAX_BYTES, asdict)
