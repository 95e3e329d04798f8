"""A hidden region: what is said of it, and that nothing of it is looked at."""

from __future__ import annotations

import numpy as np
import pytest

from engine import preset
from engine.brain.connectome import load_connectome
from engine.brain.network import Network
from engine.twin.patients import PatientBrain, group_of
from engine.twin.patients.brain import FOCI, group_person
from engine.twin.spread import attacks_of, by_rule, by_twin, latencies_seen, rule_of, without_structure
from engine.twin.spread.part import PREDICTORS, _judged, _Lived, shuffled
from engine.twin.spread.summary import summary

LIVED = np.array([[0.0, 0.5, 1.0, 2.0], [0.0, 2.0, 1.0, 0.5], [0.0, np.nan, np.nan, np.nan]])


def test_a_hidden_region_does_what_it_did_in_the_seizure_that_is_alike_elsewhere():
    assert by_twin(np.array([0.0, 0.5, 1.0, np.nan]), 3, LIVED, tau=0.1) == pytest.approx(
        (1.0, 2.0), rel=1e-3
    )
    assert by_twin(np.array([0.0, 2.0, 1.0, np.nan]), 3, LIVED, tau=0.1) == pytest.approx(
        (1.0, 0.5), rel=1e-3
    )


def test_a_seizure_of_another_pace_is_brought_to_that_of_the_recorded_one():
    slow = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 6.0])
    lived = np.array([0.5 * slow, 0.5 * slow[[0, 5, 4, 3, 2, 1]]])
    said = by_twin(slow, 5, lived, (0,))
    assert said.latency_s == pytest.approx(slow[5], rel=0.06)
    focus_told_a_pace = by_twin(slow, 5, lived)
    assert 1.3 * lived[0, 5] < focus_told_a_pace.latency_s < said.latency_s


def test_a_region_that_only_unlike_seizures_recruit_is_not_to_be_expected():
    lived = np.array([[0.0, 1.0, 1.0, np.nan], [0.0, np.nan, np.nan, 2.0]])
    probability, latency_s = by_twin(np.array([0.0, 1.0, 1.0, 5.0]), 3, lived)
    assert probability < 1e-6
    assert np.isfinite(latency_s)
    assert by_twin(np.array([0.0, 1.0, 1.0, 5.0]), 3, lived[:1]).probability == 0.0


def test_without_one_that_is_alike_it_is_not_recruited():
    assert by_twin(np.array([0.0, np.nan, np.nan, 9.0]), 3, LIVED).probability < 0.01


@pytest.mark.parametrize("hidden", [1, 2, 3])
def test_nothing_of_the_hidden_region_is_looked_at(hidden):
    for own in (np.nan, 0.1, 5.0):
        one = np.array([0.0, 0.7, 1.1, 1.4])
        one[hidden] = own
        assert by_twin(one, hidden, LIVED) == by_twin(np.where(one == own, 3.0, one), hidden, LIVED)
        assert without_structure(one, hidden, (0,)) == without_structure(
            np.where(np.arange(4) == hidden, 3.0, one), hidden, (0,)
        )


def test_without_structure_it_is_the_mean_of_the_others():
    said = without_structure(np.array([0.0, 1.0, 3.0, 7.0]), 3, (0,))
    assert said == (1.0, 2.0)
    said = without_structure(np.array([0.0, 1.0, np.nan, 7.0]), 3, (0,))
    assert said == (0.5, 1.0)


def test_latencies_count_from_the_first_that_is_recorded():
    assert latencies_seen(np.array([0.0, 0.5, 2.0]), 0).tolist() == [0.0, 0.0, 1.5]
    assert latencies_seen(np.array([0.0, 0.5, 2.0]), 2).tolist() == [0.0, 0.5, 2.0]


def test_the_rule_finds_the_line_of_strong_tracts_and_early_regions():
    weights = np.array([[0.0, 1.0, 1.0, 1.0], [0.8, 0, 0, 0], [0.4, 0, 0, 0], [0.2, 0, 0, 0]])
    true = np.exp(-1.0 - 1.5 * np.log(weights[1:, 0])) - 0.1
    rule = rule_of(np.array([[0.0, *true]]), [(0,)], weights)
    assert [by_rule(k, (0,), weights, rule).latency_s for k in (1, 2, 3)] == pytest.approx(true.tolist())
    assert rule.slope == pytest.approx(-1.5)
    assert rule.share == 1.0


def group():
    whole = preset("temporal-lobe-epilepsy")
    connectome = load_connectome(whole.connectome)
    found = group_of(whole, connectome)
    return found, Network.of(found.scenario, connectome)


def test_shuffled_tracts_are_as_many_and_as_strong_onto_every_region():
    of, network = group()
    strength = network.probability * of.tuning.onto_excitatory
    anew = network.probability * shuffled(of.tuning, network, np.random.default_rng(1)).onto_excitatory
    apart = np.abs(np.sort(anew, axis=1) - np.sort(strength, axis=1))
    assert (apart < 1e-4 * strength.max()).mean() >= 0.97  # float32; a factor at its bound is cut off there
    np.testing.assert_allclose(anew.sum(axis=1), strength.sum(axis=1), rtol=0.01)
    assert np.abs(anew - strength).max() > 0.1 * strength.max()


@pytest.mark.slow
def test_seizures_of_one_brain_differ_and_are_the_same_again():
    of, network = group()
    person = group_person(of.tuning, network, FOCI[0], 5)

    def lived():
        return attacks_of(PatientBrain(of.scenario, of.connectome, person), 3, np.random.default_rng(4))

    first, again = lived(), lived()
    assert len(first) >= 2
    assert not np.array_equal(first[0].latency_s, first[1].latency_s)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.latency_s, other.latency_s)
        np.testing.assert_array_equal(one.bands, other.bands)
        delta, gamma = one.bands[:, 0], one.bands[:, -1]  # the surrogate of an EEG sees the seizure
        before, during = one.band_s < 0.0, (one.band_s > 0.0) & (one.band_s < 6.0)
        assert delta[during].max() > 3.0 * np.median(delta[before])
        assert gamma[during].max() > 1.5 * np.median(gamma[before])


def test_a_trial_without_a_seizure_and_one_with_a_single_patient_are_told():
    labels = tuple("abcdefgh")
    of, network = group()
    person = group_person(of.tuning, network, FOCI[0], 5)
    person = type(person)(person.seed, person.tuning, ("a", "b"), person.drive)
    rng = np.random.default_rng(1)
    lived = _Lived(rng.uniform(0.1, 2.0, (6, 8)), ((0, 1),) * 6)
    weights = rng.uniform(0.1, 1.0, (8, 8))
    found = _judged(labels, [(person, ())], [lived, lived], weights, 1)
    assert "No seizure came" in summary(found).sentence
    assert {len(row) for row in summary(found).rows} == {len(summary(found).columns)}
    assert [one["name"] for one in found["predictors"]] == [one.name for one in PREDICTORS]
