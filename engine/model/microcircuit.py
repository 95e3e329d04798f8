"""The cortical microcircuit of Potjans & Diesmann 2014: a square millimetre of cortex in numbers.

Tables and rules from "The cell-type specific cortical microcircuit", Cerebral Cortex 24:785-806,
doi 10.1093/cercor/bhs358 (tables 4 and 5), with the population-specific initial potentials and
the reference rates of its maintained implementation (INM-6/microcircuit-PD14-model).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.errors import ParameterError
from engine.model.quantity import Declared, choice, quantity

__all__ = [
    "FULL_SIZE",
    "IS_EXCITATORY",
    "POPULATIONS",
    "REFERENCE_RATES_HZ",
    "Column",
    "MicrocircuitParameters",
    "column_sizes",
]

POPULATIONS = ("L2/3E", "L2/3I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
IS_EXCITATORY = np.array([True, False] * 4)

# Neurons under one square millimetre (table 5).
SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
FULL_SIZE = int(SIZES.sum())

# Probability that a pair is connected at least once; row is target (table 5).
PROBABILITY = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)

# Background synapses of a neuron (table 5).
EXTERNAL = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])

# Mean rates of the whole circuit [Hz], from the reference implementation; scaling keeps them.
REFERENCE_RATES_HZ = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])

# Initial potentials close to the stationary ones [mV], from the reference implementation.
INITIAL_MEAN = np.array([-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43])
INITIAL_SD = np.array([5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48])

_L23E, _L4E = 0, 2
_SOURCE = "Potjans & Diesmann 2014, table 4"


class MicrocircuitParameters(Declared):
    """Neuron, synapse and background of the recipe `microcircuit`.

    ``c_m dV/dt = -c_m (V - v_rest) / tau_m + I_syn + I_dc``, ``tau_syn dI_syn/dt = -I_syn`` plus
    the weights that arrive; a spike and a reset at `v_thresh`.
    Held to its source by tests/reference/microcircuit_test.py.
    """

    c_m: float = quantity(250.0, "pF", "Membrane capacitance.", low=1.0, high=1e5, step=10.0, source=_SOURCE)
    tau_m: float = quantity(
        10.0, "ms", "Membrane time constant.", low=0.5, high=1e3, step=1.0, source=_SOURCE
    )
    v_rest: float = quantity(
        -65.0, "mV", "Resting potential.", low=-120.0, high=0.0, step=1.0, source=_SOURCE
    )
    v_thresh: float = quantity(
        -50.0, "mV", "Spike threshold.", low=-100.0, high=50.0, step=1.0, source=_SOURCE
    )
    v_reset: float = quantity(
        -65.0, "mV", "Potential after a spike.", low=-120.0, high=40.0, step=1.0, source=_SOURCE
    )
    t_refrac: float = quantity(
        2.0, "ms", "Absolute refractory time.", low=1.0, high=50.0, step=0.5, source=_SOURCE
    )
    tau_syn: float = quantity(
        0.5, "ms", "Synaptic time constant.", low=0.05, high=100.0, step=0.1, source=_SOURCE
    )
    psp: float = quantity(
        0.15,
        "mV",
        "Peak of an excitatory postsynaptic potential; L4E to L2/3E has twice it.",
        low=0.0,
        high=5.0,
        step=0.01,
        source=_SOURCE,
    )
    g: float = quantity(
        -4.0, "", "Inhibitory over excitatory weight.", low=-20.0, high=0.0, step=0.5, source=_SOURCE
    )
    weight_sd: float = quantity(
        0.1, "", "Standard deviation of a weight over its mean.", low=0.0, high=0.3, step=0.01, source=_SOURCE
    )
    delay_e: float = quantity(
        1.5,
        "ms",
        "Mean delay of an excitatory synapse.",
        low=0.1,
        high=6.0,
        step=0.1,
        source=_SOURCE,
        acts="build",
    )
    delay_i: float = quantity(
        0.75,
        "ms",
        "Mean delay of an inhibitory synapse.",
        low=0.1,
        high=6.0,
        step=0.05,
        source=_SOURCE,
        acts="build",
    )
    delay_sd: float = quantity(
        0.5,
        "",
        "Standard deviation of a delay over its mean.",
        low=0.0,
        high=1.0,
        step=0.05,
        source=_SOURCE,
        acts="build",
    )
    background_rate_hz: float = quantity(
        8.0,
        "Hz",
        "Rate of every background synapse.",
        low=0.0,
        high=50.0,
        step=0.5,
        source=_SOURCE,
        acts="live",
        slider=(0.0, 16.0, 0.1),
    )
    in_degree_scale: float = quantity(
        0.0,
        "",
        "Share of the published in-degree; 0 follows the number of neurons. Weights grow "
        "by one over its root and a constant current fills up the mean, so that mean and variance "
        "of the input stay (van Albada et al. 2015).",
        low=0.0,
        high=1.0,
        step=0.05,
        source="van Albada et al. 2015, doi 10.1371/journal.pcbi.1004490",
    )
    background: Literal["poisson", "dc"] = choice(
        "poisson", "Background spikes, or their mean as a constant current."
    )


@dataclass(frozen=True)
class Column:
    """A microcircuit of a given size, in numbers.

    Attributes
    ----------
    sizes : (8,) int64
        Neurons of each population.
    synapses : (8, 8) int64
        Total synapses, row is target.
    weight : (8, 8) float64 [pA]
        Mean weight, row is target.
    background_weight : float [pA]
    background_per_ms : (8,) float64
        Expected background spikes of a neuron in a millisecond.
    dc : (8,) float64 [pA]
        Constant current.
    """

    sizes: np.ndarray
    synapses: np.ndarray
    weight: np.ndarray
    background_weight: float
    background_per_ms: np.ndarray
    dc: np.ndarray

    @property
    def n_neurons(self) -> int:
        """Neurons of the column."""
        return int(self.sizes.sum())

    @property
    def n_synapses(self) -> int:
        """Synapses of the column."""
        return int(self.synapses.sum())

    @classmethod
    def of(cls, p: MicrocircuitParameters, sizes: np.ndarray, mean_size: int = 0) -> Column:
        """The circuit with populations of the given `sizes`, (8,) int64.

        In-degrees follow `mean_size` neurons, so that columns of unequal size share their weights;
        the column's own number where it is 0.
        """
        size = mean_size or int(sizes.sum())
        k_scale = p.in_degree_scale or min(1.0, size / FULL_SIZE)
        in_degree = full_synapses() / SIZES[:, None]
        synapses = np.round(in_degree * k_scale * sizes[:, None]).astype(np.int64)
        w = p.psp * psc_over_psp(p)
        weight = np.where(IS_EXCITATORY, w, p.g * w) * np.ones((8, 1))
        weight[_L23E, _L4E] *= 2.0
        root = math.sqrt(k_scale)
        charge = p.tau_syn * 1e-3  # of one spike of weight 1 pA, at a rate in Hz
        recurrent = charge * (weight * in_degree) @ REFERENCE_RATES_HZ
        external = charge * w * EXTERNAL * p.background_rate_hz
        is_dc = p.background == "dc"
        dc = (1.0 - root) * recurrent + (external if is_dc else (1.0 - root) * external)
        per_ms = EXTERNAL * k_scale * p.background_rate_hz * 1e-3
        return cls(
            sizes=sizes,
            synapses=synapses,
            weight=weight / root,
            background_weight=w / root,
            background_per_ms=np.zeros(8) if is_dc else per_ms,
            dc=dc,
        )


def column_sizes(n_neurons: int) -> np.ndarray:
    """(8,) int64, populations of a column of about `n_neurons`, in the published proportions.

    Raises
    ------
    ParameterError
        A population would be empty.
    """
    sizes = np.round(SIZES * (n_neurons / FULL_SIZE)).astype(np.int64)
    if sizes.min() < 1:
        least = math.ceil(0.5 / SIZES.min() * FULL_SIZE)
        raise ParameterError(
            f"network.neurons_per_region: must be at least {least} for the recipe 'microcircuit', "
            f"so that no population is empty (got {n_neurons})."
        )
    return sizes


def full_synapses() -> np.ndarray:
    """(8, 8) float64, synapses of the whole circuit from the connection probabilities.

    ``K = ln(1 - C) / ln(1 - 1/(N_pre N_post))``, as pairs may be connected more than once.
    """
    pairs = np.outer(SIZES, SIZES).astype(float)
    return np.log1p(-PROBABILITY) / np.log1p(-1.0 / pairs)


def psc_over_psp(p: MicrocircuitParameters) -> float:
    """Peak synaptic current over the peak potential it makes [pA/mV]."""
    m, s = p.tau_m, p.tau_syn
    if math.isclose(m, s):
        return p.c_m * math.e / s
    ratio = m / s
    rise = ratio ** (-m / (m - s)) - ratio ** (-s / (m - s))
    return 1.0 / (m * s / (p.c_m * (s - m)) * rise)
