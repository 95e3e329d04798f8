"""What a scenario says that is taken and yet does nothing, or acts otherwise than it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.amounts import number
from engine.model.topologies import TOPOLOGIES
from engine.scenario.tuning_file import is_at_hand, load_tuning

if TYPE_CHECKING:
    from engine.scenario.scenario import Scenario

__all__ = ["live_remark", "moved_words", "remarks_on", "statistics_begin_ms"]

_TUNED_FOR = ("neurons_per_region", "in_degree", "sizes", "connectome_weights", "wiring_seed")


def statistics_begin_ms(transient: float, duration: float) -> float:
    """When statistics begin [ms]: after the transient, but no later than half of what there is."""
    return min(transient, duration / 2)


def remarks_on(scenario: Scenario, labels: tuple[str, ...]) -> list[str]:
    """What is worth saying of a scenario that can be run.

    Parameters
    ----------
    scenario : Scenario
    labels : tuple of str
        Of the connectome's regions.

    Returns
    -------
    list of str
        One sentence each, beginning with the key; empty where nothing is.
    """
    backend = dict(zip(labels, scenario.backend_of(labels), strict=True))
    return [
        f"{key}: {sentence}."
        for part in (
            _times(scenario),
            _places(scenario, backend),
            _unused(scenario, backend),
            _tuned_elsewhere(scenario),
        )
        for key, sentence in part
    ]


def live_remark(scenario: Scenario, labels: tuple[str, ...], key: str) -> str:
    """What does not follow when a value is moved during a run; "" where all does.

    Parameters
    ----------
    scenario : Scenario
        Of the run.
    labels : tuple of str
        Of the connectome's regions.
    key : str
        What is moved, as "network.coupling".
    """
    if key != "network.coupling":
        return ""
    backend = dict(zip(labels, scenario.backend_of(labels), strict=True))
    on_chip = [
        f"{rule.source} → {rule.target}"
        for rule in scenario.plasticity
        if backend.get(rule.target) == "analog" and rule.source != rule.target
    ]
    if not on_chip:
        return ""
    return (
        f"The coupling does not move synapses that learn on the chip ({', '.join(on_chip)}): they keep "
        "the weights they have. All others follow."
    )


def moved_words(change: Mapping[str, float]) -> str:
    """What was moved during a run at one moment, without the moment: "coupling 1.5", "learning off"."""
    said = []
    for key, value in change.items():
        if key == "learning":
            said.append(f"{key} {'on' if value else 'off'}")
        elif key != "time_ms":
            said.append(f"{key} {number(value, 6)}")
    return ", ".join(said)


def _times(scenario: Scenario) -> Iterator[tuple[str, str]]:
    duration, transient = scenario.duration, scenario.transient
    begin = statistics_begin_ms(transient, duration)
    if begin < transient:
        yield (
            "transient",
            (
                f"{number(transient, 6)} ms are more than half of the run of {number(duration, 6)} ms; "
                f"statistics begin at {number(begin, 6)} ms"
            ),
        )
    settling = min(scenario.network.settling.duration, duration)
    if settling > begin:
        yield (
            "network.settling.duration",
            f"inhibition moves until {number(settling, 6)} ms; statistics begin at {number(begin, 6)} ms",
        )
    for i, stimulus in enumerate(scenario.stimulus):
        if stimulus.start >= duration:
            yield (
                f"stimulus.{i}.start",
                (
                    f"at {number(stimulus.start, 6)} ms it begins after the end at {number(duration, 6)} "
                    "ms; nothing is driven"
                ),
            )
        if stimulus.amplitude == 0:
            yield f"stimulus.{i}.amplitude", "0 pA drive nothing"


def _places(scenario: Scenario, backend: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Regions that are named and left out, or on a backend that what is said does not reach."""
    for kind in (
        "stimulus",
        "lesion",
        "focus",
        "inhibitory_plasticity",
        "synaptic_scaling",
        "neuron",
        "trim",
    ):
        for i, item in enumerate(getattr(scenario, kind)):
            if backend[item.region] == "off":
                yield f"{kind}.{i}.region", f"{item.region} is off; it changes nothing"
            elif kind == "trim" and backend[item.region] != "analog":
                yield f"trim.{i}.region", f"{item.region} is not analog; it changes nothing"
    for label in scenario.network.columns:
        if backend[label] == "off":
            yield "network.columns", f"{label} is off; it changes nothing"
    for i, rule in enumerate(scenario.plasticity):
        for end in ("source", "target"):
            if backend[getattr(rule, end)] == "off":
                yield f"plasticity.{i}.{end}", f"{getattr(rule, end)} is off; nothing learns"
    for i, lesion in enumerate(scenario.lesion):
        if lesion.fraction == 0:
            yield f"lesion.{i}.fraction", "0 cuts nothing"


def _unused(scenario: Scenario, backend: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Values that were changed and that nothing in the scenario reads."""
    network, noc = scenario.network, scenario.noc
    is_column = not scenario.recipe.is_joined
    used = TOPOLOGIES[noc.topology].uses
    unused = tuple(key for kind in TOPOLOGIES for key in kind.uses if key not in used)
    no_analog = "analog" not in backend.values()
    for table, name, keys, is_unused, reason in (
        (
            network,
            "network",
            ("velocity",),
            network.delays == "none" and not is_column,
            "network.delays is 'none'",
        ),
        (network, "network", ("learning",), not scenario.learns, "nothing learns"),
        (network, "network", ("column_neurons",), not network.columns, "network.columns is empty"),
        (network, "network", ("parameters",), is_column, f"the recipe is '{network.recipe}'"),
        (noc, "noc", unused, True, f"noc.topology is '{noc.topology}'"),
        (
            noc,
            "noc",
            ("link_width_bits", "link_clock_mhz"),
            noc.link_rate_mpps != "auto",
            "noc.link_rate_mpps gives what a link carries",
        ),
        (
            scenario.analog,
            "analog",
            tuple(type(scenario.analog).model_fields),
            no_analog,
            "no region is analog",
        ),
    ):
        if is_unused:
            for key in keys:
                if _is_changed(table, key):
                    yield f"{name}.{key}", f"it changes nothing where {reason}"


def _tuned_elsewhere(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """A tuning fits the brain that it was fitted on: another size or wiring has another working point."""
    network = scenario.network
    if not network.tuning or network.settling.duration or not is_at_hand(network.tuning):
        return
    made: Any = load_tuning(network.tuning).provenance  # of any file, so of any shape
    for key in ("scenario", "network"):
        made = made.get(key) if isinstance(made, Mapping) else None
    if not isinstance(made, Mapping):
        return
    fitted = {
        key: made.get(key, type(network).model_fields[key].get_default(call_default_factory=True))
        for key in _TUNED_FOR
    }
    others = [f"{key} = {value}" for key, value in fitted.items() if value != getattr(network, key)]
    if others:
        yield (
            "network.tuning",
            (
                f"fitted with {' and '.join(others)}; in another brain regions can run away: fit it anew, or "
                "let it settle first (network.settling.duration)"
            ),
        )


def _is_changed(table: Any, key: str) -> bool:
    field = type(table).model_fields[key]
    return bool(getattr(table, key) != field.get_default(call_default_factory=True))
