"""A form made from the scenario's own declarations: label, unit, bounds, default, one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent
from pydantic import BaseModel

from engine.model.learning.plasticity import Plasticity
from engine.model.neurons import NEURONS
from engine.model.quantity import Level
from engine.model.stimuli import Stimulus
from engine.scenario.declarations import Declaration, asked, declared
from engine.scenario.scenario import Scenario

__all__ = ["ParameterForm", "hardware_sections", "model_sections"]


class ParameterForm(JSComponent):
    """Fields in sections; a change arrives as ``action = {"key", "value", "nonce"}``.

    `sections` is a list of ``{"title", "note", "remove", "fields"}``, `buttons` a list of
    ``{"name", "label", "regions", "hint"}`` whose press arrives as ``action = {"press", "regions",
    "nonce"}``; one with a hint cannot be pressed, and its hint says why. `shown` is
    ``{"remove", "nonce"}`` of a section to bring into view.
    """

    sections = param.List(default=[])
    buttons = param.List(default=[])
    action = param.Dict(default={})
    shown = param.Dict(default={})

    _esm = _bundle = Path(__file__).with_name("parameter_form.js")

    def bring(self, remove: str) -> None:
        """Bring the section of an added thing, as "lesion.0", into view."""
        self.shown = {"remove": remove, "nonce": self.shown.get("nonce", 0) + 1}


def model_sections(scenario: Scenario, full: bool, labels: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Run, network, stimuli, lesions, and with `full` every neuron parameter.

    Parameters
    ----------
    scenario : Scenario
    full : bool
    labels : sequence of str
        Of the connectome, to choose another region for what was added; without them it is fixed.
    """
    level: Level = "full" if full else "basic"
    network = scenario.network
    of_run = asked(scenario, "", level)
    of_network = asked(network, "network.", level)
    sections = [
        _section("Run", scenario, _under("", of_run)),
        _section("Network", network, _under("", of_network)),
    ]
    if not scenario.recipe.is_joined:
        sections[1]["note"] = "A cortical column in each region, each by itself."
    for i, label in enumerate(network.columns):
        ones = _under("Column inside", of_network) if i == 0 else []
        section = _section(f"Column inside: {label}", network, ones)
        section["fields"] = [*_region_fields(f"network.columns.{i}", {"": label}, labels), *section["fields"]]
        sections.append({**section, "remove": f"columns.{i}"})
    for key, title in (
        ("neuron", "Neurons: {item.region}"),
        ("stimulus", "Stimulus {n}: {item.region}"),
        ("lesion", "Lesion {n}: {item.region}"),
        ("plasticity", "Learns: {item.source} → {item.target}"),
    ):
        for i, item in enumerate(getattr(scenario, key)):
            place = f"{key}.{i}"
            section = _item_section(scenario, title.format(n=i + 1, item=item), item, f"{place}.")
            where = _region_fields(place, _regions_of(item), labels)
            sections.append({**section, "fields": where + section["fields"], "remove": place})
    if scenario.recipe.is_joined:
        sections += _neuron_sections(scenario, level)
    of_recipe = asked(scenario.recipe_parameters, f"network.{scenario.recipe.table}.", level)
    last = declared(type(network), scenario.recipe.table).heading
    for heading in sorted(dict.fromkeys(one.heading for one in of_recipe), key=lambda h: h == last):
        sections.append(_section(heading, scenario.recipe_parameters, _under(heading, of_recipe)))
    if numerics := _under("Numerics", of_run):
        sections.append(_section("Numerics", scenario, numerics))
    return sections


def _under(heading: str, ones: Sequence[Declaration]) -> list[Declaration]:
    return [one for one in ones if one.heading == heading]


def _region_fields(prefix: str, regions: dict[str, str], labels: Sequence[str]) -> list[dict[str, Any]]:
    """Choices of a region by key below `prefix`; none without labels to choose from."""
    if not labels:
        return []
    return [
        {
            "key": f"{prefix}.{name}" if name else prefix,
            "label": name.capitalize() or "Region",
            "unit": "",
            "hint": "A label of the connectome.",
            "value": region,
            "default": region,
            "step": "any",
            "kind": "choice",
            "options": list(labels),
            "labels": {},
        }
        for name, region in regions.items()
    ]


def _is_analog(scenario: Scenario, label: str) -> bool:
    regions = scenario.regions
    elsewhere = label in regions.digital or label in regions.off
    return label in regions.analog or (regions.default == "analog" and not elsewhere)


def _regions_of(item: BaseModel) -> dict[str, str]:
    """The regions that an item of a list is about, by key."""
    ones = (declared(type(item), name) for name in type(item).model_fields)
    return {one.name: getattr(item, one.name) for one in ones if one.annotation is str and not one.names}


def _item_section(scenario: Scenario, title: str, item: BaseModel, prefix: str) -> dict[str, Any]:
    """What a form asks of an item of a list."""
    ones = asked(item, prefix)
    if isinstance(item, Stimulus) and not _has_dendrite(scenario, item.region):
        ones = [one for one in ones if one.name != "compartment"]
    if not (isinstance(item, Plasticity) and _is_analog(scenario, item.target)):
        return _section(title, item, ones)
    # Where the target is analog: whose synapses, and the rule of the chip.
    section = _section(title, item, [one for one in ones if one.name == "population"])
    section["fields"] += _section("", item.chip, asked(item.chip, f"{prefix}chip."))["fields"]
    return section | {"note": "On the analog chip: sensors in its synapses, integer updates."}


def _models(scenario: Scenario) -> set[str]:
    """Names of the neurons that occur."""
    network = scenario.network
    chosen = {choice.model for choice in scenario.neuron}
    return {network.excitatory_neuron, network.inhibitory_neuron} | chosen


def _has_dendrite(scenario: Scenario, region: str) -> bool:
    network = scenario.network
    here = {choice.model for choice in scenario.neuron if choice.region == region}
    here |= {network.excitatory_neuron, network.inhibitory_neuron}
    return any(NEURONS[name].has_dendrite for name in here)


def _neuron_sections(scenario: Scenario, level: Level) -> list[dict[str, Any]]:
    """Parameters of the neurons that occur, the LIF left out."""
    network = scenario.network
    tables: dict[str, str] = {}
    for neuron in NEURONS:
        if neuron.table and neuron.name in _models(scenario):
            first = next(n for n in NEURONS if n.table == neuron.table)
            tables[neuron.table] = first.title
    sections = []
    for name, title in tables.items():
        p = getattr(network, name)
        if ones := asked(p, f"network.{name}.", level):
            sections.append(_section(title, p, ones))
    return sections


def hardware_sections(scenario: Scenario) -> list[dict[str, Any]]:
    """The analog chip and the network on chip."""
    analog = _section("Analog chip", scenario.analog, asked(scenario.analog, "analog.", "full"))
    analog["note"] = "A software model of a chip; its time and energy are estimates."
    noc = _section("Network on chip", scenario.noc, asked(scenario.noc, "noc.", "full"))
    for field in noc["fields"]:
        resolved = {"noc.link_rate_mpps": scenario.noc.packet_rate_mpps, "noc.speedup": scenario.speedup}.get(
            field["key"]
        )
        if resolved is not None:
            field["hint"] += f" In this scenario it is {resolved:g}."
    return [analog, noc]


def _section(title: str, values: BaseModel, ones: Sequence[Declaration]) -> dict[str, Any]:
    fields = [_field(one, getattr(values, one.name)) for one in ones]
    return {"title": title, "note": "", "remove": "", "fields": fields}


def _field(one: Declaration, value: Any) -> dict[str, Any]:
    hint = one.sentence + (f" Default from: {one.source}." if one.source else "")
    default = one.default
    ends = {"low": one.low, "high": one.high}
    field: dict[str, Any] = {
        "key": one.key,
        "label": one.label,
        "unit": one.unit,
        "hint": hint,
        "value": list(value) if isinstance(value, tuple) else value,
        "default": list(default) if isinstance(default, tuple) else default,
        "step": "any" if one.step is None else one.step,
        "kind": "number",
        "options": [],
        "labels": {},
        **{end: bound for end, bound in ends.items() if bound is not None},
    }
    if names := one.names:
        field |= {"kind": "choice", "options": list(names), "labels": dict(one.options)}
    elif isinstance(default, bool):
        field |= {"kind": "choice", "options": ["off", "on"]}
        field |= {"value": "on" if value else "off", "default": "on" if default else "off"}
    elif isinstance(default, tuple):
        field["kind"] = "pair"
    elif not isinstance(default, (int, float)):
        field["kind"] = "text"
    return field
