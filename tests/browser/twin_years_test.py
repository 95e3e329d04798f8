"""A visitor lets a brain age on the map, turns the year, and is refused a schedule that contradicts itself."""

from __future__ import annotations

from playwright.sync_api import expect


def test_the_years_turn_on_the_map_and_an_own_schedule_is_checked(visit):
    v = visit().open("?preset=two-regions&page=twin&section=years")
    page = v.page
    expect(page.get_by_text("wears down").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("not for clinical use").last).to_be_visible()
    clocks = page.locator("dl.dtb-lapse").first
    expect(clocks).to_contain_text("Year0")
    expect(clocks).to_contain_text("estimate")
    slider = page.locator(".dtb-lapse-year input[type=range]").first
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(clocks).to_contain_text("Year3", timeout=30_000)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(clocks).to_contain_text("Year5", timeout=30_000)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=30_000)
    amount = page.get_by_label("Amount [%]")
    amount.fill("130")
    amount.press("Tab")
    page.get_by_role("button", name="Live through it", exact=True).click()
    expect(page.get_by_text("schedule.amount: must be from 0 to 100 %").first).to_be_visible(timeout=30_000)
    assert not v.alert()
