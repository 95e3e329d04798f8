"""Teacher against student: who is compared with whom, and what is said about it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine import Simulation, load_connectome
from engine.codesign import (
    MEASURES,
    Observation,
    OpenLoop,
    analog_labels,
    compare,
    standing_of,
    student_of,
    teacher_of,
    validate,
    with_noise,
)
from engine.codesign.poisson_student import PoissonStudent
from engine.codesign.substrates import nudged
from engine.codesign.workers import run_all
from engine.errors import ParameterError
from engine.run.simulation import Stopped


@pytest.fixture(scope="module")
def dk84():
    return load_connectome("dk84")


@pytest.fixture(scope="module")
def teacher_recording(small, dk84):
    return Simulation(teacher_of(small, dk84), dk84).run()


@pytest.fixture(scope="module")
def loop(small, dk84):
    return OpenLoop(small, dk84, ("L.HI",))


@pytest.fixture(scope="module")
def found(small, dk84):
    return validate(small, dk84, n_chips=2, n_noise=2, workers=2)


def test_the_teacher_is_the_same_network_on_digital(small, dk84, teacher_recording):
    teacher = teacher_of(small, dk84)
    assert analog_labels(small, dk84) == ("L.HI",)
    assert set(teacher.backend_of(dk84.labels)) == {"digital", "off"}
    assert teacher_recording.network.labels == Simulation(small, dk84).network.labels


def test_other_noise_keeps_the_synapses(small, dk84):
    a, b = (Simulation(s, dk84) for s in (small, with_noise(small, 99)))
    tables = [s.backends[0].table for s in (a, b)]
    np.testing.assert_array_equal(tables[0].targets, tables[1].targets)
    np.testing.assert_array_equal(tables[0].weights, tables[1].weights)
    assert a.advance(100).n_spikes != b.advance(100).n_spikes


def test_a_run_compared_with_itself_is_0_in_every_measure(teacher_recording):
    o = Observation.of(teacher_recording, ("L.HI",))
    same = compare(o, o)
    assert set(same) == set(MEASURES)
    assert {name: value for name, (value, _) in same.items() if abs(value) > 1e-9} == {}


def test_without_a_rest_its_measures_are_left_out(loop, teacher_recording):
    heard = loop.heard(teacher_recording)
    assert not {n for n in compare(heard.teacher, heard.teacher) if n.startswith("rest_")}


def test_the_open_loop_repeats_the_teacher_spike_for_spike(loop, teacher_recording):
    heard = loop.heard(teacher_recording)
    again = loop.teacher(heard)
    np.testing.assert_array_equal(again.trains.times, heard.teacher.trains.times)
    np.testing.assert_array_equal(again.counts, heard.teacher.counts)


def test_a_student_in_a_brain_without_a_way_back_is_the_student_in_open_loop(small, dk84):
    cut = small.with_values({"lesion": [{"region": "L.HI", "scope": "efferent", "fraction": 1.0}]})
    heard = OpenLoop(cut, dk84, ("L.HI",)).heard(Simulation(teacher_of(cut, dk84), dk84).run())
    alone = OpenLoop(cut, dk84, ("L.HI",)).student(cut, heard)
    closed = Observation.of(Simulation(cut, dk84).run(), ("L.HI",))
    np.testing.assert_array_equal(alone.trains.times, closed.trains.times)
    np.testing.assert_array_equal(alone.counts, closed.counts)


def test_a_validation_names_every_measure_with_floor_and_baseline(found):
    data = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert list(data["metrics"]) == list(MEASURES)
    for metric in data["metrics"].values():
        assert {"value", "floor", "baseline", "unit", "n", "verdict"} <= set(metric)
        assert metric["grade"] in ("within", "beyond", "trivial", "blind")
    assert data["seeds"] == {"noise": [1, 2], "chips": [7, 8]}
    assert all(c["passed"] for c in data["controls"].values()), data["controls"]


def test_the_student_hears_the_noise_it_shares_with_its_teacher(found):
    """Its trains lie nearer than those of teachers under other noise; chance trains do not."""
    s = found.standings["van_rossum"]
    assert s.value < 0.9 * s.floor
    assert s.baseline > 0.9 * s.floor


def test_the_number_of_workers_does_not_matter(small, dk84, found):
    alone = validate(small, dk84, n_chips=2, n_noise=2, workers=1)
    assert alone.as_json() == found.as_json()


@pytest.mark.parametrize(
    ("values", "chips", "seeds", "said"),
    [
        ({"regions.analog": []}, 2, 2, "regions.analog: must name at least one region"),
        ({}, 0, 2, "validate.chips: must be from 1"),
        ({}, 2, 1, "One teacher alone gives no floor"),
        ({"duration": 250.0}, 1, 2, "at least 200 ms after the transient"),
    ],
)
def test_what_cannot_be_validated_is_refused(small, dk84, values, chips, seeds, said):
    with pytest.raises(ParameterError, match=said):
        validate(small.with_values(values), dk84, chips, seeds)


def judge(name: str, value: float, floors: list[float], baseline: float):
    return standing_of(MEASURES[name], [value, value], floors, baseline, 0.0, 9)


def test_verdicts():
    assert judge("isi_ks", 0.10, [0.09, 0.11], 0.5).grade == "within"
    beyond = judge("isi_ks", 0.30, [0.09, 0.11], 0.5)
    assert (beyond.grade, beyond.in_floors) == ("beyond", pytest.approx(3.0))
    assert beyond.position == pytest.approx(0.5)
    assert "50 % of the way to a Poisson student" in beyond.verdict
    assert judge("isi_ks", 0.60, [0.09, 0.11], 0.5).grade == "trivial"
    assert judge("isi_ks", 0.10, [0.09, 0.11], 0.1).grade == "blind"
    assert judge("isi_ks", 0.30, [0.09, 0.11], 0.1).grade == "trivial"
    assert judge("isi_ks", float("nan"), [0.1, 0.1], 0.1).grade == "blind"
    assert judge("van_rossum", 0.5, [0.99, 1.0], 1.0).grade == "within"
    assert judge("van_rossum", 0.999, [0.99, 1.0], 1.0).grade == "blind"
    # The Poisson student is given its teacher's rates: it is no baseline of them.
    assert judge("rate_error_hz", 3.0, [0.9, 1.0], 0.1).grade == "beyond"


def test_poisson_neurons_fire_at_their_rates():
    rates = np.array([0.0, 10.0, 100.0])
    student = PoissonStudent(np.arange(3, dtype=np.int32), rates, 10, 5)
    fired = np.concatenate([student.advance(t)[0] for t in range(20_000)])
    expected = rates * 20.0
    counts = np.bincount(fired, minlength=3)
    assert counts[0] == 0
    assert np.all(np.abs(counts - expected) <= 4 * np.sqrt(expected))
    np.testing.assert_array_equal(student.advance(7)[0], student.advance(7)[0])


def test_poisson_neurons_hear_nothing_of_late_spikes_either():
    student = PoissonStudent(np.arange(3, dtype=np.int32), np.zeros(3), 10, 5)
    assert student.deliver(np.array([1], np.int32), 4, np.array([[2, -1]], np.int16)) == 0


def test_a_nudge_is_one_stimulus_more(small):
    assert len(nudged(small, "L.HI").stimulus) == len(small.stimulus) + 1


def test_work_that_is_given_up_ends_and_errors_come_through():
    def give_up(fraction: float, what: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        run_all([("a", lambda check: 1), ("b", lambda check: 2)], 1, give_up)

    def until_told(check) -> None:
        while True:
            check()

    with pytest.raises(Stopped):  # what is at work is told to end
        run_all([("a", until_told)], 1, give_up)
    with pytest.raises(ZeroDivisionError):
        run_all([("a", lambda check: 1 / 0)], 2, lambda fraction, what: None)
    assert run_all([("a", lambda check: 1), ("b", lambda check: 2)], 2, lambda f, w: None) == [1, 2]


def test_another_chip_is_another_student(small):
    assert student_of(small, chip_seed=8).analog.chip_seed == 8


def test_the_seed_of_the_wiring_is_the_runs_unless_it_is_given(small):
    assert small.wiring_seed == small.seed
    other = with_noise(small, 99)
    assert (other.seed, other.wiring_seed) == (99, small.seed)
    assert with_noise(other, 100).wiring_seed == small.seed
    assert type(small).from_toml(other.to_toml()) == other
    with pytest.raises(ParameterError, match="wiring_seed must be 'run' or from 0"):
        small.with_values({"network.wiring_seed": -1})
