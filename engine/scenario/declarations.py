"""What is declared of every key of a scenario, found by its dotted name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.model.quantity import Acts, OneOf
from engine.scenario.scenario import Scenario

__all__ = ["Declaration", "declaration", "declarations", "declared"]


@dataclass(frozen=True)
class Declaration:
    """One key.

    Attributes
    ----------
    key : str
        Dotted, as "network.coupling"; a list of tables, as "stimulus", is one key.
    unit, label, short, sentence, source : str
        `label` as a form has it, `short` as the name of a run has it, `source` of the default.
    acts : {"live", "branch", "build"}
        From when on another value acts: at once, where a resting run goes on, in a new run.
    pictured : bool
        Whether another value changes the picture of a network that has not run.
    low, high, step : float or None
        Inclusive bounds, and what one press of an arrow changes.
    options : mapping of str to str
        What a form calls the names of a choice, where it has a name of its own.
    slider : (low, high, step) or None
        Of the slider that moves it during a run.
    default : object
    """

    key: str
    unit: str
    label: str
    short: str
    sentence: str
    source: str
    acts: Acts
    pictured: bool
    low: float | None
    high: float | None
    step: float | None
    options: Mapping[str, str]
    slider: tuple[float, float, float] | None
    default: Any


@cache
def declarations() -> dict[str, Declaration]:
    """Every key of a scenario, in the order of :meth:`Scenario.flat`."""
    return {one.key: one for one in _of(Scenario, "", "build", False)}


def declaration(key: str) -> Declaration:
    """What is declared of a key.

    Raises
    ------
    KeyError
        No scenario has it.
    """
    return declarations()[key]


def declared(model: type[BaseModel], name: str, prefix: str = "") -> Declaration:
    """What is declared of a field of any parameter set, below a prefix such as "stimulus.0."."""
    field = model.model_fields[name]
    return _one(prefix + name, name, field, "build", False)


def _of(model: type[BaseModel], prefix: str, acts: Acts, pictured: bool) -> Iterator[Declaration]:
    for name, field in model.model_fields.items():
        one = _one(prefix + name, name, field, acts, pictured)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _of(inner, f"{one.key}.", one.acts, one.pictured)
        else:
            yield one


def _one(key: str, name: str, field: FieldInfo, acts: Acts, pictured: bool) -> Declaration:
    said: Any = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    words = name.replace("_", " ")
    bounds = {
        end: getattr(item, end)
        for item in field.metadata
        for end in ("ge", "le")
        if getattr(item, end, None) is not None
    }
    slider = said.get("slider")
    labels = (item.registry.labels for item in field.metadata if isinstance(item, OneOf))
    return Declaration(
        key=key,
        unit=said.get("unit", ""),
        label=said.get("label") or words.capitalize(),
        short=said.get("short") or words,
        sentence=field.description or "",
        source=said.get("source", ""),
        acts=said.get("acts", acts),
        pictured=said.get("pictured", pictured),
        low=bounds.get("ge"),
        high=bounds.get("le"),
        step=said.get("step"),
        options=next(labels, said.get("options", {})),
        slider=(slider[0], slider[1], slider[2]) if slider else None,
        default=field.get_default(call_default_factory=True),
    )
