"""Scenario: the one declarative description of a run.

The URL, undo, the difference between two runs, presets, files and tests all use it. It is frozen;
a change makes a new one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import tomli_w
from pydantic import Field, ValidationError, model_validator

from engine.amounts import number
from engine.errors import DataError, ParameterError, RulesError, first_of
from engine.model.ions import Focus
from engine.model.learning.inhibitory_plasticity import InhibitoryPlasticity
from engine.model.learning.plasticity import Plasticity
from engine.model.learning.short_term import ShortTerm
from engine.model.learning.synaptic_scaling import SynapticScaling
from engine.model.lif import DtbParameters
from engine.model.microcircuit import MicrocircuitParameters
from engine.model.neuron_choice import NeuronChoice
from engine.model.quantity import Declared, about, quantity
from engine.model.recipes import RECIPES, Recipe
from engine.model.stimuli import Lesion, Stimulus
from engine.model.trims import Trim
from engine.scenario.hardware import AnalogSettings, NocSettings
from engine.scenario.reference import Reference
from engine.scenario.remarks import remarks_on
from engine.scenario.rules import EXCHANGE_MS, contradictions, label_problems
from engine.scenario.settings import BACKENDS, NetworkSettings, RegionSettings
from engine.scenario.text import MAX_FILE_BYTES, assign, flatten, parse_toml, sentences_of
from engine.scenario.tuning_file import pinned_tuning
from engine.stored_results import read_bytes

if TYPE_CHECKING:
    from engine.brain.connectome import Connectome

__all__ = ["DEFAULTS_VERSION", "Scenario", "scenario_problems"]

DEFAULTS_VERSION = 1
"""Raised whenever the default of a key changes, and never for a new key."""

MAX_SAID = 4
"""Faults that a refusal names; `scenario_problems` names all."""


class Scenario(Declared):
    """One run, completely described.

    Examples
    --------
    >>> Scenario().with_values({"network.coupling": 1.3}).network.coupling
    1.3
    """

    title: str = Field(
        "Untitled",
        max_length=120,
        description="What a person calls it.",
        json_schema_extra=about(acts="live", is_of_brain=False, level="none"),
    )
    connectome: str = Field(
        "dk84",
        max_length=500,
        description="A shipped connectome, or a file beside this one.",
        json_schema_extra=about(level="none"),
    )
    duration: float = quantity(
        2000.0,
        "ms",
        "Biological time to simulate.",
        low=1.0,
        high=1e7,
        step=500.0,
        acts="branch",
        is_of_brain=False,
    )
    dt: float = quantity(
        0.1,
        "ms",
        "Membrane step; divides 1 ms.",
        low=0.01,
        high=1.0,
        label="Membrane step",
        level="full",
        heading="Numerics",
    )
    seed: int = quantity(1, "", "Gives every random number of the run.", low=0, high=2**31 - 1)
    transient: float = quantity(
        1000.0,
        "ms",
        "Left out of every statistic.",
        low=0.0,
        high=1e7,
        step=100.0,
        acts="branch",
        is_of_brain=False,
        after="duration",
    )
    network: NetworkSettings = Field(default_factory=NetworkSettings, description="The network.")
    regions: RegionSettings = Field(
        default_factory=RegionSettings, description="The backends.", json_schema_extra=about(pictured=True)
    )
    neuron: tuple[NeuronChoice, ...] = Field(
        (),
        max_length=200,
        description="Other neurons in single regions.",
        json_schema_extra=about(short="neurons of", pictured=True),
    )
    stimulus: tuple[Stimulus, ...] = Field(
        (), max_length=64, description="Stimuli.", json_schema_extra=about(acts="branch", pictured=True)
    )
    lesion: tuple[Lesion, ...] = Field(
        (), max_length=200, description="Lesions.", json_schema_extra=about(acts="branch", pictured=True)
    )
    focus: tuple[Focus, ...] = Field(
        (),
        max_length=200,
        description="Regions of raised excitability whose inhibition is exhausted sooner.",
        json_schema_extra=about(level="none"),
    )
    short_term: tuple[ShortTerm, ...] = Field(
        (),
        max_length=3,
        description="Classes of synapses that tire and recover.",
        json_schema_extra=about(level="none"),
    )
    plasticity: tuple[Plasticity, ...] = Field(
        (),
        max_length=64,
        description="Projections that learn.",
        json_schema_extra=about(short="learning", pictured=True),
    )
    inhibitory_plasticity: tuple[InhibitoryPlasticity, ...] = Field(
        (),
        max_length=200,
        description="Regions whose inhibition learns to hold a rate.",
        json_schema_extra=about(level="none"),
    )
    synaptic_scaling: tuple[SynapticScaling, ...] = Field(
        (),
        max_length=200,
        description="Regions whose neurons scale what excites them to hold a rate.",
        json_schema_extra=about(level="none"),
    )
    analog: AnalogSettings = Field(default_factory=AnalogSettings, description="Analog chip.")
    trim: tuple[Trim, ...] = Field(
        (),
        max_length=400,
        description="Codes that a calibration gave to single circuits.",
        json_schema_extra=about(level="none"),
    )
    noc: NocSettings = Field(
        default_factory=NocSettings,
        description="Network on chip.",
        json_schema_extra=about(acts="branch", pictured=True),
    )

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        if broken := list(contradictions(self)):
            raise RulesError(broken)
        return self

    def __repr__(self) -> str:
        changed = [key for key, *_ in self.differences(type(self)()) if key != "title"]
        shown = ", ".join(changed[:MAX_SAID]) + (", …" if len(changed) > MAX_SAID else "")
        but = f"; not as default: {shown}" if changed else ""
        return f"<Scenario '{self.title}': {number(self.duration, 6)} ms on {self.connectome[:40]}{but}>"

    __str__ = __repr__

    # ---- derived -----------------------------------------------------------------------------

    @property
    def recipe(self) -> Recipe:
        """What fills its regions."""
        return RECIPES[self.network.recipe]

    @property
    def recipe_parameters(self) -> DtbParameters | MicrocircuitParameters:
        """Parameters of the recipe that is used."""
        return getattr(self.network, self.recipe.table)

    @property
    def learns(self) -> bool:
        """Whether anything is to learn: synapses, or neurons that scale what excites them."""
        return bool(self.plasticity or self.inhibitory_plasticity or self.synaptic_scaling)

    @property
    def is_tuned(self) -> bool:
        """Whether weights are tuned, by a tuning or by settling."""
        return bool(self.network.tuning or self.network.settling.duration)

    @property
    def wiring_seed(self) -> int:
        """Seed of the connectivity."""
        chosen = self.network.wiring_seed
        return self.seed if chosen == "run" else int(chosen)

    @property
    def n_sub(self) -> int:
        """Membrane steps in one exchange of 1 ms."""
        return round(EXCHANGE_MS / self.dt)

    @property
    def n_exchanges(self) -> int:
        """Exchange steps of 1 ms in the whole run."""
        return round(self.duration / EXCHANGE_MS)

    @property
    def speedup(self) -> float:
        """Hardware clock over biological time, 'auto' resolved."""
        if self.noc.speedup != "auto":
            return float(self.noc.speedup)
        analog = self.regions.default == "analog" or bool(self.regions.analog)
        return 1000.0 if analog else 1.0

    def backend_of(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Backend of each region.

        Raises
        ------
        ParameterError
            Listed labels are not in `labels`.
        """
        if wrong := label_problems(self, labels):
            raise ParameterError(_few(wrong))
        regions = self.regions
        listed = {label: name for name in BACKENDS for label in getattr(regions, name)}
        return tuple(listed.get(label, self.regions.default) for label in labels)

    def remarks(self, connectome: Connectome) -> list[str]:
        """What is taken and yet does nothing, or acts otherwise than it reads; a sentence each.

        Raises
        ------
        ParameterError
            It names regions that the connectome does not have.
        """
        return remarks_on(self, connectome.labels)

    def pinned(self, base: Path | None = None) -> Scenario:
        """The same scenario, its tuning named by its content too; see `engine.scenario.tuning_file`.

        Parameters
        ----------
        base : Path, optional
            Where the path of a tuning starts; the working directory without it.

        Raises
        ------
        DataError
            The tuning that it names is not there, or is none.
        """
        text = self.network.tuning
        pinned = pinned_tuning(text, base)
        if pinned == text:
            return self
        return self.model_copy(update={"network": self.network.model_copy(update={"tuning": pinned})})

    def with_backends(self, labels: tuple[str, ...], backends: tuple[str, ...]) -> Scenario:
        """The same scenario with these backends, written as short as it can be."""
        counts = {b: backends.count(b) for b in BACKENDS}
        default = max(counts, key=lambda b: (counts[b], b == "digital"))
        lists = {
            b: tuple(lab for lab, have in zip(labels, backends, strict=True) if have == b)
            for b in counts
            if b != default
        }
        return self.model_copy(update={"regions": RegionSettings(default=default, **lists)})

    # ---- changing and comparing --------------------------------------------------------------

    def flat(self) -> dict[str, Any]:
        """Every value under its dotted key; lists of tables count as one value."""
        return dict(flatten(self.model_dump(mode="json")))

    def with_values(self, values: Mapping[str, Any]) -> Scenario:
        """A new scenario with some dotted keys changed.

        Raises
        ------
        ParameterError
            Keys are unknown or values break their rules.
        """
        data = self.model_dump(mode="json")
        unknown: list[str] = []
        for key, value in values.items():
            try:
                assign(data, key, value)
            except ParameterError as error:
                unknown.append(str(error))
        problems, scenario = _validate(data)
        if unknown or scenario is None:
            raise ParameterError(_few(unknown + problems))
        return scenario

    def differences(self, other: Scenario) -> list[tuple[str, Any, Any]]:
        """Dotted keys at which two scenarios differ, as (key, mine, theirs)."""
        mine, theirs = self.flat(), other.flat()
        return [(k, mine[k], theirs[k]) for k in mine if mine[k] != theirs[k]]

    def digest(self) -> str:
        """sha256 over what differs from the defaults and can change a number (the title cannot).

        A key that is added later leaves the digests of all scenarios without it as they are; the
        version of the defaults keeps a digest from meaning two things. A tuning counts by its content.

        Raises
        ------
        DataError
            The tuning that it names is not there.
        """
        data = self.model_dump(mode="json", exclude={"title", "noc"}, exclude_defaults=True)
        data |= {"noc": self.noc.acting(), "defaults": DEFAULTS_VERSION}
        if self.network.tuning:  # by content, whatever its name
            data["network"]["tuning"] = Reference.of(pinned_tuning(self.network.tuning)).checksum
        return hashlib.sha256(json.dumps(_pruned(data), sort_keys=True).encode()).hexdigest()

    # ---- reading and writing -----------------------------------------------------------------

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], source: str = "") -> Scenario:
        """Validate plain data; `source` names the file in the message.

        Raises
        ------
        ParameterError
            A key is unknown or a value breaks its rule.
        """
        problems, scenario = _validate(data)
        if scenario is None:
            raise ParameterError((f"{source}: " if source else "") + _few(problems))
        return scenario

    @classmethod
    def from_toml(cls, text: str | bytes, source: str = "scenario") -> Scenario:
        """Read a scenario file's text.

        Raises
        ------
        DataError
            It is not TOML, or too large.
        ParameterError
            A key or a value breaks its rule.
        """
        return cls.from_dict(parse_toml(text, source), source)

    @classmethod
    def from_file(cls, path: Path | str) -> Scenario:
        """Read a scenario file."""
        path = Path(path)
        return cls.from_toml(read_bytes(path, MAX_FILE_BYTES), path.name)

    def to_toml(self, full: bool = False) -> str:
        """The scenario as a file; only what differs from the defaults unless `full`."""
        data = self.model_dump(mode="json", exclude_defaults=not full)
        return tomli_w.dumps({"title": self.title, **data})

    def to_query(self, base: Scenario | None = None) -> str:
        """What differs from `base` (the defaults) as a URL query, without the question mark."""
        pairs = []
        for key, _, value in (base or Scenario()).differences(self):
            pairs.append((key, value if isinstance(value, str) else json.dumps(value)))
        return urlencode(pairs)

    @classmethod
    def from_query(cls, query: str, base: Scenario | None = None) -> Scenario:
        """Read what :meth:`to_query` wrote.

        Raises
        ------
        ParameterError
            A key is unknown or a value breaks its rule.
        """
        if len(query) > 60_000:
            raise ParameterError(f"URL: must be at most 60000 characters (got {len(query)}).")
        values: dict[str, Any] = {}
        for key, text in parse_qsl(query.lstrip("?"), keep_blank_values=True):
            try:
                values[key] = json.loads(text)
            except (ValueError, RecursionError):
                values[key] = text
        return (base or cls()).with_values(values)


def scenario_problems(text: str | bytes, source: str = "scenario") -> list[str]:
    """Everything that is wrong with a scenario file's text, one sentence each."""
    try:
        data = parse_toml(text, source)
    except DataError as error:
        return [str(error)]
    return [f"{source}: {problem}" for problem in _validate(data)[0]]


def _pruned(data: dict[str, Any]) -> dict[str, Any]:
    """Without tables in which nothing is said."""
    inner = {k: _pruned(v) if isinstance(v, dict) else v for k, v in data.items()}
    return {k: v for k, v in inner.items() if v != {}}


def _few(problems: list[str]) -> str:
    return " ".join(first_of(problems, MAX_SAID))


def _validate(data: Mapping[str, Any]) -> tuple[list[str], Scenario | None]:
    try:
        return [], Scenario.model_validate(data)
    except ValidationError as error:
        return sentences_of(error, Scenario), None
