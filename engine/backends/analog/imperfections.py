"""What makes a circuit differ from the equation it stands for: every term by name.

A term's size is a standard deviation; 'derived' was computed from published figures or acceptance
bounds, 'assumed' has no source and says so. U is 5.6 % of the swing from rest to threshold: the
spread of uncalibrated thresholds and resets, read off the figures of electronicvisions/
brainscales2-demos at 11e31d8 (single_neuron_fixed_pattern.svg). Calibrated spreads are U times the
acceptance bounds of electronicvisions/calix at e573081 (tests/hw/py), so they are upper bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.kernels.random import PURPOSE_ANALOG_DRIFT, PURPOSE_ANALOG_PATTERN

__all__ = ["TERMS", "Circuits", "Term", "draw_circuits", "sizes_of"]

_U = 0.056


@dataclass(frozen=True)
class Term:
    """One imperfection.

    Attributes
    ----------
    name : str
    calibrated, uncalibrated : float
        Standard deviation in `unit`.
    unit : str
    formula : str
    source : str
    standing : "measured", "derived" or "assumed"
    """

    name: str
    calibrated: float
    uncalibrated: float
    unit: str
    formula: str
    source: str
    standing: Literal["measured", "derived", "assumed"]


TERMS: dict[str, Term] = {
    t.name: t
    for t in (
        Term("synapse_gain", 0.02, 0.05, "of weight", "w (1 + N)", "no source", "assumed"),
        Term(
            "exc_gain", 0.022, 0.15, "of gain", "g (1 + N)",
            "PSP spread in dynamic_range_solution.svg, brainscales2-demos; uncalibrated assumed",
            "derived",
        ),
        Term(
            "inh_gain", 0.07, 0.15, "of gain", "g (1 + N)",
            "PSP spread in dynamic_range_solution.svg, brainscales2-demos; uncalibrated assumed",
            "derived",
        ),
        Term(
            "threshold", 0.35 * _U, _U, "of swing", "v_thresh + N",
            "U, calix bound 0.35", "derived",
        ),
        Term("leak", 0.30 * _U, _U, "of swing", "v_rest + N", "U, calix bound 0.30", "derived"),
        Term("reset", 0.20 * _U, _U, "of swing", "v_reset + N", "U, calix bound 0.20", "derived"),
        Term(
            "tau_m", 0.05, 0.12, "of tau_m", "g_leak / lognormal",
            "calix bound 0.45 of an unpublished spread", "assumed",
        ),
        Term(
            "tau_syn", 0.03, 0.15, "of tau_syn", "tau_syn lognormal",
            "calix bound 0.20 of an unpublished spread", "assumed",
        ),
        Term(
            "drift", 0.015, 0.015, "of swing", "v_thresh + N, new every run",
            "JulianGoeltz/fastAndDeep at 33e4876, yin_yang_hwAware.yaml", "measured",
        ),
        Term(
            "membrane_noise", 0.006, 0.006, "of swing", "white noise on V, this stationary spread",
            "cycle-to-cycle peak 1.0 of 179 LSB, single_neuron_fixed_pattern.svg", "derived",
        ),
    )
}  # fmt: skip


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


def sizes_of(mode: str) -> dict[str, float]:
    """Size of every term in a mode; all zero in 'ideal' and 'quantised'."""
    if mode in ("ideal", "quantised"):
        return dict.fromkeys(TERMS, 0.0)
    return {name: getattr(term, mode) for name, term in TERMS.items()}


def draw_circuits(mode: str, n: int, swing_mv: float, chip_seed: int, run_seed: int) -> Circuits:
    """Draw the circuits of a chip: fixed pattern from `chip_seed`, drift from `run_seed`.

    Parameters
    ----------
    mode : str
        As in ``AnalogSettings.mode``.
    n : int
        Circuits, in the order in which neurons are put on them.
    swing_mv : float
        From rest to threshold [mV].
    """
    size = sizes_of(mode)
    fixed = _generator(chip_seed, PURPOSE_ANALOG_PATTERN)
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
