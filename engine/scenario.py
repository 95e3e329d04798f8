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
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

import tomli_w
from pydantic import BaseModel, Field, ValidationError, model_validator

from engine.errors import DataError, ParameterError, nearest_hint
from engine.model.microcircuit import MicrocircuitParameters
from engine.model.neurons import DtbParameters
from engine.model.quantity import Declared, choice, quantity
from engine.model.stimuli import Lesion, Stimulus

__all__ = [
    "AnalogSettings",
    "NetworkSettings",
    "NocSettings",
    "RegionSettings",
    "Scenario",
    "scenario_problems",
]

EXCHANGE_MS = 1.0
MAX_FILE_BYTES = 1_000_000

Backend = Literal["digital", "analog", "off"]


class NetworkSettings(Declared):
    """What stands inside every region and between regions."""

    recipe: Literal["dtb", "microcircuit"] = choice(
        "dtb",
        "What fills a region: the digital twin brain's excitatory and inhibitory population, or a "
        "cortical column of eight populations.",
    )
    neurons_per_region: int = quantity(
        240, "", "Mean number of neurons in a region, excitatory to inhibitory 4:1.",
        low=10, high=100_000, step=10,
    )  # fmt: skip
    in_degree: int = quantity(
        100, "", "Inputs of a neuron: 4/7 local excitatory, 1/7 local inhibitory, 2/7 long-range.",
        low=0, high=2_000, step=10,
        source="DTB reference engine, 'hard setting'",
    )  # fmt: skip
    sizes: Literal["equal", "volume"] = choice(
        "equal", "Regions of equal size, or in proportion to their volume."
    )
    delays: Literal["none", "tract"] = choice(
        "none", "Spikes act at the next 1 ms exchange, or after tract length / velocity."
    )
    velocity: float = quantity(
        3.0, "mm/ms", "Conduction velocity of long-range fibres.", low=1.0, high=120.0, step=0.5,
        source="The Virtual Brain's default",
    )  # fmt: skip
    coupling: float = quantity(
        1.0, "", "Multiplies every long-range weight.", low=0.0, high=20.0, step=0.05, live=True
    )
    parameters: DtbParameters = Field(
        default_factory=DtbParameters,
        description="Neuron, synapse and background of the recipe dtb.",
    )
    microcircuit: MicrocircuitParameters = Field(
        default_factory=MicrocircuitParameters,
        description="Neuron, synapse and background of the recipe microcircuit.",
    )


class RegionSettings(Declared):
    """Which substrate each region runs on."""

    default: Backend = choice("digital", "Backend of every region not listed below.")
    digital: tuple[str, ...] = Field((), description="Labels of digital regions.")
    analog: tuple[str, ...] = Field((), description="Labels of analog regions.")
    off: tuple[str, ...] = Field((), description="Labels of regions left out.")

    @model_validator(mode="after")
    def _listed_once(self) -> RegionSettings:
        seen: dict[str, str] = {}
        for name in ("digital", "analog", "off"):
            for label in getattr(self, name):
                if label in seen:
                    raise ValueError(f"'{label}' is listed under {seen[label]} and {name}")
                seen[label] = name
        return self


class AnalogSettings(Declared):
    """The accelerated analog chip, modelled in software."""

    mode: Literal["ideal", "quantised", "calibrated", "uncalibrated"] = choice(
        "calibrated",
        "Which imperfections act: none, 6-bit weights only, all after or before calibration.",
    )
    chip_seed: int = quantity(
        7, "", "Which chip: the seed of everything fixed at manufacture.", low=0, high=2**31 - 1
    )
    max_chips: int = quantity(
        24, "chips", "Chips that may be used.", low=1, high=100_000,
        source="two backplanes of 12 nodes in a rack, arXiv:2512.03781",
    )  # fmt: skip


class NocSettings(Declared):
    """The network on chip that carries the spikes."""

    topology: Literal["mesh"] = choice("mesh", "How tiles are linked.")
    size: tuple[int, int] = Field(
        (8, 8), description="Tiles across and down.", json_schema_extra={"unit": "tiles"}
    )
    placement: Literal["sequential", "random", "traffic"] = choice(
        "traffic", "How regions are put on tiles."
    )
    keys: Literal["population", "neuron"] = choice(
        "population", "Whether a multicast tree serves a whole population or one neuron."
    )
    link_rate_mpps: float = quantity(
        125.0,
        "Mpacket/s",
        "What one directed link carries each second of hardware time.",
        low=0.001,
        high=1e6,
        source="one event per 8 ns, the event interface of BrainScaleS-2; 6.25 is a SpiNNaker link",
    )
    speedup: float | Literal["auto"] = Field(
        "auto",
        description="Hardware clock over biological time; 'auto' is 1000 when any region is "
        "analog, whose clock cannot be slowed, and 1 otherwise.",
        json_schema_extra={"unit": "x"},
    )

    @model_validator(mode="after")
    def _bounds(self) -> NocSettings:
        if not all(1 <= side <= 32 for side in self.size):
            raise ValueError("size must be two whole numbers from 1 to 32")
        if self.speedup != "auto" and not 0.001 <= self.speedup <= 1e6:
            raise ValueError("speedup must be 'auto' or from 0.001 to 1000000")
        return self


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
    stimulus: tuple[Stimulus, ...] = Field((), max_length=64, description="Stimuli.")
    lesion: tuple[Lesion, ...] = Field((), max_length=200, description="Lesions.")
    analog: AnalogSettings = Field(default_factory=AnalogSettings, description="Analog chip.")
    noc: NocSettings = Field(default_factory=NocSettings, description="Network on chip.")

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        n_sub = EXCHANGE_MS / self.dt
        if abs(n_sub - round(n_sub)) > 1e-9:
            raise ValueError(f"dt must divide 1 ms (got {self.dt:g} ms)")
        if self.duration != round(self.duration):
            raise ValueError(f"duration must be whole milliseconds (got {self.duration:g} ms)")
        for name in ("parameters", "microcircuit"):
            p = getattr(self.network, name)
            if p.v_reset >= p.v_thresh:
                raise ValueError(
                    f"network.{name}.v_reset must be below v_thresh = {p.v_thresh:g} mV "
                    f"(got {p.v_reset:g} mV)"
                )
        if self.network.recipe == "microcircuit" and self.lesion:
            raise ValueError(
                "lesion must be empty for the recipe microcircuit, whose columns have no tracts to "
                "cut yet"
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
    def neuron(self) -> DtbParameters | MicrocircuitParameters:
        """Parameters of the recipe that is used."""
        network = self.network
        return network.microcircuit if network.recipe == "microcircuit" else network.parameters

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
        for kind, items in (("stimulus", self.stimulus), ("lesion", self.lesion)):
            for i, item in enumerate(items):
                if item.region not in known:
                    raise ParameterError(
                        f"{kind}.{i}.region: must be a label of the connectome "
                        f"(got '{item.region}'). " + nearest_hint(item.region, labels)
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
        data = self.model_dump(mode="json", exclude={"title"})
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
        return [_sentence(e) for e in error.errors(include_url=False)], None


def _sentence(error: Mapping[str, Any]) -> str:
    loc = [str(part) for part in error["loc"]]
    key = ".".join(loc) or "scenario"
    got, kind, context = error["input"], error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        owner = _model_at(loc[:-1])
        where = ".".join(loc[:-1]) or "scenario"
        return f"{where}: unknown key '{loc[-1]}'. " + nearest_hint(loc[-1], owner.model_fields)
    if kind == "missing":
        return f"{key}: must be given."
    if kind == "value_error":
        return f"{key + ': ' if loc else ''}{context['error']}."
    shown = repr(got) if len(repr(got)) <= 60 else repr(got)[:57] + "..."
    rules = {
        "greater_than_equal": "must be at least {ge}",
        "less_than_equal": "must be at most {le}",
        "literal_error": "must be {expected}",
        "finite_number": "must be a finite number",
    }
    if kind in rules:
        rule = rules[kind].format(**context)
    else:
        rule = error["msg"][0].lower() + error["msg"][1:]
        rule = rule.replace("input should be", "must be").replace("data should have", "must have")
    return f"{key}: {rule} (got {shown})."


def _model_at(loc: list[str]) -> type[BaseModel]:
    model: type[BaseModel] = Scenario
    inner = {"stimulus": Stimulus, "lesion": Lesion}
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
