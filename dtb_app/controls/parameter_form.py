"""A form made from the scenario's own declarations: label, unit, bounds, default, one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.model.chip_rule import ChipRule
from engine.model.lif import DtbParameters
from engine.model.microcircuit import MicrocircuitParameters
from engine.model.neuron_choice import NeuronChoice
from engine.model.neurons import NEURONS
from engine.model.plasticity import Plasticity
from engine.model.quantity import names_of
from engine.model.stimuli import Lesion, Stimulus
from engine.scenario.declarations import Declaration, declared
from engine.scenario.scenario import Scenario
from engine.scenario.settings import AnalogSettings, NetworkSettings, NocSettings

__all__ = ["ParameterForm", "hardware_sections", "model_sections"]

_REWARD = {"reward_region", "reward_rate_hz"}
_UNUSED = {  # fields of a ChipRule that a rule of it does not read
    "stdp": {"target_rate_hz", *_REWARD},
    "r_stdp": {"target_rate_hz"},
    "homeostasis": {"learning_rate", "amplitude_lsb", "tau", *_REWARD},
}


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

    _esm = Path(__file__).with_name("parameter_form.js")

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
    is_column = not scenario.recipe.is_joined
    wiring = () if is_column else ("in_degree", "sizes", "delays", "velocity")
    neurons = () if is_column else ("excitatory_neuron", "inhibitory_neuron")
    sections = [
        _section("Run", Scenario, scenario, "", ("duration", "transient", "seed")),
        _section(
            "Network",
            NetworkSettings,
            scenario.network,
            "network.",
            ("recipe", "neurons_per_region", *wiring, *neurons),
        ),
    ]
    for i, label in enumerate(scenario.network.columns):
        names: tuple[str, ...] = ("column_neurons",) if i == 0 else ()
        title = f"Column inside: {label}"
        section = _section(title, NetworkSettings, scenario.network, "network.", names)
        section["fields"] = [*_region_fields(f"network.columns.{i}", {"": label}, labels), *section["fields"]]
        sections.append({**section, "remove": f"columns.{i}"})
    for i, chosen in enumerate(scenario.neuron):
        title = f"Neurons: {chosen.region}"
        section = _section(title, NeuronChoice, chosen, f"neuron.{i}.", ("population", "model"))
        where = _region_fields(f"neuron.{i}", {"region": chosen.region}, labels)
        section["fields"] = where + section["fields"]
        sections.append({**section, "remove": f"neuron.{i}"})
    for i, stimulus in enumerate(scenario.stimulus):
        asked = ["kind", "population", "amplitude", "start", "stop"]
        if _has_dendrite(scenario, stimulus.region):
            asked.insert(2, "compartment")
        if stimulus.kind != "current":
            asked.append("frequency")
        if stimulus.kind in ("dbs", "pulse_train"):
            asked.append("width")
        title = f"Stimulus {i + 1}: {stimulus.region}"
        section = _section(title, Stimulus, stimulus, f"stimulus.{i}.", tuple(asked))
        where = _region_fields(f"stimulus.{i}", {"region": stimulus.region}, labels)
        section["fields"] = where + section["fields"]
        sections.append({**section, "remove": f"stimulus.{i}"})
    for i, lesion in enumerate(scenario.lesion):
        title = f"Lesion {i + 1}: {lesion.region}"
        section = _section(title, Lesion, lesion, f"lesion.{i}.", ("scope", "fraction"))
        where = _region_fields(f"lesion.{i}", {"region": lesion.region}, labels)
        section["fields"] = where + section["fields"]
        sections.append({**section, "remove": f"lesion.{i}"})
    for i, rule in enumerate(scenario.plasticity):
        title = f"Learns: {rule.source} → {rule.target}"
        if _is_analog(scenario, rule.target):
            section = _chip_section(title, rule, f"plasticity.{i}.")
        else:
            names = tuple(n for n in Plasticity.model_fields if n not in ("source", "target", "chip"))
            section = _section(title, Plasticity, rule, f"plasticity.{i}.", names)
        ends = {"source": rule.source, "target": rule.target}
        section["fields"] = _region_fields(f"plasticity.{i}", ends, labels) + section["fields"]
        sections.append({**section, "remove": f"plasticity.{i}"})
    if is_column:
        sections[1]["note"] = "A cortical column in each region, each by itself."
    if full and is_column:
        column = scenario.network.microcircuit
        names = tuple(MicrocircuitParameters.model_fields)
        prefix = "network.microcircuit."
        sections.append(_section("Column", MicrocircuitParameters, column, prefix, names))
        sections.append(_section("Numerics", Scenario, scenario, "", ("dt",)))
    elif full:
        sections += _neuron_sections(scenario)
        p = scenario.network.parameters
        background = tuple(n for n in DtbParameters.model_fields if n.startswith("ou_"))
        cells = tuple(n for n in DtbParameters.model_fields if n not in background)
        prefix = "network.parameters."
        sections.append(_section("Background", DtbParameters, p, prefix, background))
        sections.append(_section("LIF and synapses", DtbParameters, p, prefix, cells))
        sections.append(_section("Numerics", Scenario, scenario, "", ("dt",)))
    return sections


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


def _chip_section(title: str, rule: Plasticity, prefix: str) -> dict[str, Any]:
    """What acts where the target is analog: whose synapses, and the rule of the chip."""
    unused = _UNUSED[rule.chip.rule]
    names = tuple(n for n in ChipRule.model_fields if n not in unused)
    section = _section(title, Plasticity, rule, prefix, ("population",))
    section["fields"] += _section("", ChipRule, rule.chip, f"{prefix}chip.", names)["fields"]
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


def _neuron_sections(scenario: Scenario) -> list[dict[str, Any]]:
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
        fields = tuple(type(p).model_fields)
        sections.append(_section(title, type(p), p, f"network.{name}.", fields))
    return sections


def hardware_sections(scenario: Scenario) -> list[dict[str, Any]]:
    """The analog chip and the network on chip."""
    analog = _section(
        "Analog chip",
        AnalogSettings,
        scenario.analog,
        "analog.",
        tuple(n for n in AnalogSettings.model_fields if n != "terms"),
    )
    analog["note"] = "A software model of a chip; its time and energy are estimates."
    noc = _section("Network on chip", NocSettings, scenario.noc, "noc.", tuple(NocSettings.model_fields))
    for field in noc["fields"]:
        resolved = {"noc.link_rate_mpps": scenario.noc.packet_rate_mpps, "noc.speedup": scenario.speedup}.get(
            field["key"]
        )
        if resolved is not None:
            field["hint"] += f" In this scenario it is {resolved:g}."
    return [analog, noc]


def _section(
    title: str, model: type[BaseModel], values: BaseModel, prefix: str, names: tuple[str, ...]
) -> dict[str, Any]:
    fields = [
        _field(declared(model, name, prefix), model.model_fields[name], getattr(values, name))
        for name in names
    ]
    return {"title": title, "note": "", "remove": "", "fields": fields}


def _field(one: Declaration, info: FieldInfo, value: Any) -> dict[str, Any]:
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
    if names := names_of(info):
        field |= {"kind": "choice", "options": list(names), "labels": dict(one.options)}
    elif isinstance(default, bool):
        field |= {"kind": "choice", "options": ["off", "on"]}
        field |= {"value": "on" if value else "off", "default": "on" if default else "off"}
    elif isinstance(default, tuple):
        field["kind"] = "pair"
    elif not isinstance(default, (int, float)):
        field["kind"] = "text"
    return field
