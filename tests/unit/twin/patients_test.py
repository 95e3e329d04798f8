"""Patients of spiking neurons: a part of the brain, who they are, what brings seizures about."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from engine import ParameterError, preset
from engine.brain.connectome import load_connectome
from engine.brain.network import Network
from engine.twin.patients import DEAD_S, PATIENT_KINDS, SITES, Life, draw_person, group_of, live, record_of
from engine.twin.patients.brain import AROUND, FOCI
from engine.twin.seizures import Seizure

WHOLE = preset("temporal-lobe-epilepsy")
CONNECTOME = load_connectome(WHOLE.connectome)


@pytest.fixture(scope="module")
def group():
    return group_of(WHOLE, CONNECTOME)


@pytest.fixture(scope="module")
def network(group):
    return Network.of(group.scenario, CONNECTOME)


def inputs(network, tuning, name):
    """What each region's tracts give it, (n_regions,)."""
    return (network.probability * getattr(tuning, name)).sum(axis=1)


@pytest.mark.parametrize("name", ["onto_excitatory", "onto_inhibitory"])
def test_a_part_of_the_brain_gets_the_input_of_the_whole(group, network, name):
    whole = Network.of(WHOLE, CONNECTOME)
    index = [whole.labels.index(label) for label in network.labels]
    wanted = inputs(whole, whole.tuning, name)[index]
    np.testing.assert_allclose(inputs(network, group.tuning, name), wanted, rtol=1e-3)
    assert not np.allclose(inputs(network, network.tuning, name), wanted, rtol=0.05)  # as it was cut out


def test_patients_differ_in_their_tracts_and_not_in_what_a_region_gets(group, network):
    people = [draw_person(group.tuning, network, np.random.default_rng([4, k])) for k in range(30)]
    onto_i = np.array([inputs(network, p.tuning, "onto_inhibitory") for p in people])
    wanted = inputs(network, group.tuning, "onto_inhibitory")
    assert np.median(np.abs(onto_i / wanted - 1)) < 0.01  # a factor that would be above 8 is 8
    off = ~np.eye(network.n_regions, dtype=bool)
    group_log, logs = (
        np.log1p(100 * network.probability * np.asarray(f))[..., off]
        for f in (group.tuning.onto_excitatory, [p.tuning.onto_excitatory for p in people])
    )
    alike = [np.corrcoef(group_log, one)[0, 1] for one in logs]
    assert 0.8 < np.mean(alike) < 0.97  # measured between mice of a strain: 0.83 to 0.91
    assert {p.focus for p in people} == set(FOCI)
    assert len({p.seed for p in people}) == len(people)


def test_the_focus_clears_worst_and_what_is_around_half_as_badly(group, network):
    person = draw_person(group.tuning, network, np.random.default_rng(1))
    foci = {one.region: one for one in person.foci(0.2)}
    assert set(foci) == set(AROUND)
    for label, one in foci.items():
        assert one.clearance == pytest.approx(0.2 if label in person.focus else 0.4)
        assert one.drive == pytest.approx(person.drive * (1.0 if label in person.focus else 0.5))
    assert all(one.clearance == 1.0 for one in person.foci(1.0))


def clearances(kind: str, seed: int, seconds: int, seizes_below: float = 1.0, lasts: int = 10):
    """A process without a brain: a seizure of 10 s begins where clearance falls below the brink."""
    process, left, found, began = PATIENT_KINDS[kind].make(np.random.default_rng(seed)), 0, [], []
    for second in range(seconds):
        found.append(process.step(float(second), left > 0).clearance)
        left -= left > 0
        if left == 0 and found[-1] < seizes_below and (not began or second > began[-1] + lasts + 5):
            left = lasts
            began.append(second)
    return np.array(found), np.array(began)


def test_what_sets_noise_driven_seizures_off_is_poisson_apart_from_the_dead_time():
    began = [clearances("noise_driven", seed, 4000)[1] for seed in range(400, 420)]
    apart = np.concatenate([np.diff(one) for one in began]) - DEAD_S
    assert apart.size > 500
    assert apart.min() >= 0
    steps = np.random.default_rng(1).uniform(-1.0, 0.0, apart.size)  # onsets are told by the second
    scale = 60.0
    assert kstest(apart + 1 + steps, "expon", args=(0, scale)).pvalue > 0.01
    assert kstest(apart + 1 + steps, "expon", args=(0, 1.5 * scale)).pvalue < 0.001


def test_nothing_builds_up_before_noise_strikes():
    found, began = clearances("noise_driven", 7, 4000)
    before = np.array([found[k - 20 : k - 1].mean() for k in began if k > 20])
    quiet = found[found > 1.0]
    assert abs(before.mean() - quiet.mean()) < 3 * quiet.std() / np.sqrt(before.size)


def test_a_build_up_wears_down_and_is_restored_by_the_end_of_a_seizure():
    found, began = clearances("build_up", 3, 3000)
    assert began.size > 15
    for one in began[1:]:
        assert found[one - 50 : one - 30].mean() > found[one - 10 : one].mean() > 1.0
    recovered = [found[one + 10 : one + 40].max() for one in began[:-1]]
    assert min(recovered) > 2.0
    assert np.diff(began).std() / np.diff(began).mean() > 0.1


def test_a_rhythm_goes_on_whatever_happens():
    with_seizures, _ = clearances("cyclic", 5, 3000)
    without, _ = clearances("cyclic", 5, 3000, seizes_below=0.0)
    np.testing.assert_array_equal(with_seizures, without)
    power = np.abs(np.fft.rfft(np.log(without) - np.log(without).mean()))
    period = 3000 / power.argmax()
    assert 80 < period < 260


def made_up(onsets, ends, seconds=400) -> Life:
    """A life without a brain."""
    rng = np.random.default_rng(0)
    seizures = tuple(Seizure(a, b, np.zeros(2)) for a, b in zip(onsets, ends, strict=True))
    signal = rng.random((seconds, len(SITES))) + 1
    return Life(
        "one",
        "cyclic",
        None,
        ("a", "b"),
        0.1,
        signal,
        signal,
        rng.random(seconds),
        rng.random(seconds),
        seizures,
    )


def test_the_clock_of_a_record_stands_still_in_a_seizure_and_its_recovery():
    life = made_up((50.3, 75.0, 200.0), (60.0, 85.0, 260.0))  # the second one in the recovery of the first
    record = record_of(life)
    assert record.onsets_s == (50.3, 200.0 - 37.0)
    assert record.duration_s == 400 - 37 - 58  # to 53 s of 90.3 s, to 202 s of 260 s: it lasts longer
    assert record.ends_s[0] == 53.0
    np.testing.assert_array_equal(record.observed[:53], life.observed[:53])
    np.testing.assert_array_equal(record.observed[53], life.observed[90])
    assert record.is_seizure.sum() == 3 + 2


@pytest.mark.slow
def test_a_life_follows_from_its_seed(group):
    one, again, other = (live(group, "build_up", (1, 2, k), 20) for k in (3, 3, 4))
    np.testing.assert_array_equal(one.rates_hz, again.rates_hz)
    np.testing.assert_array_equal(one.observed, again.observed)
    assert one.brink == again.brink
    assert not np.array_equal(one.rates_hz, other.rates_hz)


def test_another_brain_is_refused():
    mouse = load_connectome("mouse-b6")
    with pytest.raises(ParameterError, match=r"twin.connectome: must have the left temporal lobe"):
        group_of(WHOLE, mouse)
    with pytest.raises(ParameterError, match=r"network.tuning: must be given where a part of a brain"):
        group_of(WHOLE.with_values({"network.tuning": ""}), CONNECTOME)
