"""The planner: a brain and its devices in; memory, time, traffic, power and doubt out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.brain.connectome import Connectome, load_connectome
from engine.errors import ParameterError, nearest_hint
from engine.scale.coefficients import Coefficient, draw_values
from engine.scale.cost import Cost, cost_of, memory_gb
from engine.scale.load import Load, load_of
from engine.scale.machine import PUBLISHED, Machine, speeds
from engine.scale.published import calibrate, interval, published_points
from engine.scale.request import PlanRequest

__all__ = ["MEMORY_SIZES_GB", "Plan", "make_plan", "plan_values"]

MEMORY_SIZES_GB = (16.0, 32.0, 64.0)
_SEED = 1
_SPEEDS = {
    "update_ns": "Wall time of a neuron's membrane step.",
    "event_ns": "Wall time of a synaptic event.",
    "entry_ns": "Wall time to look up an arriving spike's synapses.",
}
_DERIVED = {
    "update_ns": "25.7 ms for a step of 12.5 M neurons (client notes), its fixed part taken off",
    "event_ns": "(synapse_bytes + 2 line_bytes) / memory_gb_s",
    "entry_ns": "2 line_bytes / memory_gb_s",
}


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan and everything it rests on.

    Attributes
    ----------
    request : PlanRequest
    machine : Machine
    coefficients : tuple of Coefficient
    values : dict of str to (n_draws,) float64
        The first of each is the single answer's.
    load : Load
    cost : Cost
        Of all draws.
    other_load, other_cost : Load, Cost
        The same with the other routing.
    memory_gb : dict of str to (n_draws,) float64
        Of a device, by what it holds.
    """

    request: PlanRequest
    machine: Machine
    coefficients: tuple[Coefficient, ...]
    values: dict[str, np.ndarray]
    load: Load
    cost: Cost
    other_load: Load
    other_cost: Cost
    memory_gb: dict[str, np.ndarray]

    @property
    def slowdown(self) -> float:
        """Wall clock over biological time."""
        return float(self.cost.slowdown[0])

    @property
    def slowdown_range(self) -> tuple[float, float]:
        """What nine draws in ten lie between."""
        return interval(self.cost.slowdown)

    @property
    def parts(self) -> dict[str, float]:
        """The slowdown by `engine.scale.cost.PARTS`; adds up to it."""
        return {name: float(np.ravel(part)[0]) for name, part in self.cost.parts.items()}

    @property
    def memory_known_gb(self) -> float:
        """Synapses and neurons of a device [GB]."""
        return float(self.memory_gb["synapses"][0] + self.memory_gb["neurons"][0])

    @property
    def memory_tables_gb(self) -> float:
        """With it lists and rows, whose layout is assumed [GB]."""
        return sum(float(np.ravel(part)[0]) for part in self.memory_gb.values())

    @property
    def power_kw(self) -> tuple[float, float, float]:
        """Of all devices while they work: value, low, high [kW]; an estimate."""
        c = next(c for c in self.coefficients if c.name == "device_w")
        kw = self.request.devices / 1000.0
        return kw * c.value, kw * c.low, kw * c.high

    @property
    def by_routing(self) -> dict[str, tuple[Load, Cost]]:
        """Load and cost of "p2p" and "two_level", whichever was asked for."""
        pair = {
            self.request.routing: (self.load, self.cost),
            _other(self.request.routing): (self.other_load, self.other_cost),
        }
        return {name: pair[name] for name in ("p2p", "two_level")}

    def fits(self, size_gb: float) -> str:
        """Whether a device of this memory holds its share: "yes", "without tables" or "no"."""
        if self.memory_tables_gb <= size_gb:
            return "yes"
        return "without tables" if self.memory_known_gb <= size_gb else "no"

    def devices_for(self, size_gb: float) -> int:
        """Devices of this memory that would hold synapses and neurons, and no table."""
        return math.ceil(self.request.devices * self.memory_known_gb / size_gb)

    def warnings(self) -> list[str]:
        """One sentence for each thing that does not fit."""
        said, size = [], self.request.device_memory_gb
        verdict = self.fits(size)
        larger = [s for s in MEMORY_SIZES_GB if s > size and self.fits(s) != "no"]
        if verdict == "no":
            more = min(self.devices_for(size), self.request.neurons)
            said.append(
                f"Synapses and neurons need {self.memory_known_gb:,.1f} GB a device and "
                f"{size:g} GB are there: use at least {more:,} devices"
                + (f", or devices of {larger[0]:g} GB." if larger else ".")
            )
        elif verdict == "without tables":
            said.append(
                f"Synapses and neurons fit into {size:g} GB a device, but with routing tables as "
                f"assumed they need {self.memory_tables_gb:,.1f} GB."
            )
        if self.machine.name == "here" and self.request.devices > 1:
            said.append(
                "Links and messages between several computers like this one are taken from the "
                "published cluster, not measured."
            )
        return said

    def as_json(self) -> dict[str, Any]:
        """What `dtb plan --json` prints, without what it would take."""
        load, low_high = self.load, self.slowdown_range
        power, power_low, power_high = self.power_kw
        return {
            "request": self.request.model_dump(),
            "machine": self.machine.name,
            "slowdown": round(self.slowdown, 4),
            "slowdown_low": round(low_high[0], 4),
            "slowdown_high": round(low_high[1], 4),
            "slowdown_parts": {k: round(v, 4) for k, v in self.parts.items()},
            "memory_gb_per_device": round(self.memory_known_gb, 4),
            "memory_with_tables_gb_per_device": round(self.memory_tables_gb, 4),
            "memory_parts_gb": {k: round(float(v[0]), 4) for k, v in self.memory_gb.items()},
            "memory_fits": [
                {"device_gb": s, "fits": self.fits(s), "devices_needed": self.devices_for(s)}
                for s in dict.fromkeys((*MEMORY_SIZES_GB, self.request.device_memory_gb))
            ],
            "neurons_per_device": round(load.neurons, 2),
            "synapses_per_device": round(load.synapses, 2),
            "compute_s_per_s": round(float(self.cost.compute[0]), 4),
            "traffic_mb_per_device_per_s": round(load.sent_mb, 4),
            "traffic": {
                "destinations_per_spike": round(load.reach.mean_destinations, 4),
                "synapses_on_own_device": round(load.reach.local_share, 4),
            },
            "routing": {
                name: {
                    "slowdown": round(float(np.ravel(cost.slowdown)[0]), 4),
                    "sent_mb": round(one.sent_mb, 4),
                    "network_link_mb": round(one.network_mb, 4),
                    "busiest_network_link_mb": round(one.max_network_mb, 4),
                    "node_link_mb": round(one.node_mb, 4),
                    "busiest_node_link_mb": round(one.max_node_mb, 4),
                    "relayed_mb": round(one.relayed_mb, 4),
                    "messages_per_step": one.messages / 1000.0,
                    "unit": "MB each way of a device in a biological second",
                }
                for name, (one, cost) in self.by_routing.items()
            },
            "peers_per_device": {
                "p2p": load.peers.p2p,
                "two_level": load.peers.two_level,
                "p2p_connected": round(load.reach.connected(), 1),
                "best_two_level": load.peers.best_two_level,
                "best_devices_per_node": load.peers.best_devices_per_node,
                "two_level_bound": round(load.peers.bound, 2),
            },
            "energy_kw": round(power, 4),
            "energy_kw_low": round(power_low, 4),
            "energy_kw_high": round(power_high, 4),
            "energy_kwh_per_biological_s": round(power * self.slowdown / 3600, 4),
            "energy_boundary": "devices with their share of host and network; an estimate",
            "warnings": self.warnings(),
            "coefficients": [c.as_json() for c in self.coefficients],
            "published": [p.as_json() for p in published_points()],
        }


def _other(routing: str) -> str:
    return "p2p" if routing == "two_level" else "two_level"


def plan_values(
    machine: Machine, given: Mapping[str, float] | None = None
) -> tuple[dict[str, np.ndarray], tuple[Coefficient, ...]]:
    """Draws of every coefficient of a machine, and the table of them.

    The cost of a message always comes from the calibration on the published cluster; `given`
    replaces values afterwards, so a wish for faster links does not change what was calibrated.

    Returns
    -------
    values : dict of str to (n_draws,) float64
    coefficients : tuple of Coefficient

    Raises
    ------
    ParameterError
        There is no coefficient of a given name.
    """
    given = given or {}
    fitted = calibrate()
    if machine is PUBLISHED:
        values = dict(fitted.values)
    else:
        values = draw_values(machine.coefficients, fitted.message_us.size - 1, _SEED)
        values["message_us"] = fitted.message_us
    rows = {c.name: c for c in machine.coefficients}
    rows["message_us"] = fitted.coefficient()
    for name, value in given.items():
        if name not in rows and name not in _SPEEDS:
            known = {*rows, *_SPEEDS}
            raise ParameterError(
                f"coefficient: unknown name '{name}'. " + nearest_hint(name, known, limit=30)
            )
        if not (np.isfinite(value) and value >= 0) or (value == 0 and name in _DIVISORS):
            rule = "above 0" if name in _DIVISORS else "a number that is not negative"
            raise ParameterError(f"{name}: must be {rule} (got {value:g}).")
        values[name] = np.full(fitted.message_us.size, float(value))
        if name in rows:
            old = rows[name]
            rows[name] = Coefficient(name, value, old.unit, old.sentence, "given", "assumed", value, value)
    if "memory_gb_s" in rows:  # event and entry follow from what may have been given
        for name in ("event_ns", "entry_ns"):
            values.pop(name, None)
        values = speeds(values)
    for name in _SPEEDS:
        if name in given:
            values[name] = np.full(fitted.message_us.size, float(given[name]))
            rows[name] = Coefficient(
                name, given[name], "ns", _SPEEDS[name], "given", "assumed", given[name], given[name]
            )
        elif name not in rows:
            value, (low, high) = float(values[name][0]), interval(values[name])
            rows[name] = Coefficient(
                name, value, "ns", _SPEEDS[name], _DERIVED[name], "derived", min(low, value), max(high, value)
            )
    return values, tuple(rows.values())


_DIVISORS = ("memory_gb_s", "link_gbit_s", "node_gb_s", "link_share", "patch_neurons")


def make_plan(
    request: PlanRequest,
    machine: Machine = PUBLISHED,
    given: Mapping[str, float] | None = None,
    connectome: Connectome | None = None,
) -> Plan:
    """Plan it.

    Parameters
    ----------
    request : PlanRequest
    machine : Machine
    given : mapping of str to float
        Coefficients to replace.
    connectome : Connectome, optional
        Whose volumes and weights are cut into devices; dk84 where left out.

    Raises
    ------
    ParameterError
        There is no coefficient of a given name.
    """
    values, rows = plan_values(machine, given)
    first = {name: float(v[0]) for name, v in values.items()}
    load, other = (
        load_of(
            asked,
            connectome or load_connectome("dk84"),
            first["spike_bytes"],
            first["header_bytes"],
            first["patch_neurons"],
        )
        for asked in (request, request.model_copy(update={"routing": _other(request.routing)}))
    )
    return Plan(
        request=request,
        machine=machine,
        coefficients=rows,
        values=values,
        load=load,
        cost=cost_of(load, values),
        other_load=other,
        other_cost=cost_of(other, values),
        memory_gb=memory_gb(load, values),
    )
