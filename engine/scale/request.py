"""What is asked of the planner."""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationError

from engine.errors import ParameterError, nearest_hint
from engine.model.quantity import Declared, choice, quantity

__all__ = ["PLAN_PRESETS", "PlanRequest", "plan_request"]


class PlanRequest(Declared):
    """A brain and the devices it is to run on."""

    neurons: int = quantity(
        86_000_000_000, "", "How many neurons.", low=1, high=10**14, source="the 2024 run"
    )
    synapses_per_neuron: float = quantity(
        556, "", "Inputs of a neuron.", low=0, high=1e6, source="47.8e12 / 86e9, the 2024 run"
    )
    devices: int = quantity(
        14_012, "", "Cards or computers that share the brain.", low=1, high=10**8, source="the 2024 run"
    )
    rate_hz: float = quantity(7.0, "Hz", "Mean rate of all neurons.", low=0, high=1000)
    devices_per_node: int = quantity(
        4,
        "",
        "Devices in one box, the groups of two-level routing.",
        low=1,
        high=10**5,
        source="4 cards in a node of the released scripts",
    )
    device_memory_gb: float = quantity(
        16.0, "GB", "Memory of a device.", low=0.1, high=1e5, source="16 GB in the team's client notes"
    )
    routing: Literal["two_level", "p2p"] = choice(
        "two_level", "Through one device of each node, or straight to every device."
    )


# Name on the page, and what is asked.
PLAN_PRESETS: dict[str, dict[str, float]] = {
    "The 2024 run: 86 billion neurons": {},
    "Mission: 150 trillion synapses": {"synapses_per_neuron": 1744},
    "Mouse": {"neurons": 71_000_000, "synapses_per_neuron": 14_366, "devices": 640, "rate_hz": 4.2},
    "This laptop": {
        "neurons": 20_160,
        "synapses_per_neuron": 100,
        "devices": 1,
        "rate_hz": 2.5,
        "devices_per_node": 1,
    },
}


def plan_request(**values: object) -> PlanRequest:
    """Check what is asked.

    Raises
    ------
    ParameterError
        With one sentence that says what would fit.
    """
    for name in values:
        if name not in PlanRequest.model_fields:
            raise ParameterError(
                f"plan: unknown name '{name}'. " + nearest_hint(name, PlanRequest.model_fields)
            )
    try:
        request = PlanRequest(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise ParameterError(f"plan.{name}: must be {_rule(name)} (got {first['input']}).") from None
    if request.devices > request.neurons:
        raise ParameterError(
            f"plan.devices: must be at most one a neuron (got {request.devices:,} devices for "
            f"{request.neurons:,} neurons). Use {request.neurons:,} or fewer."
        )
    if request.synapses_per_neuron > request.neurons:
        raise ParameterError(
            "plan.synapses_per_neuron: must be at most the number of neurons, since inputs come "
            f"from different ones (got {request.synapses_per_neuron:g} for {request.neurons:,} "
            f"neurons). Use {request.neurons:,} or fewer."
        )
    return request


def _rule(name: str) -> str:
    field = PlanRequest.model_fields[name]
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    if low is None:
        return "two_level or p2p"
    kind = "a whole number" if field.annotation is int else "a number"
    return f"{kind} from {low:g} to {high:,.12g}"
