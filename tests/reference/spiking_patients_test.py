"""Patients of spiking neurons are what their kind says, and forecasts of them are judged rightly.

All seeds are ones that nothing was chosen, trained or tuned on.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import kstest

from engine import preset
from engine.brain.connectome import load_connectome
from engine.twin.forecast import part
from engine.twin.patients import PATIENT_KINDS, Life, group_of, live, record_of
from engine.twin.resection.part import resection
from engine.twin.scores import BETTER, NO_BETTER
from engine.twin.trial import Trial

SEED, PATIENTS, SECONDS = 21, 6, 600
WHOLE = preset("temporal-lobe-epilepsy")
CONNECTOME = load_connectome(WHOLE.connectome)


def trial(workers: int, patients: int = PATIENTS) -> Trial:
    return Trial("temporal-lobe-epilepsy", WHOLE, CONNECTOME, patients, SEED, workers)


@cache
def cohort(kind: str) -> part.Cohort:
    return part.lives_of(trial(2), SECONDS, (kind,))[kind]


def lives(kind: str) -> tuple[Life, ...]:
    found = cohort(kind)
    return (*found.train, *found.choose, *found.judged)


@cache
def scorecard() -> dict:
    kept, part.lives_of = part.lives_of, lambda asked: {kind: cohort(kind) for kind in PATIENT_KINDS.names}
    try:
        return part.forecast(trial(2))
    finally:
        part.lives_of = kept


def apart(kind: str) -> list[np.ndarray]:
    """Time between onsets, on the clock that stands still in recovery, a patient at a time [s]."""
    return [np.diff((0.0, *record_of(life).onsets_s)) for life in lives(kind)]


def spacings(kind: str) -> np.ndarray:
    """Uniform on (0, 1) for a Poisson process: its n onsets cut a record into n + 1 parts x, of which
    1 - (1 - x) ** n is uniform, so that nothing is lost at the end of a record."""
    found = []
    for life in lives(kind):
        record = record_of(life)
        parts = np.diff((0.0, *record.onsets_s, record.duration_s)) / record.duration_s
        found.append(1.0 - (1.0 - parts) ** len(record.onsets_s))
    return np.concatenate(found)


@pytest.mark.parametrize("kind", PATIENT_KINDS.names)
def test_every_patient_has_seizures_that_end(kind):
    found = [seizure for life in lives(kind) for seizure in life.seizures]
    assert len(found) > 2 * len(lives(kind))
    assert 5.0 <= np.median([seizure.duration_s for seizure in found]) < 25.0


def test_seizures_begin_at_the_focus():
    hits = [
        set(life.person.focus) & {life.labels[k] for k in seizure.recruited[:2]}
        for life in lives("build_up")
        for seizure in life.seizures
    ]
    assert np.mean([bool(one) for one in hits]) > 0.8


def test_onsets_of_the_noise_driven_kind_are_poisson_apart_from_the_dead_time():
    found = spacings("noise_driven")
    assert found.size > 50
    assert kstest(found, "uniform").pvalue > 0.01
    assert kstest(spacings("build_up"), "uniform").pvalue < 0.01
    records = [record_of(life) for life in lives("noise_driven")]
    times = np.concatenate([np.asarray(one.onsets_s) / one.duration_s for one in records])
    assert kstest(times, "uniform").pvalue > 0.01
    expected = sum(one.duration_s for one in records) / 60.0
    assert abs(times.size - expected) < 4 * np.sqrt(expected)


def test_the_kinds_differ_in_how_regular_they_are():
    spread = {kind.name: np.concatenate([one[1:] for one in apart(kind.name)]) for kind in PATIENT_KINDS}
    cv = {name: one.std() / one.mean() for name, one in spread.items()}
    assert cv["build_up"] < 0.6 < cv["noise_driven"]
    assert cv["cyclic"] < cv["noise_driven"]


def test_before_a_seizure_the_signal_of_the_build_up_alone_has_changed():
    def rise(kind: str) -> np.ndarray:
        found = []
        for life in lives(kind):
            record = record_of(life)
            level = np.log(record.observed.mean(axis=1))
            found += [
                level[int(t) - 12 : int(t) - 2].mean() - level.mean() for t in record.onsets_s if t > 15
            ]
        return np.array(found)

    built, noise = rise("build_up"), rise("noise_driven")
    assert built.mean() - 3 * built.std() / np.sqrt(built.size) > 0
    assert built.mean() > noise.mean() + 3 * noise.std() / np.sqrt(noise.size)


def test_a_build_up_is_foreseen_and_noise_is_not():
    found = scorecard()["by_patient_kind"]
    assert found["build_up"]["verdict"] == BETTER
    assert found["build_up"]["sample"]["interval"][0] > 0.5
    assert found["noise_driven"]["verdict"] == NO_BETTER
    assert scorecard()["false_positive_rate"]["is_within"]


def test_a_life_is_the_same_whatever_the_workers():
    judged = cohort("build_up").judged[1]
    again = live(group_of(WHOLE, CONNECTOME), "build_up", (SEED, 2, 1), SECONDS)
    np.testing.assert_array_equal(again.observed, judged.observed)
    assert [s.onset_s for s in again.seizures] == [s.onset_s for s in judged.seizures]


def test_a_resection_that_was_searched_stops_more_seizures_than_regions_at_random():
    found = resection(trial(2, 4))
    assert resection(trial(1, 1))["patients"] == found["patients"][:1]  # whatever the workers
    assert found["intact"]["stopped"] < 0.5
    assert found["smallest"]["stopped"] > found["random"]["stopped"]
