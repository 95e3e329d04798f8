"""The Fit page in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_run_is_held_against_what_was_measured(visit):
    v = visit().open("?preset=whole-brain-at-rest&duration=2500")
    v.press("run")
    v.wait_state("Running", 60)
    v.wait(lambda: v.state() != "Running", "the run ends", 120)
    v.page.locator(".dtb-page-fit").first.click()
    head = v.page.locator(".dtb-fit-head")
    expect(head).to_contain_text("Simulated and measured agree with r =", timeout=120_000)
    pairs = v.page.locator(".dtb-fit-pairs")
    expect(pairs).to_contain_text("3,486 pairs")
    before = pairs.inner_text()
    v.page.locator(".dtb-fit-measured .bk-events").first.click(position={"x": 120, "y": 90})
    v.wait(lambda: pairs.inner_text() != before, "another pair is picked")
    expect(v.page.locator(".dtb-scores tbody tr").first).to_contain_text("r =")
    v.page.locator(".dtb-page-tune").first.click()
    expect(v.page.locator(".dtb-tune-head")).to_contain_text("single weights may not")
    v.wait(lambda: "section=tune" in v.js("location.search"), "the address follows")
    assert not v.errors
    assert not v.app.tracebacks()
