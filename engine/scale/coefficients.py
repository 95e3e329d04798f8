"""Every number the planner rests on, each with where it comes from and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from engine.errors import ParameterError, nearest_hint

__all__ = ["PUBLISHED_MACHINE", "Coefficient", "Standing", "draw_values", "with_values"]

Standing = Literal["published", "measured", "derived", "assumed", "calibrated"]


@dataclass(frozen=True)
class Coefficient:
    """One number of the planner.

    Attributes
    ----------
    name : str
    value : float
        The planner's single answer uses this.
    unit : str
    sentence : str
        What it means.
    source : str
        Where the value and its range come from.
    standing : str
        ``published``: stated in a paper or in released code. ``measured``: on this machine.
        ``derived``: arithmetic on published values. ``assumed``: nobody was found who states it.
        ``calibrated``: chosen so that one published point is met.
    low, high : float
        Least and greatest value thought possible; equal to `value` where there is no doubt.
    """

    name: str
    value: float
    unit: str
    sentence: str
    source: str
    standing: Standing
    low: float
    high: float

    def __post_init__(self) -> None:
        values = (self.low, self.value, self.high)
        if not (np.isfinite(values).all() and 0 <= self.low <= self.value <= self.high):
            raise ParameterError(
                f"{self.name}: must be finite, not negative and lie between its low and high (got "
                f"{self.low:g}, {self.value:g}, {self.high:g})."
            )

    def as_json(self) -> dict[str, Any]:
        """As a plain mapping."""
        return asdict(self)


def _c(
    name: str,
    value: float,
    unit: str,
    sentence: str,
    standing: Standing,
    source: str,
    low: float | None = None,
    high: float | None = None,
) -> Coefficient:
    return Coefficient(
        name,
        value,
        unit,
        sentence,
        source,
        standing,
        value if low is None else low,
        value if high is None else high,
    )


_CODE = "Digital_twin_brain-open at b524ac0"

PUBLISHED_MACHINE: tuple[Coefficient, ...] = (
    _c(
        "n_sub",
        10,
        "",
        "Membrane steps in a millisecond.",
        "published",
        f"{_CODE}: test_demo.py, t_steps = 10",
    ),
    _c(
        "step_overhead_ms",
        14.4,
        "ms",
        "Wall time of a 1 ms step that no number of neurons, "
        "spikes or devices changes: starting kernels, reports, barriers.",
        "derived",
        "line through two released runs, 3 M neurons on 1 device 17.1 times and 12.5 M a device "
        "25.7 times slower than life (client notes); 0 if it all were neurons",
        0.0,
        16.7,
    ),
    _c(
        "imbalance",
        1.1,
        "",
        "Neurons and events of the fullest device over the mean.",
        "published",
        f"{_CODE}: generate_map.py stops swapping at 1.1",
        1.0,
        1.1,
    ),
    _c(
        "hub_share",
        1.0,
        "",
        "How much of the busiest device's excess traffic over the mean a step waits for.",
        "assumed",
        f"1: the released partition ({_CODE}) weighs no traffic, so hubs "
        "stay where they are; 0: a grouping by traffic, as the papers describe, spreads it evenly",
        0.0,
        1.0,
    ),
    _c(
        "memory_gb_s",
        800,
        "GB/s",
        "What a device's memory moves.",
        "assumed",
        "cards of the 16 GB HBM2 class; the card is named in no source read",
        500,
        1000,
    ),
    _c(
        "line_bytes",
        64,
        "B",
        "What one access at random moves.",
        "assumed",
        "one cache line; sectors of 32 and pairs of lines exist",
        32,
        128,
    ),
    _c(
        "synapse_bytes",
        6.125,
        "B",
        "Memory of a synapse: target, two weights of 8 bit, one bit.",
        "derived",
        f"{_CODE}: configuration.cpp",
    ),
    _c(
        "state_bytes",
        130,
        "B",
        "Memory of a neuron's state and parameters.",
        "derived",
        f"{_CODE}: 22 properties and the state arrays",
    ),
    _c(
        "rng_bytes",
        48,
        "B",
        "Memory of a neuron's random number generator.",
        "assumed",
        "an XORWOW state; the kind is in no source read",
        16,
        64,
    ),
    _c(
        "row_bytes",
        8,
        "B",
        "Memory of where a source's synapses begin, for every (neuron, other device) pair, at the receiver.",
        "assumed",
        "a 64-bit offset; the released layout has row pointers of unread width",
        4,
        12,
    ),
    _c(
        "spike_bytes",
        4,
        "B",
        "One spike in a list for one destination, and its place in the sender's list.",
        "published",
        f"{_CODE}: spike.cpp, uint32 positions",
    ),
    _c(
        "header_bytes",
        8,
        "B",
        "Length and destination before each list.",
        "published",
        f"{_CODE}: add_routing_record, two words",
    ),
    _c(
        "link_gbit_s",
        50,
        "Gbit/s",
        "Network link of one device, each way.",
        "published",
        f"{_CODE}: dist_simulator.sh, 4 adapters of 50 Gbit/s for 4 devices",
    ),
    _c(
        "link_share",
        0.8,
        "",
        "Share of the link that messages really get.",
        "assumed",
        "long messages; nothing published",
        0.5,
        0.95,
    ),
    _c(
        "node_gb_s",
        16,
        "GB/s",
        "Link between devices of one node, each way.",
        "assumed",
        "PCIe 3 with 16 lanes; nothing published",
        8,
        50,
    ),
    _c(
        "patch_neurons",
        86e9 / 22_703,
        "neurons",
        "Neurons among which short-range synapses stay.",
        "derived",
        "a whole brain in 22,703 voxels (Digital_twin_brain at f90fd3f)",
    ),
    _c(
        "device_w",
        300,
        "W",
        "Power of a device with its share of host and network.",
        "assumed",
        "data-centre accelerators; nothing published",
        200,
        500,
    ),
)


def with_values(
    coefficients: Iterable[Coefficient], values: Mapping[str, float], source: str = "given"
) -> tuple[Coefficient, ...]:
    """The same coefficients with some values replaced; those lose their range.

    Raises
    ------
    ParameterError
        There is no such coefficient, or a value is out of reach.
    """
    known = {c.name: c for c in coefficients}
    for name, value in values.items():
        if name not in known:
            raise ParameterError(
                f"coefficient: unknown name '{name}'. " + nearest_hint(name, known, limit=20)
            )
        if not (np.isfinite(value) and value >= 0):
            raise ParameterError(f"{name}: must be a number that is not negative (got {value}).")
        known[name] = replace(
            known[name], value=value, low=value, high=value, standing="assumed", source=source
        )
    return tuple(known.values())


def draw_values(coefficients: Iterable[Coefficient], n_draws: int, seed: int) -> dict[str, np.ndarray]:
    """Values of every coefficient; the first of each is its `value`, the others are drawn.

    Each is drawn on its own from a triangle over low, value and high.

    Returns
    -------
    dict of (1 + n_draws,) float64
    """
    rng = np.random.default_rng(seed)
    out = {}
    for c in coefficients:
        u = rng.random(n_draws)  # drawn for all, so that fixing one leaves the others as they were
        out[c.name] = np.concatenate([[c.value], _triangle(u, c.low, c.value, c.high)])
    return out


def _triangle(u: np.ndarray, low: float, mode: float, high: float) -> np.ndarray:
    """Triangular distribution by its inverse."""
    if high == low:
        return np.full(u.shape, mode)
    split = (mode - low) / (high - low)
    left = low + np.sqrt(u * (high - low) * (mode - low))
    right = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u < split, left, right)
