"""The tuner: towards the target, the same bits again, back from what runs away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import DataError, ParameterError, Scenario, load_connectome
from engine.fit.functional_connectivity import fc_correlation, rate_fc
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import keep_tuning
from engine.tuning import FCTuner, TuningRule, judge
from engine.tuning.judgement import corrected_for_halves
from engine.tuning.running_brain import RunningBrain
from engine.tuning.streaming import StreamingFC
from engine.tuning.tuner import checked_target

FOUR = load_connectome("four_regions")
N = FOUR.n_regions
LABELS = FOUR.labels
SMALL = Scenario(connectome="four_regions", dt=0.5).with_values(
    {
        "network.neurons_per_region": 50,
        "network.in_degree": 40,
        "network.connectome_weights": "log",
        "network.parameters.g_ampa": 1.0,
        "network.parameters.g_nmda": 0.5,
    }
)
RULE = TuningRule(quiet_s=4.0, first_window_s=20.0, rate=1.0)


def target():
    fc = np.array([[1, 0.6, 0.1, -0.1], [0.6, 1, 0.0, 0.2], [0.1, 0.0, 1, 0.5], [-0.1, 0.2, 0.5, 1]])
    return fc[:N, :N]


def test_a_streaming_estimate_begins_as_the_plain_one_and_then_forgets():
    rng = np.random.default_rng(3)
    mixed = rng.standard_normal((400, 3)) @ rng.standard_normal((3, 3))
    stream = StreamingFC(3)
    for row in mixed:
        stream.add(row, window=1e12)
    np.testing.assert_allclose(stream.fc(), rate_fc(mixed), atol=1e-12)
    for row in rng.standard_normal((4000, 3)):
        stream.add(row, window=400.0)
    assert np.abs(stream.fc() - np.eye(3)).max() < 5 / np.sqrt(400)


def test_a_region_that_never_changes_has_no_correlation():
    stream = StreamingFC(2)
    for k in range(10):
        stream.add(np.array([1.0, float(k)]), 5.0)
    np.testing.assert_array_equal(stream.fc(), np.eye(2))


def test_the_step_follows_the_error_of_fitted_pairs_alone():
    fitted = np.ones((N, N), bool)
    fitted[0, 1] = fitted[1, 0] = False
    np.fill_diagonal(fitted, False)
    error = np.full((N, N), 0.2)
    error[2, 3] = -0.4
    step = TuningRule(rate=0.5, start_factor=2.0).step(error, fitted)
    assert step[0, 1] == step[1, 0] == 0.0
    assert not step.diagonal().any()
    rmse = np.sqrt((2 * 0.2**2 + 0.4**2) / 3)
    assert step[2, 3] == pytest.approx(-0.5 * 0.4 * rmse * 2.0)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.slow
def test_a_tuning_goes_on_from_a_state_to_the_same_bits(threads):
    whole = FCTuner(SMALL, FOUR, target(), rule=RULE)
    for _ in range(8):
        last = whole.advance()
    first = FCTuner(SMALL, FOUR, target(), rule=RULE, threads=threads)
    for _ in range(4):
        first.advance()
    second = FCTuner(SMALL, FOUR, target(), rule=RULE)
    second.restore(first.state())
    for _ in range(4):
        step = second.advance()
    assert step == last
    assert second.tuning("a") == whole.tuning("a")
    assert whole.tuning("a") != FCTuner(SMALL, FOUR, target(), rule=RULE).tuning("a")


def test_factors_move_towards_the_target():
    fitted = np.zeros((N, N), bool)
    fitted[0, 1] = fitted[1, 0] = True
    tuner = FCTuner(SMALL, FOUR, target(), pairs=fitted, rule=RULE)
    before = tuner.onto_excitatory.copy(), tuner.onto_inhibitory.copy()
    for _ in range(5):
        tuner.advance()
    error = target() - tuner.fc
    moved = tuner.onto_excitatory - before[0]
    assert np.sign(moved[0, 1]) == np.sign(error[0, 1]) != 0
    np.testing.assert_allclose(tuner.onto_inhibitory - before[1], -moved, atol=1e-9)
    moved[0, 1] = moved[1, 0] = 0.0
    assert not moved.any()


def test_what_runs_away_is_caught_stepped_back_and_said():
    one = np.full((N, N), 6.0)
    wild = Tuning("wild", LABELS, one, one, np.full(N, 0.5), np.full(N, 60.0))
    held_fast = {"network.settling.gain": 0.0, "network.settling.floor": 0.0}
    scenario = SMALL.with_values({"network.tuning": keep_tuning(wild), **held_fast})
    tuner = FCTuner(scenario, FOUR, target(), rule=replace(RULE, interval_ms=100, bin_ms=100))
    steps = [tuner.advance() for _ in range(14)]
    said = [step.said for step in steps if step.said]
    assert tuner.unstable_steps == len(said) > 0
    assert "ran away" in said[0]
    assert "1.5 times the local inhibition" in said[0]
    assert tuner.inhibition.max() > 0.5
    assert tuner.tuning("t").provenance["unstable_steps"] == tuner.unstable_steps


@pytest.mark.slow
def test_judging_does_not_depend_on_the_tuner_s_noise_and_gives_its_halves():
    tuner = FCTuner(SMALL, FOUR, target(), rule=RULE)
    for _ in range(4):
        tuner.advance()
    scenario = SMALL.with_values({"network.tuning": keep_tuning(tuner.tuning("t")), "network.wiring_seed": 1})
    one, again, other = (judge(scenario, FOUR, target(), seed=s, minutes=1.0) for s in (11, 11, 12))
    assert one.r == again.r != other.r
    assert one.n_pairs == N * (N - 1) // 2
    assert one.r == pytest.approx(fc_correlation(one.fc, target())[0])
    assert one.rates_hz.shape == (N,)
    assert one.max_1s_hz >= one.rates_hz.max()
    assert np.isnan(one.score(target(), np.eye(N, dtype=bool)))


@pytest.mark.slow
def test_a_settling_is_part_of_what_is_judged():
    loud = SMALL.with_values(
        {
            "network.tuning": keep_tuning(Tuning.neutral(LABELS, 1.0, 1.15)),
            "network.parameters.ou_mean": 470.0,
            "network.settling.interval": 500.0,
            "network.settling.gain": 0.1,
        }
    )
    settled = loud.with_values({"network.settling.duration": 20_000.0})
    free, held = (judge(s, FOUR, target(), seed=5, minutes=1.0) for s in (loud, settled))
    assert np.abs(held.rates_hz - 4.0).max() < 0.5 * np.abs(free.rates_hz - 4.0).max()


def test_halves_tell_what_an_endless_run_would_reach():
    assert corrected_for_halves(0.6, 1.0) == pytest.approx(0.6)
    assert corrected_for_halves(0.6, 0.5) == pytest.approx(0.6 / np.sqrt(2 / 3))
    assert np.isnan(corrected_for_halves(0.6, -0.1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda fc: fc[:2], "must be 4 x 4"),
        (lambda fc: fc + np.triu(np.full((N, N), 0.1), 1), "must be symmetric"),
        (lambda fc: 3 * fc, "must be correlations"),
        (lambda fc: np.where(np.arange(N) < 2, fc, np.nan) * 1.0, "must"),
        (lambda fc: np.full((N, N), 0.3), "must differ between pairs"),
    ],
)
def test_a_target_that_is_none_is_refused(change, said):
    with pytest.raises(DataError, match=f"target: {said}"):
        checked_target(change(target()), N)


def test_what_cannot_be_tuned_is_refused():
    with pytest.raises(ParameterError, match="must have tracts"):
        RunningBrain(Scenario().with_values({"network.recipe": "microcircuit"}), load_connectome("dk84"))
    with pytest.raises(DataError, match="brings no measured connectivity"):
        FCTuner(SMALL, FOUR)
    with pytest.raises(ParameterError, match="whole number of bins"):
        TuningRule(bin_ms=300)
    with pytest.raises(ParameterError, match="at least 1"):
        judge(SMALL, FOUR, target(), seed=1, minutes=0.5)
