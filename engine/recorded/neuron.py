"""The numbers of a neuron that follows a recording, and their bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from engine.errors import ParameterError, nearest_hint
from engine.recorded.cell import PIECE_MS
from engine.scenario.scenario import Scenario

__all__ = [
    "DT_MS",
    "LEAK_NS",
    "NEURONS_FITTED",
    "OU_TAU_MS",
    "PIECE_STEPS",
    "Knob",
    "current_of",
    "knobs_of",
    "scenario_of",
]

DT_MS = 0.05
"""Membrane step."""
PIECE_STEPS = round(PIECE_MS / DT_MS)
"""Membrane steps in a piece of the stimulus; noise is drawn four at a time."""

LEAK_NS = {"lif": 25.0, "adex": 30.0}
"""Leak of either neuron, as declared; the capacitance follows from the time constant [nS]."""
OU_TAU_MS = 1.0
"""Correlation time of the noise current."""


@dataclass(frozen=True)
class Knob:
    """One number that is fitted.

    Attributes
    ----------
    name, label, unit : str
    low, high : float [`unit`]
    start : float [`unit`]
        What is usual.
    is_log : bool
        Whether it is searched by its logarithm.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    start: float
    is_log: bool = False


_DRIVE = (
    Knob("gain", "Current per standard deviation of the stimulus", "pA", 50.0, 1500.0, 400.0),
    Knob("offset", "Mean current", "pA", 100.0, 1500.0, 600.0),
    Knob("tau_stimulus", "Low-pass filter of the stimulus", "ms", 0.05, 10.0, 1.0, True),
    Knob("delay", "Delay of the stimulus", "ms", 0.0, 15.0, 5.0),
    Knob("noise", "Spread of the noise current", "pA", 0.0, 1000.0, 200.0),
    Knob("tau_m", "Membrane time constant", "ms", 0.8, 20.0, 3.0, True),
    Knob("t_refrac", "Refractory time", "ms", 1.0, 5.0, 2.0),
)
NEURONS_FITTED: dict[str, tuple[Knob, ...]] = {
    "lif": (*_DRIVE, Knob("v_reset", "Potential after a spike", "mV", -70.0, -52.0, -60.0)),
    "adex": (
        *_DRIVE,
        Knob("b", "Adaptation with every spike", "pA", 0.0, 400.0, 20.0),
        Knob("tau_w", "Adaptation time constant", "ms", 5.0, 8000.0, 300.0, True),
    ),
}
"""What is fitted of each neuron."""


def knobs_of(neuron: str) -> tuple[Knob, ...]:
    """What is fitted of a neuron.

    Raises
    ------
    ParameterError
        It is not one of `NEURONS_FITTED`.
    """
    if neuron not in NEURONS_FITTED:
        hint = nearest_hint(neuron, NEURONS_FITTED)
        raise ParameterError(f"recorded.neuron: must be a neuron that can be fitted (got {neuron!r}). {hint}")
    return NEURONS_FITTED[neuron]


def scenario_of(neuron: str, values: dict[str, float], seed: int, chip_seed: int) -> Scenario:
    """Numbers of a neuron, its noise and its chip as a scenario.

    Parameters
    ----------
    neuron : str
    values : dict of str to float
        By the names of its knobs.
    seed : int
        Of the noise.
    chip_seed : int
        Which chip, where it is a circuit.
    """
    leak = LEAK_NS[neuron]
    capacitance = leak * values["tau_m"]
    said: dict[str, float | int] = {
        "dt": DT_MS,
        "seed": seed,
        "analog.chip_seed": chip_seed,
        "network.parameters.ou_mean": values["offset"],
        "network.parameters.ou_std": values["noise"],
        "network.parameters.ou_tau": OU_TAU_MS,
    }
    here = "network.parameters" if neuron == "lif" else "network.adex"
    said[f"{here}.c_m"], said[f"{here}.g_leak"] = capacitance, leak
    for name in ("t_refrac", "v_reset", "b", "tau_w"):
        if name in values:
            said[f"{here}.{name}"] = values[name]
    if neuron == "adex":
        said["network.adex.a"], said["network.adex.i_offset"] = 0.0, 0.0
    return Scenario().with_values(said)


def current_of(pieces: NDArray[np.float64], values: dict[str, float]) -> NDArray[np.float32]:
    """What the stimulus brings to the membrane: delayed, filtered, amplified.

    Before the stimulus has arrived its mean stands for it.

    Parameters
    ----------
    pieces : (n_pieces,) float64 [standard deviations]
    values : dict of str to float

    Returns
    -------
    (n_pieces,) float32 [pA]
    """
    at = np.arange(pieces.size) - values["delay"] / PIECE_MS
    late = np.interp(at, np.arange(pieces.size), pieces, left=0.0)
    keep = float(np.exp(-PIECE_MS / values["tau_stimulus"]))
    return (values["gain"] * lfilter([1.0 - keep], [1.0, -keep], late)).astype(np.float32)
