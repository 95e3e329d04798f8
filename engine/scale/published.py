"""The published points, the one that is calibrated on, and predictions of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engine.brain.connectome import load_connectome
from engine.scale.coefficients import Coefficient, draw_values
from engine.scale.cost import cost_of
from engine.scale.load import Load, load_of
from engine.scale.machine import PUBLISHED, speeds
from engine.scale.request import PlanRequest

__all__ = [
    "CALIBRATED_ON",
    "POINTS",
    "Calibration",
    "PublishedPoint",
    "calibrate",
    "interval",
    "published_load",
    "published_points",
]

POINTS: dict[float, float] = {7.0: 65.0, 15.0: 78.8, 30.0: 118.8}
"""Slowdown by mean rate [Hz]: 86e9 neurons, 47.8e12 synapses, 14,012 devices (cited from Nature
Computational Science 2024 and arXiv 2211.15963 by others; the full texts were not read)."""

CALIBRATED_ON = 7.0
N_DRAWS = 2000
_SEED = 1
_BAND = (5.0, 95.0)


@dataclass(frozen=True)
class PublishedPoint:
    """One published point beside what is predicted for it.

    Attributes
    ----------
    rate_hz, slowdown, predicted, low, high : float
        `low` and `high` hold nine draws in ten.
    error_percent : float
        Of the prediction.
    is_calibrated : bool
        Whether the prediction meets it by construction.
    constant, proportional : float
        Trivial predictions from the calibrated point: the same at any rate, and by the rate.
    """

    rate_hz: float
    slowdown: float
    predicted: float
    low: float
    high: float
    is_calibrated: bool
    constant: float
    proportional: float

    @property
    def error_percent(self) -> float:
        """Prediction over published, less one [%]."""
        return 100.0 * (self.predicted / self.slowdown - 1.0)

    def as_json(self) -> dict[str, Any]:
        """As `dtb plan` prints it."""
        return {
            "rate_hz": self.rate_hz,
            "slowdown": self.slowdown,
            "predicted": round(self.predicted, 2),
            "low": round(self.low, 2),
            "high": round(self.high, 2),
            "error_percent": round(self.error_percent, 2),
            "role": "calibrated on" if self.is_calibrated else "held out",
            "baseline_constant": self.constant,
            "baseline_proportional": round(self.proportional, 2),
        }


@dataclass(frozen=True, eq=False)
class Calibration:
    """The one number that is fitted: what a message costs beyond its bytes.

    Attributes
    ----------
    message_us : (1 + n_kept,) float64 [us]
        The first from the coefficients' own values, the others from draws.
    values : dict of str to (1 + n_kept,) float64
        All coefficients of the published machine with it.
    n_refused : int
        Draws that were slower than the published point without any message; left out.
    """

    message_us: np.ndarray
    values: dict[str, np.ndarray]
    n_refused: int

    def coefficient(self) -> Coefficient:
        """It as a coefficient, with the range that nine draws in ten have."""
        low, high = interval(self.message_us)
        return Coefficient(
            "message_us",
            float(self.message_us[0]),
            "us",
            "What a message to one peer costs beyond its bytes, in every step.",
            f"all of {POINTS[CALIBRATED_ON]:g} times slower than life at {CALIBRATED_ON:g} Hz that "
            "the other coefficients leave, over 3,505 peers",
            "calibrated",
            min(low, float(self.message_us[0])),
            max(high, float(self.message_us[0])),
        )


def interval(draws: np.ndarray) -> tuple[float, float]:
    """What nine draws in ten lie between.

    Parameters
    ----------
    draws : (n_draws,) float64
    """
    low, high = np.percentile(np.asarray(draws, np.float64), _BAND)
    return float(low), float(high)


@lru_cache(maxsize=8)
def published_load(rate_hz: float) -> Load:
    """What the published run asked of its devices at a rate."""
    v = {c.name: c.value for c in PUBLISHED.coefficients}
    return load_of(
        PlanRequest(rate_hz=rate_hz),
        load_connectome("dk84"),
        v["spike_bytes"],
        v["header_bytes"],
        v["patch_neurons"],
    )


@lru_cache(maxsize=1)
def calibrate() -> Calibration:
    """Fit the cost of a message to the one calibrated point, for every draw."""
    values = speeds(draw_values(PUBLISHED.coefficients, N_DRAWS, _SEED))
    load = published_load(CALIBRATED_ON)
    values["message_us"] = np.zeros(N_DRAWS + 1)
    bare = cost_of(load, values)
    # Messages hide the delivery of a device's own spikes, so that part is not counted twice.
    left = POINTS[CALIBRATED_ON] - (bare.slowdown - bare.parts["own"])
    kept = (left >= bare.parts["own"]) & (left > 0)
    kept[0] = True
    message_us = (left / load.messages * 1e6)[kept]
    values = {name: v[kept] for name, v in values.items()}
    values["message_us"] = message_us
    return Calibration(message_us, values, int((~kept).sum()))


def published_points(values: Mapping[str, Any] | None = None) -> tuple[PublishedPoint, ...]:
    """Every published point beside its prediction."""
    values = calibrate().values if values is None else values
    points = []
    anchor = POINTS[CALIBRATED_ON]
    for rate_hz, slowdown in POINTS.items():
        draws = cost_of(published_load(rate_hz), values).slowdown
        low, high = interval(draws)
        points.append(
            PublishedPoint(
                rate_hz,
                slowdown,
                float(draws[0]),
                low,
                high,
                rate_hz == CALIBRATED_ON,
                anchor,
                anchor * rate_hz / CALIBRATED_ON,
            )
        )
    return tuple(points)
