"""One neuron many times on either substrate: equations, or circuits of a chip.

The chip is the software model of a BrainScaleS-2 chip in `engine.backends.analog`; no chip has been
measured here. A lane is a repetition with noise of its own; on a chip it is another circuit, too,
with that circuit's mismatch. Lanes of the same number hear the same noise on both substrates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.backends.analog.hardware import check_ranges
from engine.backends.analog.imperfections import (
    Pattern,
    circuit_rows,
    circuit_scratch,
    membrane_start,
    saturation,
)
from engine.backends.digital.adex import adex_constants
from engine.backends.digital.lif import lif_constants
from engine.backends.drive import background_of
from engine.backends.lanes import scratch_of
from engine.fit.spike_trains import SpikeTrains
from engine.kernels import block, circuit
from engine.kernels.adex import ADEX_ROWS
from engine.kernels.block import WIDTH, Neurons
from engine.kernels.circuit import CIRCUIT_ROWS, CircuitConstants
from engine.kernels.event_bus import Clock
from engine.kernels.lif_cond import ROWS
from engine.kernels.random import PURPOSE_INITIAL
from engine.recorded.cell import PIECE_MS
from engine.recorded.driven import adex_driven, circuit_driven, lif_driven
from engine.recorded.neuron import DT_MS, PIECE_STEPS, current_of, scenario_of
from engine.scenario.scenario import Scenario

__all__ = ["LANES", "SUBSTRATES", "run_neuron"]

LANES = WIDTH
"""Repetitions of a run: one block of neurons."""

SUBSTRATES = ("digital", "chip")
_MOST_HZ = 500.0
_ADDRESS = np.arange(WIDTH, dtype=np.uint32)


def run_neuron(
    substrate: str,
    neuron: str,
    values: dict[str, float],
    pieces: NDArray[np.float64],
    seed: int,
    chip_seed: int = 0,
) -> SpikeTrains:
    """Drive a neuron by a stimulus, `LANES` times with other noise and, on a chip, other circuits.

    Parameters
    ----------
    substrate : str
        "digital" or "chip".
    neuron : str
        "lif" or "adex".
    values : dict of str to float
        By the names of its knobs.
    pieces : (n_pieces,) float64 [standard deviations]
    seed : int
        Of the noise.
    chip_seed : int
        Which chip.

    Returns
    -------
    SpikeTrains
        One train a lane, from 0 to the end of the stimulus.

    Raises
    ------
    ParameterError
        A number is out of a circuit's range.
    """
    scenario = scenario_of(neuron, values, seed, chip_seed)
    currents = current_of(pieces, values)
    duration = pieces.size * PIECE_MS
    room = int(_MOST_HZ / 1000.0 * duration * WIDTH) + WIDTH
    ids, steps = np.empty(room, np.int32), np.empty(room, np.int64)
    names = Neurons(_ADDRESS, WIDTH)
    if substrate == "chip":
        n = _on_chip(scenario, neuron, names, currents, ids, steps)
    else:
        n = _digital(scenario, neuron, names, currents, ids, steps)
    n = min(n, room)
    return SpikeTrains.of((steps[:n] + 1) * DT_MS, ids[:n], WIDTH, 0.0, duration)


def _background_start(scenario: Scenario) -> NDArray[np.float32]:
    """(WIDTH,) float32 [pA], the background before the first step, as networks begin."""
    p = scenario.network.parameters
    key = np.array([scenario.seed, PURPOSE_INITIAL], np.uint64)
    first = np.random.Generator(np.random.Philox(key=key)).standard_normal(WIDTH, np.float32)
    return (p.ou_mean + p.ou_std * first).astype(np.float32)


def _digital(
    scenario: Scenario,
    neuron: str,
    names: Neurons,
    currents: NDArray[np.float32],
    ids: NDArray[np.int32],
    steps: NDArray[np.int64],
) -> int:
    p, q = scenario.network.parameters, scenario.network.adex
    is_lif = neuron == "lif"
    rows = np.zeros((ROWS if is_lif else ADEX_ROWS, WIDTH), np.float32)
    rows[block.V] = membrane_start(scenario, neuron)[0]
    rows[block.I_BG] = _background_start(scenario)
    scratch = scratch_of(WIDTH, PIECE_STEPS)
    rest = names, currents, PIECE_STEPS, scenario.seed, scratch, ids, steps
    if is_lif:
        return int(lif_driven(rows.reshape(-1), lif_constants(p, DT_MS, p.ou_mean), *rest))
    return int(adex_driven(rows.reshape(-1), adex_constants(q, p, DT_MS, p.ou_mean, False), *rest))


def _on_chip(
    scenario: Scenario,
    neuron: str,
    names: Neurons,
    currents: NDArray[np.float32],
    ids: NDArray[np.int32],
    steps: NDArray[np.int64],
) -> int:
    check_ranges(scenario, (neuron,))
    p, a = scenario.network.parameters, scenario.analog
    rows = np.zeros((CIRCUIT_ROWS, WIDTH), np.float32)
    rows[circuit.OVER_DELTA_T] = 1.0
    pattern = Pattern(names.address, a.chip_seed, scenario.seed)
    for row, found in circuit_rows(scenario, neuron, pattern).items():
        rows[row] = found
    rows[block.V], rows[circuit.W_ADAPT] = membrane_start(scenario, neuron)
    rows[block.I_BG] = _background_start(scenario)
    f = np.float32
    sat_0, sat_1 = saturation(scenario)
    constants = CircuitConstants(  # no synapses are used
        background=background_of(p, DT_MS, p.ou_mean),
        g_exc=f(0.0),
        g_inh=f(0.0),
        e_exc=f(p.e_ampa),
        e_inh=f(p.e_gaba_a),
        v_drive=f(scenario.network.adex.v_drive),
        by_current=f(0.0),
        to_mv=f(DT_MS / p.c_m),
        noisy=f(a.size("membrane_noise") > 0),
        sat_0=f(sat_0),
        sat_1=f(sat_1),
    )
    kind = np.array([circuit.LIF if neuron == "lif" else circuit.ADEX], np.uint8)
    clock = Clock(PIECE_STEPS, 1000.0 * DT_MS, float(a.size("spike_jitter")), float(a.size("time_grid")))
    scratch = circuit_scratch(WIDTH, PIECE_STEPS)
    return int(
        circuit_driven(
            rows.reshape(-1),
            constants,
            kind,
            names,
            currents,
            PIECE_STEPS,
            scenario.seed,
            clock,
            scenario.seed,
            scratch,
            ids,
            steps,
        )
    )
