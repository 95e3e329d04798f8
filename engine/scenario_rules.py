"""What no single field of a scenario can know: rules between its tables, and with its labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import ParameterError, nearest_hint

if TYPE_CHECKING:
    from engine.scenario import Scenario

__all__ = ["EXCHANGE_MS", "require_consistent", "require_labels"]

EXCHANGE_MS = 1.0
MAX_UPSTROKE = 60


def require_consistent(scenario: Scenario) -> None:
    """Refuse tables that contradict each other.

    Raises
    ------
    ValueError
        As pydantic wants it.
    """
    n_sub = EXCHANGE_MS / scenario.dt
    if abs(n_sub - round(n_sub)) > 1e-9:
        raise ValueError(f"dt must divide 1 ms (got {scenario.dt:g} ms)")
    if scenario.duration != round(scenario.duration):
        raise ValueError(f"duration must be whole milliseconds (got {scenario.duration:g} ms)")
    for name in ("parameters", "adex", "two_compartment", "microcircuit"):
        p = getattr(scenario.network, name)
        if p.v_reset >= p.v_thresh:
            raise ValueError(
                f"network.{name}.v_reset must be below v_thresh = {p.v_thresh:g} mV "
                f"(got {p.v_reset:g} mV)"
            )
    adex = scenario.network.adex
    if not 0 < (adex.v_peak - adex.v_thresh) / adex.delta_t <= MAX_UPSTROKE:
        raise ValueError(
            f"network.adex.v_peak must be above v_thresh = {adex.v_thresh:g} mV by at most "
            f"{MAX_UPSTROKE} delta_t (got {adex.v_peak:g} mV)"
        )
    if scenario.network.recipe == "microcircuit" and scenario.network.columns:
        raise ValueError(
            "network.columns must be empty for the recipe microcircuit, where every region is "
            "a column already"
        )
    if scenario.network.recipe == "microcircuit" and scenario.neuron:
        raise ValueError(
            "neuron must be empty for the recipe microcircuit, whose populations have their own"
        )
    if scenario.network.recipe == "microcircuit" and scenario.plasticity:
        raise ValueError(
            "plasticity must be empty for the recipe microcircuit, whose rows hold no traces"
        )
    learning: dict[tuple[str, str, str], int] = {}
    for i, rule in enumerate(scenario.plasticity):
        for population in ("E", "I") if rule.population == "all" else (rule.population,):
            projection = rule.source, rule.target, population
            if projection in learning:
                raise ValueError(
                    f"plasticity.{i} must not repeat plasticity.{learning[projection]}: one "
                    f"rule for the synapses from {rule.source} to {rule.target}"
                )
            learning[projection] = i
    if scenario.network.recipe == "microcircuit" and scenario.lesion:
        raise ValueError(
            "lesion must be empty for the recipe microcircuit, whose columns have no tracts to "
            "cut yet"
        )
    if scenario.noc.feedback and scenario.network.recipe == "microcircuit":
        raise ValueError(
            "noc.feedback must be false for the recipe microcircuit, whose columns send "
            "nothing over the network on chip"
        )
    if scenario.noc.feedback and scenario.plasticity:
        raise ValueError(
            "noc.feedback must be false while projections learn, whose synapses keep one delay"
        )
    is_analog = scenario.regions.default == "analog" or bool(scenario.regions.analog)
    if scenario.network.recipe == "microcircuit" and is_analog:
        raise ValueError(
            "regions.analog must be empty for the recipe microcircuit, whose neurons the "
            "analog chip model does not have"
        )


def require_labels(scenario: Scenario, labels: tuple[str, ...]) -> None:
    """Refuse regions that a connectome of these labels does not have.

    Raises
    ------
    ParameterError
        A listed label is not in `labels`.
    """
    known = set(labels)
    for name in ("digital", "analog", "off"):
        for label in getattr(scenario.regions, name):
            if label not in known:
                raise ParameterError(
                    f"regions.{name}: must be labels of the connectome (got '{label}'). "
                    + nearest_hint(label, labels)
                )
    tables = {"neuron": scenario.neuron, "stimulus": scenario.stimulus, "lesion": scenario.lesion}
    for kind, items in tables.items():
        for i, item in enumerate(items):
            if item.region not in known:
                raise ParameterError(
                    f"{kind}.{i}.region: must be a label of the connectome "
                    f"(got '{item.region}'). " + nearest_hint(item.region, labels)
                )
    for label in scenario.network.columns:
        if label not in known:
            raise ParameterError(
                f"network.columns: must be labels of the connectome (got '{label}'). "
                + nearest_hint(label, labels)
            )
    for i, rule in enumerate(scenario.plasticity):
        named = {"source": rule.source, "target": rule.target}
        if rule.chip.reward_region:
            named["chip.reward_region"] = rule.chip.reward_region
        for name, label in named.items():
            if label not in known:
                raise ParameterError(
                    f"plasticity.{i}.{name}: must be a label of the connectome "
                    f"(got '{label}'). " + nearest_hint(label, labels)
                )
