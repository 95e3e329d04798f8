"""The spread of a trial: a region that nobody recorded, foretold from the onsets of the others.

The twin has the group's tracts and lives its own seizures; patients have tracts of their own, and none of
them taught it anything. Beside it stand a twin whose tracts are shuffled, the mean of the other regions, and
a rule that knows the tracts and no recording.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from engine.brain.network import Network
from engine.codesign.workers import Check, Work, run_all
from engine.fit.forward.bands import BANDS
from engine.scenario.tuning import MAX_FACTOR, Tuning
from engine.twin.patients import Group, PatientBrain, Person, draw_person, group_of
from engine.twin.patients.brain import FOCI, group_person
from engine.twin.spread.attack import Attack, attacks_of
from engine.twin.spread.prediction import (
    PACE,
    TAU,
    Prediction,
    by_rule,
    by_twin,
    latencies_seen,
    rule_of,
    without_structure,
)
from engine.twin.trial.interval import bootstrap_interval
from engine.twin.trial.part import Trial

__all__ = ["FAILURES", "N_LIVED", "N_SHUFFLED", "PREDICTORS", "Predictor", "shuffled", "spread"]

FAILURES = 8
"""Of inhibition in each patient."""
N_LIVED, N_SHUFFLED = 48, 2
"""Failures that a twin lives with each focus, and twins whose tracts are shuffled."""
_PATIENT, _LIVED, _SHUFFLE = 10, 11, 12  # of seeds: none of them is forecast or operated on
_ORDERED = 4  # regions from which on an order is one


@dataclass(frozen=True)
class Predictor:
    """One way to say what a hidden region does.

    Attributes
    ----------
    name, label : str
    is_control : bool
    """

    name: str
    label: str
    is_control: bool = True


PREDICTORS = (
    Predictor("twin", "The twin, with the group's tracts", False),
    Predictor("mean", "No structure: the mean of the others"),
    Predictor("shuffled", "No structure: a twin with shuffled tracts"),
    Predictor("rule", "Tracts from the focus, no recording"),
)
"""What is asked about, and its controls."""

_Say = Callable[[Attack, int, Sequence[int]], Prediction]


@dataclass(frozen=True, eq=False)
class _Lived:
    """Seizures of a twin: latencies (n_seizures, n_regions) [s], and the focus of each."""

    latency_s: NDArray[np.float64]
    foci: tuple[tuple[int, ...], ...]


def shuffled(tuning: Tuning, network: Network, rng: np.random.Generator) -> Tuning:
    """The tracts onto every region, dealt out anew among the regions that they come from.

    As many tracts reach each region, and their strengths are the same.

    Parameters
    ----------
    tuning : Tuning
    network : Network
    rng : Generator
    """
    n, share = network.n_regions, network.probability
    others = [np.delete(np.arange(n), k) for k in range(n)]
    dealt = [rng.permutation(columns) for columns in others]

    def of(factors: NDArray[np.float64]) -> NDArray[np.float64]:
        strength = share * factors
        anew = strength.copy()
        for k in range(n):
            anew[k, others[k]] = strength[k, dealt[k]]
        return np.clip(np.divide(anew, share, out=np.zeros_like(anew), where=share > 0), 0.0, MAX_FACTOR)

    return replace(
        tuning, onto_excitatory=of(tuning.onto_excitatory), onto_inhibitory=of(tuning.onto_inhibitory)
    )


def spread(trial: Trial) -> dict[str, Any]:
    """Hide every region in turn, and say whether and when it is recruited.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    dict
        Plain values: ``predictors``, each with its ``error_s`` of latency, ``brier`` of being recruited and
        ``order`` (rank correlation of latencies with those that are true), with intervals over patients;
        ``gain``, by how much the twin errs less than each control; and ``example``, the seizures of the first
        patient.
    """
    group = group_of(trial.scenario, trial.connectome)
    network = Network.of(group.scenario, group.connectome)
    twins = [group.tuning] + [
        shuffled(group.tuning, network, np.random.default_rng([trial.seed, _SHUFFLE, k]))
        for k in range(N_SHUFFLED)
    ]
    jobs: list[tuple[str, Work]] = [
        (
            f"{'a shuffled' if k else 'the'} twin lives seizures",
            partial(_lived, group, tuning, focus, trial.seed),
        )
        for k, tuning in enumerate(twins)
        for focus in range(len(FOCI))
    ]
    jobs += [
        ("a patient has seizures", partial(_patient, group, (trial.seed, _PATIENT, k)))
        for k in range(trial.patients)
    ]
    done = run_all(jobs, trial.workers, trial.progress)
    n_twins = len(twins) * len(FOCI)
    lived = [_together(network.labels, done[k : k + len(FOCI)]) for k in range(0, n_twins, len(FOCI))]
    patients: list[tuple[Person, tuple[Attack, ...]]] = done[n_twins:]
    weights = network.probability * group.tuning.onto_excitatory
    return _judged(network.labels, patients, lived, weights, trial.seed)


def _lived(group: Group, tuning: Tuning, focus: int, seed: int, check: Check) -> tuple[Attack, ...]:
    network = Network.of(group.scenario, group.connectome)
    rng = np.random.default_rng([seed, _LIVED, focus])
    person = group_person(tuning, network, FOCI[focus], int(rng.integers(2**31)))
    return attacks_of(PatientBrain(group.scenario, group.connectome, person), N_LIVED, rng, check)


def _patient(group: Group, seed: tuple[int, ...], check: Check) -> tuple[Person, tuple[Attack, ...]]:
    rng = np.random.default_rng(seed)
    person = draw_person(group.tuning, Network.of(group.scenario, group.connectome), rng)
    return person, attacks_of(PatientBrain(group.scenario, group.connectome, person), FAILURES, rng, check)


def _together(labels: Sequence[str], by_focus: Sequence[tuple[Attack, ...]]) -> _Lived:
    rows, foci = [], []
    for focus, attacks in zip(FOCI, by_focus, strict=True):
        rows += [attack.latency_s for attack in attacks]
        foci += [tuple(labels.index(label) for label in focus)] * len(attacks)
    return _Lived(np.array(rows), tuple(foci))


def _judged(
    labels: tuple[str, ...],
    patients: Sequence[tuple[Person, tuple[Attack, ...]]],
    lived: Sequence[_Lived],
    weights: NDArray[np.float64],
    seed: int,
) -> dict[str, Any]:
    own = lived[0]
    rule = rule_of(own.latency_s, own.foci, weights)

    def twin_of(which: _Lived) -> _Say:
        return lambda attack, hidden, focus: by_twin(attack.latency_s, hidden, which.latency_s, focus)

    ways: dict[str, list[_Say]] = {
        "twin": [twin_of(own)],
        "mean": [lambda attack, hidden, focus: without_structure(attack.latency_s, hidden, focus)],
        "shuffled": [twin_of(one) for one in lived[1:]],
        "rule": [lambda attack, hidden, focus: by_rule(hidden, focus, weights, rule)],
    }
    scores = {
        name: np.array(
            [
                np.mean([_score(labels, person, attacks, say) for say in says], axis=0)
                for person, attacks in patients
            ]
        )
        for name, says in ways.items()
    }
    rows = []
    for one in PREDICTORS:
        error, brier, order = scores[one.name].T
        rows.append(
            {
                "name": one.name,
                "label": one.label,
                "error_s": _mean(error),
                "error_interval": _interval(error, seed),
                "brier": _mean(brier),
                "brier_interval": _interval(brier, seed),
                # The mean of the others is late for a region that is early: its order says nothing.
                "order": None if one.name == "mean" else _mean(order),
                "order_interval": [None, None] if one.name == "mean" else _interval(order, seed),
            }
        )
    gain = {}
    for one in PREDICTORS[1:]:
        late, whether = (scores[one.name][:, k] - scores["twin"][:, k] for k in (0, 1))
        gain[one.name] = {
            "error_s": _mean(late),
            "error_interval": _interval(late, seed),
            "brier": _mean(whether),
            "brier_interval": _interval(whether, seed),
        }
    return {
        "predictors": rows,
        "gain": gain,
        "n_seizures": sum(len(attacks) for _, attacks in patients),
        "n_failures": FAILURES * len(patients),
        "n_lived": len(own.latency_s),
        "n_shuffled": len(lived) - 1,
        "tau": TAU,
        "pace": PACE,
        "recruited": _mean(
            np.array([np.isfinite(a.latency_s).mean() for _, attacks in patients for a in attacks])
        ),
        "errors_s": {name: [_plain(value) for value in of[:, 0]] for name, of in scores.items()},
        "units": {"latency": "s, from the onset of the first region", "power": "pA^2", "brier": "1"},
        "example": _example(labels, patients[0], own),
    }


def _score(
    labels: Sequence[str], person: Person, attacks: Sequence[Attack], say: _Say
) -> tuple[float, float, float]:
    """Mean error of latency [s], Brier score of being recruited, and mean rank correlation."""
    focus = [labels.index(label) for label in person.focus]
    hidden = [k for k in range(len(labels)) if k not in focus]
    errors, squares, orders = [], [], []
    for attack in attacks:
        said = [say(attack, k, focus) for k in hidden]
        true = np.array([latencies_seen(attack.latency_s, k)[k] for k in hidden])
        there = np.isfinite(true)
        late = np.array([one.latency_s for one in said])
        errors += list(np.abs(late - true)[there])
        squares += [(one.probability - is_there) ** 2 for one, is_there in zip(said, there, strict=True)]
        if there.sum() >= _ORDERED and np.ptp(late[there]) > 0 and np.ptp(true[there]) > 0:
            orders.append(float(spearmanr(late[there], true[there])[0]))
    return _or_nan(errors), _or_nan(squares), _or_nan(orders)


def _or_nan(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _example(
    labels: Sequence[str], patient: tuple[Person, tuple[Attack, ...]], own: _Lived
) -> dict[str, Any]:
    """The seizures of a patient, for pictures; each region is foretold as if it were the hidden one."""
    person, attacks = patient
    focus = [labels.index(label) for label in person.focus]
    seizures = []
    for attack in attacks:
        said = [by_twin(attack.latency_s, k, own.latency_s, focus) for k in range(len(labels))]
        is_hidden = [label not in person.focus for label in labels]
        seizures.append(
            {
                "clearance": _plain(attack.clearance, 2),
                "ring": _plain(attack.ring, 2),
                "lasts_s": _plain(attack.end_s - attack.onset_s, 2),
                "latency_s": [_plain(value, 2) for value in attack.latency_s],
                "probability": [
                    _plain(one.probability, 2) if is_it else None
                    for one, is_it in zip(said, is_hidden, strict=True)
                ],
                "foretold_s": [
                    _plain(one.latency_s, 2) if is_it else None
                    for one, is_it in zip(said, is_hidden, strict=True)
                ],
                "band_s": [_plain(value, 2) for value in attack.band_s],
                "bands": {
                    band.name: [float(f"{value:.3g}") for value in attack.bands[:, k]]
                    for k, band in enumerate(BANDS)
                },
            }
        )
    return {"labels": list(labels), "focus": list(person.focus), "seizures": seizures}


def _plain(value: float | np.floating[Any], digits: int = 4) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return _plain(known.mean()) if known.size else None


def _interval(values: NDArray[np.float64], seed: int) -> list[float | None]:
    return [_plain(value) for value in bootstrap_interval(values, seed)]
