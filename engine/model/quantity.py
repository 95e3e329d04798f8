"""Declaring a parameter once: default, unit, bounds and one sentence.

The check, the widget, the tables and the JSON Schema are all made from this declaration.
"""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

__all__ = ["Declared", "choice", "number_words", "quantity", "shown", "unit_of"]


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


def quantity(
    default: float | int,
    unit: str,
    sentence: str,
    *,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    live: bool = False,
    source: str = "",
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
    live : bool
        Whether it may be moved during a run.
    source : str
        Where the default comes from.
    """
    extra: dict[str, Any] = {"unit": unit}
    if step is not None:
        extra["step"] = step
    if live:
        extra["live"] = True
    if source:
        extra["source"] = source
    return Field(default, ge=low, le=high, description=sentence, json_schema_extra=extra)


def choice(default: Any, sentence: str) -> Any:
    """Declare a value picked from the names its type lists."""
    return Field(default, description=sentence, json_schema_extra={"unit": ""})


def unit_of(model: type[BaseModel], name: str) -> str:
    """Unit of a declared field, "" where it has none."""
    extra = model.model_fields[name].json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""
