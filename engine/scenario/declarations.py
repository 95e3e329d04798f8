"""What is declared of every key of a scenario, found by its dotted name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.model.quantity import Acts, Level, names_of, registry_of
from engine.scenario.scenario import Scenario

__all__ = ["Declaration", "asked", "declaration", "declarations", "declared", "item_declarations"]


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
    is_of_brain : bool
        Whether another value makes another brain, not only a run of another length or name.
    level : {"basic", "full", "none"}
        Which form has it.
    heading : str
        Of its section of a form; "" where it stands under that of its table.
    after : str
        The key of its table that it follows in a form; "" for the one declared before it.
    where : mapping of str to tuple of str or str
        Where it is read at all, as `engine.model.quantity.about` has it.
    low, high, step : float or None
        Inclusive bounds, and what one press of an arrow changes.
    options : mapping of str to str
        What a form calls the names of a choice, where it has a name of its own.
    slider : (low, high, step) or None
        Of the slider that moves it during a run.
    default : object
    annotation : object
        Its type, as a class has it.
    """

    key: str
    unit: str
    label: str
    short: str
    sentence: str
    source: str
    acts: Acts
    pictured: bool
    is_of_brain: bool
    level: Level
    heading: str
    after: str
    where: Mapping[str, tuple[str, ...] | str]
    low: float | None
    high: float | None
    step: float | None
    options: Mapping[str, str]
    slider: tuple[float, float, float] | None
    default: Any
    annotation: Any
    _field: FieldInfo = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """Its key within its table."""
        return self.key.rpartition(".")[2]

    @property
    def is_required(self) -> bool:
        """Whether it must be given, as the region of a stimulus."""
        return self._field.is_required()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of which it has one; none where it is no choice."""
        return names_of(self._field)


@cache
def declarations() -> dict[str, Declaration]:
    """Every key of a scenario, in the order of :meth:`Scenario.flat`."""
    return {one.key: one for one in _of(Scenario, "", None)}


def declaration(key: str) -> Declaration:
    """What is declared of a key, which may lie in a list of tables, as "stimulus.0.start".

    Raises
    ------
    KeyError
        No scenario has it.
    """
    if (one := declarations().get(key)) is not None:
        return one
    parts = key.split(".")
    for n, part in enumerate(parts):
        if part.isdigit():
            table = declarations()[".".join(parts[:n])]
            item = _item(table.annotation)
            within = _of(item, ".".join(parts[: n + 1]) + ".", table) if item else ()
            return {one.key: one for one in within}[key]
    raise KeyError(key)


def item_declarations() -> Iterator[Declaration]:
    """Every key of the first table in each list of tables, as "stimulus.0.start"."""
    for key, one in declarations().items():
        if item := _item(one.annotation):
            yield from _of(item, f"{key}.0.", one)


def declared(model: type[BaseModel], name: str, prefix: str = "") -> Declaration:
    """What is declared of a field of any parameter set, below a prefix such as "stimulus.0."."""
    return _one(prefix + name, name, model.model_fields[name], None)


def asked(values: BaseModel, prefix: str = "", level: Level = "basic") -> list[Declaration]:
    """What a form asks of one table, without the tables in it, in the form's order.

    Parameters
    ----------
    values : BaseModel
        The table as it is in a scenario: what is not read at its choices is left out.
    prefix : str
        Of its keys, as "stimulus.0.".
    level : {"basic", "full"}
        The full form asks for what the basic one does as well.
    """
    ones = {}
    for name, info in type(values).model_fields.items():
        if not (_table(info.annotation) or _item(info.annotation)):
            ones[name] = declaration(prefix + name)
    order = list(ones)
    for name, one in ones.items():
        if one.after:
            order.remove(name)
            order.insert(order.index(one.after) + 1, name)
    levels = ("basic", "full") if level == "full" else (level,)
    return [ones[name] for name in order if ones[name].level in levels and _is_read(ones[name], values)]


def _is_read(one: Declaration, values: BaseModel) -> bool:
    for key, wish in one.where.items():
        chosen = getattr(values, key)
        if isinstance(wish, str):
            registry = registry_of(type(values).model_fields[key])
            if registry is None or not getattr(registry[chosen], wish):
                return False
        elif chosen not in wish:
            return False
    return True


def _table(annotation: Any) -> type[BaseModel] | None:
    """The table that a field is."""
    is_table = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation if is_table else None


def _item(annotation: Any) -> type[BaseModel] | None:
    """The tables that a field is a list of."""
    return next(filter(None, map(_table, get_args(annotation))), None)


def _of(model: type[BaseModel], prefix: str, table: Declaration | None) -> Iterator[Declaration]:
    for name, info in model.model_fields.items():
        one = _one(prefix + name, name, info, table)
        if inner := _table(info.annotation):
            yield from _of(inner, f"{one.key}.", one)
        else:
            yield one


def _one(key: str, name: str, info: FieldInfo, table: Declaration | None) -> Declaration:
    """What is said of a key, and what its table says where it says nothing itself."""
    said: Any = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    words = name.replace("_", " ")
    bounds = {
        end: getattr(item, end)
        for item in info.metadata
        for end in ("ge", "le")
        if getattr(item, end, None) is not None
    }
    slider = said.get("slider")
    registry = registry_of(info)
    return Declaration(
        key=key,
        unit=said.get("unit", ""),
        label=said.get("label") or words.capitalize(),
        short=said.get("short") or words,
        sentence=info.description or "",
        source=said.get("source", ""),
        acts=said.get("acts", table.acts if table else "build"),
        pictured=said.get("pictured", table.pictured if table else False),
        is_of_brain=said.get("is_of_brain", table.is_of_brain if table else True),
        level=said.get("level", table.level if table else "basic"),
        heading=said.get("heading", table.heading if table else ""),
        after=said.get("after", ""),
        where=said.get("where", {}),
        low=bounds.get("ge"),
        high=bounds.get("le"),
        step=said.get("step"),
        options=registry.labels if registry is not None else said.get("options", {}),
        slider=(slider[0], slider[1], slider[2]) if slider else None,
        default=info.get_default(call_default_factory=True),
        annotation=info.annotation,
        _field=info,
    )
