"""One reader for stored results: what it takes, what it refuses and in which words."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter

import sample_data
from engine.codesign import read_results, write_results
from engine.errors import DataError
from engine.noc.studies.stored import read_comparison, write_comparison
from engine.stored_results import STORED, ExtendedFloat, Whatever, read_stored


@dataclass(frozen=True)
class Inner:
    n: int
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Outer:
    __pydantic_config__ = STORED

    inner: Inner
    share: Annotated[float, Field(gt=0, le=1)]
    name: Annotated[str, Field(min_length=2)] = "it"
    last: ExtendedFloat = 0.0
    noted: Whatever = None


FORM = TypeAdapter(Outer)
GOOD = {"inner": {"n": 1, "values": [1, 2.5]}, "share": 0.5, "name": "it", "last": 0.0, "noted": None}


def plain(found):
    data = asdict(found)
    words = {key: {"float": str(data[key])} for key in ("last", "noted") if data[key] not in (0.0, None)}
    return data | words


def read(tmp_path, data):
    file = tmp_path / "x.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return read_stored(file, FORM, 1000, plain)


def test_what_was_written_is_read(tmp_path):
    assert read(tmp_path, GOOD) == Outer(Inner(1, (1.0, 2.5)), 0.5)
    odd = read(tmp_path, GOOD | {"last": {"float": "-inf"}, "noted": {"float": "nan"}})
    assert odd.last == -math.inf
    assert math.isnan(odd.noted)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"inner": {"n": True, "values": []}}, "inner.n: must be a whole number (got true)."),
        ({"inner": {"n": 1.0, "values": []}}, "inner.n: must be a whole number (got 1.0)."),
        ({"inner": {"n": 1, "values": [1, "2"]}}, "inner.values.1: must be a number (got '2')."),
        ({"inner": {"n": 1, "values": {}}}, "inner.values: must be a list (got {})."),
        ({"inner": {"n": 1}}, "inner: must be as it would be written (got it in another way)."),
        ({"inner": {"n": 1, "values": [], "odd": 3}}, "inner.odd: must be left out, since there is no such"),
        ({"inner": []}, "inner: must be a table (got [])."),
        ({"share": 0}, "share: must be greater than 0 (got 0)."),
        ({"share": 1.5}, "share: must be at most 1.0 (got 1.5)."),
        ({"share": {"float": "nan"}}, "share: must be a number (got {'float': 'nan'})."),
        ({"name": "x"}, "name: must have at least 2 characters (got 'x')."),
        ({"last": {"float": "1.5"}}, "last: must be one of nan, inf, -inf (got '1.5')."),
        ({"noted": {"float": "x"}}, "noted: must be one of nan, inf, -inf (got 'x')."),
    ],
)
def test_the_first_part_that_breaks_its_form_is_named(change, said, tmp_path):
    with pytest.raises(DataError) as caught:
        read(tmp_path, GOOD | change)
    assert str(caught.value).startswith(f"x.json: {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must be JSON with finite numbers"),
        ("NaN", "must be JSON with finite numbers"),
        (json.dumps(GOOD).replace("0.5", "Infinity"), "must be JSON with finite numbers"),
        (json.dumps(GOOD).replace("0.5", "1e999"), "share: must be "),
        ("\ufeff" + json.dumps(GOOD), "must be JSON with finite numbers"),
        (json.dumps(GOOD).replace("it", "\\ud800"), "invalid JSON"),
        ("[" * 999, "must be JSON with finite numbers"),
        ("[]", "must be one JSON object (got [])."),
        ("{}", "inner: must be given."),
        (" " * 1001, "must be at most 1000 bytes (got 1001)."),
    ],
)
def test_what_is_no_stored_result_at_all_is_refused(text, said, tmp_path):
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"x.json: {said}")


@pytest.mark.parametrize(
    ("name", "read", "write"),
    [("codesign", read_results, write_results), ("small_world", read_comparison, write_comparison)],
)
def test_the_shipped_files_are_written_again_byte_by_byte(name, read, write, tmp_path):
    write(tmp_path / "again.json", read(sample_data.path(name)))
    assert (tmp_path / "again.json").read_bytes() == sample_data.path(name).read_bytes()
