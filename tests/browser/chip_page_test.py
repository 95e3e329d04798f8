"""The page Chip: what is on the chip, its membranes, and switches that edit the scenario."""

import re


def test_the_chip_is_shown_recorded_and_edited(visit):
    v = visit().open("?preset=hippocampus-on-analog&page=chip")
    v.page.wait_for_selector(".dtb-record")
    v.wait(lambda: v.page.get_by_text("480 circuits are in use").count(), "the floor")
    assert v.page.get_by_text("Chip 1: L.HI, R.HI").count()
    v.wait(lambda: v.page.get_by_text("Three neurons of L.HI").count(), "the traces", 60)
    assert v.page.get_by_role("button", name="Record again").is_enabled()
    v.page.get_by_label("Membrane noise acts").click()
    factor = v.page.get_by_label("Factor of Membrane noise")
    v.wait(lambda: factor.input_value() == "0", "a term is off")
    v.page.get_by_role("button", name="quantised", exact=True).click()
    v.wait(lambda: v.page.get_by_text("none in this mode").count() > 10, "the mode")
    assert not v.errors


def test_without_an_analog_region_the_page_offers_one(visit):
    v = visit().open("?preset=whole-brain-at-rest&page=chip")
    put = v.page.get_by_role("button", name="Put the hippocampi on analog")
    v.wait(lambda: put.count() and put.is_visible(), "the offer")
    assert v.page.get_by_text("no membrane to record").count()
    put.click()
    v.wait(lambda: v.page.get_by_text("Three neurons of L.HI").count(), "the traces", 60)
    assert not put.is_visible()
    v.press("undo")
    v.wait(lambda: put.is_visible(), "the offer again")
    assert not v.errors


def test_membranes_wait_for_a_run(visit):
    v = visit().open("?duration=20000")
    v.press("run")
    v.wait(lambda: v.state() == "Running", "a run", 60)
    v.page.get_by_role("tab", name="Analog chip").click()
    v.wait(lambda: v.page.get_by_text("Waits for the run to end").count(), "it waits")
    v.press("stop")
    v.wait(lambda: v.page.get_by_text("Three neurons of L.HI").count(), "the traces", 60)


def test_terms_have_room_and_say_where_they_come_from(visit):
    v = visit().open("?preset=hippocampus-on-analog&page=chip")
    rows = v.page.locator(".dtb-terms tbody tr")
    v.wait(lambda: rows.count() > 20, "the terms")
    said = rows.evaluate_all("rows => rows.map(r => r.title)")
    assert all(re.search(r"\((measured|derived|assumed): ", title) for title in said)
    formulas = v.page.locator(".dtb-terms td.formula")
    lines = formulas.evaluate_all(
        "cells => cells.map(c => { const r = document.createRange(); r.selectNodeContents(c);"
        " return new Set([...r.getClientRects()].map(b => Math.round(b.top))).size; })"
    )
    assert max(lines) <= 2
    last, after = rows.last, v.page.get_by_text("A factor of 0 turns a term off")
    below = after.bounding_box()
    assert last.bounding_box()["y"] + last.bounding_box()["height"] <= below["y"] + 1
    after.scroll_into_view_if_needed()
    assert after.bounding_box()["y"] < 800  # nothing is cut off
    said = v.page.locator(".dtb-deep-chip .head div.source").all_text_contents()
    assert len(said) == 5  # a card each
    assert all(len(t) > 80 for t in said)
