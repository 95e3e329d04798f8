"""The analog backend: circuits with 6-bit weights, mismatch and noise, under the common contract.

A software model of a chip. Its time and energy are estimates; its imperfections are listed with
their standing in engine/backends/analog/imperfections.py. The background current reaches every
circuit unchanged, from the very random numbers the digital backend would use (an assumption: a
real chip has no such input), so that teacher and student differ by the chip alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.backends.analog.imperfections import draw_circuits
from engine.backends.analog.layout import layout_of
from engine.backends.contract import LiveParameters
from engine.backends.lanes import Lanes, Scratch
from engine.backends.wiring import SynapseTable
from engine.errors import ParameterError
from engine.kernels import analog_lif, block
from engine.kernels.analog_lif import ANALOG_ROWS, AnalogConstants, analog_lif_advance
from engine.kernels.block import WIDTH
from engine.kernels.exchange import lif_cond_absorb, table_deliver
from engine.model.network import Network
from engine.scenario import Scenario

__all__ = ["AnalogBackend"]

FULL_WEIGHT = 63  # hardware weight of a full one
_FRACTION = 256  # a stored weight is in 1/256 of a hardware weight, so sums stay integers
_MAX_STORED = 32767
_PATTERN_OFFSET = 1 << 20  # keeps the synapses' pattern apart from the circuits'


class AnalogBackend:
    """Circuits that stand for LIF neurons; see engine.backends.contract.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32
    table : SynapseTable
        Synapses onto `neurons`, in 8 bits; kept, since moving the coupling quantises them again.

    Raises
    ------
    ParameterError
        NMDA or GABA-B is asked for: a circuit has one excitatory and one inhibitory input.
    """

    name = "analog"
    max_span = 1

    def __init__(
        self, scenario: Scenario, network: Network, neurons: np.ndarray, table: SynapseTable
    ):
        p = scenario.network.parameters
        for field in ("g_nmda", "g_gaba_b"):
            if getattr(p, field) > 0:
                raise ParameterError(
                    f"network.parameters.{field}: must be 0 nS while a region is analog, whose "
                    f"circuits have one excitatory and one inhibitory input (got "
                    f"{getattr(p, field):g} nS). Set it to 0 or make every region digital."
                )
        self.neurons = neurons
        self.n_synapses = table.n_synapses
        self._table = table
        self._is_excitatory = network.is_excitatory
        self._parameters, self._mode = p, scenario.analog.mode
        self._dt, self._n_sub, self._seed = scenario.dt, scenario.n_sub, scenario.seed
        self._layout = layout_of(scenario, network)
        lanes = self._lanes = Lanes(scenario, network, neurons, ANALOG_ROWS, table.max_delay + 1)
        lanes.set_row(block.V, np.full(lanes.n, (p.v_thresh + p.v_reset) / 2, np.float32))
        self._scratch = Scratch(lanes.n_blocks * WIDTH, self._n_sub)
        self._membrane = np.zeros_like(self._scratch.noise)
        self._settings = scenario.analog
        given = scenario.analog.run_seed
        self._run_seed = scenario.seed if given == "auto" else int(given)
        self._swing = p.v_thresh - p.v_rest
        self._set_circuits(scenario)
        self._long = table.long_range()
        self._inhibitory = np.repeat(~network.is_excitatory, np.diff(table.indptr[::2]))
        levels = 2**scenario.analog.weight_bits - 1
        self._step = FULL_WEIGHT / levels * scenario.analog.size("weight_quantisation")
        self._gain = self._draw_synapse_gain(scenario.analog.chip_seed)
        self._weights = np.zeros(table.n_synapses, np.int16)
        self._clipped = 0
        self._coupling: float | None = None
        self.set_live(LiveParameters(scenario.network.coupling, p.ou_mean))

    def _set_circuits(self, scenario: Scenario) -> None:
        p, dt, lanes = self._parameters, self._dt, self._lanes
        s = self._settings
        c = draw_circuits(s, lanes.n, self._swing, self._run_seed)
        v_thresh = p.v_thresh + s.threshold_offset + c.threshold
        rows = {
            analog_lif.V_THRESH: v_thresh,
            analog_lif.V_RESET: np.minimum(p.v_reset + c.reset, v_thresh - 0.01 * self._swing),
            analog_lif.V_REST: p.v_rest + c.leak,
            analog_lif.LEAK_STEP: p.g_leak * dt / (p.c_m * s.tau_m_scale * c.tau_m),
            analog_lif.DECAY_E: np.exp(-dt / (p.tau_ampa * c.tau_exc)),
            analog_lif.DECAY_I: np.exp(-dt / (p.tau_gaba_a * c.tau_inh)),
            analog_lif.GAIN_E: c.exc_gain,
            analog_lif.GAIN_I: c.inh_gain,
            analog_lif.N_HOLD: np.full(lanes.n, round(p.t_refrac / dt) - 1),
        }
        for row, values in rows.items():
            lanes.set_row(row, values.astype(np.float32))

    def _draw_synapse_gain(self, chip_seed: int) -> np.ndarray:
        spread = self._settings.size("synapse_gain")
        if spread == 0.0:
            return np.ones(1, np.float32)
        key = np.array([chip_seed, _PATTERN_OFFSET], np.uint64)
        random = np.random.Generator(np.random.Philox(key=key))
        gain = random.standard_normal(self.n_synapses, np.float32)
        gain *= np.float32(spread)
        gain += np.float32(1.0)
        return np.maximum(gain, np.float32(0.0), out=gain)

    def _quantise(self, coupling: float) -> None:
        """Write the weights, in 1/256 of 1/63 of a full one."""
        a, is_exact = self._settings, self._step == 0.0
        scale = np.full(self._table.n_synapses, a.weight_scale_local_exc, np.float32)
        scale[self._inhibitory] = a.weight_scale_local_inh
        scale[self._long] = a.weight_scale_long * (1.0 if is_exact else coupling)
        wanted = self._table.weights.astype(np.float32) * (scale * np.float32(FULL_WEIGHT / 255.0))
        if is_exact:
            # Exact weights; the coupling stays outside, where it has no upper bound.
            self._clipped = 0
        else:
            # The largest code stands for a full weight, whatever the resolution.
            step = np.float32(self._step)
            codes = np.round(wanted / step)
            top = np.float32(round(FULL_WEIGHT / self._step))
            self._clipped = int(np.count_nonzero(codes > top))
            wanted = np.minimum(codes, top) * step
        stored = np.round(wanted * self._gain * np.float32(_FRACTION))
        self._weights[:] = np.minimum(stored, _MAX_STORED).astype(np.int16)

    def set_live(self, live: LiveParameters) -> None:
        """See the contract. A new coupling is written to the chip as new 6-bit weights."""
        p, dt, f = self._parameters, self._dt, np.float32
        self._live = live
        self._constants = AnalogConstants(
            ou_mean=f(live.ou_mean),
            i_offset=f(self._settings.bias_offset),
            ou_step=f(-math.expm1(-dt / p.ou_tau)),
            ou_kick=f(p.ou_std * math.sqrt(-math.expm1(-2 * dt / p.ou_tau))),
            to_mv=f(dt / p.c_m),
            g_exc=f(p.g_ampa),
            g_inh=f(p.g_gaba_a),
            e_exc=f(p.e_ampa),
            e_inh=f(p.e_gaba_a),
            noise_kick=f(
                self._settings.size("membrane_noise")
                * self._swing
                * math.sqrt(2 * dt * p.g_leak / p.c_m)
            ),
        )
        unit = 1.0 / (FULL_WEIGHT * _FRACTION)
        self._scale_local = f(unit)
        self._scale_long = f(unit * live.coupling) if self._step == 0.0 else f(unit)
        if live.coupling != self._coupling:
            self._quantise(live.coupling)
            self._coupling = live.coupling

    def advance(self, time: int, span: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """See the contract."""
        lanes, s = self._lanes, self._scratch
        currents = lanes.drive.currents(time, self._live.stimulus_scale)
        if currents is not None:
            lanes.set_row(block.I_EXT, currents)
        lanes.drive.add_events(
            time, self._live.stimulus_scale, lanes.local_e, FULL_WEIGHT * _FRACTION / 255.0
        )
        lif_cond_absorb(
            lanes.state, ANALOG_ROWS, lanes.local_e, lanes.local_i,
            lanes.arriving(time), self._scale_local, self._scale_local, self._scale_long, False,
        )  # fmt: skip
        n = analog_lif_advance(
            lanes.state, self._constants, lanes.address, lanes.n, time, self._n_sub, self._seed,
            s.words, s.noise, self._membrane, s.ids, s.subs,
        )  # fmt: skip
        return self.neurons[s.ids[:n]], s.subs[:n].copy()

    def deliver(self, sources: np.ndarray, time: int) -> int:
        """See the contract."""
        t, lanes = self._table, self._lanes
        table_deliver(
            sources, self._is_excitatory, t.indptr, t.targets, self._weights, t.delays, time,
            0, lanes.local_e.size, lanes.local_e, lanes.local_i, lanes.ring,
        )  # fmt: skip
        return t.n_events(sources)

    def state(self) -> dict[str, np.ndarray]:
        """See the contract."""
        return self._lanes.changing()

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """See the contract."""
        self._lanes.restore(state)

    def report(self) -> dict[str, Any]:
        """See the contract; ``clipped_weights`` wanted more than the rows they have."""
        return {
            "neurons": int(self.neurons.size),
            "synapses": self.n_synapses,
            "mode": self._mode,
            **self._layout.report(),
            "clipped_weights": self._clipped,
            "dropped_events": 0,
        }

    def membrane(self) -> np.ndarray:
        """(n_lanes,) float32, membrane potentials now [mV]."""
        return self._lanes.row(block.V)

    def close(self) -> None:
        """Nothing to let go."""
