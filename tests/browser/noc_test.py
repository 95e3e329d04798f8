"""The Network page in a real Chromium."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser


def test_the_network_page_fills_itself_plays_and_counts_cycles(visit):
    v = visit().open("?preset=two-regions&duration=600&transient=100&noc.size=[4,4]&page=noc")
    words = v.page.locator(".dtb-card-Load .sentence")
    v.wait(lambda: "0.00 to 0.60 s" in words.first.inner_text(), "the whole run is shown")
    assert re.search(r"[\d,]+ packets made [\d,]+ link crossings", words.first.inner_text())
    v.page.locator(".dtb-noc-play button").click()
    v.wait(lambda: "0.50 to 0.60 s" in words.first.inner_text(), "it plays to the end")
    small = v.page.locator(".dtb-card-The .sentence").last
    v.wait(lambda: "Wire is not equal" in small.inner_text(), "five topologies are compared")
    assert "every population sends along one tree" in small.inner_text()
    cycle = v.page.locator(".dtb-card-How .sentence").first
    v.wait(lambda: "4.50 without waiting" in cycle.inner_text(), "cycles have been run")
    v.page.locator(".dtb-noc-rate input").fill("2")
    v.page.locator(".dtb-noc-rate input").press("Tab")
    v.page.locator(".dtb-noc-start button").click()
    v.wait(lambda: v.page.get_by_text("rate: must be from 0 to 1").count(), "it is refused")
    assert v.js("document.documentElement.scrollWidth") <= 1280
