"""BOLD: chunks, samples, states and the range in which flow goes on."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import DataError, ParameterError, SimulationError
from engine.fit.forward import BALLOONS, Bold

N_REGIONS = 3
RATES = np.random.default_rng(5).poisson(0.4, (4000, N_REGIONS)) * 12.5


def fed(model: Bold, rates: np.ndarray, *lengths: int) -> np.ndarray:
    """Samples of a model that gets its input in chunks of some lengths, over and over."""
    out, at, k = [], 0, 0
    while at < len(rates):
        out.append(model.advance(rates[at : at + lengths[k % len(lengths)]]))
        at += lengths[k % len(lengths)]
        k += 1
    return np.concatenate(out)


@pytest.mark.parametrize("balloon", BALLOONS.names)
@pytest.mark.parametrize("lengths", [(1,), (7, 64, 3), (999,)])
def test_chunks_do_not_matter(balloon, lengths):
    whole, pieces = Bold(balloon, N_REGIONS), Bold(balloon, N_REGIONS)
    assert np.array_equal(fed(whole, RATES, 4000), fed(pieces, RATES, *lengths))
    assert np.array_equal(whole.now, pieces.now)


def test_samples_are_what_now_was_every_tr():
    model = Bold("friston2003", N_REGIONS, tr=500.0)
    samples, live = [], []
    for start in range(0, 4000, 500):
        samples.append(model.advance(RATES[start : start + 500]))
        live.append(model.now)
    assert np.array_equal(np.concatenate(samples), live)
    assert model.time_ms == 4000


def test_regions_do_not_know_of_each_other():
    one = fed(Bold("friston2003", 1), RATES[:, 1:2], 4000)
    assert np.array_equal(fed(Bold("friston2003", N_REGIONS), RATES, 4000)[:, 1:2], one)


def test_gain_and_baseline_make_the_input():
    by_gain = Bold("friston2003", N_REGIONS, gain=0.02, baseline_hz=4.0).advance(RATES)
    by_hand = Bold("friston2003", N_REGIONS, gain=1.0).advance(0.02 * (RATES - 4.0))
    np.testing.assert_allclose(by_gain, by_hand, rtol=0, atol=1e-15)


def test_a_state_is_gone_back_to():
    model, other = Bold("friston2003", N_REGIONS), Bold("friston2003", N_REGIONS)
    model.advance(RATES[:1234])
    kept = model.state()
    expected = model.advance(RATES[1234:])
    other.restore(kept)
    other.advance(RATES[:50])
    other.restore(kept)
    assert np.array_equal(other.advance(RATES[1234:]), expected)
    with pytest.raises(DataError, match="must be of 2 regions"):
        Bold("friston2003", 2).restore(kept)


@pytest.mark.parametrize("balloon", BALLOONS)
def test_flow_goes_on_up_to_the_highest_input_and_stops_beyond(balloon):
    """The worst course up to a moment: input on while what it does there is negative."""
    half_wave = np.pi / np.sqrt(balloon.gamma - balloon.kappa**2 / 4)
    n = round(1000 * half_wave)
    course = np.tile(np.concatenate([np.ones(n), np.zeros(n)]), 6)[:, None]
    safe, unsafe = (Bold(balloon, 1, dt=1.0, gain=1.0) for _ in range(2))
    safe.advance(0.97 * balloon.max_input * course)
    assert 0 < safe.flow[0] < 0.1
    with pytest.raises(SimulationError, match="keep blood flow above 0"):
        unsafe.advance(1.03 * balloon.max_input * course)


def test_a_refused_input_changes_nothing():
    model, other = Bold("friston2003", N_REGIONS), Bold("friston2003", N_REGIONS)
    model.advance(RATES[:700])
    other.advance(RATES[:700])
    for refused in (np.full((2000, N_REGIONS), -100.0), np.full((50, N_REGIONS), np.nan)):
        with pytest.raises(SimulationError, match="region 0 without flow"):
            model.advance(refused)
    with pytest.raises(DataError, match=r"must be \(n_rows, 3\)"):
        model.advance(RATES[:, :2])
    assert np.array_equal(model.advance(RATES[700:]), other.advance(RATES[700:]))


def test_means_of_10_ms_stay_close_to_steps_of_1_ms():
    """A step of 10 ms sees its input 4.5 ms late on average, which moves what is slow by little."""
    rates = np.random.default_rng(9).poisson(0.3, (120_000, 20)) * 12.5
    fine, coarse = (Bold("friston2003", 20, dt=dt).advance(rates)[30:] for dt in (1.0, 10.0))
    assert np.abs(fine - coarse).max() < 0.03 * fine.std(axis=0).mean()
    assert np.abs(np.corrcoef(fine.T) - np.corrcoef(coarse.T)).max() < 0.005


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ({"dt": 0.0}, "Bold.dt: must be above 0"),
        ({"dt": 200.0}, "at most 100 ms"),
        ({"dt": 1.5}, "Bold.dt: must be a whole number of input_dt of 1 ms"),
        ({"tr": 725.0}, "Bold.tr: must be a whole number of dt of 10 ms"),
    ],
)
def test_times_that_do_not_fit_are_refused(times, said):
    with pytest.raises(ParameterError, match=said):
        Bold("friston2003", 1, **times)


def test_an_unknown_balloon_is_refused():
    with pytest.raises(ParameterError, match=r"bold.balloon: .*Did you mean 'friston2003'"):
        Bold("friston", 1)
