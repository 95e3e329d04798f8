"""Scenario: the one declarative description of a run.

The URL, undo, the difference between two runs, presets, files and tests all use it. It is frozen;
a change makes a new one.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

import tomli_w
from pydantic import BaseModel, Field, ValidationError, model_validator

from engine.errors import DataError, ParameterError, nearest_hint
from engine.model.microcircuit import MicrocircuitParameters
from engine.model.neuron_choice import NeuronChoice
from engine.model.neurons import DtbParameters
from engine.model.plasticity import Plasticity
from engine.model.quantity import Declared, quantity
from engine.model.stimuli import Lesion, Stimulus
from engine.model.trims import Trim
from engine.settings import AnalogSettings, NetworkSettings, NocSettings, RegionSettings

__all__ = ["Scenario", "scenario_problems"]

EXCHANGE_MS = 1.0
MAX_UPSTROKE = 60
MAX_FILE_BYTES = 1_000_000


class Scenario(Declared):
    """One run, completely described.

    Examples
    --------
    >>> Scenario().with_values({"network.coupling": 1.3}).network.coupling
    1.3
    """

    title: str = Field("Untitled", max_length=120, description="What a person calls it.")
    connectome: str = Field(
        "dk84", max_length=500, description="A shipped connectome, or a file beside this one."
    )
    duration: float = quantity(
        2000.0, "ms", "Biological time to simulate.", low=1.0, high=1e7, step=500.0
    )
    dt: float = quantity(0.1, "ms", "Membrane step; divides 1 ms.", low=0.01, high=1.0)
    seed: int = quantity(1, "", "Gives every random number of the run.", low=0, high=2**31 - 1)
    transient: float = quantity(
        1000.0, "ms", "Left out of every statistic.", low=0.0, high=1e7, step=100.0
    )
    network: NetworkSettings = Field(default_factory=NetworkSettings, description="The network.")
    regions: RegionSettings = Field(default_factory=RegionSettings, description="The backends.")
    neuron: tuple[NeuronChoice, ...] = Field(
        (), max_length=200, description="Other neurons in single regions."
    )
    stimulus: tuple[Stimulus, ...] = Field((), max_length=64, description="Stimuli.")
    lesion: tuple[Lesion, ...] = Field((), max_length=200, description="Lesions.")
    plasticity: tuple[Plasticity, ...] = Field(
        (), max_length=64, description="Projections that learn."
    )
    analog: AnalogSettings = Field(default_factory=AnalogSettings, description="Analog chip.")
    trim: tuple[Trim, ...] = Field(
        (), max_length=400, description="Codes that a calibration gave to single circuits."
    )
    noc: NocSettings = Field(default_factory=NocSettings, description="Network on chip.")

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        n_sub = EXCHANGE_MS / self.dt
        if abs(n_sub - round(n_sub)) > 1e-9:
            raise ValueError(f"dt must divide 1 ms (got {self.dt:g} ms)")
        if self.duration != round(self.duration):
            raise ValueError(f"duration must be whole milliseconds (got {self.duration:g} ms)")
        for name in ("parameters", "adex", "two_compartment", "microcircuit"):
            p = getattr(self.network, name)
            if p.v_reset >= p.v_thresh:
                raise ValueError(
                    f"network.{name}.v_reset must be below v_thresh = {p.v_thresh:g} mV "
                    f"(got {p.v_reset:g} mV)"
                )
        adex = self.network.adex
        if not 0 < (adex.v_peak - adex.v_thresh) / adex.delta_t <= MAX_UPSTROKE:
            raise ValueError(
                f"network.adex.v_peak must be above v_thresh = {adex.v_thresh:g} mV by at most "
                f"{MAX_UPSTROKE} delta_t (got {adex.v_peak:g} mV)"
            )
        if self.network.recipe == "microcircuit" and self.network.columns:
            raise ValueError(
                "network.columns must be empty for the recipe microcircuit, where every region is "
                "a column already"
            )
        if self.network.recipe == "microcircuit" and self.neuron:
            raise ValueError(
                "neuron must be empty for the recipe microcircuit, whose populations have their own"
            )
        if self.network.recipe == "microcircuit" and self.plasticity:
            raise ValueError(
                "plasticity must be empty for the recipe microcircuit, whose rows hold no traces"
            )
        learning: dict[tuple[str, str, str], int] = {}
        for i, rule in enumerate(self.plasticity):
            for population in ("E", "I") if rule.population == "all" else (rule.population,):
                projection = rule.source, rule.target, population
                if projection in learning:
                    raise ValueError(
                        f"plasticity.{i} must not repeat plasticity.{learning[projection]}: one "
                        f"rule for the synapses from {rule.source} to {rule.target}"
                    )
                learning[projection] = i
        if self.network.recipe == "microcircuit" and self.lesion:
            raise ValueError(
                "lesion must be empty for the recipe microcircuit, whose columns have no tracts to "
                "cut yet"
            )
        if self.noc.feedback and self.network.recipe == "microcircuit":
            raise ValueError(
                "noc.feedback must be false for the recipe microcircuit, whose columns send "
                "nothing over the network on chip"
            )
        if self.noc.feedback and self.plasticity:
            raise ValueError(
                "noc.feedback must be false while projections learn, whose synapses keep one delay"
            )
        is_analog = self.regions.default == "analog" or bool(self.regions.analog)
        if self.network.recipe == "microcircuit" and is_analog:
            raise ValueError(
                "regions.analog must be empty for the recipe microcircuit, whose neurons the "
                "analog chip model does not have"
            )
        return self

    # ---- derived -----------------------------------------------------------------------------

    @property
    def recipe_parameters(self) -> DtbParameters | MicrocircuitParameters:
        """Parameters of the recipe that is used."""
        network = self.network
        return network.microcircuit if network.recipe == "microcircuit" else network.parameters

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
            A listed label is not in `labels`.
        """
        known = set(labels)
        listed: dict[str, str] = {}
        for name in ("digital", "analog", "off"):
            for label in getattr(self.regions, name):
                if label not in known:
                    raise ParameterError(
                        f"regions.{name}: must be labels of the connectome (got '{label}'). "
                        + nearest_hint(label, labels)
                    )
                listed[label] = name
        tables = {"neuron": self.neuron, "stimulus": self.stimulus, "lesion": self.lesion,
                  "trim": self.trim}  # fmt: skip
        for kind, items in tables.items():
            for i, item in enumerate(items):
                if item.region not in known:
                    raise ParameterError(
                        f"{kind}.{i}.region: must be a label of the connectome "
                        f"(got '{item.region}'). " + nearest_hint(item.region, labels)
                    )
        for label in self.network.columns:
            if label not in known:
                raise ParameterError(
                    f"network.columns: must be labels of the connectome (got '{label}'). "
                    + nearest_hint(label, labels)
                )
        for i, rule in enumerate(self.plasticity):
            named = {"source": rule.source, "target": rule.target}
            if rule.chip.reward_region:
                named["chip.reward_region"] = rule.chip.reward_region
            for name, label in named.items():
                if label not in known:
                    raise ParameterError(
                        f"plasticity.{i}.{name}: must be a label of the connectome "
                        f"(got '{label}'). " + nearest_hint(label, labels)
                    )
        return tuple(listed.get(label, self.regions.default) for label in labels)

    def with_backends(self, labels: tuple[str, ...], backends: tuple[str, ...]) -> Scenario:
        """The same scenario with these backends, written as short as it can be."""
        counts = {b: backends.count(b) for b in ("digital", "analog", "off")}
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
        return dict(_flatten(self.model_dump(mode="json")))

    def with_values(self, values: Mapping[str, Any]) -> Scenario:
        """A new scenario with some dotted keys changed.

        Raises
        ------
        ParameterError
            A key is unknown or a value breaks its rule.
        """
        data = self.model_dump(mode="json")
        for key, value in values.items():
            _assign(data, key, value)
        return Scenario.from_dict(data)

    def differences(self, other: Scenario) -> list[tuple[str, Any, Any]]:
        """Dotted keys at which two scenarios differ, as (key, mine, theirs)."""
        mine, theirs = self.flat(), other.flat()
        return [(k, mine[k], theirs[k]) for k in mine if mine[k] != theirs[k]]

    def digest(self) -> str:
        """sha256 over everything that can change a number (the title cannot)."""
        left_out = {"title"} if self.trim else {"title", "trim"}
        data = self.model_dump(mode="json", exclude=left_out) | {"noc": self.noc.acting()}
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    # ---- reading and writing -----------------------------------------------------------------

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], source: str = "") -> Scenario:
        """Validate plain data; `source` names the file in the message."""
        problems, scenario = _validate(data)
        if scenario is None:
            raise ParameterError((f"{source}: " if source else "") + problems[0])
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
        return cls.from_dict(_parse_toml(text, source), source)

    @classmethod
    def from_file(cls, path: Path | str) -> Scenario:
        """Read a scenario file."""
        path = Path(path)
        return cls.from_toml(_read(path), path.name)

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
        data = _parse_toml(text, source)
    except DataError as error:
        return [str(error)]
    return [f"{source}: {problem}" for problem in _validate(data)[0]]


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise DataError(
                f"{path.name}: must be at most {MAX_FILE_BYTES} bytes (got {path.stat().st_size})."
            )
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror}).") from None


def _parse_toml(text: str | bytes, source: str) -> dict[str, Any]:
    if len(text) > MAX_FILE_BYTES:
        raise DataError(f"{source}: must be at most {MAX_FILE_BYTES} bytes (got {len(text)}).")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise DataError(f"{source}: must be UTF-8 text (got binary data).") from None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DataError(f"{source}: must be TOML ({error}).") from None


def _validate(data: Mapping[str, Any]) -> tuple[list[str], Scenario | None]:
    try:
        return [], Scenario.model_validate(data)
    except ValidationError as error:
        sentences = [_sentence(e) for e in error.errors(include_url=False)]
        return list(dict.fromkeys(sentences)), None


def _sentence(error: Mapping[str, Any]) -> str:
    loc = [str(part) for part in error["loc"]]
    key = ".".join(loc) or "scenario"
    got, kind, context = error["input"], error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        owner = _model_at(loc[:-1])
        where = ".".join(loc[:-1]) or "scenario"
        return f"{where}: unknown key '{loc[-1]}'. " + nearest_hint(loc[-1], owner.model_fields)
    if len(loc) > 1 and (loc[-1] in ("float", "int") or loc[-1].startswith("literal[")):
        either = get_args(_model_at(loc[:-2]).model_fields[loc[-2]].annotation)
        number = "a whole number" if int in either else "a number"
        words = "".join(f" or {word!r}" for part in either for word in get_args(part))
        return f"{'.'.join(loc[:-1])}: must be {number}{words} (got {_shown(got)})."
    if kind == "missing":
        return f"{key}: must be given."
    if kind == "value_error":
        return f"{key + ': ' if loc else ''}{context['error']}."
    shown = _shown(got)
    rules = {
        "greater_than_equal": "must be at least {ge}",
        "less_than_equal": "must be at most {le}",
        "literal_error": "must be {expected}",
        "finite_number": "must be a finite number",
        "tuple_type": "must be a list",
        "model_type": "must be a table",
        "dict_type": "must be a table",
        "too_long": "must have at most {max_length} entries",
        "too_short": "must have at least {min_length} entries",
    }
    if kind in rules:
        rule = rules[kind].format(**context)
    else:
        rule = error["msg"][0].lower() + error["msg"][1:]
        rule = rule.replace("input should be", "must be").replace("data should have", "must have")
    return f"{key}: {rule} (got {shown})."


def _shown(got: Any) -> str:
    return repr(got) if len(repr(got)) <= 60 else repr(got)[:57] + "..."


def _model_at(loc: list[str]) -> type[BaseModel]:
    model: type[BaseModel] = Scenario
    inner = {
        "neuron": NeuronChoice,
        "plasticity": Plasticity,
        "stimulus": Stimulus,
        "lesion": Lesion,
        "trim": Trim,
    }
    for part in loc:
        if part in inner:
            model = inner[part]
        elif part in model.model_fields:
            model = model.model_fields[part].annotation  # type: ignore[assignment]
    return model


def _flatten(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _assign(data: dict[str, Any], key: str, value: Any) -> None:
    node: Any = data
    parts = key.split(".")
    for i, part in enumerate(parts):
        is_last = i == len(parts) - 1
        if isinstance(node, list):
            if not part.isdigit() or int(part) >= len(node):
                raise ParameterError(
                    f"{'.'.join(parts[:i])}: has {len(node)} entries (got index '{part}')."
                )
            if is_last:
                node[int(part)] = value
            else:
                node = node[int(part)]
            continue
        if not isinstance(node, dict) or part not in node:
            where = ".".join(parts[:i]) or "scenario"
            valid = node if isinstance(node, dict) else ()
            raise ParameterError(f"{where}: unknown key '{part}'. " + nearest_hint(part, valid))
        if is_last:
            node[part] = value
        else:
            node = node[part]
