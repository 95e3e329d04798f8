"""The Scale page in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_teacher_plans_the_mission_and_is_refused_nonsense(visit):
    v = visit().open("?page=scale")
    verdict = v.page.locator(".dtb-verdict")
    expect(verdict).to_contain_text("65×", timeout=60_000)
    expect(v.page.locator(".dtb-coefficients tr").first).to_contain_text("Standing")
    v.page.locator(".dtb-plan-preset [role=combobox]").click()
    v.page.locator(".MuiMenuItem-root", has_text="Mission").click()
    expect(v.page.locator(".dtb-warning")).to_contain_text("58,373 devices", timeout=60_000)
    expect(v.page.locator(".dtb-plan-preset [role=combobox]")).to_contain_text("Mission")
    devices = v.page.locator(".dtb-plan-devices input")
    devices.fill("nonsense")
    devices.press("Enter")
    expect(v.page.locator(".refused")).to_contain_text("Devices: must be a number")
    expect(verdict).to_contain_text("slower than life")
    assert not v.errors
    assert not v.app.tracebacks()
