"""Spectra, the spread of rates and calcium events as scores: what is put in is found, chance is chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import linregress

from engine.fit import evaluate, evidence_of, spectral_exponent
from engine.fit.metrics.calcium import CALCIUM_EVENTS
from engine.fit.metrics.spectrum import PEAK_POWER, SPECTRAL_EXPONENT, SPECTRUM_PEAK, Spectrum, spectrum_of
from engine.fit.metrics.spread_of_rates import SPREAD_OF_RATES, rates_of_halves

N_MS, N, TRANSIENT = 9000, 400, 1000
SIZES = np.array([320, 80])
SPECTRAL = (SPECTRUM_PEAK, PEAK_POWER, SPECTRAL_EXPONENT)


def run_of(ms: np.ndarray, ids: np.ndarray, **changes) -> dict:
    """Arguments of a run of one region, in steps of 1 ms."""
    order = np.argsort(ms, kind="stable")
    ms, ids = ms[order].astype(np.int64), ids[order].astype(np.int32)
    cells = np.bincount(ms * 2 + (ids >= SIZES[0]), minlength=N_MS * 2)
    return {
        "counts": cells.reshape(N_MS, 2).astype(np.uint16),
        "region_of_population": np.zeros(2, int),
        "is_excitatory": np.array([True, False]),
        "sizes": SIZES,
        "picked": [0],
        "dt": 1.0,
        "t_refrac": 0.0,
        "transient_ms": TRANSIENT,
        "spikes": (ms, ids),
    } | changes


def fluctuating(seed: int, rate_hz: np.ndarray) -> dict:
    """All neurons spike by chance at one rate, (N_MS,), over time."""
    rng = np.random.default_rng(seed)
    spikes = rng.poisson(np.broadcast_to(rate_hz, N_MS) * N / 1000.0)
    return run_of(np.repeat(np.arange(N_MS), spikes), rng.integers(0, N, spikes.sum()))


def with_rates(seed: int, rates_hz: np.ndarray) -> dict:
    """Each neuron spikes by chance at its own rate, (N,)."""
    rng = np.random.default_rng(seed)
    spikes = rng.poisson(rates_hz * N_MS / 1000.0)
    return run_of(rng.integers(0, N_MS, spikes.sum()), np.repeat(np.arange(N), spikes))


def scores(run: dict, metrics) -> dict:
    return evaluate(**run, metrics=metrics)


@pytest.mark.parametrize("hz", [8.0, 40.0])
def test_a_rhythm_is_found_at_its_frequency(hz):
    wave = 5.0 * (1.0 + 0.8 * np.sin(2 * np.pi * hz * np.arange(N_MS) / 1000.0))
    found = scores(fluctuating(1, wave), SPECTRAL)
    assert found["spectrum_peak"].value == hz
    assert found["spectrum_peak"].n == found["peak_power"].n == 15
    assert "times the power of Poisson firing" in found["spectrum_peak"].sentence
    # a wave of amplitude a adds a^2/3 to the density at its frequency, for Hann windows of 1 s
    a, by_chance = 0.8 * 5.0 * N, 2 * 5.0 * N
    assert found["peak_power"].value == pytest.approx(1 + a * a / 3 / by_chance, rel=0.1)
    assert "more than" in found["peak_power"].sentence


def test_poisson_firing_is_flat_and_has_no_peak():
    spectra = [spectrum_of(evidence_of(**fluctuating(seed, np.array(5.0)))) for seed in range(24)]
    power = np.array([s.power.mean() for s in spectra if isinstance(s, Spectrum)])
    assert abs(power.mean() - 1.0) <= 4 * power.std(ddof=1) / len(power) ** 0.5
    found = [scores(fluctuating(seed, np.array(5.0)), SPECTRAL) for seed in range(24)]
    exponents = np.array([f["spectral_exponent"].value for f in found])
    assert abs(exponents.mean()) <= 4 * exponents.std(ddof=1) / len(found) ** 0.5
    # one in twenty is said to stand out; seven of 24 are so by chance once in 5,000
    assert sum("more than" in f["peak_power"].sentence for f in found) < 7
    highest, expected = (
        np.array([getattr(f["peak_power"], k) for f in found]) for k in ("value", "baseline")
    )
    assert abs(np.median(highest) - expected[0]) <= 4 * highest.std(ddof=1) / len(found) ** 0.5


def test_slow_fluctuations_fall_with_frequency():
    rng = np.random.default_rng(5)
    walk = np.convolve(rng.standard_normal(N_MS), np.exp(-np.arange(500) / 100.0), "same")
    found = scores(fluctuating(6, np.maximum(0.0, 20.0 + 2.0 * walk)), SPECTRAL)
    assert found["spectral_exponent"].value > 0.2
    assert "falls with frequency" in found["spectral_exponent"].sentence
    assert found["spectral_exponent"].baseline == 0.0


def test_the_exponent_is_scipys_slope():
    f = np.arange(2.0, 101.0)
    power = f**-1.3 * np.random.default_rng(7).gamma(9.0, size=f.size)
    exponent, per_db = spectral_exponent(f, power)
    line = linregress(np.log10(f), np.log10(power))
    assert exponent == pytest.approx(-line.slope, abs=1e-12)
    scatter_db = 10 * np.std(np.log10(power) - line.intercept - line.slope * np.log10(f)) * (99 / 97) ** 0.5
    assert per_db * scatter_db == pytest.approx(line.stderr, rel=1e-9)
    power[3] = 0.0
    assert spectral_exponent(f, power)[0] == pytest.approx(
        -linregress(np.delete(np.log10(f), 3), np.log10(np.delete(power, 3))).slope, abs=1e-12
    )
    assert np.isnan(spectral_exponent(f[:2], power[:2])[0])


def test_rates_of_halves_are_counted_spikes():
    run = with_rates(1, np.random.default_rng(2).lognormal(1.0, 1.0, N))
    first, second = rates_of_halves(evidence_of(**run))
    ms, ids = run["spikes"]
    for rates, begin in ((first, 1000), (second, 5000)):
        inside = ids[(ms >= begin) & (ms < begin + 4000)]
        assert (4 * rates).tolist() == np.bincount(inside, minlength=N)[: SIZES[0]].tolist()


def test_neurons_all_alike_are_their_baseline_and_unlike_ones_are_not():
    alike = [scores(with_rates(seed, np.full(N, 5.0)), SPREAD_OF_RATES) for seed in range(16)]
    for name in ("rate_ks", "rate_wasserstein"):
        for mark in ("baseline", "ceiling"):
            apart = np.array([s[name].value - getattr(s[name], mark) for s in alike])
            # recounting counts the scatter of the counts once more, so the ceiling may lie above
            low = -np.inf if mark == "ceiling" else -4 * apart.std(ddof=1) / 4
            assert low <= apart.mean() <= 4 * apart.std(ddof=1) / 4
    unlike = scores(with_rates(3, np.random.default_rng(4).lognormal(1.0, 1.0, N)), SPREAD_OF_RATES)
    for score in unlike.values():
        assert score.n == SIZES[0]
        assert score.value < 0.3 * score.baseline
        assert score.ceiling < 0.3 * score.baseline
    moving = with_rates(3, np.full(N, 5.0))
    ms, ids = moving["spikes"]
    faster = scores(
        run_of(ms[(ms > 5000) | (ids % 2 == 0)], ids[(ms > 5000) | (ids % 2 == 0)]), SPREAD_OF_RATES
    )
    assert faster["rate_ks"].value > 0.4  # half the neurons are silent in the first half
    assert faster["rate_wasserstein"].value == pytest.approx(2.5, abs=0.3)


def test_a_burst_is_one_calcium_event():
    bursts = np.arange(500, N_MS, 1000)[:, None] + np.arange(0, 50, 10)
    ms = np.tile(bursts.ravel(), N)
    run = run_of(ms, np.repeat(np.arange(N), bursts.size))
    score = scores(run, [CALCIUM_EVENTS])["calcium_events"]
    # noise breaks about one fading burst in a hundred into two
    assert 60.0 <= score.value < 63.0
    assert score.ceiling == pytest.approx(300.0)
    assert 0.0 <= score.baseline < 1.0
    assert score.n == 200


def test_calcium_of_the_transient_counts_for_nothing():
    # a burst just before the end of the transient is seen, but has begun before
    early = np.tile(np.arange(900, 950, 10), N)
    score = scores(run_of(early, np.repeat(np.arange(N), 5)), [CALCIUM_EVENTS])["calcium_events"]
    assert score.ceiling == 0.0
    assert score.value < 0.5


@pytest.mark.parametrize(
    ("metric", "changes", "reason"),
    [
        (SPECTRUM_PEAK, {"transient_ms": 7001}, "Too short: 2,000 ms after the transient are needed"),
        (PEAK_POWER, {"counts": np.zeros((N_MS, 2), np.uint16)}, "Nobody spikes"),
        (SPECTRAL_EXPONENT, {"counts": np.full((N_MS, 2), 3, np.uint16)}, "no power at any frequency"),
        (SPREAD_OF_RATES[0], {"spikes": None}, "No spike times"),
        (SPREAD_OF_RATES[1], {"transient_ms": 8500}, "Too short: 1,000 ms"),
        (SPREAD_OF_RATES[0], {"is_excitatory": np.zeros(2, bool)}, "no excitatory neurons"),
        (SPREAD_OF_RATES[0], {"spikes": (np.zeros(0, int), np.zeros(0, int))}, "silent"),
        (CALCIUM_EVENTS, {"spikes": None}, "No spike times"),
        (CALCIUM_EVENTS, {"transient_ms": 8000}, "Too short: 2,000 ms"),
        (CALCIUM_EVENTS, {"is_excitatory": np.zeros(2, bool)}, "no excitatory neurons"),
    ],
)
def test_without_a_value_there_is_a_reason(metric, changes, reason):
    score = scores(fluctuating(1, np.array(5.0)) | changes, [metric])[metric.name]
    assert (score.value, score.n, score.baseline, score.ceiling) == (None, 0, None, None)
    assert reason in score.sentence
