"""A chip on the test bench: circuits by themselves, measured as the published figures were.

Every measurement drives the backend's own circuits through the backend's own kernels, without a
network: what differs between circuits is what the terms of a scenario make of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.backends.analog.imperfections import (
    Pattern,
    circuit_rows,
    circuit_scratch,
    membrane_start,
    saturation,
)
from engine.backends.analog.synaptic_inputs import excitatory_input, inhibitory_input
from engine.kernels import block, circuit
from engine.kernels.block import WIDTH, Background, ExchangeStep, Neurons
from engine.kernels.circuit import CIRCUIT_ROWS, CircuitConstants, circuit_absorb, circuit_advance
from engine.kernels.event_bus import Clock, spikes_stamp
from engine.kernels.random import PURPOSE_ANALOG_JITTER
from engine.model.charge import same_charge
from engine.scenario.scenario import Scenario

__all__ = ["IsiSpread", "PspCurve", "TestBench", "isi_spread", "psp_curve", "weights_for_rate"]

MADC_PER_SWING = 179.0  # readings of the figure's swing from reset to threshold
_FULL = 63


class TestBench:
    """Circuits without a network.

    Parameters
    ----------
    scenario : Scenario
        Its LIF parameters, analog settings and dt.
    n : int
        Circuits.
    """

    __test__ = False  # not a test, whatever its name begins with

    def __init__(self, scenario: Scenario, n: int):
        self.scenario, self.n = scenario, n
        p, a = scenario.network.parameters, scenario.analog
        exc, inh = excitatory_input(scenario), inhibitory_input(scenario)
        n_blocks = -(-n // WIDTH)
        self._address = np.arange(n_blocks * WIDTH, dtype=np.uint32)
        run = scenario.seed if a.run_seed == "auto" else int(a.run_seed)
        self._run = run
        pattern = Pattern(self._address, a.chip_seed, run)
        rows = np.zeros((n_blocks, CIRCUIT_ROWS, WIDTH), np.float32)
        rows[:, circuit.OVER_DELTA_T] = 1.0
        for row, values in circuit_rows(scenario, "lif", pattern).items():
            rows[:, row] = values.reshape(n_blocks, WIDTH)
        rows[:, block.V] = membrane_start(scenario, "lif")[0]
        self.rows = rows
        self._state = rows.reshape(-1)
        sat_0, sat_1 = saturation(scenario)
        f = np.float32
        self._constants = CircuitConstants(
            background=Background(mean=f(0.0), step=f(0.0), kick=f(0.0)),
            g_exc=f(exc.g * same_charge(scenario.dt, exc.tau)),
            g_inh=f(inh.g * same_charge(scenario.dt, inh.tau)),
            e_exc=f(exc.e_rev),
            e_inh=f(inh.e_rev),
            v_drive=f(scenario.network.adex.v_drive),
            by_current=f(a.synapses == "current"),
            to_mv=f(scenario.dt / p.c_m),
            noisy=f(a.size("membrane_noise") > 0),
            sat_0=f(sat_0),
            sat_1=f(sat_1),
        )
        self._kind = np.full(n_blocks, circuit.LIF, np.uint8)
        self._scratch = circuit_scratch(n_blocks * WIDTH, scenario.n_sub)
        self._time = 0

    @property
    def v(self) -> np.ndarray:
        """(n,) float32 [mV]."""
        return self.rows[:, block.V].ravel()[: self.n].copy()

    def send(self, excitatory: np.ndarray, inhibitory: np.ndarray) -> None:
        """Let one spike of these hardware weights, (n,) float64, arrive at every circuit."""
        out = []
        for weights in (excitatory, inhibitory):
            inbox = np.zeros(self._address.size, np.int32)
            inbox[: self.n] = np.round(weights * 1000.0)
            out.append(inbox)
        nothing = np.zeros(self._address.size, np.int32)
        circuit_absorb(self._state, nothing, *out, np.zeros(0, np.int32), np.float32(1.0 / (1000.0 * _FULL)))

    def step(self) -> tuple[np.ndarray, np.ndarray]:
        """One exchange step of 1 ms; the circuits that spiked, and when [ms].

        Returns
        -------
        circuits : (n_spikes,) int32
        times : (n_spikes,) float64 [ms]
        """
        s = self.scenario
        k = circuit_advance(
            self._state,
            self._constants,
            self._kind,
            0,
            self._kind.size,
            Neurons(self._address, self.n),
            ExchangeStep(self._time, s.n_sub, self._run),
            self._scratch,
        )
        ids, subs = self._scratch.ids[:k].copy(), self._scratch.subs[:k].copy()
        a = s.analog
        spikes_stamp(
            ids,
            subs,
            self._address,
            self._time,
            Clock(s.n_sub, 1000.0 * s.dt, a.size("spike_jitter"), a.size("time_grid")),
            self._run,
            PURPOSE_ANALOG_JITTER,
        )
        times = self._time + (subs + 1) * s.dt
        self._time += 1
        return ids, times

    def run(self, n_steps: int) -> list[np.ndarray]:
        """Spike times of every circuit [ms].

        Parameters
        ----------
        n_steps : int
            Exchange steps of 1 ms.

        Returns
        -------
        list of (n_spikes,) float64 [ms]
            One a circuit.
        """
        found = [self.step() for _ in range(n_steps)]
        ids = np.concatenate([i for i, _ in found])
        times = np.concatenate([t for _, t in found])
        order = np.lexsort((times, ids))
        return np.split(times[order], np.searchsorted(ids[order], np.arange(1, self.n)))


@dataclass(frozen=True)
class IsiSpread:
    """Intervals of circuits that fire by themselves.

    Attributes
    ----------
    mean_ms : float [ms]
    between : float
        Coefficient of variation of the circuits' mean intervals.
    within : float
        Mean over circuits of the standard deviation of an interval over its mean.
    """

    mean_ms: float
    between: float
    within: float


def _leak_over_threshold(scenario: Scenario) -> Scenario:
    """Fires alone every 6.5 ms, as the circuits of single_neuron_fixed_pattern.svg do.

    How far above threshold the leak stands there is not published; here it is as far above as the
    reset is below.
    """
    return scenario.with_values(
        {
            "network.parameters.c_m": 80.0,
            "network.parameters.g_leak": 10.0,
            "network.parameters.v_rest": -70.0,
            "network.parameters.v_thresh": -50.0,
            "network.parameters.v_reset": -70.0,
            "network.parameters.t_refrac": 1.0,
            "analog.bias_offset": 400.0,
        }
    )


def isi_spread(scenario: Scenario, n: int = 128, duration_ms: int = 250) -> IsiSpread:
    """Intervals of `n` circuits whose leak is above their threshold."""
    times = TestBench(_leak_over_threshold(scenario.with_values({"dt": 0.01})), n).run(duration_ms)
    intervals = [np.diff(t[2:]) for t in times if t.size > 6]
    means = np.array([i.mean() for i in intervals])
    spread = np.array([i.std(ddof=1) for i in intervals])
    return IsiSpread(
        float(means.mean()), float(means.std(ddof=1) / means.mean()), float((spread / means).mean())
    )


@dataclass(frozen=True)
class PspCurve:
    """Peaks of postsynaptic potentials over the weight.

    Attributes
    ----------
    weights : (n_weights,) float64
        Hardware weights; above 63 over several rows.
    mean, sd : (n_weights,) float64
        Over circuits, in readings of the fast converter (179 a swing); `sd` of one weight.
    """

    weights: np.ndarray
    mean: np.ndarray
    sd: np.ndarray

    @property
    def nonlinearity(self) -> float:
        """Largest distance from the best line through 0, of the largest mean."""
        slope = self.weights @ self.mean / (self.weights @ self.weights)
        return float(np.abs(self.mean - slope * self.weights).max() / np.abs(self.mean).max())

    @property
    def gain_spread(self) -> float:
        """How much of a peak its spread over circuits is at the largest weight."""
        return float(self.sd[-1] / abs(self.mean[-1]))


def psp_curve(scenario: Scenario, inhibitory: bool, n: int = 256) -> PspCurve:
    """Peaks over weights of 32 to 288, current synapses, rest far from threshold.

    A weight of 288 is scaled to the peak it has in the figure: 226.7 readings excitatory, 0.72 of
    the way a straight line would go inhibitory.
    """
    values = {
        "analog.synapses": "current",
        "network.parameters.c_m": 100.0,
        "network.parameters.g_leak": 10.0,
        "network.parameters.v_rest": -70.0,
        "network.parameters.v_thresh": -50.0,
        "network.parameters.v_reset": -70.0,
        "network.parameters.tau_ampa": 10.0,
        "network.parameters.tau_gaba_a": 10.0,
        "network.parameters.e_gaba_a": -120.0,
        "analog.bias_offset": 0.0,
        "analog.threshold_offset": 20.0,  # out of the way
    }
    # The figure shows chosen circuits, no outliers.
    s = scenario.with_values(values | {"analog.terms.outliers": 0.0})
    weights = np.arange(32.0, 289.0, 32.0)
    p = s.network.parameters
    swing = p.v_thresh - p.v_rest
    drive = abs((p.e_gaba_a if inhibitory else p.e_ampa) - s.network.adex.v_drive)
    # Peak of a PSP of equal time constants: i0 tau / (C e); solved for the conductance.
    wanted_mv = 226.7 / MADC_PER_SWING * swing
    name = "g_gaba_a" if inhibitory else "g_ampa"
    g = wanted_mv * np.e * p.c_m / 10.0 / drive / (288.0 / _FULL)
    s = s.with_values({f"network.parameters.{name}": float(g)})
    peaks = np.array([_peaks(s, w, inhibitory, n) for w in weights])
    readings = peaks * (MADC_PER_SWING / swing)
    return PspCurve(weights, readings.mean(axis=1), readings.std(axis=1, ddof=1))


def _peaks(scenario: Scenario, weight: float, inhibitory: bool, n: int) -> np.ndarray:
    bench = TestBench(scenario, n)
    rest = bench.rows[:, circuit.V_LEAK]
    bench.rows[:, block.V] = rest
    bench.rows[:, circuit.V_THRESH] = 1e6
    gains = _row_gains(scenario, weight, n)
    nothing = np.zeros(n)
    bench.send(*((nothing, weight * gains) if inhibitory else (weight * gains, nothing)))
    peak = np.zeros(n)
    base = rest.ravel()[:n].astype(np.float64)
    for _ in range(30):
        bench.step()
        moved = bench.v - base
        peak = np.minimum(peak, moved) if inhibitory else np.maximum(peak, moved)
    return peak


def _row_gains(scenario: Scenario, weight: float, n: int) -> np.ndarray:
    """What the synapses of one input make of its weight."""
    spread = scenario.analog.size("synapse_gain") / np.sqrt(np.ceil(weight / _FULL))
    key = np.array([scenario.analog.chip_seed, int(weight)], np.uint64)
    return 1.0 + spread * np.random.Generator(np.random.Philox(key=key)).standard_normal(n)


def weights_for_rate(scenario: Scenario, rate_hz: float = 20.0, n: int = 512, rounds: int = 14) -> np.ndarray:
    """(n,) float64, the weight at which every circuit fires at one rate.

    As in plasticity_homeostasis_weight.png: each circuit hears the same Poisson spikes over 16
    synapses of one weight, which is moved until its rate is right; NaN where none is found.
    """
    low, high = np.zeros(n), np.full(n, 4.0 * _FULL)
    for _ in range(rounds):
        middle = (low + high) / 2
        rates = _rates(scenario, middle, n)
        too_much = rates > rate_hz
        high[too_much], low[~too_much] = middle[too_much], middle[~too_much]
    found = (low + high) / 2
    return np.where((found > 0.5) & (found < 4.0 * _FULL - 0.5), found, np.nan)


def _rates(scenario: Scenario, weights: np.ndarray, n: int, duration_ms: int = 1000) -> np.ndarray:
    n_inputs, input_hz = 16, 100.0
    bench = TestBench(scenario, n)
    key = np.array([1, n_inputs], np.uint64)
    random = np.random.Generator(np.random.Philox(key=key))
    gains = np.random.Generator(
        np.random.Philox(key=np.array([scenario.analog.chip_seed, 0], np.uint64))
    ).standard_normal((n_inputs, n))
    gains = 1.0 + scenario.analog.size("synapse_gain") * gains
    counts = random.poisson(input_hz / 1000.0, (duration_ms, n_inputs))
    nothing, fired = np.zeros(n), np.zeros(n)
    for row in counts:
        bench.send(weights * (row @ gains), nothing)
        ids, _ = bench.step()
        fired += np.bincount(ids, minlength=n)[:n]
    return fired * 1000.0 / duration_ms
