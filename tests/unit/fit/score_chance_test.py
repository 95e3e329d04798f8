"""Scores held against chance, the wiring and surrogates: chance scores as chance, structure does not."""

from __future__ import annotations

import numpy as np
import pytest

from engine.fit import (
    METRICS,
    IntervalStatistics,
    concordance,
    evaluate,
    evidence_of,
    fano_factor,
    known_pairs,
    rate_fc,
    root_mean_square,
    structure_baseline,
)
from engine.fit.evidence import N_SAMPLE
from engine.fit.fcd_histogram import FcdHistogram, bold_fcd, shipped_fcd

N_REGIONS, N_MS, TRANSIENT = 6, 5000, 1000
SIZES = np.tile([80, 20], N_REGIONS)
N = int(SIZES.sum())
OF_SAMPLE = ("count_correlation", "tiling", "spike_sync", "isi_distance", "spike_distance", "spike_contrast")


def run_of(steps: np.ndarray, ids: np.ndarray, **changes) -> dict:
    """Arguments of a run of these spikes, in steps of 0.1 ms."""
    order = np.argsort(steps, kind="stable")
    steps, ids = steps[order].astype(np.int64), ids[order].astype(np.int32)
    population = np.repeat(np.arange(SIZES.size), SIZES)[ids]
    cells = np.bincount(steps // 10 * SIZES.size + population, minlength=N_MS * SIZES.size)
    rng = np.random.default_rng(8)
    weights, shared = rng.random((N_REGIONS, N_REGIONS)), rng.random((N_REGIONS, N_REGIONS))
    return {
        "counts": cells.reshape(N_MS, SIZES.size).astype(np.uint16),
        "region_of_population": np.repeat(np.arange(N_REGIONS), 2),
        "is_excitatory": np.tile([True, False], N_REGIONS),
        "sizes": SIZES,
        "picked": np.arange(N_REGIONS),
        "dt": 0.1,
        "t_refrac": 0.0,
        "weights": weights + weights.T,
        "empirical_fc": (shared + shared.T) / 2,
        "transient_ms": TRANSIENT,
        "spikes": (steps, ids),
    } | changes


def poisson_run(seed: int) -> dict:
    """All neurons spike at 5 Hz by chance."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(N * 5.0 * N_MS / 1000)
    return run_of(rng.integers(0, N_MS * 10, n), rng.integers(0, N, n))


@pytest.fixture(scope="module")
def by_chance() -> dict:
    return poisson_run(1)


@pytest.fixture(scope="module")
def together() -> dict:
    """All neurons spike within 2 ms of common times, by chance 8 a second."""
    rng = np.random.default_rng(2)
    common = rng.uniform(30, N_MS - 30, 40)
    times = common[:, None] + rng.uniform(0, 2, (40, N))
    return run_of((times * 10).astype(np.int64).ravel(), np.tile(np.arange(N), 40))


@pytest.fixture(scope="module")
def scores_by_chance(by_chance):
    return evaluate(**by_chance)


@pytest.fixture(scope="module")
def scores_together(together):
    return evaluate(**together)


def test_everything_is_said_of_a_run_with_spikes(scores_by_chance):
    for name, score in scores_by_chance.items():
        if name == "fcd_ks":  # of BOLD alone
            assert "No measured change" in score.sentence
            continue
        assert score.value is not None, name
        assert score.n > 0
        assert score.low <= score.value <= score.high
        assert score.baseline is None or score.low <= score.baseline <= score.high


@pytest.fixture(scope="module")
def seeds() -> list[dict]:
    """Scores of the sample in eight runs by chance."""
    judged = [metric for metric in METRICS if metric.name in OF_SAMPLE]
    return [evaluate(**poisson_run(seed), metrics=judged) for seed in range(8)]


@pytest.mark.parametrize("name", OF_SAMPLE)
def test_trains_by_chance_score_as_their_baseline(seeds, name):
    # held against the spread from seed to seed: four standard errors of the mean of eight
    apart = np.array([scores[name].value - scores[name].baseline for scores in seeds])
    assert abs(apart.mean()) <= 4 * apart.std(ddof=1) / len(seeds) ** 0.5
    pairs = N_SAMPLE * (N_SAMPLE - 1) // 2
    assert {scores[name].n for scores in seeds} == {N_SAMPLE if name == "spike_contrast" else pairs}


@pytest.mark.parametrize("name", OF_SAMPLE)
def test_trains_that_spike_together_do_not(scores_together, name):
    score = scores_together[name]
    if "distance" in name:
        assert score.value < score.baseline - 0.1
        assert "less than" in score.sentence
    else:
        assert score.value > score.baseline + 0.3
        assert "more than" in score.sentence


def test_fano_factors_are_those_of_windows(by_chance, scores_by_chance, scores_together):
    score = scores_by_chance["count_fano"]
    assert score.baseline == pytest.approx(1 - 1 / 40)
    # 600 neurons, each factor with a standard deviation of sqrt(2 / 40)
    assert score.value == pytest.approx(score.baseline, abs=4 * (2 / 40 / 600) ** 0.5)
    assert "as much as those of a Poisson process" in score.sentence
    all_ms = by_chance["counts"][TRANSIENT:].sum(axis=1, dtype=int)
    of_all = fano_factor(all_ms.reshape(-1, 5).sum(axis=1)[:, None])[0]
    assert scores_by_chance["population_fano"].value == pytest.approx(of_all, rel=1e-12)
    assert scores_together["population_fano"].value > 100


def test_lvr_of_chance_is_chance(scores_by_chance):
    # 600 neurons with some 18 pairs of intervals each; one pair has a standard deviation of about 1
    score = scores_by_chance["lvr_isi"]
    assert score.n > 590
    assert score.value == pytest.approx(score.baseline, abs=4 * (1 / 600 / 18) ** 0.5 + 0.01)


def test_agreement_is_of_values_beside_the_best_of_the_wiring(by_chance, scores_by_chance):
    binned = by_chance["counts"][TRANSIENT:].reshape(40, 100, N_REGIONS, 2).sum(axis=(1, 3))
    fc = rate_fc(binned)
    a, b = known_pairs(fc, by_chance["empirical_fc"])
    assert scores_by_chance["fc_ccc"].value == pytest.approx(concordance(a, b), abs=1e-12)
    assert scores_by_chance["fc_rmse"].value == pytest.approx(root_mean_square(a, b), abs=1e-12)
    r, _ = structure_baseline(by_chance["weights"], by_chance["empirical_fc"], log=True)
    rows = np.triu_indices(N_REGIONS, k=1)
    wiring = np.log1p(by_chance["weights"])[rows]
    line = np.polyval(np.polyfit(wiring, b, 1), wiring)
    assert scores_by_chance["fc_rmse"].baseline == pytest.approx(root_mean_square(line, b), abs=1e-9)
    scaled = b.mean() + b.std() * (wiring - wiring.mean()) / wiring.std()
    assert scores_by_chance["fc_ccc"].baseline == pytest.approx(concordance(scaled, b), abs=1e-9)
    assert scores_by_chance["fc_ccc"].baseline == pytest.approx(r, abs=1e-12)
    halves = known_pairs(rate_fc(binned[:20]), rate_fc(binned[20:]))
    assert scores_by_chance["fc_ccc"].ceiling == pytest.approx(concordance(*halves), abs=1e-12)
    assert scores_by_chance["fc_halves"].value == pytest.approx(np.corrcoef(*halves)[0, 1], abs=1e-9)


def test_regions_in_common_phase_are_told_from_surrogates(by_chance):
    t = np.arange(N_MS)
    wave = 3 + 2 * np.sin(2 * np.pi * t[:, None] / 500 + np.linspace(0, 0.6, N_REGIONS))
    counts = np.random.default_rng(3).poisson(np.repeat(wave, 2, axis=1)).astype(np.uint16)
    score = evaluate(**by_chance | {"counts": counts})["phase_order"]
    assert score.value > 0.8
    assert "more than" in score.sentence
    assert score.n == N_REGIONS


def test_what_is_shown_live_is_what_the_finished_run_shows(by_chance, scores_by_chance):
    live = [metric for metric in METRICS if metric.live]
    steps, ids = by_chance["spikes"]
    statistics = IntervalStatistics(N, TRANSIENT * 10)
    for cut in np.array_split(np.arange(steps.size), 37):
        statistics.add(steps[cut], ids[cut])
    shown = evaluate(**by_chance | {"spikes": None, "intervals": statistics}, metrics=live)
    assert shown == {metric.name: scores_by_chance[metric.name] for metric in live}
    assert {metric.name for metric in METRICS if metric.in_panel} <= set(shown)


@pytest.mark.parametrize(
    ("changes", "name", "reason"),
    [
        ({"spikes": None}, "count_fano", "No spike times"),
        ({"spikes": None}, "spike_sync", "No spike times"),
        ({"spikes": None}, "lvr_isi", "No spike times"),
        ({"spikes": (np.zeros(0, int), np.zeros(0, int))}, "isi_distance", "Too few spikes"),
        ({"spikes": (np.zeros(0, int), np.zeros(0, int))}, "count_fano", "Too few spikes"),
        ({"transient_ms": 4600}, "count_fano", "Too short"),
        ({"transient_ms": 4000}, "fcd_spread", "Too short: 3,000 ms"),
        ({"measured_fcd": shipped_fcd("dk84")}, "fcd_ks", "Runs of 5 minutes and more have BOLD"),
        ({"transient_ms": 4600}, "metastability", "Too short: 1,000 ms"),
        ({"picked": [0, 1, 2]}, "phase_order", "Too few regions"),
        ({"picked": [0, 1, 2]}, "fc_halves", "Too few regions"),
        ({"empirical_fc": None}, "fc_ccc", "No measured functional connectivity"),
        ({"counts": np.zeros((N_MS, SIZES.size), np.uint16)}, "population_fano", "Nobody spikes"),
        ({"counts": np.zeros((N_MS, SIZES.size), np.uint16)}, "fc_rmse", "Too few regions"),
    ],
)
def test_without_a_value_there_is_a_reason(by_chance, changes, name, reason):
    score = evaluate(**by_chance | changes)[name]
    assert (score.value, score.n) == (None, 0)
    assert reason in score.sentence


def test_change_of_connectivity_over_time_is_near_its_own_histogram_and_chance_is_not():
    rng, n, seconds = np.random.default_rng(3), 6, 420
    states = rng.normal(size=(4, n)).repeat(seconds // 4, axis=0)  # which regions go together changes
    rates = np.exp(0.6 * states * np.cumsum(rng.normal(size=(len(states), 1)), axis=0) / 8.0)
    counts = rng.poisson(rates.clip(0.1, 8.0).repeat(1000, axis=0)).astype(np.uint16)
    run = {
        "counts": counts,
        "region_of_population": np.arange(n),
        "is_excitatory": np.ones(n, bool),
        "sizes": np.full(n, 100),
        "picked": np.arange(n),
        "dt": 0.1,
        "t_refrac": 2.0,
        "transient_ms": 20_000.0,
    }
    found = bold_fcd(evidence_of(**run).fc_signal)
    edges = np.linspace(-1, 1, 201)
    own = FcdHistogram(edges, np.histogram(found, edges)[0].astype(float), "its own")
    score = evaluate(**run, measured_fcd=own)["fcd_ks"]
    assert score.value < 0.05
    assert score.value < score.baseline
    assert "nearer than" in score.sentence
    assert "not stated" in score.sentence
    assert score.n == found.size > 100
