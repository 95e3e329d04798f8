"""The address that goes back and forward, and the line to the server that is lost and comes back."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SMALL = "?preset=two-regions"


def selected(v, name: str) -> bool:
    return v.page.get_by_role("tab", name=name).first.get_attribute("aria-selected") == "true"


def is_steady(v) -> bool:
    """Whether the address stays what it is for a while."""
    before = v.page.url
    v.page.wait_for_timeout(1500)
    return v.page.url == before


def is_told(v) -> bool:
    """Whether the top bar shows its status."""
    opacity = "e => getComputedStyle(e.getRootNode().host).opacity"
    return v.page.locator(".status").first.evaluate(opacity) == "1"


def test_back_and_forward_go_where_the_address_says(visit):
    v = visit().open(SMALL)
    first, n = v.page.url, v.js("() => history.length")
    v.page.get_by_role("tab", name="Network on chip").first.click()
    v.wait(lambda: "page=" in v.page.url, "the page stands in the address")
    assert v.js("() => history.length") == n + 1
    v.page.go_back()
    v.wait(lambda: v.page.url == first, "the address before")
    v.wait(lambda: selected(v, "Explorer"), "the explorer is back")
    v.page.go_forward()
    v.wait(lambda: "page=" in v.page.url, "the address after")
    v.wait(lambda: selected(v, "Network on chip"), "the page is back")


def test_a_server_that_does_not_answer_is_said_and_nothing_runs_on_the_page(visit):
    v = visit().open(SMALL)
    v.page.route("**/health", lambda route: route.fulfill(status=503))
    v.wait(lambda: v.page.locator(".dtb-line").count() == 1, "the line is said to be lost", 30)
    assert "does not answer" in v.page.locator(".dtb-line").inner_text()
    assert not is_told(v)
    v.page.unroute("**/health")
    v.wait(lambda: v.page.locator(".dtb-line").count() == 0, "the line is back", 30)
    assert is_told(v)
    v.errors.clear()  # the browser's own words for an answer of 503


def test_a_slider_that_is_dragged_is_one_step_back(visit):
    v = visit().open(SMALL)
    first, n = v.page.url, v.js("() => history.length")
    slider = v.page.locator("input[type=range]").first
    slider.focus()
    for _ in range(8):
        v.page.keyboard.press("ArrowRight")
        v.page.wait_for_timeout(60)
    v.wait(lambda: v.page.url != first, "the value stands in the address")
    v.wait(lambda: is_steady(v), "the last value stands in the address")
    assert "network.coupling=1." in v.page.url
    assert v.js("() => history.length") == n + 1
    v.page.go_back()
    v.wait(lambda: v.page.url == first, "the address before")
