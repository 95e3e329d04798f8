"""The region list's Python side, and what its two files must agree on with the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path

from dtb_app.controls import region_list
from dtb_app.controls.region_list import RegionList
from layouts.explorer.brain_map import BrainMapView
from layouts.theme import LIGHT, LOBE_ORDER

SCRIPT = Path(region_list.__file__).with_name("region_list.js").read_text(encoding="utf-8")


def constant(name: str) -> list[str]:
    """A list of words that the script declares."""
    return json.loads(re.search(rf"^const {name} = (\[.*?\]);$", SCRIPT, re.M).group(1))


def test_lobes_stand_in_the_order_of_the_raster_and_the_matrix():
    assert tuple(constant("ORDER")) == LOBE_ORDER[:-1]


def test_the_backends_are_those_that_have_a_colour():
    assert constant("BACKENDS") == ["digital", "analog", "off"]
    assert all(LIGHT.backend(name) for name in constant("BACKENDS"))


def test_what_the_script_reads_and_writes_is_declared():
    used = set(re.findall(r"\bmodel\.(?!on\b)(\w+)", SCRIPT))
    watched = set(re.findall(r'model\.on\("(\w+)"', SCRIPT))
    declared = set(RegionList.param) - set(RegionList.__mro__[1].param)
    assert used | watched <= declared
    assert watched == {"regions", "backends", "selected", "rates", "when"}


def test_the_script_needs_nothing_from_elsewhere():
    assert "import " not in SCRIPT
    assert not re.search(r"https?://|url\(", SCRIPT)
    assert "innerHTML" not in SCRIPT  # names come from visitors' files


def test_colours_come_from_the_page():
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", SCRIPT)


def test_both_sides_of_the_selection_take_the_same_list():
    regions = RegionList(selected=[3, 1])
    view = BrainMapView(LIGHT, None)
    view.set_selection(regions.selected)
    heard = []
    regions.param.watch(lambda event: heard.append(event.new), "selected")
    regions.selected = [3, 1]
    assert heard == []  # the same again is no news, so the two cannot chase each other
    regions.selected = [1]
    assert heard == [[1]]
