"""Dialogs, lists and boxes by the keyboard: the focus stays inside, Escape closes, it goes back."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

QUICK = "?preset=two-regions&duration=300&transient=100"

_FOCUS = r"""() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node;
}"""
_INSIDE = rf"""() => {{
  for (let node = ({_FOCUS})(); node; node = node.assignedSlot ?? node.parentNode ?? node.host)
    if (node.getAttribute?.("role") === "dialog") return true;
  return false;
}}"""


def focused(v) -> str:
    """Name of what has the focus."""
    return v.js(f"() => {{ const n = ({_FOCUS})(); return n.getAttribute('aria-label') || n.innerText; }}")


def walk_and_close(v, dialog, opener) -> None:
    """Tab round the dialog both ways, close it, and be where one was."""
    dialog.wait_for()
    v.wait(lambda: v.js(_INSIDE), "the focus is inside")
    for key in ("Tab",) * 8 + ("Shift+Tab",) * 8:
        v.page.keyboard.press(key)
        assert v.js(_INSIDE), f"{key} left the dialog for {focused(v)!r}"
    v.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    here = "e => e.getRootNode().activeElement === e"
    v.wait(lambda: opener.evaluate(here), "the focus is back", 5)


def test_the_tour_keeps_the_focus(found):
    v = found
    opener = v.page.locator(".dtb-help >> button").first
    opener.focus()
    v.page.keyboard.press("Enter")
    walk_and_close(v, v.page.get_by_role("dialog"), opener)
    assert v.state() not in ("Running", "Waiting", "Building")


def test_the_comparison_keeps_the_focus(visit):
    v = visit().open(QUICK)
    for n in (1, 2):
        v.press("run")
        v.wait(lambda n=n: v.page.locator(".dtb-run-chip").count() == n, f"run {n}")
    opener = v.page.locator(".dtb-compare >> button").first
    opener.focus()
    v.page.keyboard.press("Enter")
    v.page.locator(".dtb-compare-table").wait_for()
    walk_and_close(v, v.page.get_by_role("dialog"), opener)


def test_keys_in_an_open_list_are_the_lists_own(found):
    v = found
    select = v.page.locator(".dtb-speed >> [role=combobox]").first
    select.focus()
    v.page.keyboard.press("Space")
    options = v.page.get_by_role("menuitem", name="max")
    options.wait_for()
    for key in (".", "s", "?"):
        v.page.keyboard.press(key)
    v.page.wait_for_timeout(500)
    assert v.state() == ""
    assert v.page.get_by_role("dialog").count() == 0
    v.page.keyboard.press("Escape")
    options.wait_for(state="hidden")
    v.wait(lambda: v.js(f"() => ({_FOCUS})().getAttribute('role')") == "combobox", "focus is back")
    assert select.inner_text() == "1×"


def test_where_numbers_come_from_opens_by_key_and_by_finger(visit):
    v = visit(has_touch=True).open("?page=chip")
    v.page.locator(".dtb-deep-chip").first.wait_for(timeout=60_000)
    mark = v.page.get_by_label("Where the numbers of Leaky integrate-and-fire come from")
    mark = mark.and_(v.page.locator("button"))
    mark.wait_for()
    box = v.page.locator("div.source:popover-open")
    mark.focus()
    v.page.keyboard.press("Enter")
    box.wait_for()
    assert "Leak potential" in box.inner_text()
    assert "Wanted: set by network.parameters.v_rest." in box.inner_text()
    v.page.keyboard.press("Escape")
    box.wait_for(state="hidden")
    mark.tap()
    box.wait_for()
    within = box.bounding_box()
    assert within["x"] >= 0
    assert within["x"] + within["width"] <= 1280


def test_a_parameter_says_what_it_is_when_it_has_the_focus(found):
    v = found
    v.page.get_by_role("tab", name="Model", exact=True).click()
    field = v.page.locator(".dtb-field-network-in_degree")
    field.focus()
    tip = v.page.locator(".tip:popover-open")
    tip.wait_for()
    assert tip.inner_text() == field.get_attribute("title")
    v.page.wait_for_timeout(100)  # it finds its place a frame later
    column = v.page.locator(".dtb-left").first.bounding_box()
    assert tip.bounding_box()["x"] >= column["x"] + column["width"] - 24
    v.page.locator(".dtb-region-search, .dtb-run >> button").last.focus()
    tip.wait_for(state="hidden")
    v.page.get_by_role("tab", name="Regions", exact=True).click()
