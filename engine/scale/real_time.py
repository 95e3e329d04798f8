"""What would it take: devices, links, cheaper messages or analog chips that reach real time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.amounts import number
from engine.backends.analog.energy import CHIP_POWER_W
from engine.backends.analog.resources import CIRCUITS_PER_CHIP, chips_for, circuits_for
from engine.brain.connectome import Connectome, load_connectome
from engine.scale.cost import Cost, cost_of, part_phrase
from engine.scale.load import load_of
from engine.scale.plan import Plan

__all__ = ["Remedy", "device_curve", "rate_curve", "remedies"]

_MAX_DEVICES = 10**7
_N_POINTS = 29
_N_NEAR = 11


@dataclass(frozen=True)
class Remedy:
    """One thing that could be changed, everything else as planned.

    Attributes
    ----------
    name : str
        "devices", "links", "messages" or "analog".
    reaches : bool
        Whether it alone reaches real time.
    value : float or None
        How much of it is needed.
    unit : str
    best_slowdown : float
        The least that any amount of it gives.
    binding : str
        What holds it there, a name of `PARTS`; "" where it reaches.
    sentence : str
    """

    name: str
    reaches: bool
    value: float | None
    unit: str
    best_slowdown: float
    binding: str
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """As a plain mapping."""
        return {**self.__dict__, "best_slowdown": round(self.best_slowdown, 4)}


def remedies(
    plan: Plan, connectome: Connectome | None = None, curve: tuple[np.ndarray, list[Cost]] | None = None
) -> tuple[Remedy, ...]:
    """Solve for each in turn, at the coefficients' own values.

    `curve` is what :func:`device_curve` gave, where it is known already.

    Parameters
    ----------
    plan : Plan
    connectome : Connectome, optional
    curve : ((n_points,) float64, list of Cost), optional
    """
    connectome = connectome or load_connectome("dk84")
    return (
        _devices(plan, connectome, curve or device_curve(plan, connectome)),
        _faster(plan, "links"),
        _faster(plan, "messages"),
        _analog(plan),
    )


def device_curve(
    plan: Plan, connectome: Connectome | None = None, n_points: int = _N_POINTS
) -> tuple[np.ndarray, list[Cost]]:
    """Devices, (n,) int64, and the cost of the same brain on so many, all draws."""
    connectome = connectome or load_connectome("dk84")
    most = min(plan.request.neurons, _MAX_DEVICES)
    counts = np.unique(np.round(np.geomspace(1, most, n_points)).astype(np.int64))
    counts = np.unique(np.append(counts, min(plan.request.devices, most)))
    costs = {int(n): _cost(plan, connectome, devices=int(n)) for n in counts}
    # More of them where it is fastest, so that the fastest is found to a few per cent.
    best = int(np.argmin([_total(costs[int(n)]) for n in counts]))
    low, high = counts[max(0, best - 1)], counts[min(best + 1, counts.size - 1)]
    for n in np.round(np.geomspace(low, high, _N_NEAR)).astype(np.int64):
        if int(n) not in costs:
            costs[int(n)] = _cost(plan, connectome, devices=int(n))
    found = np.array(sorted(costs), np.int64)
    return found, [costs[int(n)] for n in found]


def rate_curve(plan: Plan, rates_hz: np.ndarray, connectome: Connectome | None = None) -> list[Cost]:
    """Cost of the same brain at other rates, all draws.

    Parameters
    ----------
    plan : Plan
    rates_hz : (n_rates,) float64 [Hz]
    connectome : Connectome, optional
    """
    connectome = connectome or load_connectome("dk84")
    return [_cost(plan, connectome, rate_hz=float(r)) for r in rates_hz]


def _cost(plan: Plan, connectome: Connectome, **change: Any) -> Cost:
    first = {name: float(v[0]) for name, v in plan.values.items()}
    request = plan.request.model_copy(update=change)
    load = load_of(request, connectome, first["spike_bytes"], first["header_bytes"], first["patch_neurons"])
    return cost_of(load, plan.values)


def _largest(parts: dict[str, float]) -> str:
    return max(parts, key=lambda name: parts[name])


def _first(cost: Cost) -> dict[str, float]:
    return {name: float(np.ravel(part)[0]) for name, part in cost.parts.items()}


def _devices(plan: Plan, connectome: Connectome, curve: tuple[np.ndarray, list[Cost]]) -> Remedy:
    counts, costs = curve
    parts = [_first(c) for c in costs]
    totals = np.array([sum(p.values()) for p in parts])
    best = int(totals.argmin())
    fast = np.flatnonzero(totals <= 1.0)
    if fast.size:
        at = int(fast[0])
        n = int(counts[at])
        if at:  # between the last that is too slow and the first that is not
            below = int(counts[at - 1])
            n = _least(lambda d: _total(_cost(plan, connectome, devices=d)), below, n)
        return Remedy(
            "devices",
            True,
            n,
            "devices",
            float(totals[best]),
            "",
            f"{n:,} device{'s' if n > 1 else ''} would be enough for real time.",
        )
    binding = _largest(parts[best])
    return Remedy(
        "devices",
        False,
        None,
        "devices",
        float(totals[best]),
        binding,
        "No number of devices reaches real time: the fastest, about "
        f"{_round(counts[best]):,}, would still be {_times(totals[best])} slower than life, held "
        f"by {part_phrase(binding)} ({_times(parts[best][binding])}).",
    )


def _total(cost: Cost) -> float:
    return sum(_first(cost).values())


def _least(slowdown: Callable[[int], float], low: int, high: int) -> int:
    """Least whole number above `low` and up to `high` that reaches real time, by halving."""
    while high - low > max(1, high // 1000):
        middle = (low + high) // 2
        low, high = (low, middle) if slowdown(middle) <= 1.0 else (middle, high)
    return high


def _faster(plan: Plan, name: str) -> Remedy:
    """Links, or messages, that cost a fraction of what they do."""
    parts = plan.parts
    now = parts[name]
    if plan.load.messages == 0:
        return Remedy(
            name,
            plan.slowdown <= 1.0,
            None,
            "x",
            plan.slowdown,
            "",
            f"One device has no {name} to other devices that could be faster.",
        )
    hidden = _hidden(plan)  # own spikes that hide behind links and messages, and then no more

    def slowdown(share: float) -> float:
        other = parts["links" if name == "messages" else "messages"] + share * now
        rest = parts["neurons"] + parts["step"] + parts["arrived"]
        return rest + max(other, hidden)

    best = slowdown(0.0)
    if sum(parts.values()) <= 1.0:
        text = f"The {name} are fast enough as they are."
        return Remedy(name, True, 1.0, "x", best, "", text)
    if best <= 1.0:
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if slowdown(middle) <= 1.0 else (low, middle)
        factor = 1.0 / low if low else float("inf")
        if name == "links":
            gbit = plan.values["link_gbit_s"][0] * factor
            text = f"Links {number(factor, 3)} times as fast ({number(gbit, 4)} Gbit/s a device) would be "
            text += "enough."
        else:
            us = plan.values["message_us"][0] / factor
            text = f"Messages at {number(us, 2)} µs each instead of {number(us * factor, 2)} would be enough."
        return Remedy(name, True, factor, "x", best, "", text)
    rest = {k: v for k, v in parts.items() if k not in (name, "own")}
    rest["own"] = max(0.0, hidden - (parts["links"] + parts["messages"] - now))
    binding = _largest(rest)
    subject = "Links of any speed" if name == "links" else "Messages that cost nothing"
    return Remedy(
        name,
        False,
        None,
        "x",
        best,
        binding,
        f"{subject} do not reach real time: {_times(best)} slower remains, most of it "
        f"{part_phrase(binding)} ({_times(rest[binding])}).",
    )


def _hidden(plan: Plan) -> float:
    v = plan.values
    return float(1e-9 * v["event_ns"][0] * plan.load.local_events * v["imbalance"][0])


def _analog(plan: Plan) -> Remedy:
    """A share of the neurons on analog chips, the devices and their messages as they are."""
    request, parts = plan.request, plan.parts
    fan_in = round(request.synapses_per_neuron)
    circuits = circuits_for(fan_in)
    if circuits > CIRCUITS_PER_CHIP:
        return Remedy(
            "analog",
            False,
            None,
            "",
            plan.slowdown,
            _largest(parts),
            f"No analog chip helps: a neuron of {fan_in:,} inputs needs {circuits:,} circuits "
            f"and a chip has {CIRCUITS_PER_CHIP}.",
        )
    moved = parts["neurons"] + parts["arrived"] + parts["own"]
    rest = plan.slowdown - moved
    if plan.slowdown <= 1.0:
        return Remedy("analog", True, 0.0, "share", rest, "", "No analog chip is needed.")
    share = 1.0 if rest >= 1.0 else 1.0 - (1.0 - rest) / moved
    chips = chips_for(round(share * request.neurons), fan_in)
    low, high = (_power(w * chips) for w in CHIP_POWER_W)
    cost = f"{_many(chips)} chips of {CIRCUITS_PER_CHIP} circuits, {low} to {high} while they work"
    if rest < 1.0:
        return Remedy(
            "analog",
            True,
            share,
            "share",
            rest,
            "",
            f"{100 * share:.1f} % of the neurons on analog chips would be enough: {cost} "
            "(estimates, chips alone).",
        )
    kept = {k: v for k, v in parts.items() if k in ("step", "messages", "links")}
    binding = _largest(kept)
    return Remedy(
        "analog",
        False,
        None,
        "share",
        rest,
        binding,
        f"No share on analog chips short of all reaches real time: {_times(rest)} slower remains, "
        f"most of it {part_phrase(binding)}; all of it would take {cost} (estimates, chips "
        "alone, their own network not modelled).",
    )


def _times(value: float) -> str:
    return f"{number(value, 3)} times" if value >= 1 else f"{number(value, 2)} of real time"


def _round(n: int) -> int:
    """Two figures of it."""
    return int(float(f"{int(n):.2g}"))


def _many(n: int) -> str:
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if n >= size:
            return f"{number(n / size, 3)} {word}"
    return f"{n:,}"


def _power(watt: float) -> str:
    for size, unit in ((1e6, "MW"), (1e3, "kW")):
        if watt >= size:
            return f"{number(watt / size, 3)} {unit}"
    return f"{number(watt, 3)} W"
