"""Declaring a parameter once: default, unit, bounds and one sentence.

The check, the widget, the tables and the JSON Schema are all made from this declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from engine.registry import Registry

__all__ = [
    "POPULATION_LABELS",
    "Acts",
    "Declared",
    "Level",
    "OneOf",
    "about",
    "choice",
    "names_of",
    "number_words",
    "quantity",
    "registry_of",
    "rule_broken",
    "shown",
]

Acts = Literal["live", "branch", "build"]
"""From when on a changed value acts: at once, where a resting run goes on, in a new run."""

Level = Literal["basic", "full", "none"]
"""Which form has a key: the short one as well, only the full one, or neither."""

POPULATION_LABELS = {"all": "E and I"}
"""What a form calls the neurons of a region."""


class Declared(BaseModel):
    """Base of every declared parameter set: frozen, unknown keys refused.

    A truth value is not taken for the number 0 or 1, which it would be in Python.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        held = value if isinstance(value, (list, tuple)) else (value,)
        if any(isinstance(v, bool) for v in held):
            words = number_words(cls.model_fields[str(info.field_name)].annotation)
            if words:
                raise ValueError(f"must be {words} (got {shown(value)})")
        return value


class OneOf:
    """Of a field: one of the names of a registry, as ``Annotated[str, OneOf(NEURONS)]``.

    What is added to the registry later is valid from then on.
    """

    def __init__(self, registry: Registry[Any]):
        self.registry = registry

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._checked)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.registry.names)}

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.registry:
            *first, last = (repr(name) for name in self.registry.names)
            expected = f"{', '.join(first)} or {last}" if first else last
            raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
        return value


def names_of(field: FieldInfo) -> tuple[str, ...]:
    """The names of which a field has one; none where it is no choice."""
    if (registry := registry_of(field)) is not None:
        return registry.names
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else ()


def registry_of(field: FieldInfo) -> Registry[Any] | None:
    """The registry of whose names a field has one."""
    return next((item.registry for item in field.metadata if isinstance(item, OneOf)), None)


def number_words(annotation: Any) -> str:
    """What a field of this type wants, in words; "" where it is no number.

    For instance ``"a whole number or 'auto'"``, ``"whole numbers"`` of a tuple of int.
    """
    parts = get_args(annotation) or (annotation,)
    if not {int, float} & set(parts) or bool in parts:
        return ""
    kind = "whole number" if int in parts else "number"
    if getattr(annotation, "__origin__", None) is tuple:
        return kind + "s"
    return f"a {kind}" + "".join(f" or {word!r}" for part in parts for word in get_args(part))


def shown(got: Any) -> str:
    """A value as a file would have it, cut where it is long."""
    text = str(got).lower() if isinstance(got, bool) else repr(got)
    if isinstance(got, (list, tuple)):
        text = "[" + ", ".join(shown(item) for item in got) + "]"
    return text if len(text) <= 60 else text[:57] + "..."


_RULES = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "finite_number": "must be a finite number",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "model_type": "must be a table",
    "dataclass_type": "must be a table",
    "dict_type": "must be a table",
    "unexpected_keyword_argument": "must be left out, since there is no such part",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
}


def rule_broken(error: Mapping[str, Any]) -> str:
    """What one error of pydantic says, as ``rule (got value)`` without the place."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "must be given"
    if kind == "value_error":
        return str(context["error"])
    if kind in _RULES:
        rule = _RULES[kind].format(**context)
    else:
        rule = error["msg"][0].lower() + error["msg"][1:]
        rule = rule.replace("input should be", "must be").replace("data should have", "must have")
    return f"{rule} (got {shown(error['input'])})"


def quantity(
    default: float | int,
    unit: str,
    sentence: str,
    *,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    source: str = "",
    **more: Any,
) -> Any:
    """Declare a number.

    Parameters
    ----------
    default : float or int
        Value where the scenario gives none.
    unit : str
        House unit, or "" for a pure number.
    sentence : str
        What it means, for a reader who has never seen it.
    low, high : float
        Inclusive bounds.
    step : float
        What one press of a widget's arrow changes.
    source : str
        Where the default comes from.
    **more
        As of :func:`about`.
    """
    extra = about(unit=unit, **more)
    if step is not None:
        extra["step"] = step
    if source:
        extra["source"] = source
    return Field(default, ge=low, le=high, description=sentence, json_schema_extra=extra)


def choice(default: Any, sentence: str, **more: Any) -> Any:
    """Declare a value picked from the names its type lists; `more` as of :func:`about`."""
    return Field(default, description=sentence, json_schema_extra=about(**more))


def about(
    *,
    unit: str = "",
    label: str = "",
    short: str = "",
    acts: Acts | None = None,
    pictured: bool | None = None,
    is_of_brain: bool | None = None,
    level: Level | None = None,
    heading: str = "",
    after: str = "",
    where: Mapping[str, tuple[str, ...] | str] | None = None,
    options: Mapping[str, str] | None = None,
    slider: tuple[float, float, float] | None = None,
) -> dict[str, Any]:
    """What is true of a key besides its type, default, bounds and sentence.

    Parameters
    ----------
    unit : str
    label : str
        What a form calls it; the name with blanks where left out.
    short : str
        What the name of a run calls it; the name with blanks where left out.
    acts : {"live", "branch", "build"}, optional
        From when on another value acts; as of its table where left out, at the top "build".
    pictured : bool, optional
        Whether another value changes the picture of a network that has not run; as of its table
        where left out, at the top not.
    is_of_brain : bool, optional
        Whether another value makes another brain, not only a run of another length or name; as of
        its table where left out, at the top so.
    level : {"basic", "full", "none"}, optional
        Which form has it; as of its table where left out, at the top "basic".
    heading : str
        Of the section of a form in which it stands; as of its table where left out.
    after : str
        The key of its table that it follows in a form, where not the one declared before it.
    where : mapping of str to tuple of str or str, optional
        Where it is read at all: a key of its table to the names of it, or to what the chosen
        record must say of itself, as ``{"recipe": "is_joined"}``.
    options : mapping of str to str, optional
        What a form calls the names of a choice.
    slider : (low, high, step), optional
        Of the slider that moves it during a run.
    """
    said = {"label": label, "short": short, "heading": heading, "after": after}
    said_once = {"acts": acts, "pictured": pictured, "is_of_brain": is_of_brain, "level": level}
    extra: dict[str, Any] = {"unit": unit, **{k: v for k, v in said.items() if v}}
    extra |= {k: v for k, v in said_once.items() if v is not None}
    if where is not None:
        extra["where"] = dict(where)
    if options is not None:
        extra["options"] = dict(options)
    if slider is not None:
        extra["slider"] = list(slider)
    return extra
