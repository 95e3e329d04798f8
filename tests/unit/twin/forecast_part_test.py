"""The forecast of a trial without brains: who is asked for what, and what stands in a scorecard."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine import preset
from engine.brain.connectome import load_connectome
from engine.twin.forecast import FORECASTERS, part
from engine.twin.patients import PATIENT_KINDS, SITES, Life, Person
from engine.twin.patients.brain import FOCI
from engine.twin.scores import BETTER, NO_BETTER, TOO_FEW
from engine.twin.seizures import Seizure
from engine.twin.trial import Trial

SECONDS = 700


def made_up(group, kind: str, seed: tuple[int, ...], seconds: int, check) -> Life:
    """A life whose signal climbs before its seizures, but for the noise-driven kind."""
    rng = np.random.default_rng([*seed, [one.name for one in PATIENT_KINDS].index(kind)])
    onsets, at = [], 0.0
    while (at := at + 45.0 + rng.exponential(70.0)) < SECONDS - 60:
        onsets.append(at)
    hidden = np.zeros(SECONDS)
    if kind != "noise_driven":
        for onset in onsets:
            hidden[max(0, int(onset) - 30) : int(onset)] = 1.0
    signal = np.exp(1.0 + hidden[:, None] + 0.4 * rng.normal(size=(SECONDS, len(SITES))))
    seizures = tuple(Seizure(onset, onset + 9.0, np.array([0.0, np.nan])) for onset in onsets)
    name = f"{kind} {seed}"
    person = Person(1, None, ("a", "b"), 20.0)
    return Life(name, kind, person, ("a", "b"), 0.1, signal, signal, hidden, hidden + 8.0, seizures)


def trial(workers: int = 1, patients: int = 4, said=None) -> Trial:
    scenario = preset("temporal-lobe-epilepsy")
    told = said if said is not None else []
    return Trial(
        "temporal-lobe-epilepsy",
        scenario,
        load_connectome(scenario.connectome),
        patients,
        7,
        workers,
        lambda share, what: told.append((share, what)),
    )


@pytest.fixture
def brainless(monkeypatch):
    asked: list[tuple[str, tuple[int, ...]]] = []

    def recorded(group, kind, seed, seconds, check):
        asked.append((kind, seed))
        return made_up(group, kind, seed, seconds, check)

    def ahead(group, kinds, focus, seed, check):
        return {kind: (made_up(group, kind, (seed, 3, focus, 0), SECONDS, check),) for kind in kinds}

    monkeypatch.setattr(part, "live", recorded)
    monkeypatch.setattr(part, "live_futures", ahead)
    return asked


def test_nobody_is_trained_chosen_and_judged_on_the_same_patient(brainless):
    cohorts = part.lives_of(trial(patients=5))
    assert len(set(brainless)) == len(brainless)
    for cohort in cohorts.values():
        names = [life.name for life in (*cohort.train, *cohort.choose, *cohort.judged)]
        assert len(cohort.judged) == 5
        assert len(set(names)) == len(names)
        assert cohort.train
        assert cohort.choose
        assert {life.name for life in cohort.futures}.isdisjoint(names)
        assert len(cohort.futures) == len(FOCI)


@pytest.mark.slow
def test_false_positives_are_counted_over_noise_driven_patients_alone(brainless):
    found = part.false_positives(trial(patients=6))
    assert {kind for kind, _ in brainless} == {"noise_driven"}
    assert set(found) == {kind.name for kind in FORECASTERS if kind.role != "oracle"}
    for one in found.values():
        assert one["n_patients"] <= 6
        assert one["is_within"] == (one["n_better"] <= one["most"])
    assert found["readout"]["n_patients"] == found["poisson"]["n_patients"] > 0


@pytest.mark.slow
def test_a_scorecard_has_all_it_promises_and_does_not_depend_on_the_workers(brainless):
    said: list[tuple[float, str]] = []
    one, other = part.forecast(trial(1)), part.forecast(trial(2, said=said))
    assert one == other
    text = json.dumps(one, allow_nan=False)
    assert len(text) < 150_000
    assert set(one["sample"]) == {"auc", "interval", "brier_skill", "oracle_auc"}
    assert {"sensitivity", "time_in_warning", "p_binomial", "p_shift", "lead_s", "n_seizures"} < set(
        one["alarm"]
    )
    assert set(one["null"]) == {"poisson", "periodic", "persistence"}
    assert set(one["by_patient_kind"]) == {kind.name for kind in PATIENT_KINDS}
    for found in one["by_patient_kind"].values():
        assert found["verdict"] in (BETTER, NO_BETTER, TOO_FEW)
        assert set(found["forecasters"]) == {kind.name for kind in FORECASTERS}
        example = found["example"]
        assert len(example["hidden"]) == len(example["probability"]) == SECONDS
        for onset, _ in example["seizures_s"]:  # the clock stands still after two seconds of it
            assert example["probability"][int(onset) + 10] is None
            assert example["probability"][int(onset) - 3] is not None
    assert one["by_patient_kind"]["build_up"]["sample"]["auc"] > 0.7
    assert one["verdict"] == BETTER
    assert one["by_patient_kind"]["noise_driven"]["verdict"] == NO_BETTER
    assert one["false_positive_rate"]["is_within"]
    assert [share for share, _ in said] == sorted(share for share, _ in said)
