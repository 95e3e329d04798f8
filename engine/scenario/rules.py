"""What no single field of a scenario can know: rules between its tables, and with its labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.amounts import number
from engine.errors import nearest_hint
from engine.model.neurons import NEURONS
from engine.model.recipes import RECIPES
from engine.scenario.settings import BACKENDS

if TYPE_CHECKING:
    from engine.scenario.scenario import Scenario

__all__ = ["EXCHANGE_MS", "contradictions", "label_keys", "label_problems"]

EXCHANGE_MS = 1.0
MAX_UPSTROKE = 60


def contradictions(scenario: Scenario) -> Iterator[str]:
    """What in a scenario contradicts something else in it, without a full stop."""
    n_sub = EXCHANGE_MS / scenario.dt
    if abs(n_sub - round(n_sub)) > 1e-9:
        yield f"dt must divide 1 ms (got {scenario.dt:g} ms)"
    if scenario.duration != round(scenario.duration):
        yield f"duration must be whole milliseconds (got {number(scenario.duration, 6)} ms)"
    yield from _membranes(scenario)
    for i, stimulus in enumerate(scenario.stimulus):
        if stimulus.stop <= stimulus.start:
            yield (
                f"stimulus.{i}.stop must be after start = {number(stimulus.start, 6)} ms "
                f"(got {number(stimulus.stop, 6)} ms)"
            )
    yield from _repeated_rules(scenario)
    yield from _ions(scenario)
    yield from _short_term(scenario)
    yield from _inhibitory(scenario)
    yield from _scaling(scenario)
    yield from _triplets(scenario)
    if not scenario.recipe.is_joined:
        yield from _columns_only(scenario)
        return
    if scenario.network.columns and (scenario.network.tuning or scenario.network.settling.duration):
        yield "network.columns must be empty for a tuned brain, whose regions are E and I populations"
    if scenario.noc.feedback and scenario.plasticity:
        yield "noc.feedback must be false while projections learn, whose synapses keep one delay"


def _membranes(scenario: Scenario) -> Iterator[str]:
    tables = (*(recipe.table for recipe in RECIPES), *(neuron.table for neuron in NEURONS if neuron.table))
    for name in dict.fromkeys(tables):
        p = getattr(scenario.network, name)
        if hasattr(p, "v_reset") and p.v_reset >= p.v_thresh:
            yield (
                f"network.{name}.v_reset must be below v_thresh = {p.v_thresh:g} mV (got {p.v_reset:g} mV)"
            )
    adex = scenario.network.adex
    if not 0 < (adex.v_peak - adex.v_thresh) / adex.delta_t <= MAX_UPSTROKE:
        yield (
            f"network.adex.v_peak must be above v_thresh = {adex.v_thresh:g} mV by at most "
            f"{MAX_UPSTROKE} delta_t (got {adex.v_peak:g} mV)"
        )


def _repeated_rules(scenario: Scenario) -> Iterator[str]:
    learning: dict[tuple[str, str, str], int] = {}
    for i, rule in enumerate(scenario.plasticity):
        for population in ("E", "I") if rule.population == "all" else (rule.population,):
            projection = rule.source, rule.target, population
            if projection in learning:
                yield (
                    f"plasticity.{i} must not repeat plasticity.{learning[projection]}: one "
                    f"rule for the synapses from {rule.source} to {rule.target}"
                )
                break
            learning[projection] = i


def _short_term(scenario: Scenario) -> Iterator[str]:
    """Where no synapses tire, or a class is declared twice."""
    classes = [rule.synapses for rule in scenario.short_term]
    for i, name in enumerate(classes):
        if name in classes[:i]:
            first = classes.index(name)
            yield f"short_term.{i}.synapses must be others than of short_term.{first} (got '{name}')"
    if not classes:
        return
    if analog := _analog_words(scenario):
        yield f"short_term must have no analog region, whose synapses do not tire (got {analog})"
    if scenario.network.columns:
        yield "short_term must have no columns, whose synapses do not tire"
    if scenario.noc.feedback:
        yield "noc.feedback must be false while synapses tire, which count spikes as they are sent"


def _inhibitory(scenario: Scenario) -> Iterator[str]:
    """Where inhibition does not learn, or twice."""
    yield from _once_and_digital(scenario, "inhibitory_plasticity", "as the chip has no such rule")


def _scaling(scenario: Scenario) -> Iterator[str]:
    """Where no neuron scales its inputs, or one is told twice to."""
    key = "synaptic_scaling"
    yield from _once_and_digital(scenario, key, "as a circuit has no such factor")
    excites = {c.region: c.model for c in scenario.neuron if c.population != "I"}
    for i, rule in enumerate(scenario.synaptic_scaling):
        model = excites.get(rule.region, scenario.network.excitatory_neuron)
        if NEURONS[model].has_dendrite:
            yield f"{key}.{i}.region must have neurons without a dendrite (got {model} in '{rule.region}')"


def _once_and_digital(scenario: Scenario, key: str, reason: str) -> Iterator[str]:
    """Where an item of a list names a region that is named before, not digital, or a column."""
    labels = [item.region for item in getattr(scenario, key)]
    for i, label in enumerate(labels):
        if label in labels[:i]:
            yield f"{key}.{i}.region must be another than of {key}.{labels.index(label)} (got '{label}')"
        if _is_analog(scenario, label):
            yield f"{key}.{i}.region must be digital, {reason} (got '{label}')"
        if label in scenario.network.columns:
            yield f"{key}.{i}.region must not be a column (got '{label}')"


def _triplets(scenario: Scenario) -> Iterator[str]:
    """Where triplets are to be counted by a chip, whose sensors see pairs."""
    for i, rule in enumerate(scenario.plasticity):
        if rule.pairing == "triplet" and _is_analog(scenario, rule.target):
            yield (
                f"plasticity.{i}.pairing must be 'all' or 'nearest' where the target is analog, as sensors "
                f"of the chip see pairs (got 'triplet' onto '{rule.target}')"
            )


def _is_analog(scenario: Scenario, label: str) -> bool:
    regions = scenario.regions
    elsewhere = {*regions.digital, *regions.off}
    return label in regions.analog or (regions.default == "analog" and label not in elsewhere)


def _analog_words(scenario: Scenario) -> str:
    """Which regions are analog, in a few words; "" where none is."""
    regions = scenario.regions
    return "as default" if regions.default == "analog" else ", ".join(regions.analog[:4])


def _ions(scenario: Scenario) -> Iterator[str]:
    """Where ions cannot move, or a region is made a focus twice."""
    foci = [one.region for one in scenario.focus]
    for i, label in enumerate(foci):
        if label in foci[:i]:
            yield f"focus.{i}.region must be another than of focus.{foci.index(label)} (got '{label}')"
    if not (foci or scenario.network.ions.is_on):
        return
    key = "network.ions" if scenario.network.ions.is_on else "focus"
    network = scenario.network
    models = {network.excitatory_neuron, network.inhibitory_neuron, *(c.model for c in scenario.neuron)}
    known = [neuron.name for neuron in NEURONS if neuron.holds_ions]
    if others := sorted(models - set(known)):
        yield f"{key} must have neurons of the kind {' or '.join(known)} alone (got {', '.join(others)})"
    if analog := _analog_words(scenario):
        yield f"{key} must have no analog region, whose circuits hold no chloride (got {analog})"
    if network.columns:
        columns = ", ".join(network.columns[:4])
        yield f"{key} must have no columns, whose synapses are currents (got {columns})"


def _columns_only(scenario: Scenario) -> Iterator[str]:
    """What the recipe microcircuit leaves no room for."""
    regions = scenario.regions
    for is_set, key, reason in (
        (scenario.network.columns, "network.columns must be empty", "where every region is a column already"),
        (scenario.network.tuning, "network.tuning must be empty", "whose columns have no tracts to tune"),
        (
            scenario.network.settling.duration,
            "network.settling.duration must be 0",
            "whose inhibition is the published one",
        ),
        (scenario.neuron, "neuron must be empty", "whose populations have their own"),
        (scenario.inhibitory_plasticity, "inhibitory_plasticity must be empty", "whose rows hold no traces"),
        (scenario.synaptic_scaling, "synaptic_scaling must be empty", "whose neurons have no factor"),
        (scenario.short_term, "short_term must be empty", "whose synapses do not tire"),
        (scenario.focus, "focus must be empty", "whose synapses are currents"),
        (scenario.network.ions.is_on, "network.ions must be off", "whose synapses are currents"),
        (scenario.plasticity, "plasticity must be empty", "whose rows hold no traces"),
        (scenario.lesion, "lesion must be empty", "whose columns have no tracts to cut yet"),
        (
            scenario.noc.feedback,
            "noc.feedback must be false",
            "whose columns send nothing over the network on chip",
        ),
        (
            regions.default == "analog" or regions.analog,
            "regions.analog must be empty",
            "whose neurons the analog chip model does not have",
        ),
    ):
        if is_set:
            yield f"{key} for the recipe {scenario.network.recipe}, {reason}"


def label_problems(scenario: Scenario, labels: tuple[str, ...]) -> list[str]:
    """What a scenario says of regions that a connectome of these labels does not have.

    Returns
    -------
    list of str
        One sentence each.
    """
    known = set(labels)
    return [
        f"{key}: must be {rule} of the connectome (got '{label}'). {nearest_hint(label, labels)}"
        for key, rule, label in _labels_named(scenario)
        if label not in known
    ]


def label_keys(scenario: Scenario) -> list[str]:
    """Dotted keys of the lists in which a scenario names regions: ``stimulus``, ``regions.off``.

    Returns
    -------
    list of str
        Each once, in the order in which they are named; a table in a list counts as its list.
    """
    keys = (key.split(".") for key, _, _ in _labels_named(scenario))
    return list(dict.fromkeys(k[0] if k[1:] and k[1].isdigit() else ".".join(k) for k in keys))


def _labels_named(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """Every label a scenario names: its key, what that wants, and the label."""
    one, many = "a label", "labels"
    for name in BACKENDS:
        yield from ((f"regions.{name}", many, label) for label in getattr(scenario.regions, name))
    for kind in (
        "neuron",
        "stimulus",
        "lesion",
        "focus",
        "inhibitory_plasticity",
        "synaptic_scaling",
        "trim",
    ):
        for i, item in enumerate(getattr(scenario, kind)):
            yield f"{kind}.{i}.region", one, item.region
    yield from (("network.columns", many, label) for label in scenario.network.columns)
    for i, rule in enumerate(scenario.plasticity):
        yield f"plasticity.{i}.source", one, rule.source
        yield f"plasticity.{i}.target", one, rule.target
        if rule.chip.reward_region:
            yield f"plasticity.{i}.chip.reward_region", one, rule.chip.reward_region
