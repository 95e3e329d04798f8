"""Numbers as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.amounts import counted, number, quantity, span


@given(st.floats(1e-6, 1e14), st.integers(2, 4), st.sampled_from(["mJ", "us", "Hz", ""]))
def test_no_magnitude_is_written_with_an_exponent_or_an_ascii_micro(value, digits, unit):
    text = quantity(value, unit, digits)
    assert not re.search(r"\de[+-]|\bu[sJ]\b", text)


@given(st.floats(1e-6, 9e13))
def test_a_number_reads_as_what_it_is(value):
    assert float(number(value, 3).replace(",", "")) == pytest.approx(value, rel=6e-3)


@given(st.floats(1e-9, 1e9))
def test_a_quantity_is_the_same_amount_in_another_unit(millijoules):
    text, unit = quantity(millijoules, "mJ", 4).rsplit(" ", 1)
    factor = {"fJ": 1e-12, "pJ": 1e-9, "nJ": 1e-6, "µJ": 1e-3, "mJ": 1, "J": 1e3, "kJ": 1e6, "MJ": 1e9}[unit]
    assert float(text.replace(",", "")) * factor == pytest.approx(millijoules, rel=1e-3)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (100, "mJ", "100 mJ"),
        (1400, "mJ", "1.4 J"),
        (0.01, "ms", "10 µs"),
        (10, "us", "10 µs"),
        (999.96, "mJ", "1 J"),
        (0, "mJ", "0 mJ"),
        (2500, "Hz", "2,500 Hz"),
        (1e-3, "", "0.001"),
        (float("nan"), "Hz", "n/a Hz"),
    ],
)
def test_what_is_written(value, unit, text):
    assert quantity(value, unit) == text


def test_two_quantities_share_their_unit():
    assert span(100, 140, "mJ") == "100 to 140 mJ"
    assert span(900, 1400, "mJ") == "0.9 to 1.4 J"


def test_one_thing_is_not_many():
    assert [counted(n, "unit") for n in (0, 1, 2, 1200)] == ["0 units", "1 unit", "2 units", "1,200 units"]
