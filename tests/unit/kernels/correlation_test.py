"""The analog chip's correlation sensors and its processor's integers: closed forms and bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.backends.analog.processor import int8, multiply_fraction, reward_change, stdp_change, update_ms
from engine.backends.analog.sensor import HIGHEST, LOWEST, draw_sensors, read_sensor
from engine.kernels.correlation import FULL, LastSpikes, Sensors, correlation_arrive, correlation_fire
from engine.kernels.projection import ProjectionRows
from engine.model.learning.chip_rule import ChipRule
from engine.scenario.hardware import AnalogSettings


class Synapse:
    """One synapse between one source and one target, with its two stores."""

    def __init__(self, amplitude: float = 0.5, tau: float = 5.0):
        self.amplitude = np.array([amplitude], np.float32)
        self.tau = np.array([tau], np.float32)
        self.plus, self.minus = np.zeros(1, np.float32), np.zeros(1, np.float32)
        self.n_plus, self.n_minus = np.zeros(1, np.int32), np.zeros(1, np.int32)
        self.pre, self.post = np.full(1, -1e12), np.full(1, -1e12)
        self.inbox = np.zeros(1, np.int32)
        self.last = LastSpikes(self.pre, self.post, np.zeros(1, np.int64))
        one, first, ends = np.zeros(1, np.int64), np.zeros(1, np.int32), np.array([0, 1])
        self.rows = ProjectionRows(ends, first, ends, one, first, first, first)

    def arrive(self, time: float) -> None:
        sensors = Sensors(self.amplitude, self.tau, self.minus, self.n_minus)
        strength = np.full(1, 7, np.int32)
        correlation_arrive(np.zeros(1, np.int64), time, self.rows, strength, self.last, sensors, self.inbox)

    def fire(self, time: float) -> None:
        first, sensors = np.zeros(1, np.int32), Sensors(self.amplitude, self.tau, self.plus, self.n_plus)
        correlation_fire(first, first, time - 0.1, 0.1, self.rows, self.last, sensors)

    def play(self, arrivals, spikes) -> tuple[float, float]:
        """Both stores after these times, a target's spike before an arrival at the same time."""
        events = [(t, 1) for t in arrivals] + [(t, 0) for t in spikes]
        for time, is_arrival in sorted(events):
            (self.arrive if is_arrival else self.fire)(float(time))
        return float(self.plus[0]), float(self.minus[0])


def pairs(arrivals, spikes, tau: float) -> tuple[float, float]:
    """Nearest-neighbour sums by definition: each spike pairs with the last one before it, once."""
    causal = anticausal = 0.0
    for t in spikes:
        since = max((s for s in spikes if s < t), default=-math.inf)
        before = [a for a in arrivals if since <= a < t]
        causal += math.exp((before[-1] - t) / tau) if before else 0.0
    for a in arrivals:
        since = max((b for b in arrivals if b < a), default=-math.inf)
        before = [t for t in spikes if since < t <= a]
        anticausal += math.exp((before[-1] - a) / tau) if before else 0.0
    return causal, anticausal


@pytest.mark.parametrize("gap", [0.5, 3.0, 5.0, 20.0])
def test_one_pair_adds_its_exponential_to_one_store(gap):
    causal, anticausal = Synapse(0.5, 5.0).play([100.0], [100.0 + gap])
    assert causal == pytest.approx(0.5 * math.exp(-gap / 5.0), rel=1e-6)
    assert anticausal == 0.0
    causal, anticausal = Synapse(0.5, 5.0).play([100.0 + gap], [100.0])
    assert causal == 0.0
    assert anticausal == pytest.approx(0.5 * math.exp(-gap / 5.0), rel=1e-6)


def test_an_arrival_hands_over_its_weight():
    synapse = Synapse()
    synapse.play([1.0, 2.0, 3.0], [])
    assert synapse.inbox[0] == 21


def test_only_the_nearest_neighbours_pair_and_each_once():
    # Two arrivals before a spike: the later one counts. A second spike without an arrival: nothing.
    causal, anticausal = Synapse(1.0, 5.0).play([10.0, 12.0], [13.0, 14.0])
    assert causal == pytest.approx(math.exp(-1 / 5), rel=1e-6)
    assert anticausal == 0.0
    # Two spikes before an arrival: the later one counts, once.
    causal, anticausal = Synapse(1.0, 5.0).play([12.0, 13.0], [10.0, 11.0])
    assert causal == 0.0
    assert anticausal == pytest.approx(math.exp(-1 / 5), rel=1e-6)


def test_random_trains_match_the_definition():
    random = np.random.default_rng(5)
    for _ in range(20):
        arrivals = sorted(random.choice(400, 30, replace=False).tolist())
        spikes = sorted((random.choice(4000, 30, replace=False) / 10.0).tolist())
        synapse = Synapse(0.5, 7.0)
        expected = 0.5 * np.array(pairs(arrivals, spikes, 7.0))
        assert np.allclose(synapse.play(arrivals, spikes), expected, rtol=1e-5)
        assert 0 < synapse.n_plus[0] <= synapse.last.counts[0] == 30


def test_fewer_than_16_pairs_are_invisible_and_320_saturate():
    def reading(n: int) -> int:
        synapse = Synapse(0.5, 5.0)
        for k in range(n):  # pairs 1 us apart: coinciding, next to a time constant of 5 ms
            synapse.play([100.0 * k], [100.0 * k + 0.001])
        return int(read_sensor(synapse.plus)[0])

    assert reading(15) == 0
    assert reading(17) == LOWEST
    assert reading(310) == 154
    assert reading(321) == reading(500) == HIGHEST
    assert Synapse(2.0).play(range(0, 4000, 10), [t + 0.001 for t in range(0, 4000, 10)])[0] == FULL


def test_products_are_int8_fractions_truncated_towards_zero():
    numbers = np.arange(-128, 128)
    a, b = np.meshgrid(numbers, numbers)
    exact = np.trunc(a * b / 128.0)
    assert np.array_equal(multiply_fraction(a, b), np.clip(exact, -128, 127))
    assert multiply_fraction(-128, -128) == 127
    assert multiply_fraction(-1, 127) == multiply_fraction(1, 127) == 0
    assert np.array_equal(int8(np.array([-300, -5, 300])), [-128, -5, 127])


def test_changes_are_exact():
    # (80 - 10) halved readings, a quarter of them; towards zero on both sides.
    assert stdp_change(32, np.array([160]), np.array([20])) == 17
    assert stdp_change(32, np.array([20]), np.array([160])) == -17
    assert stdp_change(127, np.array([0]), np.array([0])) == 0
    # Half the rate, reward 64/128 better than usual: 0.5 * 0.5 * 80.
    assert reward_change(64, 64, 0, np.array([160])) == 20
    assert reward_change(64, 0, 64, np.array([160])) == -20
    assert reward_change(64, 40, 40, np.array([160])) == 0
    # Reward steps that the int8 cannot hold are lost, as on the chip.
    assert reward_change(8, 50, 40, np.array([160])) == 0


def test_sensors_differ_within_the_bounds_of_their_calibration():
    rule = ChipRule()
    sensors = draw_sensors(rule, AnalogSettings(chip_seed=7), 20_000, 0)
    alive = sensors.amplitude_plus > 0
    assert abs(sensors.n_dead / 20_000 - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 20_000)
    for values, target in (
        (sensors.amplitude_plus, rule.amplitude_lsb),
        (sensors.amplitude_minus, rule.amplitude_lsb),
        (sensors.tau_plus, rule.tau),
        (sensors.tau_minus, rule.tau),
    ):
        low, high = np.percentile(values, [30, 70])
        assert target / 2 < low < target < high < 2 * target
        assert np.std(np.log(values[alive])) == pytest.approx(0.5, rel=0.02)
    r = np.corrcoef(np.log(sensors.amplitude_plus[alive]), np.log(sensors.amplitude_minus[alive]))
    assert abs(r[0, 1]) < 4 / math.sqrt(alive.sum())


def test_more_than_four_in_five_synapses_tell_the_right_order():
    rule = ChipRule()
    sensors = draw_sensors(rule, AnalogSettings(chip_seed=3), 5_000, 0)
    n, gap, period = 100, 2.0, 20.0  # a target's spike 2 ms after each arrival, every 20 ms
    plus = n * sensors.amplitude_plus * np.exp(-gap / sensors.tau_plus)
    minus = n * sensors.amplitude_minus * np.exp(-(period - gap) / sensors.tau_minus)
    causal, anticausal = read_sensor(np.minimum(plus, FULL)), read_sensor(np.minimum(minus, FULL))
    right = np.mean(causal > anticausal)
    assert 0.8 < right < 0.97
    both = (causal > 0) & (causal < HIGHEST)
    assert np.percentile(causal[both], 90) > 2 * np.percentile(causal[both], 10)


def test_every_chip_and_projection_has_sensors_of_its_own():
    draws = [draw_sensors(ChipRule(), AnalogSettings(chip_seed=s), 50, k)[0] for s in (1, 2) for k in (0, 1)]
    assert len({d.tobytes() for d in draws}) == 4
    again = draw_sensors(ChipRule(), AnalogSettings(chip_seed=1), 50, 0)[0]
    assert np.array_equal(draws[0], again)
    for mode in ("ideal", "quantised"):
        sensors = draw_sensors(ChipRule(), AnalogSettings(mode=mode), 50, 0)
        assert np.all(sensors.amplitude_plus == np.float32(0.5))
        assert sensors.n_dead == 0


def test_an_update_takes_what_the_published_one_took():
    assert update_ms(100, 100) == 3500.0
    assert update_ms(100, 128) == 3500.0
    assert update_ms(100, 129) == update_ms(100, 256) == 6000.0
    assert update_ms(0, 100) == 1000.0
