"""What holds for every recording: scale, order, cutting and shuffling."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.fit import (
    IntervalStatistics,
    binned_region_rates_hz,
    cv_isi,
    evaluate,
    fc_correlation,
    fisher_interval,
    poisson_cv,
    population_rates_hz,
    rate_fc,
    structure_baseline,
)

N_NEURONS = 5

untimed = settings(deadline=None)  # the first call may compile


@st.composite
def spike_trains(draw):
    """Spikes of a few neurons, ascending, at most one per neuron and step."""
    pairs = draw(st.sets(st.tuples(st.integers(0, 5000), st.integers(0, N_NEURONS - 1)), max_size=80))
    steps, ids = zip(*sorted(pairs), strict=True) if pairs else ((), ())
    return np.array(steps, dtype=np.int64), np.array(ids, dtype=np.int32)


def binned_rates(n_bins=30, n_regions=6):
    """Rates on a grid of 0.01 Hz, so that nothing hangs on the last digits."""
    return hnp.arrays(np.int64, (n_bins, n_regions), elements=st.integers(0, 5000)).map(
        lambda counts: counts / 100
    )


@untimed
@given(spike_trains(), st.integers(2, 1000), st.integers(0, 10**6))
def test_cv_does_not_depend_on_the_unit_or_origin_of_time(spikes, scale, shift):
    steps, ids = spikes
    np.testing.assert_allclose(
        cv_isi(scale * steps + shift, ids, N_NEURONS), cv_isi(steps, ids, N_NEURONS), rtol=1e-9, atol=1e-9
    )


@untimed
@given(spike_trains())
def test_cv_is_the_population_sd_over_the_mean(spikes):
    steps, ids = spikes
    cv = cv_isi(steps, ids, N_NEURONS)
    for neuron in range(N_NEURONS):
        intervals = np.diff(steps[ids == neuron])
        if len(intervals) >= 4:
            np.testing.assert_allclose(cv[neuron], intervals.std() / intervals.mean(), atol=1e-9)
        else:
            assert np.isnan(cv[neuron])


@untimed
@given(spike_trains(), st.lists(st.integers(0, 80), max_size=6), st.integers(0, 5000))
def test_chunks_never_change_a_bit(spikes, cuts, start_step):
    steps, ids = spikes
    whole, parts = (IntervalStatistics(N_NEURONS, start_step) for _ in range(2))
    whole.add(steps, ids)
    for part in np.split(np.arange(len(steps)), sorted(min(cut, len(steps)) for cut in cuts)):
        parts.add(steps[part], ids[part])
    for measure in ("cv", "cv2", "lv", "mean_interval"):
        np.testing.assert_array_equal(getattr(parts, measure)(), getattr(whole, measure)())


@untimed
@given(st.integers(2, 10**6), st.floats(1.0, 1e5), st.floats(0.0, 1.0))
def test_chance_cv_lies_between_zero_and_its_limit(n_intervals, mean_interval, dead_share):
    cv = poisson_cv(n_intervals, mean_interval, dead_share * mean_interval)
    limit = poisson_cv(np.inf, mean_interval, dead_share * mean_interval)
    assert 0.0 <= cv <= limit + 1e-12


@untimed
@given(
    hnp.arrays(np.uint16, (40, 4), elements=st.integers(0, 50)),
    hnp.arrays(np.int64, 4, elements=st.integers(1, 100)),
    hnp.arrays(np.int64, 4, elements=st.integers(0, 2)),
)
def test_bins_average_to_the_rate_of_the_whole(counts, sizes, region):
    binned = binned_region_rates_hz(counts, region, sizes, bin_ms=8, n_regions=3)
    rates = population_rates_hz(counts, sizes)
    for r in np.unique(region):
        pooled = np.average(rates[region == r], weights=sizes[region == r])
        np.testing.assert_allclose(binned[:, r].mean(), pooled, rtol=1e-12, atol=1e-12)


@untimed
@given(
    binned_rates(),
    hnp.arrays(np.int64, 6, elements=st.integers(1, 9)),
    hnp.arrays(np.int64, 6, elements=st.integers(-9, 9)),
)
def test_fc_does_not_depend_on_gain_or_offset_of_a_region(rates, gain, offset):
    np.testing.assert_allclose(rate_fc(rates * gain + offset), rate_fc(rates), atol=1e-9)


@untimed
@given(binned_rates())
def test_fc_is_a_correlation_matrix_of_the_active_regions(rates):
    fc = rate_fc(rates)
    active = np.flatnonzero(np.ptp(rates, axis=0) > 0)
    assert (np.flatnonzero(np.isfinite(np.diag(fc))) == active).all()
    part = fc[np.ix_(active, active)]
    np.testing.assert_array_equal(part, part.T)
    assert (np.abs(part) <= 1).all()
    if active.size:
        assert np.linalg.eigvalsh(part).min() > -1e-9


@untimed
@given(binned_rates(), st.permutations(range(6)))
def test_identical_input_agrees_fully_in_any_order(rates, order):
    fc = rate_fc(rates)
    r, n_pairs = fc_correlation(fc, fc, order)
    values = fc[np.triu_indices(6, 1)]
    values = values[np.isfinite(values)]
    assert n_pairs == values.size
    if n_pairs >= 3 and np.ptp(values) > 1e-6:
        np.testing.assert_allclose(r, 1.0, atol=1e-9)


@untimed
@given(binned_rates(), binned_rates(), st.permutations(range(6)))
def test_agreement_is_mutual_and_blind_to_the_order_of_regions(a, b, order):
    a, b = rate_fc(a), rate_fc(b)
    for fc in (a, b):  # nearly equal correlations leave r few digits; equal ones have a unit test
        known = np.isfinite(a + b)[np.triu_indices(6, 1)]
        values = fc[np.triu_indices(6, 1)][known]
        assume(values.size < 3 or np.ptp(values) > 1e-6)
    r, n_pairs = fc_correlation(a, b)
    np.testing.assert_allclose(fc_correlation(b, a)[0], r, atol=1e-9)
    again = fc_correlation(a, b, order)
    np.testing.assert_allclose(again[0], r, atol=1e-9)
    assert again[1] == n_pairs


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_shuffled_target_is_met_by_chance_only(seed):
    # 40 regions, 780 pairs: r of unrelated matrices has sd 1/sqrt(779) = .036 when pairs are
    # independent; relabelling makes the sum over pairs no wider for noise without structure.
    # Six standard deviations: one false alarm in 10^7 examples.
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.normal(size=(40, 40)), 1)
    target = upper + upper.T
    shuffle = rng.permutation(40)
    while (shuffle == np.arange(40)).any():
        shuffle = rng.permutation(40)
    r, n_pairs = fc_correlation(target, target[np.ix_(shuffle, shuffle)])
    assert n_pairs == 780
    assert abs(r) < 6 / 779**0.5


@untimed
@given(binned_rates(), st.integers(1, 1000))
def test_wiring_baseline_does_not_depend_on_the_unit_of_weights(rates, unit):
    empirical = rate_fc(rates)
    weights = np.random.default_rng(0).integers(0, 100, (6, 6))
    np.testing.assert_allclose(
        structure_baseline(unit * weights, empirical)[0], structure_baseline(weights, empirical)[0], atol=1e-9
    )


@untimed
@given(st.floats(-0.999, 0.999), st.integers(4, 10**6))
def test_fisher_interval_holds_its_value_and_narrows(r, n):
    low, high = fisher_interval(r, n)
    assert -1 <= low <= r <= high <= 1
    wider = fisher_interval(r, n, confidence=0.99)
    assert wider[0] <= low <= high <= wider[1]
    narrower = fisher_interval(r, 4 * n)
    assert narrower[1] - narrower[0] <= high - low


@untimed
@given(
    hnp.arrays(np.uint16, st.tuples(st.integers(0, 120), st.just(8)), elements=st.integers(0, 9)),
    hnp.arrays(np.int64, 8, elements=st.integers(0, 50)),
    st.sets(st.integers(0, 4)),
    st.integers(0, 130),
)
def test_every_recording_gets_four_scores_with_a_sentence(counts, sizes, picked, transient):
    fc = np.corrcoef(np.random.default_rng(0).normal(size=(5, 30)))
    scores = evaluate(
        counts=counts,
        region_of_population=[0, 0, 1, 1, 2, 2, 3, 4],
        is_excitatory=[True, False] * 4,
        sizes=sizes,
        picked=sorted(picked),
        dt=0.1,
        t_refrac=2.0,
        weights=np.abs(fc),
        empirical_fc=fc,
        transient_ms=transient,
        bin_ms=5,
    )
    for score in scores.values():
        assert score.sentence.endswith(".")
        assert score.value is None or np.isfinite(score.value)
        assert score.value is None or score.low <= score.value <= score.high
        assert "nan" not in score.sentence
