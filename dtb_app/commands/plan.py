"""``dtb plan``: what a brain of any size asks of any number of devices."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from engine.amounts import number
from engine.errors import ParameterError
from engine.scale import (
    PARTS,
    PUBLISHED,
    Plan,
    PlanRequest,
    Remedy,
    make_plan,
    measure_here,
    plan_request,
    remedies,
)

__all__ = ["add", "report"]


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("plan")
    for name in (
        "neurons",
        "synapses_per_neuron",
        "devices",
        "rate_hz",
        "devices_per_node",
        "device_memory_gb",
    ):
        field = PlanRequest.model_fields[name]
        p.add_argument(
            "--" + name.replace("_", "-"),
            type=_number,
            metavar="N",
            help=f"{field.description} Default {field.default:g}.",
        )
    p.add_argument(
        "--routing", choices=("two_level", "p2p"), help=PlanRequest.model_fields["routing"].description
    )
    p.add_argument(
        "--machine",
        choices=("published", "here"),
        default="published",
        help="the cards of the 2024 run, or this computer, measured",
    )
    p.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="values",
        help="replace a coefficient, for instance link_gbit_s=400",
    )
    p.add_argument("--json", action="store_true", help="one JSON object")
    p.set_defaults(call=call)


def _number(text: str) -> int | float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number (got '{text}')") from None
    return int(value) if value.is_integer() else value


def call(arguments: argparse.Namespace) -> int:
    """Plan it and print."""
    asked = {
        name: value for name in PlanRequest.model_fields if (value := getattr(arguments, name)) is not None
    }
    request = plan_request(**asked)
    given = _given(arguments.values)
    machine = PUBLISHED
    if arguments.machine == "here":
        print("measuring this computer …", file=sys.stderr, flush=True)
        machine = measure_here()
    plan = make_plan(request, machine, given)
    answers = remedies(plan)
    if arguments.json:
        out = {**plan.as_json(), "what_would_it_take": [a.as_json() for a in answers]}
        print(json.dumps(out, allow_nan=False))
    else:
        print(report(plan, answers))
    return 0


def _given(items: list[str]) -> dict[str, float]:
    values = {}
    for item in items:
        name, sign, text = item.partition("=")
        try:
            values[name] = float(text)
        except ValueError:
            sign = ""
        if not sign or not name:
            raise ParameterError(f"--set: must be NAME=VALUE with a number (got '{item}').")
    return values


def report(plan: Plan, answers: tuple[Remedy, ...]) -> str:
    """A plan as text."""
    out, r = plan.as_json(), plan.request
    peers, traffic = out["peers_per_device"], out["traffic"]
    routed = out["routing"]
    lines = [
        f"{r.neurons:,} neurons, {r.synapses_per_neuron:g} synapses each "
        f"({number(r.neurons * r.synapses_per_neuron, 4)}), {r.devices:,} device{'s' * (r.devices != 1)} "
        f"({plan.machine.title}), {r.rate_hz:g} Hz",
        f"  slowdown    {number(plan.slowdown, 4)} times slower than life "
        f"({number(out['slowdown_low'], 4)} to {number(out['slowdown_high'], 4)} in nine draws of ten)",
    ]
    for name, value in plan.parts.items():
        lines.append(f"    {PARTS[name]:24} {value:10.4g} s/s")
    fits = ", ".join(f"{f['device_gb']:g} GB {f['fits']}" for f in out["memory_fits"])
    lines += [
        f"  memory      {number(plan.memory_known_gb, 4)} GB a device, {number(plan.memory_tables_gb, 4)} GB "
        f"with routing tables as assumed (fits: {fits})",
        f"  compute     {number(out['compute_s_per_s'], 4)} s/s",
        f"  traffic     a spike goes to {number(traffic['destinations_per_spike'], 4)} other devices; MB "
        "a device and biological second:",
        *(
            f"    {title:24} {one['sent_mb']:10,.0f} sent, network link "
            f"{one['network_link_mb']:,.0f} (busiest {one['busiest_network_link_mb']:,.0f}), "
            f"link in the node {one['node_link_mb']:,.0f}, {number(one['slowdown'], 4)} times slower"
            for title, one in (
                ("Straight", routed["p2p"]),
                (f"Through nodes of {r.devices_per_node}", routed["two_level"]),
            )
        ),
        f"  peers       {peers['p2p']:,} straight, {peers['two_level']:,} through nodes of "
        f"{r.devices_per_node} (at best {peers['best_two_level']:,}, nodes of "
        f"{peers['best_devices_per_node']})",
        f"  power       {number(out['energy_kw'], 4)} kW ({number(out['energy_kw_low'], 4)} to "
        f"{number(out['energy_kw_high'], 4)}), an estimate",
        "  published   rate Hz  published  predicted   error  nine in ten        constant  by rate",
    ]
    for p in out["published"]:
        lines.append(
            f"              {p['rate_hz']:7g} {p['slowdown']:10.1f} {p['predicted']:10.1f} "
            f"{p['error_percent']:+6.1f}%  {p['low']:6.1f} to {p['high']:6.1f}  "
            f"{p['baseline_constant']:10.1f} {p['baseline_proportional']:8.1f}  {p['role']}"
        )
    lines += [f"  warning     {w}" for w in out["warnings"]]
    lines += [f"  real time   {a.sentence}" for a in answers]
    lines.append("  coefficients")
    for c in plan.coefficients:
        span = "" if c.low == c.high else f" ({number(c.low, 4)} to {number(c.high, 4)})"
        lines.append(f"    {c.name:16} {c.value:10.4g} {c.unit:7} {c.standing:10}{span} {c.source}")
    return "\n".join(lines)
