"""Declaring a parameter once: default, unit, bounds and one sentence.

The check, the widget, the tables and the JSON Schema are all made from this declaration.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Declared", "choice", "quantity", "unit_of"]


class Declared(BaseModel):
    """Base of every declared parameter set: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


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
