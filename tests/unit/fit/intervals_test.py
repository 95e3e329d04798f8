"""CV, CV2 and LV against elephant, their edges, and chance trains against sampling."""

import math

import numpy as np
import pytest

from engine.errors import DataError
from engine.fit import IntervalStatistics, cv_isi, poisson_cv, poisson_lvr

# elephant 1.2.1 on .1 .2 .4 .5 .8 s; by hand: intervals 1 2 1 3, sd sqrt(.6875), mean 1.75
MICRO_STEPS = np.array([1, 2, 4, 5, 8])
MICRO = {"cv": 0.47380354147934295, "cv2": 0.777777777777778, "lv": 0.47222222222222243}

# elephant 1.2.1 (neo 0.14.6, numpy 2.4.6) on the trains that `lcg_train` makes, 10 s each
RATES_HZ = (5.0, 10.0, 20.0, 10.0)
REFRACTORY_S = (0.002, 0.002, 0.002, 0.02)
N_SPIKES = (51, 98, 207, 87)
TRAINS = {
    "cv": (0.8992867670742715, 1.1966214062351634, 0.9412101561133164, 0.7464516357781095),
    "cv2": (1.0267662724952977, 0.9777484436761733, 0.8801670829457451, 0.737445068345175),
    "lv": (0.9937389228490949, 0.9819695294728596, 0.7995051213464892, 0.5535444410997975),
}


def lcg_train(seed, rate_hz, refractory_s, duration_s=10.0):
    """Spike times in steps of 0.1 ms: x <- 1664525 x + 1013904223 mod 2^32, u = (x + .5) / 2^32."""
    x, t, steps = seed, 0.0, []
    while True:
        x = (1664525 * x + 1013904223) % 2**32
        t += refractory_s - math.log((x + 0.5) / 2**32) / rate_hz
        if t >= duration_s:
            return np.array(steps, dtype=np.int64)
        steps.append(round(round(t, 4) * 1e4))


def merged(trains):
    """All trains as one stream in time order."""
    steps = np.concatenate(trains)
    ids = np.concatenate([np.full(len(train), k) for k, train in enumerate(trains)])
    order = np.argsort(steps, kind="stable")
    return steps[order], ids[order].astype(np.int32)


@pytest.fixture(scope="module")
def reference_trains():
    trains = [lcg_train(k + 1, RATES_HZ[k], REFRACTORY_S[k]) for k in range(4)]
    assert tuple(map(len, trains)) == N_SPIKES
    return trains


@pytest.mark.reference
@pytest.mark.parametrize("measure", ["cv", "cv2", "lv"])
def test_micro_train_agrees_with_elephant(measure):
    statistics = IntervalStatistics(1)
    statistics.add(MICRO_STEPS, np.zeros(5, np.int32))
    assert getattr(statistics, measure)()[0] == pytest.approx(MICRO[measure], rel=1e-12)


@pytest.mark.reference
@pytest.mark.parametrize("measure", ["cv", "cv2", "lv"])
def test_seeded_trains_agree_with_elephant(reference_trains, measure):
    # 1e-9: elephant's intervals are differences of seconds, good to about 1e-14 s in 1e-3 s
    statistics = IntervalStatistics(4)
    statistics.add(*merged(reference_trains))
    np.testing.assert_allclose(getattr(statistics, measure)(), TRAINS[measure], rtol=1e-9)


def test_chunks_and_the_whole_agree_to_the_bit(reference_trains):
    steps, ids = merged(reference_trains)
    statistics = IntervalStatistics(4, start_step=20_000)
    for part in np.array_split(np.arange(len(steps)), 37):
        statistics.add(steps[part], ids[part])
    np.testing.assert_array_equal(statistics.cv(), cv_isi(steps, ids, 4, start_step=20_000))


def test_spikes_before_the_start_are_left_out():
    steps = np.concatenate([[0, 1, 90], 100 + MICRO_STEPS])
    cv = cv_isi(steps, np.zeros(8, np.int32), 1, start_step=100)
    assert cv[0] == pytest.approx(MICRO["cv"], rel=1e-12)
    assert cv_isi(steps, np.zeros(8, np.int32), 1)[0] > 2 * cv[0]


def test_late_and_small_differences_lose_no_digits():
    # 10 h at 0.1 ms, intervals 100 and 101: a sum of squares less a squared sum would fail here
    steps = 3 * 10**8 + np.cumsum(np.tile([100, 101], 50_000))
    cv = cv_isi(steps, np.zeros(len(steps), np.int32), 1)
    intervals = np.diff(steps)
    assert cv[0] == pytest.approx(intervals.std() / intervals.mean(), rel=1e-10)


def test_neurons_with_few_spikes_are_not_known():
    steps, ids = np.array([1, 2, 3, 4, 5, 7, 9]), np.array([0, 1, 1, 1, 1, 1, 2], np.int32)
    np.testing.assert_array_equal(np.isfinite(cv_isi(steps, ids, 4)), [False, True, False, False])
    assert np.isnan(cv_isi(steps, ids, 4, min_spikes=6)).all()
    assert np.isnan(cv_isi(steps, ids, 4, min_spikes=0)[[0, 2, 3]]).all()


def test_two_spikes_give_a_cv_but_no_neighbours():
    statistics = IntervalStatistics(1)
    statistics.add([3, 8], [0, 0])
    assert statistics.cv(min_spikes=0)[0] == 0.0
    assert np.isnan(statistics.cv2(min_spikes=0)[0])
    assert np.isnan(statistics.lv(min_spikes=0)[0])
    assert statistics.mean_interval()[0] == 5.0
    assert statistics.n_intervals[0] == 1


def test_no_spikes_at_all():
    assert np.isnan(cv_isi([], [], 3)).all()
    assert cv_isi([], [], 0).shape == (0,)
    assert np.isnan(IntervalStatistics(2).mean_interval()).all()


@pytest.mark.parametrize(
    ("steps", "ids", "words"),
    [
        ([20, 30, 25], [0, 0, 0], "must ascend"),
        ([9, 30], [0, 0], "must ascend"),
        ([20, 30], [0, 2], "from 0 to 1"),
        ([20, 30], [0, -1], "from 0 to 1"),
        ([20, 30], [0], "one neuron for each spike"),
    ],
)
def test_refused_spikes_change_nothing(steps, ids, words):
    statistics, untouched = IntervalStatistics(2), IntervalStatistics(2)
    for each in (statistics, untouched):
        each.add([1, 2, 4, 5, 10], [0, 0, 0, 0, 0])
    with pytest.raises(DataError, match=words):
        statistics.add(steps, ids)
    for each in (statistics, untouched):
        each.add([12, 14], [0, 1])
    np.testing.assert_array_equal(statistics.cv(), untouched.cv())
    np.testing.assert_array_equal(statistics.n_intervals, untouched.n_intervals)


def test_chance_cv_of_endless_trains_is_one_less_rate_times_dead_time():
    assert poisson_cv(np.inf, 400.0, 20.0) == pytest.approx(1 - 20 / 400, rel=1e-12)
    assert poisson_cv(np.inf, 400.0, 0.0) == pytest.approx(1.0, rel=1e-12)
    assert np.isnan(poisson_cv(1, 400.0, 20.0))


@pytest.mark.parametrize("n_intervals", [4, 8, 16, 64])
def test_chance_cv_of_short_trains_agrees_with_sampling(n_intervals):
    # 40,000 trains put the sampled mean within 0.5 % (4 standard errors); the formula is a
    # second-order expansion, right to 0.8 % at worst (8 intervals). Unexpanded it is off by 3-7 %.
    trains = np.random.default_rng(5).exponential(300.0, (40_000, n_intervals)) + 100.0
    sampled = (trains.std(axis=1) / trains.mean(axis=1)).mean()
    expected = poisson_cv(np.full(40_000, n_intervals), trains.mean(axis=1), 100.0).mean()
    assert expected == pytest.approx(sampled, rel=0.013)


@pytest.mark.parametrize("t_refrac", [0.0, 2.0, 40.0])
def test_chance_lvr_is_that_of_sampled_trains(t_refrac):
    # neighbours share an interval, so the error is that of the mean of independent halves
    rng = np.random.default_rng(6)
    intervals = t_refrac + rng.exponential(60.0, 400_000)
    first, second = intervals[::2], intervals[1::2]
    together = first + second
    each = 3 * ((second - first) / together) ** 2 * (1 + 4 * 5.0 / together)
    error = each.std() / each.size**0.5
    found = float(poisson_lvr(60.0 + t_refrac, t_refrac, 5.0))
    assert found == pytest.approx(each.mean(), abs=4 * error)


def test_chance_lvr_at_its_ends():
    assert float(poisson_lvr(100.0, 0.0, 5.0)) == pytest.approx(1.2, rel=1e-12)
    assert float(poisson_lvr(2.0, 2.0, 5.0)) == 0.0
