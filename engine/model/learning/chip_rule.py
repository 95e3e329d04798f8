"""How synapses learn on an analog chip: what its plasticity processor is told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.model.quantity import Declared, about, choice, quantity

__all__ = ["ChipRule"]

_SENSOR = "electronicvisions/calix at e573081, correlation_calib_target"
_PAIRS = {"rule": ("stdp", "r_stdp")}
_REWARD = {"rule": ("r_stdp",)}


class ChipRule(Declared):
    """The rule of one projection onto an analog region, in the chip's integers.

    Every `period` a processor reads two correlation sensors a synapse and counters of spikes, and
    changes the 6-bit weights. With ``c+`` and ``c-`` the readings, halved, ``R`` the reward and
    ``nu`` the target's spikes in the period:

    - stdp: ``dw = learning_rate / 128 (c+ - c-)``
    - r_stdp: ``dw = learning_rate / 128 (R - mean R) c+`` (Frémaux & Gerstner 2016,
      doi 10.3389/fncir.2015.00085; on chip Wunderlich et al. 2019, doi 10.3389/fnins.2019.00260)
    - homeostasis: ``dw = sign(nu_target - nu)``

    Products are int8 fractions truncated towards zero, weights stay within 0 and 63. Held to
    closed forms by tests/unit/kernels/correlation_test.py and tests/unit/backends/chip_learning_test.py.
    """

    rule: Literal["stdp", "r_stdp", "homeostasis"] = choice(
        "stdp",
        "What an update follows: pairs of spikes, pairs times reward, or a target rate.",
        options={"stdp": "pairs", "r_stdp": "reward", "homeostasis": "target rate"},
    )
    period: int = quantity(
        5000,
        "ms",
        "Biological time from one update to the next.",
        low=1,
        high=10_000_000,
        step=500,
        source="assumed; demos update every 1 to 10 s",
        label="Update every",
    )
    learning_rate: int = quantity(
        32,
        "1/128",
        "An update's change over the reading, in 128ths (stdp, r_stdp).",
        low=0,
        high=127,
        step=4,
        source="assumed",
        where=_PAIRS,
    )
    target_rate_hz: float = quantity(
        8.0,
        "Hz",
        "Rate that homeostasis seeks for every neuron.",
        low=0.0,
        high=200.0,
        step=0.5,
        source="assumed",
        label="Target rate",
        where={"rule": ("homeostasis",)},
    )
    reward_region: str = Field(
        "",
        max_length=120,
        description="Region whose rate is the reward (r_stdp); the target where empty.",
        json_schema_extra=about(label="Reward: rate of", where=_REWARD),
    )
    reward_rate_hz: float = quantity(
        20.0,
        "Hz",
        "Rate of that region that counts as full reward.",
        low=0.1,
        high=200.0,
        step=1.0,
        source="assumed",
        label="Full reward at",
        where=_REWARD,
    )
    amplitude_lsb: float = quantity(
        0.5,
        "LSB",
        "What one pair of coinciding spikes adds to a sensor.",
        low=0.2,
        high=2.0,
        step=0.1,
        source=_SENSOR,
        label="Sensor, a pair",
        where=_PAIRS,
    )
    tau: float = quantity(
        5.0,
        "ms",
        "Biological time constant of both sensors.",
        low=2.0,
        high=30.0,
        step=1.0,
        source=_SENSOR,
        label="Sensor, time",
        where=_PAIRS,
    )
