"""One neuron with one noise: quick enough for a wide search, which the substrates then refine.

The equations are those of `engine.kernels.lif_cond` and `engine.kernels.adex` without synapses, a
neuron at a time in float64. Held to both by tests/unit/recorded/substrates_test.py.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.backends.digital.cells import steps_held
from engine.backends.drive import background_of
from engine.kernels.compiling import njit
from engine.model.adex import AdexParameters
from engine.model.lif import DtbParameters
from engine.recorded.neuron import DT_MS, LEAK_NS, OU_TAU_MS, PIECE_STEPS, current_of

__all__ = ["run_single"]

_LIF, _ADEX = DtbParameters(), AdexParameters()
_NONE = (0.0, 0.0, 0.0, 0.0)  # of an upstroke and adaptation


def run_single(
    neuron: str, values: dict[str, float], pieces: NDArray[np.float64], noise: NDArray[np.float64]
) -> NDArray[np.floating]:
    """Spike times of one neuron under a stimulus.

    Parameters
    ----------
    neuron : str
        "lif" or "adex".
    values : dict of str to float
        By the names of its knobs.
    pieces : (n_pieces,) float64 [standard deviations]
    noise : (n_pieces * 4,) float64
        Standard normal deviates, one a membrane step.

    Returns
    -------
    (n_spikes,) float64 [ms]
    """
    q = _ADEX if (is_adex := neuron == "adex") else _LIF
    background = _LIF.model_copy(update={"ou_std": values["noise"], "ou_tau": OU_TAU_MS})
    b = background_of(background, DT_MS, values["offset"], float)
    reset = values.get("v_reset", q.v_reset)
    steps = DT_MS / values["tau_m"], DT_MS / (LEAK_NS[neuron] * values["tau_m"])
    held = steps_held(values["t_refrac"], DT_MS)
    out = np.empty(noise.size, np.int64)
    n = _single(
        current_of(pieces, values).astype(np.float64),
        noise,
        PIECE_STEPS,
        (b.mean, b.step, b.kick),
        (*steps, q.v_rest, reset, held),
        (_ADEX.v_peak if is_adex else q.v_thresh, (q.v_thresh + reset) / 2),
        (_ADEX.delta_t, _ADEX.v_thresh, values["b"], DT_MS / values["tau_w"]) if is_adex else _NONE,
        out,
    )
    return (out[:n] + 1) * DT_MS


@njit(nogil=True, cache=True, error_model="numpy")
def _single(currents, noise, n_sub, background, membrane, ends, upstroke, out):
    """All are read, but `out`, which is written in place; returns how many spikes there are."""
    mean, step, kick = background
    leak, to_mv, v_rest, v_reset, n_hold = membrane
    v_spike, v = ends
    delta_t, v_t, jump, w_step = upstroke
    i_bg, w, hold, n = mean, 0.0, 0, 0
    for k in range(noise.size):
        i_bg += step * (mean - i_bg) + kick * noise[k]
        moved = v + leak * (v_rest - v) + to_mv * (i_bg + currents[k // n_sub] - w)
        if delta_t > 0.0:
            moved += leak * delta_t * math.exp(min((v - v_t) / delta_t, 80.0))
        w -= w_step * w
        if hold > 0:
            hold -= 1
            v = v_reset
        elif moved >= v_spike:
            v, hold = v_reset, n_hold
            w += jump
            out[n] = k
            n += 1
        else:
            v = moved
    return n
