"""Neurons that scale all their excitatory inputs to hold a rate."""

from __future__ import annotations

from pydantic import Field

from engine.model.quantity import Declared, about, quantity

__all__ = ["SynapticScaling"]

_SOURCE = "van Rossum, Bi & Turrigiano 2000, doi 10.1523/JNEUROSCI.20-23-08812.2000"


class SynapticScaling(Declared):
    """Homeostatic scaling of what excites a digital region's excitatory neurons.

    Each of them multiplies all its excitatory inputs, local and long-range, learning or not, by one factor
    ``s``, so that they keep their proportions. Its rate ``r`` is what its spikes leave in a trace that
    decays with `tau_rate`; every ms ``s`` grows by ``s (1 - r / rate_hz) 1 ms / tau`` and stays between
    1 / `largest` and `largest`: the proportional term of van Rossum, Bi & Turrigiano 2000. Held to that
    equation, integrated on the same spikes, by tests/unit/backends/scaling_test.py.
    """

    region: str = Field(description="Label of the region.", json_schema_extra=about(level="none"))
    rate_hz: float = quantity(
        4.0,
        "Hz",
        "Rate that every excitatory neuron seeks.",
        low=0.1,
        high=50.0,
        step=0.5,
        source="as network.settling",
        label="Target rate",
    )
    tau: float = quantity(
        20_000.0,
        "ms",
        "Time constant of the factor; in life it is hours to days.",
        low=100.0,
        high=1e9,
        step=1000.0,
        source="assumed, so that it can be seen",
        label="Time of scaling",
    )
    tau_rate: float = quantity(
        2000.0,
        "ms",
        "Time over which a neuron takes its rate.",
        low=10.0,
        high=1e6,
        step=100.0,
        source="assumed",
        label="Time of the rate",
    )
    largest: float = quantity(
        4.0,
        "",
        "Largest factor; the smallest is one over it.",
        low=1.0,
        high=100.0,
        step=0.5,
        source="assumed",
        label="Largest factor",
    )
