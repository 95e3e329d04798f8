"""Whether and when a region is recruited that nobody recorded, from the onsets of the others.

Latencies are compared as ``log(latency + 0.1 s)``, where a region that is not recruited counts as one that
comes after 10 s. The twin has lived seizures of the group's brain with every focus there may be, and with
inhibition that fails more or less. Each is brought to the pace b of the recorded one, the mean difference of
logarithms over the regions outside the focus that both recruit (those in the focus begin it, so that they
tell no pace), and weighed by ``exp(-d / tau^2 - (b / PACE)^2)``, d the mean squared difference that is left
over the regions that are recorded; the mean of the weighed says what the hidden region does. After Sip et
al. 2021 (PMC7920393), who hide regions of recorded seizures and compare with no structure and with an
empirical rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "PACE",
    "TAU",
    "Prediction",
    "by_rule",
    "by_twin",
    "latencies_seen",
    "rule_of",
    "without_structure",
]

TAU = 0.3
"""How alike two seizures must be; chosen on patients of seeds 1 and 3 to 6, which none is judged on."""
PACE = 0.7
"""By how much seizures of one kind differ in pace, as a logarithm; chosen on the same patients."""
_SHORT_S, _NEVER_S = 0.1, 10.0


class Prediction(NamedTuple):
    """What is said of a hidden region.

    Attributes
    ----------
    probability : float [1]
        That it is recruited.
    latency_s : float [s]
        If it is.
    """

    probability: float
    latency_s: float


def latencies_seen(latency_s: NDArray[np.float64], hidden: int) -> NDArray[np.float64]:
    """Latencies after the first region that is recorded.

    Parameters
    ----------
    latency_s : (n_regions,) float64 [s]
    hidden : int

    Returns
    -------
    (n_regions,) float64 [s]
        The hidden one's too; one that came before the first that is recorded has 0.
    """
    recorded = np.delete(latency_s, hidden)
    recorded = recorded[np.isfinite(recorded)]
    first = float(recorded.min()) if recorded.size else 0.0
    return np.asarray(np.maximum(latency_s - first, 0.0), np.float64)


def _log(latency_s: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.where(np.isfinite(latency_s), latency_s, _NEVER_S)
    return np.asarray(np.log(np.minimum(known, _NEVER_S) + _SHORT_S), np.float64)


def without_structure(latency_s: NDArray[np.float64], hidden: int, focus: Sequence[int]) -> Prediction:
    """The mean of the others, all alike: recruited as often, and as late, as they are.

    Parameters
    ----------
    latency_s : (n_regions,) float64 [s]
        That of the hidden one is not looked at, but for what is subtracted from all.
    hidden : int
    focus : sequence of int
        Regions in which it begins; the mean is better without them.
    """
    seen = latencies_seen(latency_s, hidden)
    others = [k for k in range(seen.size) if k != hidden and k not in focus]
    recruited = np.isfinite(seen[others])
    known = seen[others][recruited] if recruited.any() else np.delete(seen, hidden)
    known = known[np.isfinite(known)]
    return Prediction(float(recruited.mean()), float(known.mean()) if known.size else _NEVER_S)


def by_twin(
    latency_s: NDArray[np.float64],
    hidden: int,
    lived: NDArray[np.float64],
    focus: Sequence[int] = (),
    tau: float = TAU,
) -> Prediction:
    """What the hidden region does in seizures of the twin that are like this one elsewhere.

    Parameters
    ----------
    latency_s : (n_regions,) float64 [s]
        That of the hidden one is not looked at.
    hidden : int
    lived : (n_seizures, n_regions) float64 [s]
        Latencies in the twin's own seizures.
    focus : sequence of int
        Regions in which the recorded one begins.
    tau : float
    """
    regions = np.arange(latency_s.size)
    recorded = np.delete(regions, hidden)
    paced_by = np.array([k for k in recorded if k not in focus], np.int64)
    own = np.array([latencies_seen(one, hidden) for one in lived])
    seen = latencies_seen(np.where(regions == hidden, np.nan, latency_s), hidden)
    there = np.isfinite(own)
    ours, theirs = _log(own), _log(seen)
    both = there[:, paced_by] & np.isfinite(seen[paced_by])
    apart = np.where(both, theirs[paced_by] - ours[:, paced_by], 0.0)
    pace = apart.sum(axis=1) / np.maximum(both.sum(axis=1), 1)
    paced = np.where(there, ours + pace[:, None], ours)
    cost = ((paced[:, recorded] - theirs[recorded]) ** 2).mean(axis=1) / tau**2 + (pace / PACE) ** 2
    weight = np.exp(cost.min() - cost)
    weight /= weight.sum()
    comes = there[:, hidden]
    if not comes.any():
        return Prediction(0.0, _NEVER_S)
    probability = float(weight[comes].sum())
    # The least of weights, where only seizures that are unlike this one recruit it.
    held = weight[comes] + 1e-12
    late = float(np.exp(held @ paced[comes, hidden] / held.sum())) - _SHORT_S
    return Prediction(min(1.0, probability), max(0.0, late))


class Rule(NamedTuple):
    """Log latency as a line over the log of the tracts from the focus; `share` are recruited."""

    intercept: float
    slope: float
    share: float


def rule_of(lived: NDArray[np.float64], foci: Sequence[Sequence[int]], weights: NDArray[np.float64]) -> Rule:
    """The rule that knows the tracts and no recording, its scale from the twin's own seizures.

    Parameters
    ----------
    lived : (n_seizures, n_regions) float64 [s]
    foci : sequence of sequences of int
        Of each seizure.
    weights : (n_regions, n_regions) float64
        Of tracts from (column) to (row).
    """
    tract, late, there = [], [], []
    for latency, focus in zip(lived, foci, strict=True):
        for hidden in range(latency.size):
            if hidden in focus:
                continue
            is_there = bool(np.isfinite(latency[hidden]))
            there.append(is_there)
            if is_there:
                tract.append(np.log(weights[hidden, list(focus)].sum()))
                late.append(np.log(latencies_seen(latency, hidden)[hidden] + _SHORT_S))
    slope, intercept = np.polyfit(tract, late, 1)
    return Rule(float(intercept), float(slope), float(np.mean(there)))


def by_rule(hidden: int, focus: Sequence[int], weights: NDArray[np.float64], rule: Rule) -> Prediction:
    """The stronger its tracts from the focus, the earlier; nothing of the seizure is looked at.

    Parameters
    ----------
    hidden : int
    focus : sequence of int
    weights : (n_regions, n_regions) float64
    rule : Rule
    """
    at = rule.intercept + rule.slope * np.log(weights[hidden, list(focus)].sum())
    return Prediction(rule.share, max(0.0, float(np.exp(at)) - _SHORT_S))
