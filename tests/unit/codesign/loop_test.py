"""Attribution, calibration and trade-off: what the loop changes, counts and promises."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest

from engine import load_connectome
from engine.codesign import (
    COSTS,
    DISTANCE,
    KNOBS,
    Axis,
    Condition,
    Stand,
    attribute,
    calibrate,
    knob_values,
    pareto,
    read_state,
    trade_off,
    with_knobs,
    write_state,
)
from engine.codesign.attribution import terms_alone
from engine.codesign.calibration import POPULATION, CalibrationState, HeldOut
from engine.codesign.calibration_stands import CHECKED, FITTED, Stands, held_out_conditions
from engine.codesign.calibration_stands import training_conditions as training
from engine.codesign.repeats import Repeat, Repeats
from engine.codesign.stand import distance_in_floors
from engine.codesign.trade_off import Point
from engine.codesign.trimming import N_ROUNDS, Round, most_probable, with_trims
from engine.errors import DataError, ParameterError
from engine.progress import LastSaid
from engine.run.simulation import Stopped


@pytest.fixture(scope="module")
def dk84():
    return load_connectome("dk84")


@pytest.fixture(scope="module")
def tiny(small):
    return small.with_values({"duration": 300.0, "transient": 50.0})


@pytest.fixture(scope="module")
def stand(tiny, dk84):
    return Stand(tiny, dk84, [Condition("a", 1), Condition("b", 2)])


# ---- stand -----------------------------------------------------------------------------------


def test_an_ideal_student_lies_at_the_teacher_and_a_bad_chip_far_off(tiny, stand):
    ideal = tiny.with_values({"analog.mode": "ideal"})
    bad = tiny.with_values({"analog.mode": "uncalibrated"})
    tried = stand.try_all([ideal, tiny, bad])
    near, middle, far = (np.mean([stand.distance(m) for m in of]) for of in tried)
    assert near < 0.1
    assert near < middle < far


def test_work_without_news_of_its_own_can_be_given_up_at_any_time(tiny, dk84, stand):
    told = []
    given_up = threading.Event()

    def progress(fraction, what):
        told.append((fraction, what))
        if given_up.is_set():
            raise Stopped

    said = LastSaid(progress)
    said(0.5, "counting")
    asking = Stand(tiny, dk84, stand.conditions, still=said.again)
    given_up.set()
    with pytest.raises(Stopped):
        asking.counts(tiny)
    assert set(told) == {(0.5, "counting")}

    def stop():
        raise Stopped

    for run in (stand.loop.student, lambda *a: stand.loop.teacher(*a[1:])):
        with pytest.raises(Stopped):
            run(tiny, stand.heard[0], stop)


def test_conditions_without_a_pair_give_no_floor(tiny, dk84):
    step = ({"kind": "current", "region": "L.HI"},)
    with pytest.raises(ParameterError, match="differ by noise alone"):
        Stand(tiny, dk84, [Condition("a", 1), Condition("b", 2, step)])


def test_a_student_that_runs_away_counts_and_does_not_end_the_search(tiny, stand):
    wild = tiny.with_values(
        {
            "analog.bias_offset": 1000.0,
            "analog.threshold_offset": -5.0,
            "analog.weight_scale_local_inh": 0.0,
            "network.parameters.t_refrac": 1.0,
        }
    )
    (of_wild,) = stand.try_all([wild])
    assert all(stand.distance(m) > 2 for m in of_wild)
    assert stand.distance(None) == 100.0


def test_distance_is_the_mean_over_measures_that_have_a_floor():
    assert distance_in_floors({"a": 2.0, "b": 3.0, "c": 5.0}, {"a": 1.0, "b": 3.0, "c": 0.0}) == 1.5


# ---- attribution -----------------------------------------------------------------------------


def test_terms_alone_keep_their_strength(tiny):
    doubled = tiny.with_values({"analog.terms.leak": 2.0})
    alone = terms_alone(doubled, ("leak",))
    assert alone.analog.size("leak") == doubled.analog.size("leak") > 0
    assert alone.analog.size("threshold") == 0


def test_a_chip_of_one_term_owes_all_its_cost_to_it(tiny, dk84):
    one = terms_alone(tiny, ("threshold",))
    found = attribute(one, dk84, n_chips=1, n_noise=2)
    (cost,) = found.costs[DISTANCE]
    assert cost.term == "threshold"
    assert cost.on == cost.off == pytest.approx(found.full[DISTANCE] - found.none[DISTANCE])
    assert cost.on > 0
    assert found.inert == ()
    json.dumps(found.as_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("values", "chips", "noises", "said"),
    [({"analog.mode": "ideal"}, 1, 2, "analog.mode: must have imperfections"), ({}, 0, 2, "at least 1 chip")],
)
def test_what_cannot_be_attributed_is_refused(tiny, dk84, values, chips, noises, said):
    with pytest.raises(ParameterError, match=said):
        attribute(tiny.with_values(values), dk84, chips, noises)


# ---- knobs and calibration -------------------------------------------------------------------


def test_no_move_changes_nothing_and_moves_stay_inside_their_bounds(tiny):
    assert with_knobs(tiny, np.zeros(len(KNOBS))) == tiny
    for move in (-1e3, 1e3):
        far = with_knobs(tiny, np.full(len(KNOBS), move))
        for key, value in knob_values(far).items():
            low, high = KNOBS[key].bounds()
            assert low <= value <= high


def test_every_knob_is_declared_and_moves_the_student(tiny, stand):
    still = stand.try_all([tiny])[0]
    for k in range(len(KNOBS)):
        moves = np.zeros(len(KNOBS))
        moves[k] = 1.0
        assert stand.try_all([with_knobs(tiny, moves)])[0] != still, list(KNOBS)[k]


@pytest.mark.slow
def test_calibration_finds_a_bias_that_was_put_in(tiny, dk84):
    """A chip whose thresholds are all 3 mV too high comes back, and held-out conditions agree."""
    off = terms_alone(tiny, ()).with_values({"analog.threshold_offset": 3.0})
    found = calibrate(off, dk84, n_evals=1)
    assert found.held_out.factor > 1.2
    assert found.state.best[1] < 0.8 * found.state.start
    assert found.state.n_evals == N_ROUNDS + 1
    # 3 mV are 19 codes; in 0.25 s spikes are few, and the prior of 4 codes holds back.
    assert -22 < np.mean(found.state.trims) < -4
    json.dumps(found.as_json(), allow_nan=False)


def test_conditions_held_out_share_no_stimulus_and_no_noise_with_training(tiny):
    trained, fresh = training(tiny, ("L.HI",)), held_out_conditions(tiny, ("L.HI",))
    assert not {c.seed for c in trained} & {c.seed for c in fresh}
    assert not {repr(c.stimuli) for c in trained} & {repr(c.stimuli) for c in fresh}
    assert sorted(FITTED + CHECKED) == list(range(len(trained)))
    for places in (FITTED, CHECKED):
        assert len({repr(trained[k].stimuli) for k in places}) == 2


def test_the_most_probable_codes_are_those_that_counts_were_made_with():
    """Counts by the model itself, of circuits of many spikes, give their codes back."""
    true = np.array([-9.0, -2.0, 0.0, 3.0, 8.0])
    teacher, slope = np.full((2, 5), 4000.0), np.full((2, 5), 0.03)
    tried = [np.zeros(5), np.full(5, 6.0), np.array([-8.0, -3.0, 1.0, 2.0, 9.0])]
    rounds = [Round(codes, teacher * np.exp(-slope * (codes - true))) for codes in tried]
    found = most_probable(rounds, teacher, slope, np.zeros(5))
    assert found == pytest.approx(true, abs=0.1)
    few = [Round(r.codes, r.counts / 4000) for r in rounds]
    shy = most_probable(few, teacher / 4000, slope, np.zeros(5))
    assert np.all(np.abs(shy) < 1.0)  # a spike says little, so the prior holds


def test_trims_of_a_chip_are_replaced_and_those_of_others_kept(tiny, stand):
    codes = np.arange(stand.loop.n_neurons) % 7 - 3
    once = with_trims(tiny, stand, codes)
    assert once.digest() != tiny.digest()
    assert with_trims(once, stand, np.zeros_like(codes)) == tiny
    elsewhere = with_trims(once.with_values({"analog.chip_seed": 99}), stand, codes)
    assert [t.chip_seed for t in elsewhere.trim] == [tiny.analog.chip_seed, 99]


def test_a_rehearsal_under_the_same_noise_is_what_was_recorded(tiny, dk84, stand):
    heard = stand.heard[0]
    again = stand.loop.rehearsed(heard, heard.scenario).teacher.trains
    assert np.array_equal(again.times, heard.teacher.trains.times)
    conditions = [Condition("a", 1), Condition("b", 2), Condition("c", 3)]
    short = Stand(tiny, dk84, conditions, n_recorded=2)
    assert np.array_equal(short.heard[0].teacher.trains.times, heard.teacher.trains.times)
    assert short.heard[2].scenario.seed == 3
    assert np.array_equal(short.heard[2].sources, short.heard[0].sources)


def test_repeats_are_told_as_median_and_range():
    fits = tuple(Repeat(7 + k, 11, 1.2, 0.8, f, f, 1.0, k > 0, 0.7) for k, f in enumerate((1.5, 1.9, 1.6)))
    found = Repeats(fits, 6, 36)
    assert found.median_and_range("factor") == (1.6, 1.5, 1.9)
    assert "factor of 1.60 (1.50 to 1.90): median and range of 3 chips" in found.sentence
    assert "moved in 2 of 3 fits" in found.sentence
    json.dumps(found.as_json(), allow_nan=False)


@pytest.mark.slow
def test_an_interrupted_calibration_goes_on_where_it_was(tiny, dk84, tmp_path):
    n = N_ROUNDS + 1 + 2 * POPULATION
    short = tiny.with_values({"duration": 150.0, "transient": 25.0})
    stands = Stands(short, dk84, workers=2)  # of all that is not gone on with
    whole = calibrate(short, dk84, n_evals=n, stands=stands)
    file = tmp_path / "state.json"

    def give_up_at(where: str):
        def look(fraction: float, what: str) -> None:
            if what.startswith(where):
                raise Stopped

        return look

    keep = lambda state: write_state(file, state)  # noqa: E731
    for where, reached in (
        ("trimming the circuits, round 3", 3),
        (f"{n - POPULATION} students", n - POPULATION),
    ):
        with pytest.raises(Stopped):
            calibrate(short, dk84, n, progress=give_up_at(where), report=keep, stands=stands)
        state = read_state(file)
        assert state.n_evals == reached
        assert calibrate(short, dk84, n, state=state).as_json() == whole.as_json()


def test_a_state_of_another_scenario_or_another_file_is_refused(tiny, dk84, tmp_path):
    with pytest.raises(DataError, match="same scenario"):
        calibrate(tiny, dk84, 9, state=CalibrationState("other", 1.0))
    file = tmp_path / "state.json"
    good = {
        "digest": "a",
        "start": 1,
        "rounds": [],
        "trims": [1, -2],
        "trimmed": 1.0,
        "moves": [],
        "distances": [],
    }
    file.write_text(json.dumps(good))
    assert read_state(file).trims == [1, -2]
    move = [0.5] * len(KNOBS)
    for change, said in (
        ({"moves": [[[1]]], "distances": [[1]]}, "moves.0.0: must have at least 6 entries"),
        ({"moves": [[move]], "distances": [[1, 2]]}, "must have a distance for every move"),
        ({"moves": [[move], [move] * 2], "distances": [[1], [1, 2]]}, "must have a distance for every move"),
        ({"moves": [[move]], "distances": [[1]], "trimmed": None}, "the trims before moves"),
        ({"start": "x"}, "start: must be a number"),
        ({"trims": [0.5]}, "trims.0: must be a whole number"),
        ({"trims": [999]}, "trims.0: must be at most"),
        ({"rounds": [[1]]}, "rounds.0: must be a number"),
        ({"trimmed": "no"}, "trimmed: must be a number"),
        ({"digest": 1}, "digest: must be text"),
        ({"extra": 1}, "extra: must be left out"),
        ({"moves": None}, "moves: must be a list"),
    ):
        file.write_text(json.dumps({**good, **change}))
        with pytest.raises(DataError, match=rf"^state\.json: .*{said}"):
            read_state(file)
    for text, said in (("{}", "digest: must be given"), ("[1", "must be JSON")):
        file.write_text(text)
        with pytest.raises(DataError, match=rf"^state\.json: {said}"):
            read_state(file)
    with pytest.raises(DataError, match="cannot be read"):
        read_state(tmp_path / "none.json")
    with pytest.raises(ParameterError, match="n_evals"):
        calibrate(tiny, dk84, 0)


def test_where_nothing_is_better_the_knobs_stay(tiny):
    moves = [[[1.0] * len(KNOBS), [2.0] * len(KNOBS)]]
    state = CalibrationState("d", 1.0, [0.9, 0.7], [1], 0.8, moves, [[1.5, 2.5]])
    assert state.best == ([0.0] * len(KNOBS), 0.8)
    assert state.history == [(0, 1.0, 1.0), (1, 0.9, 1.0), (2, 0.7, 1.0), (3, 0.8, 0.8), (5, 2.0, 0.8)]


def test_a_factor_is_said_with_its_spread():
    h = HeldOut(("a", "b"), (2.0, 4.0), (1.0, 2.0))
    assert (h.factor, h.spread) == (pytest.approx(2.0), 0.0)
    assert HeldOut(("a", "b"), (2.0, 8.0), (1.0, 1.0)).factor == pytest.approx(4.0)


# ---- trade-off -------------------------------------------------------------------------------


def test_finer_weights_cost_memory_and_come_nearer(tiny, dk84):
    exact = terms_alone(tiny, ("weight_quantisation",))
    found = trade_off(exact, dk84, Axis(bits=(2, 6), mismatch=(1.0,), merge=("auto",)), n_chips=1)
    coarse, fine = found.points
    assert coarse.distance > fine.distance
    assert fine.costs["weight_kbit"] == pytest.approx(3 * coarse.costs["weight_kbit"])
    assert set(fine.costs) == set(COSTS)
    assert coarse.scenario.analog.weight_bits == 2
    assert "energy_mj_high" not in json.loads(json.dumps(found.as_json()))["sentence"]


def test_smaller_mismatch_costs_area(tiny, dk84):
    found = trade_off(tiny, dk84, Axis(bits=(6,), mismatch=(0.5, 2.0), merge=("auto",)), n_chips=1)
    narrow, wide = found.points
    assert narrow.distance < wide.distance
    assert narrow.costs["area"] / wide.costs["area"] == pytest.approx(16.0)
    assert narrow.scenario.analog.size("leak") == pytest.approx(wide.scenario.analog.size("leak") / 4)


def test_what_does_not_fit_says_why_and_the_others_go_on(tiny, dk84):
    few = tiny.with_values({"analog.max_chips": 1})
    found = trade_off(few, dk84, Axis(bits=(6,), mismatch=(1.0,), merge=("auto", 8)), n_chips=1)
    fits, refused = found.points
    assert not fits.refused
    assert "needs" in refused.refused
    assert found.fitting == (fits,)
    json.dumps(found.as_json(), allow_nan=False)


def test_the_front_holds_what_no_other_beats(tiny):
    points = [
        Point(tiny, 6, 1.0, "auto", distance, 0.0, {"area": area})
        for distance, area in ((3.0, 1.0), (2.0, 2.0), (2.5, 2.0), (2.0, 3.0), (1.0, 4.0))
    ]
    assert pareto(points, "area") == (points[0], points[1], points[4])


@pytest.mark.parametrize("axis", [Axis(bits=()), Axis(mismatch=(0.0,))])
def test_designs_that_make_no_sense_are_refused(tiny, dk84, axis):
    with pytest.raises(ParameterError, match="trade_off"):
        trade_off(tiny, dk84, axis)
