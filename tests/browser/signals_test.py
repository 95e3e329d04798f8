"""What instruments would see of a run, in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def choose(v, name: str) -> None:
    v.page.locator(".dtb-map-mode >> [role=combobox]").click()
    v.page.locator(".MuiMenuItem-root").filter(has_text=name).last.click()


def test_the_brain_and_the_strip_under_the_raster_show_a_signal(visit):
    v = visit().open("?preset=hippocampus-on-analog")
    choose(v, "BOLD")
    brain = v.page.locator(".dtb-brain")
    expect(brain).to_contain_text("BOLD takes 20 s to settle; a run of 2 s has hardly begun it.")
    expect(brain).to_contain_text("brightness: BOLD, 0 to 0.1 %")
    v.press("run")
    v.wait_state("Running", 10)
    choose(v, "Calcium")
    expect(brain).to_contain_text("Calcium at", timeout=20_000)
    choose(v, "Rate")
    expect(brain).to_contain_text("fires most", timeout=20_000)
    v.press("stop")
