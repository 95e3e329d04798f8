"""Calibration: the student's trims and knobs, fitted to its teacher and tried on what it never saw.

First every circuit's threshold gets a code of its own (`engine.codesign.trimming`), which undoes
what manufacture did to it. Then CMA-ES (Hansen & Ostermeier 2001; the package `cma`) moves the
knobs that the whole chip shares, to the least mean distance from the teacher in floors. Since that
distance is noisy, the knobs found are kept only if they are better than none under the other half
of the training conditions too. Both hear training conditions alone, in open loop. What it is worth
is said on held-out ones, other stimuli and other noises: the distance as the scenario came, over
that after the fit.

All choices (training stimuli, rounds, prior, population, step, check) were made on chips 101 to 103
with noises 1001 to 3017 for training and, as validation, noises 1501 and 1502 with the stimuli:
none, -30 pA, Poisson spikes of 20 Hz. The held-out conditions were fixed before they were first
run; they share no noise and no stimulus with these, and nothing was changed after that one look.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.brain.connectome import Connectome
from engine.codesign.calibration_stands import CHECKED, FITTED, Stands
from engine.codesign.calibration_state import CalibrationState
from engine.codesign.knobs import KNOBS, knob_values, with_knobs
from engine.codesign.stand import Stand
from engine.codesign.substrates import student_of
from engine.codesign.trimming import N_ROUNDS, trim_circuits, with_trims
from engine.errors import DataError, ParameterError
from engine.model.chip_terms import TERMS
from engine.progress import LastSaid, Progress, no_progress, part_of
from engine.scenario.scenario import Scenario

__all__ = ["N_EVALS", "OPTIMISER_SEED", "Calibration", "HeldOut", "calibrate", "with_fit"]

POPULATION = 9  # cma's default for six knobs
SIGMA = 0.1  # of a knob's step: 2 % of a weight scale, 2 pA, 0.05 mV
N_EVALS = N_ROUNDS + 1 + 3 * POPULATION
MAX_EVALS = 100_000
OPTIMISER_SEED = 11
_FIXED = tuple(name for name, term in TERMS.items() if term.circuits)


@dataclass(frozen=True)
class HeldOut:
    """What a fit is worth on some conditions.

    Attributes
    ----------
    conditions : tuple of str
    before, after : tuple of float
        Distance in floors under each condition.
    """

    conditions: tuple[str, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]

    @property
    def factors(self) -> np.ndarray:
        """(n_conditions,) float64, distance before over after."""
        return np.array(self.before) / np.maximum(self.after, 1e-9)

    @property
    def factor(self) -> float:
        """Their geometric mean."""
        return float(np.exp(np.log(self.factors).mean()))

    @property
    def spread(self) -> float:
        """Their standard deviation."""
        return float(self.factors.std(ddof=1)) if len(self.before) > 1 else 0.0


@dataclass(frozen=True, eq=False)
class Calibration:
    """The end of a calibration.

    Attributes
    ----------
    scenario : Scenario
        With the trims and the fitted knobs.
    origin : Scenario
    state : CalibrationState
    knobs_kept : bool
        Whether the knobs found were better than none where they had not been fitted.
    trained : HeldOut
        The same figures on training conditions: what a fit flatters itself with.
    held_out : HeldOut
        On the same chip.
    trims_alone : HeldOut
        Held out, with the trims and the knobs as they came.
    other_chip : HeldOut
        Held out, with the fitted knobs on another chip, whose circuits these trims do not fit and
        which has none.
    spotless : float
        Held-out distance of an untouched chip without any fixed mismatch: about what is left when
        calibration has done all it can.
    measures : dict of str to (float, float)
        Held-out mean of every measure before and after, in floors.
    """

    scenario: Scenario
    origin: Scenario
    state: CalibrationState
    knobs_kept: bool
    trained: HeldOut
    held_out: HeldOut
    trims_alone: HeldOut
    other_chip: HeldOut
    spotless: float
    measures: dict[str, tuple[float, float]]

    @property
    def sentence(self) -> str:
        """What it was worth, in words."""
        h = self.held_out
        text = (
            f"On {len(h.before)} held-out conditions the error falls by a factor of "
            f"{h.factor:.2f} ± {h.spread:.2f} (from {np.mean(h.before):.2f} to "
            f"{np.mean(h.after):.2f} floors; 1 is no gain)"
        )
        if h.factor <= 1.0:
            text = (
                f"On {len(h.before)} held-out conditions the fit is no better: factor "
                f"{h.factor:.2f} ± {h.spread:.2f}"
            )
        elif h.factor - h.spread <= 1.0:
            text += ", a gain no larger than its spread"
        knobs = (
            f"Trims alone: {self.trims_alone.factor:.2f}; the knobs alone on another chip, which "
            f"these trims do not fit: {self.other_chip.factor:.2f}."
            if self.knobs_kept
            else "All of it by trims, which fit no other chip: the knobs found did not hold under "
            "conditions that they had not been fitted to, and stay."
        )
        return f"{text}. {knobs} A chip without fixed mismatch lies at {self.spotless:.2f} floors."

    def as_json(self) -> dict[str, Any]:
        """Plain values."""

        def told(h: HeldOut) -> dict[str, Any]:
            return {**asdict(h), "factor": h.factor, "spread": h.spread}

        return {
            "knobs": knob_values(self.scenario),
            "knobs_before": knob_values(self.origin),
            "trims": list(self.state.trims),
            "scenario": self.scenario.model_dump(mode="json"),
            "history": [list(row) for row in self.state.history],
            "evaluations": self.state.n_evals,
            "knobs_kept": self.knobs_kept,
            "held_out": told(self.held_out),
            "trained": told(self.trained),
            "trims_alone": told(self.trims_alone),
            "other_chip": told(self.other_chip),
            "spotless": self.spotless,
            "measures": {n: {"before": b, "after": a} for n, (b, a) in self.measures.items()},
            "sentence": self.sentence,
            "loop": "open: the rest of the brain is replayed from the teacher",
        }


def calibrate(
    scenario: Scenario,
    connectome: Connectome,
    n_evals: int = N_EVALS,
    workers: int = 2,
    progress: Progress = no_progress,
    state: CalibrationState | None = None,
    report: Callable[[CalibrationState], None] = lambda state: None,
    stands: Stands | None = None,
    seed: int = OPTIMISER_SEED,
) -> Calibration:
    """Trim the circuits, then fit the knobs.

    Parameters
    ----------
    scenario : Scenario
        With analog regions; its knobs are where the fit begins.
    connectome : Connectome
    n_evals : int
        Students to try in all, earlier ones of `state` included: the rounds of the trims, then
        whole generations of 9.
    workers : int
        Runs that go on at once; the result does not depend on it.
    progress : callable
        May raise to give up; what was reported until then can be gone on from.
    state : CalibrationState, optional
        Go on from here; trims that were not found yet are looked for from the beginning.
    report : callable
        Gets the state after every round and generation.
    stands : Stands, optional
        Of the same scenario on any chip, where they have been made already.
    seed : int
        Of the optimiser.

    Raises
    ------
    EngineError
        No region is analog, `n_evals` makes no sense, or the state is another scenario's.
    """
    if not 1 <= n_evals <= MAX_EVALS:
        raise ParameterError(f"calibrate.n_evals: must be from 1 to {MAX_EVALS} (got {n_evals}).")
    if state is not None and state.digest != scenario.digest():
        raise DataError("calibrate.state: must be of the same scenario (got one of another). Begin anew.")
    progress = LastSaid(progress)
    if stands is None:
        stands = Stands(scenario, connectome, workers, part_of(progress, 0.0, 0.1), progress.again)
    training = stands.training
    if state is None or state.trimmed is None:
        state = _trimmed(training, scenario, part_of(progress, 0.1, 0.25), report)
    base = with_trims(scenario, training, np.array(state.trims)) if state.trims else scenario
    optimiser = _optimiser(state, seed)
    while state.n_evals < n_evals:
        progress(0.25 + 0.5 * state.n_evals / n_evals, _said(state))
        moves = [np.asarray(m, float) for m in optimiser.ask()]
        distances = _mean_distances(training, [with_knobs(base, m) for m in moves])
        optimiser.tell(moves, distances)
        state = CalibrationState(
            state.digest,
            state.start,
            state.rounds,
            state.trims,
            state.trimmed,
            [*state.moves, [m.tolist() for m in moves]],
            [*state.distances, distances],
        )
        report(state)
    fitted = with_knobs(base, state.best[0])
    progress(0.75, "trying it on held-out conditions")
    return _judged(stands, scenario, base, fitted, state, part_of(progress, 0.75, 1.0))


def with_fit(scenario: Scenario, found: Calibration) -> tuple[Scenario, bool]:
    """A scenario with the knobs of a fit, and with its trims where they are of its circuits.

    Trims are of the circuits of one chip, in regions of one size.

    Returns
    -------
    Scenario
    fits : bool
        Whether the trims are of its circuits.
    """
    theirs = found.scenario
    values: dict[str, Any] = dict(knob_values(theirs))
    mine, yours = scenario.flat(), theirs.flat()
    keys = ("connectome", "analog.chip_seed", "network.neurons_per_region", "network.sizes", "network.recipe")
    fits = all(mine[key] == yours[key] for key in keys)
    if fits:
        values["trim"] = [t.model_dump(mode="json") for t in theirs.trim]
    return scenario.with_values(values), fits


def _trimmed(
    training: Stand, scenario: Scenario, progress: Progress, report: Callable[[CalibrationState], None]
) -> CalibrationState:
    """The state once every circuit has its code, or none where codes make it no better."""
    state = CalibrationState(scenario.digest(), _mean_distances(training, [scenario])[0])
    report(state)
    rounds: list[float] = []

    def look(n: int, distances: np.ndarray) -> None:
        rounds.append(float(distances[list(FITTED)].mean()))
        report(CalibrationState(state.digest, state.start, list(rounds)))
        progress(n / N_ROUNDS, f"trimming the circuits, round {n} of {N_ROUNDS}")

    codes = trim_circuits(training, scenario, look)
    distance = _mean_distances(training, [with_trims(scenario, training, codes)])[0]
    if distance >= state.start:
        codes, distance = codes[:0], state.start
    state = CalibrationState(state.digest, state.start, rounds, codes.tolist(), distance)
    report(state)
    return state


def _mean_distances(stand: Stand, students: list[Scenario]) -> list[float]:
    tried = stand.try_all(students, only=FITTED)
    return [float(np.mean([stand.distance(m) for m in of_one])) for of_one in tried]


def _judged(
    stands: Stands,
    scenario: Scenario,
    base: Scenario,
    fitted: Scenario,
    state: CalibrationState,
    progress: Progress,
) -> Calibration:
    """Try a fit on what it never saw."""
    fresh = stands.held_out(part_of(progress, 0.0, 0.7))
    before, plain, moved = stands.training.try_all([scenario, base, fitted])
    kept = fitted != base and _checked(stands.training, moved) < _checked(stands.training, plain)
    fitted, found = (fitted, moved) if kept else (base, plain)
    trained = _held_out(stands.training, [before, found])
    progress(0.8, "trying it on held-out conditions")
    chip = (scenario.analog.chip_seed + 1) % 2**31
    clean = scenario.with_values({f"analog.terms.{t}": 0.0 for t in _FIXED})
    students = [scenario, base, fitted, student_of(scenario, chip), student_of(fitted, chip), clean]
    tried = fresh.try_all(students)
    as_it_came, trims_alone, after, *elsewhere, spotless = tried
    progress(1.0, "done")
    return Calibration(
        fitted,
        scenario,
        state,
        kept,
        trained,
        _held_out(fresh, [as_it_came, after]),
        _held_out(fresh, [as_it_came, trims_alone]),
        _held_out(fresh, elsewhere),
        float(np.mean([fresh.distance(m) for m in spotless])),
        _measures(fresh, [as_it_came, after]),
    )


def _checked(stand: Stand, tried: list[dict[str, float] | None]) -> float:
    return float(np.mean([stand.distance(tried[k]) for k in CHECKED]))


def _held_out(stand: Stand, tried: list[list[dict[str, float] | None]]) -> HeldOut:
    before, after = (tuple(stand.distance(m) for m in of_one) for of_one in tried)
    return HeldOut(tuple(c.name for c in stand.conditions), before, after)


def _measures(stand: Stand, tried: list[list[dict[str, float] | None]]) -> dict[str, tuple[float, float]]:
    measures = {}
    for name, floor in stand.floor.items():
        of_two = [[m[name] / floor for m in of_one if m is not None] for of_one in tried]
        before, after = (float(np.mean(v)) if v else math.nan for v in of_two)
        if math.isfinite(before) and math.isfinite(after):
            measures[name] = (before, after)
    return measures


def _optimiser(state: CalibrationState, seed: int) -> Any:
    """CMA-ES brought to where the state is, with random numbers of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses matplotlib, which is not needed here
        import cma
    random = np.random.Generator(np.random.Philox(seed))
    optimiser = cma.CMAEvolutionStrategy(
        [0.0] * len(KNOBS),
        SIGMA,
        {
            "popsize": POPULATION,
            "verbose": -9,
            "seed": np.nan,
            "verb_log": 0,
            "verb_disp": 0,
            "randn": lambda *shape: random.standard_normal(shape),
        },
    )
    for moves, distances in zip(state.moves, state.distances, strict=True):
        optimiser.ask()  # draws what was drawn then
        optimiser.tell([np.array(m) for m in moves], distances)
    return optimiser


def _said(state: CalibrationState) -> str:
    return f"{state.n_evals} students tried, best {state.best[1]:.3f} of {state.start:.3f} floors"
