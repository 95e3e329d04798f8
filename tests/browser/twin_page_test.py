"""A visitor sees what a twin learned, foresaw and was spared, and tries an electrode."""

from __future__ import annotations

from playwright.sync_api import expect


def test_the_questions_are_answered_and_an_electrode_is_tried(visit):
    v = visit().open("?preset=two-regions&page=twin")
    page = v.page
    expect(page.get_by_text("closed").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("not for clinical use").first).to_be_visible()
    for tab, said in (
        ("Forecast", "on patients it never met"),
        ("Spread", "When a hidden region is recruited"),
        ("Suppression", "With the electrode in the focus"),
        ("Resection", "The smallest resection that the search finds"),
        ("Stimulation", "of beta away; closed loop"),
    ):
        page.get_by_text(tab, exact=True).first.click()
        expect(page.get_by_text(said).first).to_be_visible(timeout=30_000)
    v.wait(lambda: "section=stimulation" in v.js("location.search"), "the address follows")
    amplitude = page.get_by_label("Amplitude [mA]")
    amplitude.fill("25")
    amplitude.press("Tab")
    page.get_by_role("button", name="Stimulate", exact=True).click()
    expect(page.get_by_text("Electrode.").first).to_be_visible(timeout=30_000)
    amplitude.fill("2")
    amplitude.press("Tab")
    page.get_by_role("button", name="Stimulate", exact=True).click()
    expect(page.get_by_text("of beta gone").first).to_be_visible(timeout=120_000)
    assert not v.alert()
