"""Scores: values by hand, honest sentences, and a reason wherever there is no value."""

import json

import numpy as np
import pytest

from engine.errors import DataError, ParameterError
from engine.fit import (
    CORTEX_E_BAND,
    METRICS,
    IntervalStatistics,
    RateBand,
    Score,
    evaluate,
    poisson_cv,
    structure_baseline,
)
from engine.fit.bold_series import BoldSeries

N_REGIONS, N_MS = 6, 3000
SIZES = np.tile([80, 20], N_REGIONS)
RNG_SEED = 11


def recording(**changes):
    """Six regions of 80 E and 20 I neurons; regions 0-2 and 3-5 each share a slow rhythm."""
    rng = np.random.default_rng(RNG_SEED)
    slow = np.repeat(rng.normal(size=(N_MS // 50, 2)), 50, axis=0)
    rate_hz = 3.0 * np.clip(1 + 0.8 * slow, 0.0, None)
    of_region = rate_hz[:, [0, 0, 0, 1, 1, 1]]
    counts = rng.poisson(np.repeat(of_region, 2, axis=1) * SIZES / 1000).astype(np.uint16)
    blocks = np.kron(np.eye(2), np.ones((3, 3))) + 0.01 * rng.random((6, 6))
    arguments = {
        "counts": counts,
        "region_of_population": np.repeat(np.arange(N_REGIONS), 2),
        "is_excitatory": np.tile([True, False], N_REGIONS),
        "sizes": SIZES,
        "picked": np.arange(N_REGIONS),
        "dt": 0.1,
        "t_refrac": 2.0,
        "weights": rng.random((6, 6)),
        "empirical_fc": (blocks + blocks.T) / 2,
        "transient_ms": 1000,
        "baseline_rate_hz": 3.845,
    }
    return arguments | changes


def poisson_spikes(counts, sizes, seed=0):
    """Spikes that belong to the counts: a random neuron of the population for each."""
    rng = np.random.default_rng(seed)
    first = np.concatenate([[0], np.cumsum(sizes)])
    ms, population = np.nonzero(counts)
    times = counts[ms, population].astype(int)
    ms, population = np.repeat(ms, times), np.repeat(population, times)
    steps = np.sort(ms * 10 + rng.integers(0, 10, len(ms)))
    return steps, (first[population] + rng.integers(0, sizes[population])).astype(np.int32)


def test_scores_come_by_name():
    scores = evaluate(**recording())
    assert (
        list(scores)
        == list(METRICS.names)
        == [
            *("fc_r", "rate_in_band", "mean_rate_e", "rate_ks", "rate_wasserstein"),
            *("cv_isi", "cv2_isi", "lv_isi", "lvr_isi", "count_fano", "population_fano"),
            *("count_correlation", "tiling", "spike_sync"),
            *("isi_distance", "spike_distance", "ri_spike_distance"),
            *("van_rossum", "victor_purpura", "spike_contrast"),
            *("spectrum_peak", "peak_power", "spectral_exponent", "calcium_events"),
            *("fc_ccc", "fc_rmse", "fc_halves", "fcd_spread", "fcd_ks", "phase_order", "metastability"),
        ]
    )
    assert all(isinstance(s, Score) and s.name == name for name, s in scores.items())


def test_every_metric_says_whose_measure_it_is():
    assert [metric.name for metric in METRICS if not metric.source] == []


def test_mean_rate_counts_excitatory_neurons_of_picked_regions_after_the_transient():
    arguments = recording(picked=[1, 4])
    score = evaluate(**arguments)["mean_rate_e"]
    spikes = arguments["counts"][1000:, [2, 8]].sum(dtype=int)
    assert score.value == pytest.approx(spikes / 160 / 2.0, rel=1e-12)
    assert (score.n, score.n_unit, score.unit) == (160, "neurons", "Hz")
    assert score.baseline == 3.845
    assert f"{score.value:.2f} Hz" in score.sentence


@pytest.mark.parametrize(
    ("spikes_per_ms", "baseline", "words"),
    [
        (0, 3.845, ["0.00 Hz", "below the band", "slower than the 3.85"]),
        (2, 25.0, ["25.00 Hz", "above the band", "as fast as the 25.00"]),
        (2, 3.845, ["faster than the 3.85"]),
        (2, None, ["without synapses is not known"]),
    ],
)
def test_mean_rate_sentence_says_where_the_value_stands(spikes_per_ms, baseline, words):
    counts = np.full((N_MS, 12), spikes_per_ms, np.uint16)
    score = evaluate(**recording(counts=counts, baseline_rate_hz=baseline))["mean_rate_e"]
    assert all(word in score.sentence for word in words)
    assert score.baseline == baseline


def test_bands_name_their_source_and_standing():
    scores = evaluate(**recording())
    for name in ("mean_rate_e", "rate_in_band"):
        assert CORTEX_E_BAND.source in scores[name].basis
        assert CORTEX_E_BAND.standing in scores[name].basis
    assert "assumed" in scores["cv_isi"].basis


def test_rate_in_band_is_the_share_of_regions():
    counts = np.zeros((N_MS, 12), np.uint16)
    counts[::4, :6:2] = 1  # 250 spikes/s in 80 neurons: 3.125 Hz in three regions of six
    score = evaluate(**recording(counts=counts))["rate_in_band"]
    assert (score.value, score.n, score.ceiling, score.baseline) == (0.5, 6, 1.0, 1.0)
    assert score.sentence.startswith("3 of 6 regions")
    assert "improved nothing" in score.sentence


def test_rate_in_band_takes_the_band_it_is_given():
    narrow = RateBand(50.0, 60.0, "a source", "made up")
    score = evaluate(**recording(rate_band=narrow))["rate_in_band"]
    assert (score.value, score.baseline) == (0.0, 0.0)
    assert "Without synapses none would." in score.sentence
    assert evaluate(**recording(baseline_rate_hz=None))["rate_in_band"].baseline is None


def test_three_ways_to_give_intervals_agree():
    arguments = recording()
    steps, ids = poisson_spikes(arguments["counts"], SIZES)
    statistics = IntervalStatistics(int(SIZES.sum()), start_step=10_000)
    statistics.add(steps, ids)
    from_spikes = evaluate(**arguments, spikes=(steps, ids))["cv_isi"]
    assert from_spikes == evaluate(**arguments, intervals=statistics)["cv_isi"]
    from_values = evaluate(**arguments, cv=statistics.cv())["cv_isi"]
    assert (from_values.value, from_values.n) == (from_spikes.value, from_spikes.n)
    with pytest.raises(ParameterError, match="cv and intervals"):
        evaluate(**arguments, cv=statistics.cv(), intervals=statistics)


def test_chance_firing_in_a_short_recording_scores_as_chance():
    # 6,000 neurons at 4 Hz for 2 s: short trains pull CV far under 1, the baseline must follow.
    # Tolerance: 4 standard errors of the mean (sd .35, 3,500 or more neurons), and the 0.8 % of
    # the formula.
    sizes = np.array([4800, 1200])
    counts = np.random.default_rng(2).poisson(4 * sizes / 1000, (2000, 2)).astype(np.uint16)
    score = evaluate(
        **recording(
            counts=counts,
            sizes=sizes,
            region_of_population=[0, 0],
            is_excitatory=[True, False],
            picked=[0],
            transient_ms=0,
            t_refrac=0.0,
        ),
        spikes=poisson_spikes(counts, sizes),
    )["cv_isi"]
    assert score.n > 3500
    assert score.value < 0.9
    assert score.value == pytest.approx(score.baseline, abs=4 * 0.35 / 3500**0.5 + 0.008)
    assert "just like chance" in score.sentence


def test_regular_firing_is_called_more_regular_than_chance():
    steps = np.repeat(np.arange(10_500, 30_000, 1000), 600)
    ids = np.tile(np.arange(600, dtype=np.int32), len(steps) // 600)
    score = evaluate(**recording(), spikes=(steps, ids))["cv_isi"]
    assert score.value == 0.0
    assert score.n == 600
    assert score.baseline == pytest.approx(float(poisson_cv(19, 1000.0, 20.0)), rel=1e-12)
    assert "below the band" in score.sentence
    assert "more regular than chance" in score.sentence


def test_baseline_of_given_cv_values_is_one_less_rate_times_dead_time():
    counts = np.full((N_MS, 12), 1, np.uint16)
    score = evaluate(**recording(counts=counts), cv=np.array([np.nan, 1.1, 1.3]))["cv_isi"]
    rate_hz = 12 * 1000 / SIZES.sum()
    assert score.baseline == pytest.approx(1 - rate_hz * 0.002, rel=1e-12)
    assert score.value == pytest.approx(1.2, rel=1e-12)
    assert score.n == 2
    assert "less regular than chance" in score.sentence


def test_fc_fit_finds_the_shared_rhythm_and_beats_random_wiring():
    # two groups of three in model and data alike; 20 bins of about 30 spikes leave r near 1
    score = evaluate(**recording())["fc_r"]
    assert score.value > 0.8
    assert score.value > score.baseline
    assert score.n == 15
    assert score.interval[0] < score.value < score.interval[1]
    assert "explains no more" not in score.sentence
    assert "100 ms bins (20 of them)" in score.basis
    assert score.ceiling == 0.82
    assert "borrowed" in score.ceiling_label


def test_fc_baseline_is_the_logarithm_of_the_wiring():
    arguments = recording()
    weights = 10 ** (6 * arguments["weights"])
    baseline = evaluate(**arguments | {"weights": weights})["fc_r"].baseline
    assert baseline == structure_baseline(weights, arguments["empirical_fc"], log=True)[0]
    assert baseline != pytest.approx(structure_baseline(weights, arguments["empirical_fc"])[0], abs=0.01)


def test_fc_fit_under_the_wiring_says_so():
    arguments = recording()
    score = evaluate(**arguments | {"weights": arguments["empirical_fc"]})["fc_r"]
    assert score.baseline > score.value
    assert "explains no more than the anatomy it was given" in score.sentence
    assert evaluate(**recording(weights=None))["fc_r"].baseline is None


def test_a_silent_region_is_left_out_of_the_fc_fit_and_counted():
    arguments = recording()
    arguments["counts"][:, 8:10] = 0
    score = evaluate(**arguments)["fc_r"]
    assert score.n == 10
    assert "5 pairs are left out" in score.sentence
    others = evaluate(**arguments | {"picked": [0, 1, 2, 3, 5]})["fc_r"]
    assert others.value == score.value
    assert others.baseline == score.baseline


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"empirical_fc": None}, "No measured functional connectivity"),
        ({"empirical_fc": None, "weights": None}, "No measured functional connectivity"),
        ({"picked": [0, 1, 2]}, "Too few regions: at least 4 must be picked (now 3)"),
        ({"picked": []}, "Too few regions"),
        ({"counts": np.zeros((N_MS, 12), np.uint16)}, "Too few regions: the rates"),
        ({"transient_ms": 2050}, "Too short: 2,000 ms after the transient"),
        ({"transient_ms": 9000}, "Too short"),
        ({"empirical_fc": np.ones((6, 6))}, "the same for all pairs"),
    ],
)
def test_fc_fit_without_a_value_gives_the_reason(changes, reason):
    score = evaluate(**recording(**changes))["fc_r"]
    assert score.value is None
    assert score.interval is None
    assert score.n == 0
    assert reason in score.sentence


def test_every_score_without_a_value_gives_a_reason():
    steps, ids = np.array([11_000, 11_500]), np.zeros(2, np.int32)
    nothing = evaluate(**recording(counts=np.zeros((0, 12), np.uint16)), spikes=(steps, ids))
    assert [score.value for score in nothing.values()] == [None] * len(METRICS)
    assert "Too short" in nothing["mean_rate_e"].sentence
    assert "Too short" in nothing["rate_in_band"].sentence
    assert "Too few spikes" in nothing["cv_isi"].sentence
    nobody = evaluate(**recording(is_excitatory=np.zeros(12, bool)))
    assert "no excitatory neurons" in nobody["mean_rate_e"].sentence
    assert "No spike times" in nobody["cv_isi"].sentence


@pytest.mark.parametrize("changes", [{}, {"counts": np.zeros((0, 12), np.uint16)}])
def test_json_has_the_promised_keys_and_no_nan(changes):
    for score in evaluate(**recording(**changes)).values():
        content = score.as_json()
        assert {"value", "baseline", "ceiling", "n"} <= set(content)
        assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_axis_holds_every_mark():
    fast = np.full((N_MS, 12), 9, np.uint16)
    for changes in ({}, {"counts": fast}):
        for score in evaluate(**recording(**changes), cv=np.array([2.5])).values():
            marks = [score.value, score.baseline, score.ceiling]
            marks += [*(score.band or ()), *(score.interval or ())]
            assert all(score.low <= mark <= score.high for mark in marks if mark is not None)


def test_regions_and_matrices_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="region_of_population"):
        evaluate(**recording(empirical_fc=np.eye(4)))
    with pytest.raises(DataError, match="shape"):
        evaluate(**recording(weights=np.ones((7, 7))))
    with pytest.raises(DataError, match="picked"):
        evaluate(**recording(picked=[0, 1, 2, 3, 6]))


def test_local_irregularity_is_the_mean_over_neurons_beside_a_poisson_process():
    rng = np.random.default_rng(3)
    steps = np.sort(rng.integers(0, 40_000, 4_000))
    ids = rng.integers(0, 10, 4_000).astype(np.int32)
    arguments = recording()
    n = int(np.sum(arguments["sizes"]))
    statistics = IntervalStatistics(n, 0)
    statistics.add(steps, ids)
    scores = evaluate(**{**arguments, "cv": None, "spikes": None, "intervals": statistics})
    for name, values in (("cv2_isi", statistics.cv2()), ("lv_isi", statistics.lv())):
        counted = values[np.isfinite(values)]
        assert scores[name].value == pytest.approx(counted.mean(), rel=1e-12)
        assert (scores[name].n, scores[name].baseline) == (counted.size, 1.0)
        assert "as much as those of a Poisson process" in scores[name].sentence
    without = evaluate(**{**arguments, "cv": np.ones(n), "spikes": None})
    assert without["lv_isi"].value is None
    assert "not known" in without["lv_isi"].sentence


def long_recording(minutes):
    """As `recording`, but long, and with a rhythm slow enough for BOLD."""
    rng = np.random.default_rng(RNG_SEED)
    n_ms = round(minutes * 60_000)
    slow = np.repeat(rng.normal(size=(-(-n_ms // 5000), 2)), 5000, axis=0)[:n_ms]
    rate_hz = 3.0 * np.clip(1 + 0.8 * slow, 0.0, None)
    of_region = np.repeat(rate_hz[:, [0, 0, 0, 1, 1, 1]], 2, axis=1)
    counts = rng.poisson(of_region * SIZES / 1000).astype(np.uint16)
    return recording(counts=counts, transient_ms=30_000)


@pytest.mark.slow
def test_a_long_run_is_judged_by_its_bold_with_the_agreement_of_its_halves():
    arguments = long_recording(6.0)
    score = evaluate(**arguments)["fc_r"]
    assert score.basis.startswith("BOLD")
    assert score.minutes == pytest.approx(5.5, abs=0.02)
    assert score.value > 0.9
    assert 0.9 < score.halves < 1.0
    assert "halves" in score.sentence
    assert score.as_json()["minutes"] == score.minutes
    short = evaluate(**arguments | {"counts": arguments["counts"][:200_000]})["fc_r"]
    assert short.basis.startswith("region rates")
    assert short.minutes == pytest.approx(170 / 60, abs=0.01)


@pytest.mark.slow
def test_bold_in_chunks_is_that_of_the_whole():
    arguments = long_recording(5.6)
    of = ("region_of_population", "is_excitatory", "sizes")
    series = BoldSeries(*(arguments[name] for name in of), N_REGIONS, arguments["transient_ms"])
    rng = np.random.default_rng(1)
    counts = arguments["counts"]
    while series.n_ms < len(counts):
        series.add(counts[series.n_ms : series.n_ms + rng.integers(1, 20_000)])
    assert evaluate(**arguments, bold=series)["fc_r"] == evaluate(**arguments)["fc_r"]


def test_scores_that_no_time_decides_say_none():
    assert "minutes" not in evaluate(**recording())["cv_isi"].as_json()
