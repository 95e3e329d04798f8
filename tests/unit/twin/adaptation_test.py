"""A twin follows a patient: what is drawn, what is learned, and how it is counted."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from engine import ParameterError, load_connectome, preset
from engine.scenario.tuning import MAX_FACTOR, Tuning
from engine.scenario.tuning_file import load_tuning
from engine.twin.adaptation import LEARNINGS, AdaptiveTwin, HiddenPatient, PatientBrain, Spread, part
from engine.twin.adaptation.report import gap_closed
from engine.twin.adaptation.summary import summary
from engine.twin.trial import Trial

GROUP = load_tuning("dk84-left")
BRAIN = load_connectome("dk84")


def drawn(seed: int = 1, **spread: float) -> HiddenPatient:
    return HiddenPatient.drawn(GROUP, BRAIN, Spread(**spread), np.random.default_rng(seed))


def log_weights(factors: np.ndarray) -> np.ndarray:
    """What a target gets through each tract, with these factors on the effective weights."""
    index = [BRAIN.labels.index(label) for label in GROUP.labels]
    weights = np.log1p(BRAIN.weights[np.ix_(index, index)])
    np.fill_diagonal(weights, 0.0)
    return weights / weights.sum(axis=1, keepdims=True) * factors


def test_a_patient_without_spread_is_the_group() -> None:
    patient = drawn(tracts=0.0, rates=0.0)
    assert patient.tuning_at(0.0, GROUP.local_inhibition) == GROUP
    assert patient.tuning_at(1.0, GROUP.local_inhibition) == GROUP
    assert (patient.rate_hz_at(0.5) == 4.0).all()


def test_patients_differ_from_the_group_as_individuals_do() -> None:
    before = log_weights(np.ones((42, 42)))
    tracts = before > 0
    r = [np.corrcoef(before[tracts], log_weights(drawn(k).first)[tracts])[0, 1] for k in range(10)]
    assert 0.8 < np.mean(r) < 0.95  # 0.89 between mice of one strain
    assert np.allclose(log_weights(drawn(3).first).sum(axis=1), 1.0)  # a target gets as much in all


def test_a_patient_moves_between_its_ends() -> None:
    patient = drawn(2)
    assert np.allclose(patient.rate_hz_at(0.5), np.sqrt(patient.first_hz * patient.last_hz))
    assert not np.allclose(patient.first_hz, patient.last_hz)
    factors = np.sqrt(patient.first * patient.last)
    middle = patient.tuning_at(0.5, GROUP.local_inhibition).onto_excitatory
    assert np.allclose(middle, np.clip(GROUP.onto_excitatory * factors, 0, MAX_FACTOR), atol=1e-4)


@pytest.mark.slow
def test_a_patient_holds_rates_of_its_own() -> None:
    patient = drawn(4)
    brain = PatientBrain(preset("patient-drift"), BRAIN, patient, 5, 1.0, 0.2)

    def off() -> float:
        rates = np.concatenate([brain.advance()[0] for _ in range(5)]).mean(axis=0)
        return float(np.sqrt(((rates - patient.first_hz) ** 2).mean()))

    for _ in range(60):
        brain.settle()
    settled = off()
    brain.close()
    assert settled < 1.5
    assert (brain.tuning.local_inhibition != GROUP.local_inhibition).any()


def test_a_clinic_reaches_only_its_sites() -> None:
    patient = drawn(sites=0.5)
    assert patient.sites.size == 21
    brain = PatientBrain(preset("patient-drift"), BRAIN, patient, 5, 1.0, 0.2)
    true, observed = brain.advance()
    brain.close()
    assert true.shape == (2, 42)
    assert observed.shape == (2, 21)
    assert not np.array_equal(true[:, patient.sites], observed)


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        ("synapses", {"local_inhibition", "onto_excitatory", "onto_inhibitory"}),
        ("inhibition", {"local_inhibition"}),
        ("drive", {"bias"}),
        ("none", set()),
    ],
)
@pytest.mark.slow
def test_only_what_learns_moves_and_only_at_the_sites(name: str, moves: set[str]) -> None:
    patient = drawn(sites=0.5)
    twin = AdaptiveTwin(preset("patient-drift"), BRAIN, GROUP, patient.sites, LEARNINGS[name], 3)
    heard = 12.0 * np.random.default_rng(1).random((2, 21))
    for _ in range(32):  # tracts move after a minute
        _, step = twin.advance(heard)
    twin.close()
    assert step.minutes == pytest.approx(64 / 60)
    elsewhere = np.setdiff1d(np.arange(42), patient.sites)
    for what in ("local_inhibition", "onto_excitatory", "onto_inhibitory", "bias"):
        before, after = getattr(GROUP, what), getattr(twin.tuning, what)
        assert (not np.array_equal(before, after)) == (what in moves), what
        assert np.array_equal(before[elsewhere], after[elsewhere])


def test_inhibition_follows_the_rate_that_is_heard() -> None:
    patient = drawn()
    twin = AdaptiveTwin(preset("patient-drift"), BRAIN, GROUP, patient.sites, LEARNINGS["inhibition"], 3)
    heard = np.tile(np.where(np.arange(42) < 21, 12.0, 1.0), (2, 1))
    for _ in range(10):
        twin.advance(heard)
    twin.close()
    moved = twin.tuning.local_inhibition - GROUP.local_inhibition
    assert (moved[:21] < 0).all()  # to fire more, be inhibited less
    at_most = GROUP.local_inhibition[21:] >= MAX_FACTOR  # no more can be asked of these
    assert ((moved[21:] > 0) | at_most).all()
    assert at_most.sum() < 5


@pytest.mark.slow
def test_equal_seeds_give_equal_twins() -> None:
    def learned() -> Tuning:
        patient = drawn()
        brain = PatientBrain(preset("patient-drift"), BRAIN, patient, 5, 1.0, 0.2)
        twin = AdaptiveTwin(preset("patient-drift"), BRAIN, GROUP, patient.sites, LEARNINGS["synapses"], 3)
        heard = [brain.advance()[1] for _ in range(3)]
        for k in range(32):  # tracts move after a minute
            twin.advance(heard[k % 3])
        brain.close()
        twin.close()
        return twin.tuning

    one = learned()
    assert one == learned()
    assert not np.array_equal(one.onto_excitatory, GROUP.onto_excitatory)


def test_the_gap_is_counted_over_all_patients_together() -> None:
    group, refit = np.array([0.2, 0.4, 0.6]), np.array([0.6, 0.6, 0.6])
    share, interval = gap_closed(np.array([0.4, 0.5, 0.6]), group, refit)
    assert share == pytest.approx(0.3 / 0.6)
    assert interval is not None
    assert interval[0] <= share <= interval[1]
    assert gap_closed(group, refit, group) == (None, None)  # a refit below the group: no gap
    assert gap_closed(refit[:2], group[:2], refit[:2])[1] is None  # too few for an interval


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"tracts": -1.0}, "Spread.tracts: must be from 0 to 3 (got -1)."),
        ({"drift": float("nan")}, "Spread.drift: must be from 0 to 3 (got nan)."),
        ({"sites": 0.0}, "Spread.sites: must be above 0 and at most 1 (got 0)."),
    ],
)
def test_a_spread_that_cannot_be_is_refused(values: dict[str, float], rule: str) -> None:
    with pytest.raises(ParameterError) as refused:
        Spread(**values)
    assert str(refused.value) == rule


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brains are judged, and patients settle, for seconds."""
    monkeypatch.setattr(part, "JUDGE_MINUTES", 0.2)
    monkeypatch.setattr(part, "SETTLE_MS", 4000)


def card_of(
    patients: int, workers: int, minutes: float, told: list[float], steps: list[float]
) -> dict[str, Any]:
    """What a part finds, without the times that it took."""
    trial = Trial(
        "patient-drift",
        preset("patient-drift"),
        BRAIN,
        patients,
        5,
        workers,
        lambda fraction, what: told.append(fraction),
        lambda what, values: steps.append(values["minutes"]),
    )
    card = part.adaptation(trial, minutes=minutes)
    for brain in (card["twin"], *card["controls"].values()):
        assert brain.pop("wall_s") >= 0
    return card


@pytest.mark.slow
def test_a_part_has_all_it_promises(brief: None) -> None:
    told: list[float] = []
    steps: list[float] = []
    one = card_of(1, 1, 1.2, told, steps)  # tracts move after a minute
    assert set(one["controls"]) == {"no_learning", "inhibition_only", "shuffled", "refit", "group"}
    assert json.loads(json.dumps(one, allow_nan=False)) == one
    assert len(steps) == 36
    assert max(told) <= 1.0
    timed = {
        **one,
        "twin": {**one["twin"], "wall_s": 1.0},
        "controls": {name: {**brain, "wall_s": 1.0} for name, brain in one["controls"].items()},
    }
    assert len(summary(timed).rows) == 6


@pytest.mark.slow
def test_a_part_is_the_same_whatever_the_workers(brief: None) -> None:
    steps: list[float] = []
    one, two = (card_of(2, workers, 0.1, [], steps) for workers in (1, 2))
    assert one == two
    assert len(steps) == 2 * 3  # the twin of the first patient, once a trial
