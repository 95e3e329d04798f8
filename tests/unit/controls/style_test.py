"""Colours and rings of the controls."""

from __future__ import annotations

import pytest

from dtb_app.controls.style import THEME_CONFIG, tokens
from dtb_app.explorer.help import TOUR
from layouts.theme import DARK, LIGHT


def _light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    dim, bright = sorted((_light(a), _light(b)))
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_words_on_the_main_colour_reach_the_contrast_of_text(theme):
    main = THEME_CONFIG[theme.name]["palette"]["primary"]
    assert contrast(main["contrastText"], main["main"]) >= 4.5
    assert contrast(tokens(theme)["--dtb-on-colour"], theme.digital) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_the_ring_of_the_focus_stands_out_from_what_is_round_it(theme):
    parts = THEME_CONFIG[theme.name]["components"]
    for name, state in (("MuiButtonBase", "&.Mui-focusVisible"), ("MuiOutlinedInput", "&.Mui-focused")):
        ring = next(iter(parts[name]["styleOverrides"].values()))[state]
        assert ring["outline"] == "2px solid var(--dtb-ink)"
    for around in (theme.panel, theme.background):
        assert contrast(theme.ink, around) >= 3


def test_the_help_names_the_keys_of_the_region_list():
    for words in ("↑ ↓ in the list", "space in the list", "D, A, O in the list", "Esc"):
        assert words in TOUR
