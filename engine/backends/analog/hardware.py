"""Parameters of a circuit in biological and in hardware units, and the codes they are set by.

Times shrink by the speedup of 1000, so a ms is a us. Potentials are mapped so that rest and
threshold stand where calix has them by default, at 80 and 125 readings of the CADC (LSB):
``V_bio = v_rest + (lsb - 80) (v_thresh - v_rest) / 45``. A potential is set by a code of 0 to 1022
over 0 to 1.6 V, a time constant by one over its calibrated range. Ranges are those that calix
accepts (electronicvisions/calix at e573081, spiking/neuron.py). Held by
tests/unit/backends/analog_hardware_test.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from engine.amounts import number
from engine.backends.analog.synaptic_inputs import LONGEST_TAU, excitatory_input, inhibitory_input
from engine.errors import ParameterError
from engine.model.adex import AdexParameters
from engine.model.lif import DtbParameters
from engine.model.neurons import NEURONS
from engine.scenario.scenario import Scenario

__all__ = [
    "CIRCUITS",
    "CODES",
    "HardwareParameter",
    "VoltageMap",
    "check_ranges",
    "circuit_of",
    "parameters_of",
    "snapped",
]

CODES = 1022
REST_LSB, THRESHOLD_LSB, FLOOR_LSB = 80.0, 125.0, 30.0
_VOLTS = 1.6  # of the highest code
_LSB_V = 4.5e-3  # a CADC reading; 20 LSB are 0.15 V
_C_HW_PF = 2.2  # membrane capacitance at its largest setting
_TICK_MS = 0.008  # of the refractory counter at its fastest

Potential = TypeVar("Potential", float, np.ndarray)


@dataclass(frozen=True)
class VoltageMap:
    """Biological potentials on the chip's scale.

    Attributes
    ----------
    v_rest, v_thresh : float [mV]
        What stands at 80 and at 125 LSB.
    """

    v_rest: float
    v_thresh: float

    @property
    def mv_per_lsb(self) -> float:
        """A CADC reading in biological mV."""
        return (self.v_thresh - self.v_rest) / (THRESHOLD_LSB - REST_LSB)

    def lsb(self, v: Potential) -> Potential:
        """CADC reading of a biological potential [mV]."""
        return REST_LSB + (v - self.v_rest) / self.mv_per_lsb

    def mv(self, lsb: Potential) -> Potential:
        """Biological potential [mV] of a CADC reading."""
        return self.v_rest + (lsb - REST_LSB) * self.mv_per_lsb

    @property
    def range_mv(self) -> float:
        """All codes of a potential, in biological mV."""
        return _VOLTS / _LSB_V * self.mv_per_lsb


@dataclass(frozen=True)
class HardwareParameter:
    """One parameter of a circuit, in both worlds.

    Attributes
    ----------
    name, key : str
        In the formulas, and in a scenario.
    biological : float
    unit : str
    hardware : float
    hw_unit : str
    low, high : float
        What the calibration reaches, in `hw_unit`; equal where no range is published.
    code : float
        Before it is rounded; NaN where none is published.
    per_code : float
        What one code changes, in `unit`; 0 where nothing is rounded.
    zero : float
        Biological value of code 0.
    """

    name: str
    key: str
    biological: float
    unit: str
    hardware: float
    hw_unit: str
    low: float
    high: float
    code: float
    per_code: float
    zero: float

    @property
    def source(self) -> str:
        """Where each of its figures comes from."""
        return f"Wanted: set by {self.key}. On chip: {self._mapped} Gets: {self._kept}"

    @property
    def _mapped(self) -> str:
        if self.name == "c_m":
            return "the largest setting, 2.2 pF (measured: grenade constants.h)."
        if self.name in ("a", "b"):
            volts = " and the chip's over the biological volts" if self.name == "b" else ""
            return f"derived, times {_C_HW_PF:g} pF over c_m, the speedup of 1000{volts}."
        if self.name == "delta_t":
            return "derived, over the mV that a reading of the CADC (LSB) stands for."
        if self.hw_unit == "LSB":
            return (
                f"derived, {REST_LSB:g} + {THRESHOLD_LSB - REST_LSB:g} (V - v_rest) / (v_thresh - "
                "v_rest) readings of the CADC (LSB), calix's default targets."
            )
        return "derived, a ms is a us at the speedup of 1000."

    @property
    def _kept(self) -> str:
        if self.low == self.high:
            return "the same; calix calibrates no such parameter, so no code or range is published."
        ranges = "Range: what calix accepts (measured: calix at e573081, spiking/neuron.py)."
        if self.name == "t_refrac":
            return (
                f"the nearest count of {self.per_code:g} ms of an 8-bit counter (measured: haldls "
                f"neuron.h:325-333). {ranges}"
            )
        if self.hw_unit == "LSB":
            return (
                f"the nearest of {CODES} codes over {_VOLTS:g} V (measured: haldls capmem.h:118), "
                f"a reading being {1e3 * _LSB_V:g} mV (derived). {ranges}"
            )
        return f"the nearest of {CODES} codes, assumed to be linear over the range. {ranges}"

    def rounded(self, quantum: float) -> float:
        """Biological value at the nearest multiple of `quantum` codes."""
        if quantum == 0.0 or self.per_code == 0.0:
            return self.biological
        code = round(self.code / quantum) * quantum
        return self.zero + min(max(code, 0.0), CODES) * self.per_code


def _potential(name: str, key: str, v: float, m: VoltageMap, low: float, high: float) -> HardwareParameter:
    lsb = m.lsb(v)
    code = (0.15 + (lsb - 20.0) * _LSB_V) / _VOLTS * CODES
    per_code = m.range_mv / CODES
    return HardwareParameter(name, key, v, "mV", lsb, "LSB", low, high, code, per_code, v - code * per_code)


def _time(name: str, key: str, tau: float, low: float, high: float) -> HardwareParameter:
    per_code = (high - low) / CODES
    return HardwareParameter(
        name, key, tau, "ms", tau, "us", low, high, (tau - low) / per_code, per_code, low
    )


def _free(name: str, key: str, value: float, unit: str, hw: float, hw_unit: str) -> HardwareParameter:
    """A parameter that calix does not calibrate: no range is published, nothing is rounded."""
    return HardwareParameter(name, key, value, unit, hw, hw_unit, hw, hw, float("nan"), 0.0, value)


def _refractory(key: str, t: float) -> HardwareParameter:
    tick = _TICK_MS
    while t / tick > 255:
        tick *= 2
    return HardwareParameter("t_refrac", key, t, "ms", t, "us", 0.04, 32.0, t / tick, tick, 0.0)


CIRCUITS = ("lif", "adex", "adex_current")
"""What a circuit can be: leaky, or with an upstroke and adaptation, its synapses either way."""


def circuit_of(model: str) -> str:
    """Which of `CIRCUITS` runs a neuron.

    Raises
    ------
    ParameterError
        None does, or there is no such neuron.
    """
    circuit = NEURONS[model].circuit
    if circuit not in CIRCUITS:
        on_chip = ", ".join(neuron.name for neuron in NEURONS if neuron.circuit in CIRCUITS)
        raise ParameterError(
            f"analog: neurons must be circuits of the chip (got {model!r}). Valid: {on_chip}."
        )
    return circuit


def parameters_of(scenario: Scenario, model: str = "lif") -> dict[str, HardwareParameter]:
    """What a circuit of a neuron is set to, by name."""
    a, exc, inh = scenario.analog, excitatory_input(scenario), inhibitory_input(scenario)
    is_lif = circuit_of(model) == "lif"
    p: DtbParameters | AdexParameters = scenario.network.parameters if is_lif else scenario.network.adex
    here = "network.parameters" if is_lif else "network.adex"
    m = VoltageMap(p.v_rest, p.v_thresh)
    tau_m = p.c_m / p.g_leak * a.tau_m_scale
    theta = p.v_thresh
    if isinstance(p, AdexParameters):  # the comparator reaches so far and no further
        theta = p.v_peak if a.mode == "ideal" else min(p.v_peak, m.mv(220.0) - a.threshold_offset)
    found = [
        _potential("v_rest", f"{here}.v_rest", p.v_rest, m, 50.0, 160.0),
        _potential(
            "v_thresh",
            f"{here}.{'v_thresh' if is_lif else 'v_peak'}",
            theta + a.threshold_offset,
            m,
            50.0,
            220.0,
        ),
        _potential("v_reset", f"{here}.v_reset", p.v_reset, m, 50.0, 160.0),
        _time("tau_m", f"{here}.c_m / g_leak", tau_m, 0.5, 60.0),
        _time("tau_exc", exc.key, exc.tau, 0.3, LONGEST_TAU),
        _time("tau_inh", inh.key, inh.tau, 0.3, LONGEST_TAU),
        _refractory(f"{here}.t_refrac", p.t_refrac),
        _free("c_m", f"{here}.c_m", p.c_m, "pF", _C_HW_PF, "pF"),
    ]
    if a.compartments == "two":
        found.append(_time("tau_icc", "analog.tau_icc", a.tau_icc, 0.1, 30.0))
    if isinstance(p, AdexParameters):
        to_ns = _C_HW_PF / p.c_m * 1000.0
        to_na = to_ns * _LSB_V / m.mv_per_lsb
        found += [
            _free("v_t", f"{here}.v_thresh", p.v_thresh, "mV", m.lsb(p.v_thresh), "LSB"),
            _free("delta_t", f"{here}.delta_t", p.delta_t, "mV", p.delta_t / m.mv_per_lsb, "LSB"),
            _free("a", f"{here}.a", p.a, "nS", p.a * to_ns, "nS"),
            _free("b", f"{here}.b", p.b, "pA", p.b * to_na, "nA"),
            _free("tau_w", f"{here}.tau_w", p.tau_w, "ms", p.tau_w, "us"),
        ]
    return {q.name: q for q in found}


def check_ranges(scenario: Scenario, models: tuple[str, ...]) -> None:
    """Refuse what no circuit can be set to; in the mode 'ideal' everything can.

    Raises
    ------
    ParameterError
        A parameter lies outside the range that calibration reaches.
    """
    if scenario.analog.mode == "ideal":
        return
    for model in models:
        for p in parameters_of(scenario, model).values():
            if p.low == p.high or p.low - 1e-9 <= p.hardware <= p.high + 1e-9:
                continue
            if p.hw_unit == "LSB":
                per = p.per_code * CODES * _LSB_V / _VOLTS
                ends = [p.biological + (end - p.hardware) * per for end in (p.low, p.high)]
            else:
                ends = [p.low, p.high]
            raise ParameterError(
                f"{p.key}: must give {p.name} from {number(ends[0], 4)} to {number(ends[1], 4)} {p.unit} "
                f"while a region is analog, whose circuits are calibrated for {p.low:g} to {p.high:g} "
                f"{p.hw_unit} (got {number(p.biological, 4)} {p.unit}). Change it, make every region "
                "digital, or set analog.mode to 'ideal'."
            )


def snapped(scenario: Scenario, model: str = "lif") -> dict[str, float]:
    """Values of a model's parameters [biological units] after codes and counter, by name."""
    code, count = scenario.analog.size("parameter_code"), scenario.analog.size("refractory")
    return {
        name: p.rounded(count if name == "t_refrac" else code)
        for name, p in parameters_of(scenario, model).items()
    }
