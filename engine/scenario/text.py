"""From the text of a scenario to plain data under dotted keys, and what is wrong in sentences."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from engine.errors import DataError, ParameterError, RulesError, nearest_hint
from engine.model.quantity import number_words, rule_broken, shown

__all__ = ["MAX_FILE_BYTES", "assign", "flatten", "parse_toml", "sentences_of"]

MAX_FILE_BYTES = 1_000_000


def parse_toml(text: str | bytes, source: str) -> dict[str, Any]:
    """A TOML text as plain data; `source` names it.

    Raises
    ------
    DataError
        It is too large, no UTF-8 or no TOML.
    """
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


def sentences_of(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """What is wrong with data of a model, one sentence each."""
    sentences: list[str] = []
    for one in error.errors(include_url=False):
        broken = one.get("ctx", {}).get("error")
        if isinstance(broken, RulesError):
            where = ".".join(str(part) for part in one["loc"])
            sentences += [f"{where + ': ' if where else ''}{rule}." for rule in broken.rules]
        else:
            sentences.append(_sentence(one, model))
    return list(dict.fromkeys(sentences))


def _sentence(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    loc = [str(part) for part in error["loc"]]
    key = ".".join(loc) or "scenario"
    kind = error["type"]
    if kind == "extra_forbidden":
        owner = _model_at(model, loc[:-1])
        where = ".".join(loc[:-1]) or "scenario"
        return f"{where}: unknown key '{loc[-1]}'. " + nearest_hint(loc[-1], owner.model_fields)
    if len(loc) > 1 and (loc[-1] in ("float", "int") or loc[-1].startswith("literal[")):
        words = number_words(_model_at(model, loc[:-2]).model_fields[loc[-2]].annotation)
        return f"{'.'.join(loc[:-1])}: must be {words} (got {shown(error['input'])})."
    if kind == "value_error" and not loc:
        return f"{error['ctx']['error']}."
    return f"{key}: {rule_broken(error)}."


def _model_at(model: type[BaseModel], loc: list[str]) -> type[BaseModel]:
    """The table at a place; indices into lists of tables name none."""
    for part in loc:
        if part in model.model_fields:
            annotation = model.model_fields[part].annotation
            inner = get_args(annotation) or (annotation,)
            model = inner[0]
    return model


def flatten(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its dotted key, one after another."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def assign(data: dict[str, Any], key: str, value: Any) -> None:
    """Set the value under a dotted key in place.

    Raises
    ------
    ParameterError
        There is no such key.
    """
    node: Any = data
    parts = key.split(".")
    for i, part in enumerate(parts):
        is_last = i == len(parts) - 1
        if isinstance(node, list):
            if not part.isdigit() or int(part) >= len(node):
                raise ParameterError(f"{'.'.join(parts[:i])}: has {len(node)} entries (got index '{part}').")
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
