"""Pinsky & Rinzel's pyramidal cell."""

from __future__ import annotations

from engine.model.neuron import Neuron
from engine.model.quantity import Declared, quantity

__all__ = ["PINSKY_RINZEL", "PinskyRinzelParameters"]

_SOURCE = "Pinsky & Rinzel 1994, doi 10.1007/BF00962717"


class PinskyRinzelParameters(Declared):
    """The neuron `pinsky_rinzel`: a soma with sodium spikes, a dendrite with calcium spikes.

    Channels are densities, as in the source; `c_m`, the capacitance of the whole cell, says how
    much membrane there is and so what a current of so many pA means. Synapses and background are
    those of the recipe and reach the compartments as in `two_compartment`.
    Held to its source by tests/reference/pinsky_rinzel_test.py.
    """

    c_m: float = quantity(
        500.0,
        "pF",
        "Capacitance of the whole cell, at 3 uF/cm2.",
        low=1.0,
        high=1e5,
        step=10.0,
        source="assumed: as the recipe's LIF; 125 pA are then 0.75 uA/cm2",
    )
    p: float = quantity(
        0.5, "", "Share of the membrane that is soma.", low=0.05, high=0.95, step=0.05, source=_SOURCE
    )
    g_c: float = quantity(
        2.1, "mS/cm2", "Coupling between soma and dendrite.", low=0.0, high=20.0, step=0.1, source=_SOURCE
    )
    g_leak: float = quantity(0.1, "mS/cm2", "Leak.", low=0.001, high=10.0, step=0.01, source=_SOURCE)
    g_na: float = quantity(
        30.0, "mS/cm2", "Sodium of the soma.", low=0.0, high=100.0, step=1.0, source=_SOURCE
    )
    g_dr: float = quantity(
        15.0,
        "mS/cm2",
        "Delayed-rectifier potassium of the soma.",
        low=0.0,
        high=100.0,
        step=1.0,
        source=_SOURCE,
    )
    g_ca: float = quantity(
        10.0, "mS/cm2", "Calcium of the dendrite.", low=0.0, high=100.0, step=1.0, source=_SOURCE
    )
    g_k_ahp: float = quantity(
        0.8,
        "mS/cm2",
        "Slow potassium of the dendrite, by calcium.",
        low=0.0,
        high=20.0,
        step=0.1,
        source=_SOURCE,
    )
    g_k_c: float = quantity(
        15.0,
        "mS/cm2",
        "Fast potassium of the dendrite, by potential and calcium.",
        low=0.0,
        high=100.0,
        step=1.0,
        source=_SOURCE,
    )
    e_leak: float = quantity(
        -60.0, "mV", "Leak reversal potential.", low=-120.0, high=0.0, step=1.0, source=_SOURCE
    )
    e_na: float = quantity(
        60.0, "mV", "Sodium reversal potential.", low=0.0, high=120.0, step=1.0, source=_SOURCE
    )
    e_k: float = quantity(
        -75.0, "mV", "Potassium reversal potential.", low=-150.0, high=0.0, step=1.0, source=_SOURCE
    )
    e_ca: float = quantity(
        80.0, "mV", "Calcium reversal potential.", low=0.0, high=200.0, step=1.0, source=_SOURCE
    )
    v_peak: float = quantity(
        -25.0,
        "mV",
        "Crossed upwards, it counts as a spike.",
        low=-50.0,
        high=20.0,
        step=5.0,
        source="OpenSourceBrain/PinskyRinzelModel at a9aa9c9",
    )
    t_refrac: float = quantity(
        1.0,
        "ms",
        "Crossings sooner than this count once.",
        low=1.0,
        high=20.0,
        step=0.5,
        source="assumed: one packet a step",
    )
    dt_inner: float = quantity(
        0.02,
        "ms",
        "Longest inner step; a membrane step is cut into equal ones.",
        low=0.001,
        high=0.05,
        step=0.005,
        source="chosen: spike times of figure 2A within 1 %",
    )
    apical_share: float = quantity(
        1.0,
        "",
        "Share of a long-range weight that reaches the dendrite; the soma gets the rest.",
        low=0.0,
        high=1.0,
        step=0.1,
        source="assumed: feedback ends in the apical tuft",
    )
    apical_inhibition: float = quantity(
        0.3,
        "",
        "Share of a local inhibitory weight that reaches the dendrite.",
        low=0.0,
        high=1.0,
        step=0.1,
        source="as for two_compartment",
    )
    i_offset: float = quantity(
        -400.0,
        "pA",
        "Constant current into the soma beside the background.",
        low=-2000.0,
        high=2000.0,
        step=10.0,
        source="chosen: an uncoupled neuron fires as often as the recipe's LIF, 3.8 Hz",
    )
    i_apical: float = quantity(
        0.0,
        "pA",
        "Constant current into the dendrite.",
        low=-2000.0,
        high=2000.0,
        step=10.0,
        source="assumed",
    )


PINSKY_RINZEL = Neuron(
    "pinsky_rinzel",
    "Pinsky–Rinzel",
    "Pinsky–Rinzel cell",
    "engine.backends.digital.pinsky_rinzel:PinskyRinzelCells",
    rows=21,
    step_cost=15.5,
    table="pinsky_rinzel",
    has_dendrite=True,
)
