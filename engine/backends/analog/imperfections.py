"""The circuits of a chip, drawn by the terms of `engine.model.chip_terms`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.kernels.random import PURPOSE_ANALOG_DRIFT, PURPOSE_ANALOG_PATTERN
from engine.model.chip_terms import TERMS
from engine.settings import AnalogSettings

__all__ = ["Circuits", "draw_circuits"]


@dataclass(frozen=True)
class Circuits:
    """One number a circuit, (n_lanes,) float64 each; offsets in mV, the others without unit."""

    threshold: np.ndarray
    leak: np.ndarray
    reset: np.ndarray
    exc_gain: np.ndarray
    inh_gain: np.ndarray
    tau_m: np.ndarray
    tau_exc: np.ndarray
    tau_inh: np.ndarray


def draw_circuits(settings: AnalogSettings, n: int, swing_mv: float, run_seed: int) -> Circuits:
    """Draw the circuits of a chip: fixed pattern from its seed, drift from `run_seed`.

    Parameters
    ----------
    settings : AnalogSettings
    n : int
        Circuits, in the order in which neurons are put on them.
    swing_mv : float
        From rest to threshold [mV].
    """
    size = {name: settings.size(name) for name in TERMS}
    fixed = _generator(settings.chip_seed, PURPOSE_ANALOG_PATTERN)
    drift = _generator(run_seed, PURPOSE_ANALOG_DRIFT)

    def normal() -> np.ndarray:
        return fixed.standard_normal(n)

    # Drawn in a fixed order, so that a term's size never moves another term's numbers.
    return Circuits(
        threshold=swing_mv
        * (size["threshold"] * normal() + size["drift"] * drift.standard_normal(n)),
        leak=swing_mv * size["leak"] * normal(),
        reset=swing_mv * size["reset"] * normal(),
        exc_gain=np.maximum(0.0, 1.0 + size["exc_gain"] * normal()),
        inh_gain=np.maximum(0.0, 1.0 + size["inh_gain"] * normal()),
        tau_m=np.exp(size["tau_m"] * normal()),
        tau_exc=np.exp(size["tau_syn"] * normal()),
        tau_inh=np.exp(size["tau_syn"] * normal()),
    )


def _generator(seed: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=np.array([seed, purpose], np.uint64)))
