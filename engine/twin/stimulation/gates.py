"""What the sources say of the shape of an effect, held against what these circuits do.

Bounds were set before any patient was judged, and are not moved when a gate does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.twin.trial.interval import mean_interval

__all__ = ["QUARTER", "REACHED", "SATURATED", "gates_of"]

QUARTER = 0.25
"""Of the effect of 130 Hz, which no frequency below 40 Hz may reach."""
SATURATED = 0.05
"""By which the effect may still change from 150 to 200 Hz."""
REACHED = 0.1
"""Of the set point, by which the mean biomarker may be above it."""

_KUMARAVELU = "Kumaravelu et al. 2016, doi 10.1007/s10827-016-0593-9"
_FLEMING = "Fleming et al. 2020, doi 10.3389/fnins.2020.00166"


def _difference(a: Sequence[float], b: Sequence[float]) -> tuple[float, float, float]:
    """Mean of a - b over patients, and its interval; a single patient is its own."""
    apart = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    low, high = mean_interval(apart)
    mean = float(apart.mean())
    return mean, (low if np.isfinite(low) else mean), (high if np.isfinite(high) else mean)


def gates_of(
    effects: Mapping[str, Sequence[float]],
    sweep: Mapping[float, Sequence[float]],
    power_share: Sequence[float],
    errors: Sequence[float],
    errors_before: Sequence[float],
    beta_ratio: Sequence[float],
) -> list[dict[str, Any]]:
    """Hold every gate.

    Parameters
    ----------
    effects : mapping of str to sequence of float
        Of each condition, one a patient.
    sweep : mapping of float to sequence of float
        Frequency [Hz] to effects, one a patient.
    power_share : sequence of float
        Of closed loop over open loop, one a patient.
    errors : sequence of float
        Mean relative error of closed loop, one a patient.
    errors_before : sequence of float
        That of the untreated circuit, which must be large for the set point to be worth reaching.
    beta_ratio : sequence of float
        Beta without dopamine over that of the healthy circuit, one a patient.

    Returns
    -------
    list of dict
        ``what``, ``expected``, ``found``, ``holds``, ``source``.
    """
    mean = {f: float(np.mean(values)) for f, values in sweep.items()}
    at_130 = mean[130.0]
    slow = {f: e for f, e in mean.items() if f < 40.0}
    best_slow = max(slow, key=lambda f: slow[f])
    rise, rise_low, _ = _difference(sweep[130.0], sweep[50.0])
    between = [mean[f] for f in sorted(mean) if 50.0 <= f <= 130.0]
    order = float(np.corrcoef(np.arange(len(between)), np.argsort(np.argsort(between)))[0, 1])
    last, _, _ = _difference(sweep[200.0], sweep[150.0])
    regular, regular_low, _ = _difference(effects["open_loop"], effects["random_timing"])
    right, right_low, _ = _difference(effects["open_loop"], effects["wrong_frequency"])
    sham = float(np.abs(effects["sham"]).max())
    power, error, before = (float(np.mean(x)) for x in (power_share, errors, errors_before))

    def gate(what: str, expected: str, found: str, holds: bool, source: str) -> dict[str, Any]:
        return {"what": what, "expected": expected, "found": found, "holds": bool(holds), "source": source}

    return [
        gate(
            "Loss of dopamine makes beta",
            "more beta than the healthy circuit in every patient",
            f"{min(beta_ratio):.2f} to {max(beta_ratio):.2f} times",
            min(beta_ratio) > 1.0,
            "by construction of a parkinsonian circuit",
        ),
        gate("Sham", "no effect at all", f"{sham:.2g}", sham == 0.0, "by definition"),
        gate(
            "No help below 40 Hz",
            f"less than {QUARTER:g} of the effect of 130 Hz at every frequency below 40 Hz",
            f"{slow[best_slow]:.0%} at {best_slow:g} Hz, where it is most, and {at_130:.0%} at 130 Hz",
            slow[best_slow] < QUARTER * at_130,
            _KUMARAVELU,
        ),
        gate(
            "More effect from 50 to 130 Hz",
            "rising with frequency, and surely more at 130 Hz than at 50 Hz",
            f"{mean[50.0]:.0%} at 50 Hz, {rise:+.1%} from there (at least {rise_low:+.1%}), "
            f"rank correlation {order:.2f}",
            rise_low > 0 and order > 0,
            _KUMARAVELU,
        ),
        gate(
            "Saturation above 150 Hz",
            f"at most {SATURATED:.0%} of change from 150 to 200 Hz",
            f"{last:+.1%}",
            abs(last) <= SATURATED,
            _KUMARAVELU,
        ),
        gate(
            "Even timing",
            "surely more effect than the same pulses at random times",
            f"{regular:+.1%} (at least {regular_low:+.1%})",
            regular_low > 0,
            _KUMARAVELU,
        ),
        gate(
            "Right frequency",
            "surely more effect than 20 Hz of equal energy",
            f"{right:+.1%} (at least {right_low:+.1%})",
            right_low > 0,
            "control",
        ),
        gate(
            "Closed loop",
            f"mean beta at most {REACHED:.0%} above the set point, with less power than open loop",
            f"{error:+.1%} where untreated is {before:+.1%}, with {power:.0%} of the power",
            error <= REACHED < before and max(power_share) < 1.0,
            _FLEMING,
        ),
    ]
