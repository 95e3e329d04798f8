"""Validation: one scenario on the digital teacher and on several analog chips.

Three kinds of runs give the scores their meaning. *Floor*: teachers under other noise, with the
same synapses; two of them lie as far apart as two honest measurements of one brain. A student
shares the noise of the teacher it is held against, so measures of single neurons can fall below
this floor. *Nudged*: the teacher after a small nudge, which says how far chaos alone
carries under the same noise. *Baseline*: the region replaced by Poisson neurons of the teacher's
rates, which hear nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import Field, PositiveInt

from engine.amounts import number
from engine.brain.connectome import Connectome
from engine.codesign.measures import MEASURES, Observation, compare
from engine.codesign.open_loop import Heard, OpenLoop
from engine.codesign.poisson_student import PoissonStudent
from engine.codesign.substrates import analog_labels, nudged, student_of, teacher_of, with_noise
from engine.codesign.verdict import Standing, standing_of
from engine.codesign.workers import Check, Work, run_all
from engine.errors import ParameterError
from engine.progress import Progress, no_progress, part_of
from engine.run.assembly import BackendFactory
from engine.run.recording import Recording
from engine.run.simulation import Simulation
from engine.scenario.scenario import Scenario
from engine.stored_results import ExtendedFloat, Whatever

__all__ = ["Validation", "check_validation", "chip_seeds_of", "noise_seeds_of", "validate"]

MAX_SEEDS = 50
MIN_WINDOW_MS = 200.0


@dataclass(frozen=True, eq=False)
class Validation:
    """Teacher against student, measure by measure.

    Attributes
    ----------
    scenario : Scenario
        The student's.
    labels : tuple of str
        The compared regions.
    standings : dict of str to Standing
    controls : dict of str to dict
        What must hold if the comparison is to be believed: each has ``value``, ``expected``,
        ``passed`` and a ``sentence``.
    noise_seeds, chip_seeds : tuple of int
    n_neurons : int
    per_chip : dict of str to list of float
        The value of every chip.
    """

    scenario: Scenario
    labels: tuple[str, ...]
    standings: Annotated[dict[str, Standing], Field(min_length=1)]
    controls: dict[str, dict[str, Whatever]]
    noise_seeds: Annotated[tuple[int, ...], Field(min_length=1)]
    chip_seeds: Annotated[tuple[int, ...], Field(min_length=1)]
    n_neurons: PositiveInt
    per_chip: dict[str, list[ExtendedFloat]]

    @property
    def in_floors(self) -> float:
        """Geometric mean over measures of value over floor, those that discriminate."""
        return in_floors(self.standings)

    @property
    def sentence(self) -> str:
        """The whole in words."""
        told = [s for s in self.standings.values() if s.grade != "blind"]
        within = sum(s.grade == "within" for s in told)
        off = sorted((s for s in told if s.grade != "within"), key=lambda s: -(s.in_floors or 0))
        text = (
            f"{len(self.chip_seeds)} chips, {self.n_neurons:,} neurons: the student is within the "
            f"floor in {within} of {len(told)} measures that can tell"
        )
        if off:
            text += f"; furthest off in {off[0].label} ({off[0].in_floors or 0:.1f} floors)"
        trivial = [s.label for s in off if s.grade == "trivial"]
        if trivial:
            text += "; no better than a Poisson student in " + ", ".join(trivial)
        return text + "."

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "scenario": self.scenario.model_dump(mode="json"),
            "scenario_digest": self.scenario.digest(),
            "regions": list(self.labels),
            "n_neurons": self.n_neurons,
            "metrics": {name: s.as_json() for name, s in self.standings.items()},
            "controls": self.controls,
            "seeds": {"noise": list(self.noise_seeds), "chips": list(self.chip_seeds)},
            "per_chip": self.per_chip,
            "in_floors": self.in_floors,
            "sentence": self.sentence,
            "floor": "teacher against teacher under other noise with the same synapses, all pairs",
            "baseline": "every analog neuron replaced by a Poisson process at its teacher's rate",
            "standing": "a software model of a chip, not a measurement on one",
        }


def in_floors(standings: dict[str, Standing]) -> float:
    """Geometric mean of ``value / floor`` over the measures that discriminate."""
    ratios = [
        max(s.in_floors, 1e-3) for s in standings.values() if s.in_floors is not None and s.grade != "blind"
    ]
    return float(np.exp(np.mean(np.log(ratios)))) if ratios else float("nan")


def noise_seeds_of(scenario: Scenario, n: int) -> tuple[int, ...]:
    """The scenario's seed and those after it."""
    return tuple((scenario.seed + k) % 2**31 for k in range(n))


def chip_seeds_of(scenario: Scenario, n: int) -> tuple[int, ...]:
    """The scenario's chip and those after it."""
    return tuple((scenario.analog.chip_seed + k) % 2**31 for k in range(n))


def validate(
    scenario: Scenario,
    connectome: Connectome,
    n_chips: int = 5,
    n_noise: int = 3,
    workers: int = 2,
    progress: Progress = no_progress,
) -> Validation:
    """Hold the analog student against its digital teacher.

    Parameters
    ----------
    scenario : Scenario
        With at least one analog region.
    connectome : Connectome
    n_chips : int
        Chips, from the scenario's seed of the chip on.
    n_noise : int
        Teachers, from the scenario's seed on; two at least.
    workers : int
        Runs that go on at once; the result does not depend on it.
    progress : callable
        May raise to give up.

    Raises
    ------
    EngineError
        Nothing is analog, the counts make no sense, or a run cannot be done.
    """
    labels = analog_labels(scenario, connectome)
    check_validation(scenario, n_chips, n_noise)
    noise, chips = noise_seeds_of(scenario, n_noise), chip_seeds_of(scenario, n_chips)
    teacher = teacher_of(scenario, connectome)
    run = _runner(connectome, labels)
    first: list[Recording] = []  # recordings of the first two teachers, for the open loop

    def recorded(check: Check, seed: int) -> Observation:
        first.append(_record(with_noise(teacher, seed), connectome, check))
        return Observation.of(first[-1], labels)

    def comparing(a: Observation, b: Observation) -> Work:
        return lambda check: compare(a, b)

    (reference,) = run_all(
        [("teacher", lambda check: recorded(check, noise[0]))], 1, part_of(progress, 0.0, 0.08)
    )
    rates = reference.trains.rates_hz
    student = with_noise(scenario, noise[0])
    jobs: list[tuple[str, Work]] = [
        ("teacher, other noise", lambda check: recorded(check, noise[1])),
        *(("teacher, other noise", lambda check, s=s: run(with_noise(teacher, s), check)) for s in noise[2:]),
        ("nudged teacher", lambda check: run(nudged(with_noise(teacher, noise[0]), labels[0]), check)),
        ("Poisson student", lambda check: run(student_of(student, mode="ideal"), check, rates)),
        ("ideal student", lambda check: run(student_of(student, mode="ideal"), check)),
        *((f"chip {c}", lambda check, c=c: run(student_of(student, chip_seed=c), check)) for c in chips),
    ]
    found = run_all(jobs, workers, part_of(progress, 0.08, 0.85))
    teachers = [reference, *found[: n_noise - 1]]
    nudge, chance, ideal, *students = found[n_noise - 1 :]
    progress(0.85, "comparing")
    pairs = list(itertools.combinations(range(n_noise), 2))
    wanted = [
        *((reference, s) for s in students),
        *((teachers[i], teachers[j]) for i, j in pairs),
        (reference, nudge),
        (reference, chance),
        (reference, ideal),
    ]
    compared = run_all(
        [("comparing", comparing(a, b)) for a, b in wanted], workers, part_of(progress, 0.85, 0.95)
    )
    of_chips, of_floor = compared[: len(chips)], compared[len(chips) : -3]
    of_nudge, of_chance, of_ideal = compared[-3:]
    standings = {
        name: standing_of(
            MEASURES[name],
            [c[name][0] for c in of_chips],
            [c[name][0] for c in of_floor],
            of_chance[name][0],
            of_nudge[name][0],
            of_chips[0][name][1],
        )
        for name in MEASURES
        if name in of_chips[0]
    }
    loop = OpenLoop(student, connectome, labels)
    controls = {
        "ideal_student": _ideal_control(of_ideal, of_floor, of_nudge),
        "chaos": _chaos_control(of_floor, of_nudge),
        **_loop_controls(loop, student, first, chips, lambda: progress(0.97, "checking the controls")),
    }
    progress(1.0, "done")
    return Validation(
        scenario=scenario,
        labels=labels,
        standings=standings,
        controls=controls,
        noise_seeds=noise,
        chip_seeds=chips,
        n_neurons=reference.trains.n_neurons,
        per_chip={name: [c[name][0] for c in of_chips] for name in standings},
    )


def check_validation(scenario: Scenario, n_chips: int, n_noise: int) -> None:
    """Refuse what :func:`validate` would, before anything is run.

    Raises
    ------
    ParameterError
        Too few chips, noises or milliseconds.
    """
    for name, n, least in (("chips", n_chips, 1), ("seeds", n_noise, 2)):
        if not least <= n <= MAX_SEEDS:
            raise ParameterError(
                f"validate.{name}: must be from {least} to {MAX_SEEDS} (got {n})."
                + (" One teacher alone gives no floor." if name == "seeds" and n == 1 else "")
            )
    window = scenario.duration - min(scenario.transient, scenario.duration / 2)
    if window < MIN_WINDOW_MS:
        raise ParameterError(
            f"validate.duration: must leave at least {MIN_WINDOW_MS:.0f} ms after the transient "
            f"(got {window:.0f} ms). Run longer or shorten the transient."
        )


def _record(scenario: Scenario, connectome: Connectome, check: Check) -> Recording:
    simulation = Simulation(scenario, connectome, progress=lambda f, what: check())
    try:
        return simulation.run(lambda f, what: check())
    finally:
        simulation.close()


def _runner(connectome: Connectome, labels: tuple[str, ...]) -> Callable[..., Observation]:
    """Run a scenario and keep what is compared; with rates, its analog neurons are Poisson."""

    def run(scenario: Scenario, check: Check, rates_hz: np.ndarray | None = None) -> Observation:
        factories: dict[str, BackendFactory] = {}
        if rates_hz is not None:
            factories["analog"] = lambda scenario, network, neurons, table: PoissonStudent(
                neurons, rates_hz, scenario.n_sub, scenario.seed
            )
        simulation = Simulation(scenario, connectome, progress=lambda f, what: check(), factories=factories)
        try:
            return Observation.of(simulation.run(lambda f, what: check()), labels)
        finally:
            simulation.close()

    return run


def _ideal_control(ideal: dict, floor: list[dict], nudge: dict) -> dict[str, Any]:
    """An ideal student must be no further off than a nudge makes the teacher, or than noise."""
    name = "van_rossum"
    value, nudged_value = ideal[name][0], nudge[name][0]
    noise = float(np.mean([f[name][0] for f in floor]))
    passed = value <= max(noise, nudged_value)
    return {
        "value": value,
        "expected": f"at most {number(noise, 3)}, the floor",
        "nudged": nudged_value,
        "passed": bool(passed),
        "sentence": f"An ideal student lies {number(value, 3)} (van Rossum) from its teacher, a nudged "
        f"teacher {number(nudged_value, 3)}, a teacher under other noise {number(noise, 3)}.",
    }


def _chaos_control(floor: list[dict], nudge: dict) -> dict[str, Any]:
    """How much of a distance the brain would make of a nudge by itself."""
    name = "van_rossum"
    noise, value = float(np.mean([f[name][0] for f in floor])), nudge[name][0]
    share = value / noise if noise > 0 else 0.0
    return {
        "value": value,
        "expected": f"below {number(noise, 3)}, the floor",
        "passed": value < noise,
        "sentence": "A nudge of 100 pA for 1 ms moves the teacher's own spikes by "
        f"{number(value, 3)} (van Rossum), {100 * share:.0f} % of what other noise does: "
        + (
            "what differs under the same noise is the chip's doing."
            if share < 0.5
            else "much of what differs under the same noise is chaos."
        ),
    }


def _loop_controls(
    loop: OpenLoop, student: Scenario, teachers: list[Recording], chips: tuple[int, ...], check: Check
) -> dict[str, dict[str, Any]]:
    """Controls in open loop: the replay is exact, a chip repeats itself, errors belong to chips."""
    heard = [loop.heard(t) for t in teachers]
    known = heard[0].teacher.trains
    other_chip = (chips[0] + 1) % 2**31
    mine, yours = (student_of(student, chip_seed=c) for c in (chips[0], other_chip))
    first, repeated = (loop.student(mine, heard[0], check).trains for _ in range(2))
    same = np.array_equal(first.times, repeated.times)
    error = first.rates_hz - known.rates_hz
    under_other = loop.student(mine, heard[1], check).trains.rates_hz - heard[1].teacher.trains.rates_hz
    wrong = loop.student(yours, heard[0], check).trains.rates_hz - known.rates_hz
    r_same, r_wrong = _correlation(error, under_other), _correlation(error, wrong)
    bound = 3.0 / np.sqrt(max(1, error.size - 3))
    return {
        **(_replay_control(loop, heard[0], check) if heard[0].is_lif else {}),
        "same_chip": {
            "value": bool(same),
            "expected": "true",
            "passed": bool(same),
            "sentence": "The same chip under the same noise "
            f"{'repeats' if same else 'does NOT repeat'} its spikes exactly.",
        },
        "wrong_chip": {
            "value": r_wrong,
            "expected": f"below the right chip's, or {bound:.2f}",
            "right_chip": r_same,
            "passed": bool(r_wrong is None or abs(r_wrong) <= max(bound, abs(r_same or 0.0))),
            "sentence": "Errors of the neurons' rates belong to the chip: they correlate with "
            f"those of the same chip under other noise by {_said(r_same)}, with those of another "
            f"chip by {_said(r_wrong)}.",
        },
    }


def _replay_control(loop: OpenLoop, heard: Heard, check: Check) -> dict[str, dict[str, Any]]:
    """The teacher's regions in open loop must repeat their spikes."""
    again, known = loop.teacher(heard, check).trains, heard.teacher.trains
    is_exact = np.array_equal(again.times, known.times) and np.array_equal(again.indptr, known.indptr)
    return {
        "replay": {
            "value": bool(is_exact),
            "expected": "true",
            "passed": bool(is_exact),
            "sentence": "The teacher's regions, hearing the recorded rest of the brain, repeat "
            f"their spikes {'exactly' if is_exact else 'NOT exactly'}.",
        }
    }


def _said(r: float | None) -> str:
    return "an undefined r (no errors)" if r is None else f"r = {r:.2f}"


def _correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    if a.std() == 0 or b.std() == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])
