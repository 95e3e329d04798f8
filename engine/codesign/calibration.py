"""Calibration: the student's free knobs, fitted to its teacher and tried on what it never saw.

CMA-ES (Hansen & Ostermeier 2001; the package `cma`) minimises the student's mean distance from its
teacher, in floors, over training stimuli and noises in open loop. Only knobs that the whole chip
shares are fitted; mismatch of single circuits stays, so the best there is may be little better than
no calibration. What it is worth is said on held-out stimuli and noises: the distance with the knobs
where they stood, over that with the fitted ones.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.backends.parts import Progress, no_progress
from engine.codesign.knobs import KNOBS, knob_values, with_knobs
from engine.codesign.stand import Condition, Stand
from engine.codesign.substrates import analog_labels, student_of
from engine.connectome import Connectome
from engine.errors import DataError, ParameterError
from engine.scenario import Scenario

__all__ = [
    "Calibration",
    "CalibrationState",
    "HeldOut",
    "calibrate",
    "read_state",
    "write_state",
]

POPULATION = 9  # cma's default for six knobs
SIGMA = 0.25  # of a knob's step: 5 % of a weight scale, 5 pA, 0.125 mV
MAX_EVALS = 100_000
_HELD_OUT_SEEDS = 500
_OPTIMISER_SEED = 11


@dataclass(frozen=True)
class CalibrationState:
    """All that has been tried, enough to go on from.

    Attributes
    ----------
    digest : str
        Of the scenario whose knobs are fitted.
    moves : list of list of (n_knobs,) list of float
        By generation, the moves that were tried.
    distances : list of list of float
        Their distances from the teacher, in floors.
    start : float
        The distance before any move.
    """

    digest: str
    start: float
    moves: list[list[list[float]]] = field(default_factory=list)
    distances: list[list[float]] = field(default_factory=list)

    @property
    def n_evals(self) -> int:
        """Students tried, the one that nothing was moved on left out."""
        return sum(len(d) for d in self.distances)

    @property
    def best(self) -> tuple[list[float], float]:
        """The best moves so far and their distance; no moves where none was better."""
        found, least = [0.0] * len(KNOBS), self.start
        for moves, distances in zip(self.moves, self.distances, strict=True):
            for move, distance in zip(moves, distances, strict=True):
                if distance < least:
                    found, least = move, distance
        return found, least

    @property
    def history(self) -> list[tuple[int, float, float]]:
        """After each generation: students tried, its median distance, the least so far."""
        rows, n, least = [(0, self.start, self.start)], 0, self.start
        for distances in self.distances:
            n += len(distances)
            least = min(least, *distances)
            rows.append((n, float(np.median(distances)), least))
        return rows


@dataclass(frozen=True)
class HeldOut:
    """What the fitted knobs are worth on conditions that were not trained on.

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
        With the fitted knobs.
    origin : Scenario
    state : CalibrationState
    trained : HeldOut
        The same figures on the training conditions: what a fit flatters itself with.
    held_out : HeldOut
        On the same chip.
    other_chip : HeldOut
        The same knobs on another chip, under the held-out conditions.
    measures : dict of str to (float, float)
        Held-out mean of every measure before and after, in floors.
    """

    scenario: Scenario
    origin: Scenario
    state: CalibrationState
    trained: HeldOut
    held_out: HeldOut
    other_chip: HeldOut
    measures: dict[str, tuple[float, float]]

    @property
    def sentence(self) -> str:
        """What it was worth, in words."""
        h = self.held_out
        text = (
            f"On {len(h.before)} held-out conditions the error falls by a factor of "
            f"{h.factor:.2f} ± {h.spread:.2f} (from {np.mean(h.before):.2f} to "
            f"{np.mean(h.after):.2f} floors)"
        )
        if h.factor <= 1.0:
            text = (
                f"On {len(h.before)} held-out conditions the fitted knobs are no better: factor "
                f"{h.factor:.2f} ± {h.spread:.2f}"
            )
        elif h.factor - h.spread <= 1.0:
            text += ", a gain no larger than its spread"
        return (
            f"{text}; on the training conditions by {self.trained.factor:.2f}, with the same knobs "
            f"on another chip by {self.other_chip.factor:.2f}. {self.state.n_evals} students tried."
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values."""

        def told(h: HeldOut) -> dict[str, Any]:
            return {**asdict(h), "factor": h.factor, "spread": h.spread}

        return {
            "knobs": knob_values(self.scenario),
            "knobs_before": knob_values(self.origin),
            "scenario": self.scenario.model_dump(mode="json"),
            "history": [list(row) for row in self.state.history],
            "evaluations": self.state.n_evals,
            "held_out": told(self.held_out),
            "trained": told(self.trained),
            "other_chip": told(self.other_chip),
            "measures": {n: {"before": b, "after": a} for n, (b, a) in self.measures.items()},
            "sentence": self.sentence,
            "loop": "open: the rest of the brain is replayed from the teacher",
        }


def conditions_of(scenario: Scenario, labels: tuple[str, ...]) -> tuple[list, list]:
    """Training and held-out conditions: other stimuli and other noises on the same synapses."""

    def step(amplitude: float) -> tuple[dict[str, Any], ...]:
        return tuple(
            {"kind": "current", "region": label, "population": "E", "amplitude": amplitude}
            for label in labels
        )

    poisson = tuple(
        {"kind": "poisson", "region": label, "population": "E", "frequency": 20.0}
        for label in labels
    )
    s = scenario.seed
    seeds = [(s + k) % 2**31 for k in range(2)]
    fresh = [(s + _HELD_OUT_SEEDS + k) % 2**31 for k in range(2)]
    train = [
        *(Condition(f"as it is, noise {k}", k) for k in seeds),
        *(Condition(f"30 pA more, noise {k}", k, step(30.0)) for k in seeds),
    ]
    held_out = [
        *(Condition(f"as it is, noise {k}", k) for k in fresh),
        *(Condition(f"30 pA less, noise {k}", k, step(-30.0)) for k in fresh),
        *(Condition(f"Poisson spikes of 20 Hz, noise {k}", k, poisson) for k in fresh),
    ]
    return train, held_out


def calibrate(
    scenario: Scenario,
    connectome: Connectome,
    n_evals: int = 90,
    workers: int = 2,
    progress: Progress = no_progress,
    state: CalibrationState | None = None,
    report: Callable[[CalibrationState], None] = lambda state: None,
) -> Calibration:
    """Fit the knobs.

    Parameters
    ----------
    scenario : Scenario
        With analog regions; its knobs are where the fit begins.
    connectome : Connectome
    n_evals : int
        Students to try in all, earlier ones of `state` included; rounded up to whole generations
        of 9.
    workers : int
        Runs that go on at once; the result does not depend on it.
    progress : callable
        May raise to give up; what was reported until then can be gone on from.
    state : CalibrationState, optional
        Go on from here.
    report : callable
        Gets the state after every generation.

    Raises
    ------
    EngineError
        No region is analog, `n_evals` makes no sense, or the state is another scenario's.
    """
    if not 1 <= n_evals <= MAX_EVALS:
        raise ParameterError(f"calibrate.n_evals: must be from 1 to {MAX_EVALS} (got {n_evals}).")
    if state is not None and state.digest != scenario.digest():
        raise DataError(
            "calibrate.state: must be of the same scenario (got one of another). Begin anew."
        )
    train, held_out = conditions_of(scenario, analog_labels(scenario, connectome))
    stand = Stand(scenario, connectome, train, workers, _part(progress, 0.0, 0.1))

    def mean_distances(students: list[Scenario]) -> list[float]:
        tried = stand.try_all(students)
        return [float(np.mean([stand.distance(m) for m in of_one])) for of_one in tried]

    if state is None:
        state = CalibrationState(scenario.digest(), mean_distances([scenario])[0])
        report(state)
    optimiser = _optimiser(state)
    while state.n_evals < n_evals:
        progress(0.1 + 0.75 * state.n_evals / n_evals, _said(state))
        moves = [np.asarray(m, float) for m in optimiser.ask()]
        distances = mean_distances([with_knobs(scenario, m) for m in moves])
        optimiser.tell(moves, distances)
        state = CalibrationState(
            state.digest, state.start,
            [*state.moves, [m.tolist() for m in moves]], [*state.distances, distances],
        )  # fmt: skip
        report(state)
    fitted = with_knobs(scenario, state.best[0])
    progress(0.85, "trying it on held-out conditions")
    fresh = Stand(scenario, connectome, held_out, workers, _part(progress, 0.85, 0.95))
    trained, _ = _worth(stand, scenario, fitted)
    held, measures = _worth(fresh, scenario, fitted)
    chip = (scenario.analog.chip_seed + 1) % 2**31
    other, _ = _worth(fresh, student_of(scenario, chip), student_of(fitted, chip))
    progress(1.0, "done")
    return Calibration(fitted, scenario, state, trained, held, other, measures)


def _worth(
    stand: Stand, before: Scenario, after: Scenario
) -> tuple[HeldOut, dict[str, tuple[float, float]]]:
    tried = stand.try_all([before, after])
    distances = [tuple(stand.distance(m) for m in of_one) for of_one in tried]
    measures = {}
    for name, floor in stand.floor.items():
        of_two = [[m[name] / floor for m in of_one if m is not None] for of_one in tried]
        means = tuple(float(np.mean(v)) if v else math.nan for v in of_two)
        if all(math.isfinite(v) for v in means):
            measures[name] = means
    names = tuple(c.name for c in stand.conditions)
    return HeldOut(names, distances[0], distances[1]), measures


def _optimiser(state: CalibrationState) -> Any:
    """CMA-ES brought to where the state is, with random numbers of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses matplotlib, which is not needed here
        import cma
    random = np.random.Generator(np.random.Philox(_OPTIMISER_SEED))
    optimiser = cma.CMAEvolutionStrategy(
        [0.0] * len(KNOBS), SIGMA,
        {"popsize": POPULATION, "verbose": -9, "seed": np.nan, "verb_log": 0, "verb_disp": 0,
         "randn": lambda *shape: random.standard_normal(shape)},
    )  # fmt: skip
    for moves, distances in zip(state.moves, state.distances, strict=True):
        optimiser.ask()  # draws what was drawn then
        optimiser.tell([np.array(m) for m in moves], distances)
    return optimiser


def _said(state: CalibrationState) -> str:
    return f"{state.n_evals} students tried, best {state.best[1]:.3f} of {state.start:.3f} floors"


def _part(progress: Progress, low: float, high: float) -> Progress:
    return lambda fraction, what: progress(low + (high - low) * fraction, what)


def write_state(path: Path | str, state: CalibrationState) -> None:
    """Write a state as plain JSON.

    Raises
    ------
    DataError
        The file cannot be written.
    """
    path = Path(path)
    try:
        path.write_text(json.dumps(asdict(state), allow_nan=False) + "\n")
    except OSError as error:
        raise DataError(f"{path.name}: cannot be written ({error.strerror}).") from None


def read_state(path: Path | str) -> CalibrationState:
    """Read what :func:`write_state` wrote.

    Raises
    ------
    DataError
        It cannot be read or is not a state.
    """
    path = Path(path)
    try:
        data = json.loads(path.read_text())
        moves = np.array(data["moves"], np.float64)
        distances = np.array(data["distances"], np.float64)
        fits = moves.shape == (*distances.shape, len(KNOBS)) or not (moves.size or distances.size)
        values = np.concatenate([moves.ravel(), distances.ravel(), [float(data["start"])]])
        if not fits or not np.isfinite(values).all() or not isinstance(data["digest"], str):
            raise ValueError
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror}).") from None
    except (ValueError, TypeError, KeyError, UnicodeDecodeError, RecursionError):
        raise DataError(
            f"{path.name}: must be a calibration's state (got something else)."
        ) from None
    return CalibrationState(
        data["digest"], float(data["start"]), moves.tolist(), distances.tolist()
    )
