"""The circuits of a chip, drawn by the terms of `engine.model.chip_terms`.

Every number belongs to a circuit by its neuron's address and to a chip by its seed, so that neither
order, threads nor other regions can change it, and a term's size never moves another's numbers.
"""

from __future__ import annotations

import numpy as np

from engine.backends.analog.hardware import FLOOR_LSB, VoltageMap, circuit_of, parameters_of, snapped
from engine.backends.lanes import scratch_of
from engine.kernels import circuit
from engine.kernels.circuit import CircuitScratch
from engine.kernels.random import PURPOSE_ANALOG_DRIFT, PURPOSE_ANALOG_PATTERN, normal_fill, words_fill
from engine.scenario.scenario import Scenario

__all__ = ["Pattern", "circuit_rows", "circuit_scratch", "membrane_start", "saturation"]

_NORMALS = (
    "threshold",
    "leak",
    "reset",
    "exc_gain",
    "inh_gain",
    "tau_m",
    "tau_exc",
    "tau_inh",
    "a",
    "b",
    "tau_w",
    "delta_t",
    "v_t",
    "cell_thresh",
    "cell_rest",
    "cell_reset",
    "cell_tau_m",
    "cell_tau_exc",
    "cell_tau_inh",
    "readout",
    "tau_icc",
    "cell_tau_icc",
)
_OUTLIERS = 1 << 16  # their place in a chip's stream, apart from the normal numbers


def _normals(address: np.ndarray, group: int, seed: int, purpose: int) -> np.ndarray:
    """(4, n) float32."""
    words = np.empty(4 * address.size, np.uint32)
    out = np.empty(4 * address.size, np.float32)
    words_fill(words, address, group, 0, seed, purpose)
    normal_fill(out, words)
    return out.reshape(4, address.size)


class Pattern:
    """What manufacture and the present run made of some circuits.

    Parameters
    ----------
    address : (n,) uint32
        The neurons' addresses.
    chip_seed, run_seed : int

    Attributes
    ----------
    normal : dict of str to (n,) float64
        Standard normal numbers, fixed for the chip.
    drift : (n,) float64
        The same, new in every run.
    """

    def __init__(self, address: np.ndarray, chip_seed: int, run_seed: int):
        rows = np.concatenate(
            [
                _normals(address, group, chip_seed, PURPOSE_ANALOG_PATTERN)
                for group in range(-(-len(_NORMALS) // 4))
            ]
        ).astype(np.float64)
        self.normal = dict(zip(_NORMALS, rows, strict=False))
        self.drift = _normals(address, 0, run_seed, PURPOSE_ANALOG_DRIFT)[0].astype(np.float64)
        words = np.empty(4 * address.size, np.uint32)
        words_fill(words, address, _OUTLIERS, 0, chip_seed, PURPOSE_ANALOG_PATTERN)
        self._odd, self._side = words[: 2 * address.size].reshape(2, -1) / 2.0**32

    def outlier_gain(self, share: float) -> np.ndarray:
        """(n,) float64, 1 but for a share of circuits, where it is 0.4 or 2.4."""
        return np.where(self._odd < share, np.where(self._side < 0.5, 0.4, 2.4), 1.0)


def saturation(scenario: Scenario) -> tuple[float, float]:
    """Constant and slope by which inhibition fades with V [1, 1/mV]."""
    size = scenario.analog.size("inh_saturation")
    if size == 0.0:
        return 1.0, 0.0
    p = scenario.network.parameters
    m = VoltageMap(p.v_rest, p.v_thresh)
    span = (p.v_rest - m.mv(FLOOR_LSB)) / size
    return 1.0 - p.v_rest / span, 1.0 / span


def circuit_rows(
    scenario: Scenario, model: str, pattern: Pattern, threshold_trim: np.ndarray | float = 0.0
) -> dict[int, np.ndarray]:
    """Rows of the kernel for circuits of one model, (n,) float64 each.

    Parameters
    ----------
    scenario : Scenario
    model : str
        Name of the neuron.
    pattern : Pattern
    threshold_trim : (n,) float64 [mV]
        What trims add to the thresholds.
    """
    a, dt, z = scenario.analog, scenario.dt, pattern.normal
    adex = scenario.network.adex
    circuit_name = circuit_of(model)
    is_lif = circuit_name == "lif"
    p = scenario.network.parameters if is_lif else adex
    declared, value = parameters_of(scenario, model), snapped(scenario, model)
    swing = p.v_thresh - p.v_rest
    cross = a.size("crosstalk")
    range_mv = VoltageMap(p.v_rest, p.v_thresh).range_mv

    def potential(name: str, cell: str) -> np.ndarray:
        return value[name] + cross * range_mv * z[cell]

    def time_constant(name: str, cell: str, spread: float) -> np.ndarray:
        span = declared[name].biological * cross
        tau = value[name] + span * z[cell]
        return np.maximum(tau, 0.1 * value[name]) * np.exp(spread * z[name])

    v_thresh = (
        potential("v_thresh", "cell_thresh")
        + threshold_trim
        + swing * (a.size("threshold") * z["threshold"] + a.size("drift") * pattern.drift)
    )
    v_rest = potential("v_rest", "cell_rest") + swing * a.size("leak") * z["leak"]
    v_reset = potential("v_reset", "cell_reset") + swing * a.size("reset") * z["reset"]
    tau_m = time_constant("tau_m", "cell_tau_m", a.size("tau_m"))
    tau_exc = time_constant("tau_exc", "cell_tau_exc", a.size("tau_syn"))
    tau_inh = time_constant("tau_inh", "cell_tau_inh", a.size("tau_syn"))
    ones = np.ones_like(v_rest)
    # Two circuits share a neuron's capacitance and leak.
    share = 2.0 if a.compartments == "two" else 1.0
    bias = a.bias_offset + (0.0 if is_lif else adex.i_offset)
    by_current = circuit_name == "adex_current" or (is_lif and a.synapses == "current")
    rows = {
        circuit.V_THRESH: v_thresh,
        circuit.V_RESET: np.minimum(v_reset, v_thresh - 0.01 * swing),
        circuit.V_LEAK: v_rest + share * bias * tau_m / p.c_m,
        circuit.LEAK_STEP: dt / tau_m,
        circuit.TO_MV: ones * share * dt / p.c_m,
        circuit.DECAY_E: np.exp(-dt / tau_exc),
        circuit.DECAY_I: np.exp(-dt / tau_inh),
        circuit.N_HOLD: ones * (round(value["t_refrac"] / dt) - 1),
        circuit.BY_CURRENT: ones * by_current,
        circuit.GAIN_E: np.maximum(0.0, 1.0 + a.size("exc_gain") * z["exc_gain"])
        * pattern.outlier_gain(a.size("outliers")),
        circuit.GAIN_I: np.maximum(0.0, 1.0 + a.size("inh_gain") * z["inh_gain"]),
        circuit.NOISE: a.size("membrane_noise") * swing * np.sqrt(2 * dt / tau_m),
        circuit.E_L: v_rest,
    }
    if a.compartments == "two":
        tau_icc = time_constant("tau_icc", "cell_tau_icc", a.size("tau_m"))
        rows[circuit.COUPLE] = -np.expm1(-2 * dt / tau_icc) / 2
    if is_lif:
        return rows
    s = a.size("adex")
    delta_t = adex.delta_t * np.exp(s * z["delta_t"])
    return rows | {
        circuit.A: adex.a * np.exp(s * z["a"]),
        circuit.B: adex.b * np.exp(s * z["b"]),
        circuit.W_STEP: dt / (adex.tau_w * np.exp(s * z["tau_w"])),
        circuit.EXP_STEP: share * dt * delta_t / tau_m,
        circuit.OVER_DELTA_T: 1.0 / delta_t,
        circuit.V_EXP: adex.v_thresh + s * adex.delta_t * z["v_t"],
    }


def circuit_scratch(n_lanes: int, n_sub: int) -> CircuitScratch:
    """Arrays one thread writes while it advances `n_lanes` circuits by `n_sub` sub-steps."""
    scratch = scratch_of(n_lanes, n_sub)
    return CircuitScratch(membrane=np.zeros_like(scratch.noise), **scratch._asdict())


def membrane_start(scenario: Scenario, model: str) -> tuple[float, float]:
    """V and w of a circuit before the first step [mV, pA], as the digital neurons begin."""
    if circuit_of(model) == "lif":
        p = scenario.network.parameters
        return (p.v_thresh + p.v_reset) / 2, 0.0
    q = scenario.network.adex
    v = (q.v_thresh + q.v_reset) / 2
    return v, q.a * (v - q.v_rest)
