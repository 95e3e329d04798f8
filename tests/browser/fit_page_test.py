"""A visitor sees a finished run held against what was measured, and begins a fit."""

from __future__ import annotations

from playwright.sync_api import expect

SMALL = "?preset=whole-brain-at-rest&network.neurons_per_region=40&network.in_degree=30&duration=2600&transient=200"


def test_a_run_is_held_against_what_was_measured_and_a_fit_begins(visit):
    v = visit().open(f"{SMALL}&page=fit")
    page = v.page
    v.press("run")
    v.wait_state("Finished", 120)
    head = page.locator(".dtb-fit-head")
    expect(head.get_by_text("Simulated and measured agree with r =")).to_be_visible(timeout=60_000)
    expect(page.locator(".dtb-fit-pairs").get_by_text("3,486 pairs").first).to_be_visible()
    page.get_by_text("Fit the twin").click()
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_visible(timeout=30_000)
    expect(page.get_by_text("how the shipped tuning dk84-rest")).to_be_visible()
    judged = page.locator(".dtb-tune-card-judged")
    expect(judged.get_by_text("Two halves of the run agree at")).to_be_visible()
    v.wait(lambda: "section=tune" in v.js("location.search"), "the address follows")
    start.click()
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("of 5 min of biology").first).to_be_visible(timeout=60_000)
    expect(judged.get_by_text("Not judged")).to_be_visible()
    cancel.click()
    expect(start).to_be_enabled(timeout=30_000)
    assert not v.alert()


def test_parameters_are_followed_by_an_ensemble(visit):
    v = visit().open(f"{SMALL}&page=fit&section=assimilate")
    page = v.page
    status = page.locator(".dtb-assimilate-head")
    expect(status.get_by_text("Until then you see a stored result")).to_be_visible(timeout=60_000)
    learnt = page.locator(".dtb-assimilated").filter(has_text="L.CMFG")
    expect(learnt.first).to_be_visible(timeout=30_000)
    stored = learnt.first.inner_text()
    for label, number in (("Members", "6"), ("TRs", "10")):
        page.get_by_label(label, exact=True).fill(number)
        page.get_by_label(label, exact=True).press("Enter")
    expect(status.get_by_text("6 brains, 10 observations every 0.72 s")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible(timeout=30_000)
    expect(status.get_by_text("twin experiment, 10 TR.")).to_be_visible(timeout=240_000)
    expect(learnt.first).to_be_visible(timeout=30_000)
    assert learnt.first.inner_text() != stored
    expect(page.get_by_role("button", name="Save result")).to_be_visible()
    assert not v.alert()
