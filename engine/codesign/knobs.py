"""The student's free knobs, as numbers of order 1 for an optimiser."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.scenario.declarations import declaration
from engine.scenario.scenario import Scenario

__all__ = ["KNOBS", "Knob", "knob_values", "with_knobs"]


@dataclass(frozen=True)
class Knob:
    """One knob.

    Attributes
    ----------
    key : str
        Dotted key in the scenario.
    label : str
    unit : str
    step : float
        What a move of 1 does: adds it, or multiplies by its exponential.
    is_factor : bool
    """

    key: str
    label: str
    unit: str
    step: float
    is_factor: bool

    def value(self, start: float, move: float) -> float:
        """Where a move from `start` leads, inside the declared bounds."""
        moved = start * math.exp(self.step * move) if self.is_factor else start + self.step * move
        low, high = self.bounds()
        return float(min(max(moved, low), high))

    def bounds(self) -> tuple[float, float]:
        """As declared."""
        one = declaration(self.key)
        low = -math.inf if one.low is None else one.low
        high = math.inf if one.high is None else one.high
        return float(low), float(high)


KNOBS: dict[str, Knob] = {
    k.key: k
    for k in (
        Knob("analog.weight_scale_local_exc", "Local excitation", "x", 0.2, True),
        Knob("analog.weight_scale_local_inh", "Inhibition", "x", 0.2, True),
        Knob("analog.weight_scale_long", "Long-range excitation", "x", 0.2, True),
        Knob("analog.bias_offset", "Bias", "pA", 20.0, False),
        Knob("analog.threshold_offset", "Threshold", "mV", 0.5, False),
        Knob("analog.tau_m_scale", "Membrane time constant", "x", 0.1, True),
    )
}


def knob_values(scenario: Scenario) -> dict[str, float]:
    """Where a scenario's knobs stand, by key."""
    flat = scenario.flat()
    return {key: float(flat[key]) for key in KNOBS}


def with_knobs(scenario: Scenario, moves: Sequence[float] | np.ndarray) -> Scenario:
    """The scenario with every knob moved from where it stands.

    Values are rounded to six digits, so that a scenario that was written and read again is the
    same.

    Parameters
    ----------
    scenario : Scenario
    moves : (n_knobs,) float64
        In the order of `KNOBS`, as `Knob.value` takes them.
    """
    start = knob_values(scenario)
    values: Mapping[str, float] = {
        key: float(f"{KNOBS[key].value(start[key], float(move)):.6g}")
        for key, move in zip(KNOBS, moves, strict=True)
    }
    return scenario.with_values(values)
