"""Values of scenario keys as they are typed: ``KEY=VALUE``, ``KEY=x,y,z``, ``KEY=A:B:N``, ``KEY=all``."""

from __future__ import annotations

import json
import math
from typing import Any

from engine.errors import ParameterError
from engine.model.quantity import number_words
from engine.scenario.declarations import Declaration, declaration, declared
from engine.twin.stimulation.electrode import Electrode

__all__ = ["ELECTRODE", "MAX_RUNS", "electrode_keys", "parse_axis", "parse_values", "range_words", "unit_of"]

MAX_RUNS = 10_000
ELECTRODE = "electrode."
"""Begins the keys that are no scenario's but of the electrode in the beta circuit."""
_TRUTH = {"yes": True, "on": True, "no": False, "off": False}


def parse_values(items: list[str]) -> dict[str, Any]:
    """``key=value`` items as a mapping; a value is JSON where it can be, else text.

    Raises
    ------
    ParameterError
        An item is no such pair, or a number lies outside the bounds of its key.
    """
    values: dict[str, Any] = {}
    for item in items:
        key, sign, text = item.partition("=")
        if not sign or not key:
            raise ParameterError(f"--set: must be KEY=VALUE (got '{item}').")
        values[key] = _value(_known(key), text)
    return values


def parse_axis(text: str) -> tuple[str, list[Any]]:
    """A key and its values, from ``key=a:b:n``, ``key=x,y,z`` or ``key=all``.

    Whole numbers stay whole where all values are. 'all' stands for every name of a choice, and for
    no and yes, unless it is itself one of the names.

    Raises
    ------
    ParameterError
        It is none of these, or they do not fit what is declared of the key.
    """
    key, sign, wish = text.partition("=")
    if not sign or not key or not wish:
        raise ParameterError(f"sweep.vary: must be KEY=A:B:N or KEY=x,y,z (got '{text}').")
    one = _known(key)
    if one is not None and wish == "all" and "all" not in one.names and not _is_text(one):
        return key, _names(one)
    parts = wish.split(":")
    if len(parts) == 1 or (one is not None and not number_words(one.annotation)):
        return key, _listed(one, wish)
    try:
        low, high, n = float(parts[0]), float(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        raise ParameterError(
            f"sweep.vary: must be KEY=A:B:N with numbers A, B and a whole N (got '{text}')."
        ) from None
    if len(parts) != 3 or not 1 <= n <= MAX_RUNS or not math.isfinite(low + high):
        raise ParameterError(f"sweep.vary: must be KEY=A:B:N with N from 1 to {MAX_RUNS} (got '{text}').")
    step = (high - low) / (n - 1) if n > 1 else 0.0
    values: list[Any] = [float(f"{low + k * step:.12g}") for k in range(n)]
    is_whole = one is not None and _is_whole(one)
    broken = [v for v in values if not v.is_integer()]
    if is_whole and broken:
        raise ParameterError(
            f"{key}: must be whole numbers (got {broken[0]:.12g} in '{wish}'). Choose an N whose steps are "
            "whole."
        )
    if not broken and (is_whole or "." not in parts[0] + parts[1]):
        values = [int(v) for v in values]
    return key, [_within(one, value) for value in values]


def electrode_keys() -> dict[str, Declaration]:
    """What is declared of every key of an electrode, as "electrode.frequency_hz"."""
    return {ELECTRODE + name: declared(Electrode, name, ELECTRODE) for name in Electrode.model_fields}


def unit_of(key: str) -> str:
    """The unit of a key; "" where it has none or is not declared."""
    one = _known(key)
    return one.unit if one is not None else ""


def range_words(one: Declaration) -> str:
    """What a key may be, in words: "from 0 to 20", "mesh, torus", "a whole number or 'auto'"."""
    if one.names:
        return ", ".join(one.names)
    if one.annotation is bool:
        return "no, yes"
    words = number_words(one.annotation)
    bounds = []
    if one.low is not None:
        bounds.append(f"from {one.low:.12g}")
    if one.high is not None:
        bounds.append(f"to {one.high:.12g}")
    if bounds:
        return " ".join([words, *bounds] if _is_whole(one) else bounds)
    return words or ("text" if one.annotation is str else "a list")


def _known(key: str) -> Declaration | None:
    """What is declared of a key; nothing where a scenario refuses it by name later."""
    try:
        return declaration(key)
    except KeyError:
        return electrode_keys().get(key)


def _is_text(one: Declaration) -> bool:
    return one.annotation is str and not one.names


def _is_whole(one: Declaration) -> bool:
    return number_words(one.annotation).startswith("a whole")


def _names(one: Declaration) -> list[Any]:
    """All that a choice may be."""
    if one.annotation is bool:
        return [False, True]
    if not one.names:
        raise ParameterError(
            f"{one.key}: has no names to run through (got 'all'). Give KEY=A:B:N or KEY=x,y,z."
        )
    return list(one.names)


def _listed(one: Declaration | None, wish: str) -> list[Any]:
    """Values that are told one by one; those that are lists themselves in JSON."""
    try:
        items = json.loads(f"[{wish}]") if wish.startswith("[") else None
    except ValueError:
        items = None
    if items is not None:
        return items
    return [_value(one, item) for item in wish.split(",")]


def _value(one: Declaration | None, text: str) -> Any:
    """A value as its key wants it: text of a text stays text, yes and no are truth values."""
    if one is not None and one.annotation is bool and text in _TRUTH:
        return _TRUTH[text]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if one is not None and _is_text(one) and not isinstance(value, str):
        return text
    return _within(one, value)


def _within(one: Declaration | None, value: Any) -> Any:
    """The value; refused where its key is declared with narrower bounds."""
    if one is None or isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if (one.low is not None and value < one.low) or (one.high is not None and value > one.high):
        unit = f" {one.unit}" if one.unit else ""
        got = f"{value:.12g}"
        raise ParameterError(f"{one.key}: must be {range_words(one)}{unit} (got {got}). {one.sentence}")
    return int(value) if isinstance(value, float) and value.is_integer() and _is_whole(one) else value
