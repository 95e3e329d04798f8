"""The theme that a page opens in."""

from __future__ import annotations

import pytest

from dtb_app.controls.colours import COOKIE, first_theme, page_css
from layouts.theme import DARK, LIGHT

CASES = [
    ({}, {}, LIGHT, True),
    ({}, {COOKIE: "dark"}, DARK, True),
    ({}, {COOKIE: "nonsense"}, LIGHT, True),
    ({"theme": [b"dark"]}, {}, DARK, False),
    ({"theme": [b"default"]}, {COOKIE: "dark"}, LIGHT, False),
    ({"theme": [b"light"]}, {COOKIE: "dark"}, LIGHT, False),
    ({"theme": [b"purple\xff"]}, {COOKIE: "dark"}, DARK, True),
]


@pytest.mark.parametrize(("arguments", "cookies", "theme", "follows"), CASES)
def test_the_address_wins_over_what_the_system_was_last_time(arguments, cookies, theme, follows):
    assert first_theme(arguments, cookies) == (theme, follows)


@pytest.mark.parametrize(("theme", "other"), [(LIGHT, DARK), (DARK, LIGHT)])
def test_only_a_page_that_follows_is_covered_where_the_system_has_the_other_theme(theme, other):
    css = page_css(theme, True)
    assert css.index(theme.background) < css.index(f"prefers-color-scheme: {other.name}")
    assert f"prefers-color-scheme: {theme.name}" not in css
    assert "prefers-color-scheme" not in page_css(theme, False)
    assert other.background not in page_css(theme, False)
