"""The adaptive exponential integrate-and-fire neuron."""

from __future__ import annotations

from engine.model.neuron import Neuron
from engine.model.quantity import Declared, quantity

__all__ = ["ADEX", "ADEX_CURRENT", "AdexParameters"]

_SOURCE = "Brette & Gerstner 2005, doi 10.1152/jn.00686.2005, figure 2"


class AdexParameters(Declared):
    """The membrane of the neurons `adex` and `adex_current`.

    ``c_m dV/dt = g_leak (v_rest - V) + g_leak delta_t exp((V - v_thresh)/delta_t) - w + I``,
    ``tau_w dw/dt = a (V - v_rest) - w``; at `v_peak` a spike, V to `v_reset` and w up by `b`.
    Synapses and background are those of the recipe; `adex_current` has the current that a synapse
    of `adex` would have at a membrane potential of `v_drive`.
    Held to NEST and Brian2 by tests/reference/single_neuron_test.py.
    """

    c_m: float = quantity(281.0, "pF", "Membrane capacitance.", low=1.0, high=1e5, step=10.0, source=_SOURCE)
    g_leak: float = quantity(30.0, "nS", "Leak conductance.", low=0.01, high=1e4, step=1.0, source=_SOURCE)
    v_rest: float = quantity(
        -70.6, "mV", "Leak reversal potential.", low=-120.0, high=0.0, step=1.0, source=_SOURCE
    )
    v_thresh: float = quantity(
        -50.4, "mV", "Where the upstroke begins.", low=-100.0, high=50.0, step=1.0, source=_SOURCE
    )
    delta_t: float = quantity(
        2.0, "mV", "Sharpness of the upstroke.", low=0.5, high=20.0, step=0.5, source=_SOURCE
    )
    v_peak: float = quantity(
        0.0,
        "mV",
        "Where the upstroke counts as a spike; little depends on it.",
        low=-80.0,
        high=60.0,
        step=5.0,
        source="assumed; figure 2 has 20 mV",
    )
    v_reset: float = quantity(
        -70.6, "mV", "Potential after a spike.", low=-120.0, high=40.0, step=1.0, source=_SOURCE
    )
    t_refrac: float = quantity(
        2.0,
        "ms",
        "Absolute refractory time; at least one exchange step.",
        low=1.0,
        high=100.0,
        step=0.5,
        source="assumed: as the recipe's LIF",
    )
    a: float = quantity(
        4.0, "nS", "Adaptation with the potential.", low=-1e3, high=1e3, step=1.0, source=_SOURCE
    )
    b: float = quantity(
        80.5, "pA", "Adaptation with every spike.", low=0.0, high=1e4, step=5.0, source=_SOURCE
    )
    tau_w: float = quantity(
        144.0, "ms", "Adaptation time constant.", low=1.0, high=1e4, step=10.0, source=_SOURCE
    )
    i_offset: float = quantity(
        160.0,
        "pA",
        "Constant current beside the background.",
        low=-2000.0,
        high=2000.0,
        step=10.0,
        source="chosen: an uncoupled neuron fires as often as the recipe's LIF, 3.8 Hz",
    )
    v_drive: float = quantity(
        -60.0,
        "mV",
        "Potential at which current synapses (adex_current) have their current.",
        low=-120.0,
        high=0.0,
        step=1.0,
        source="assumed: between rest and threshold",
    )


ADEX = Neuron(
    "adex",
    "AdEx",
    "Adaptive exponential",
    "engine.backends.digital.adex:AdexCells",
    rows=11,
    step_cost=1.4,
    table="adex",
    circuit="adex",
    holds_ions=True,
)
ADEX_CURRENT = Neuron(
    "adex_current",
    "AdEx, current",
    "Adaptive exponential, current synapses",
    "engine.backends.digital.adex:AdexCurrentCells",
    rows=11,
    step_cost=1.4,
    table="adex",
    circuit="adex_current",
)
