"""Projector mode: the whole page larger, remembered by the browser, and hit where it is pointed at."""

from __future__ import annotations

import pytest

from dtb_app.pages import PAGES

LEAST_PX = 11  # of a caption
_IS_ON = "() => 'dtbProjector' in document.documentElement.dataset"
_TYPE_PX = """() => {
  const roots = [document], found = [];
  const larger = Number(document.documentElement.style.zoom || 1);
  while (roots.length) {
    for (const node of roots.pop().querySelectorAll("*")) {
      if (node.shadowRoot) roots.push(node.shadowRoot);
      const says = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
      const counts = !node.closest("style, legend, .source, .MuiSlider-valueLabel") && getComputedStyle(node).visibility === "visible";
      if (says && counts && node.getClientRects().length)
        found.push(larger * parseFloat(getComputedStyle(node).fontSize));
    }
  }
  return Math.min(...found.filter((size) => size > 0));
}"""
_CUT = """() => {
  const roots = [document], found = [];
  while (roots.length) {
    for (const node of roots.pop().querySelectorAll("*")) {
      if (node.shadowRoot) roots.push(node.shadowRoot);
      if (!node.matches("h2, h3, dt, dd, .caption, button:not(.source), th") || !node.getClientRects().length) continue;
      const across = node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 1;
      if (across && getComputedStyle(node).display !== "inline") found.push(node.textContent);
    }
  }
  return found;
}"""
_PIXELS = """() => {  // of the screen on each pixel of a picture
  const roots = [document], found = [];
  const zoom = Number(document.documentElement.style.zoom || 1);
  while (roots.length) {
    for (const node of roots.pop().querySelectorAll("*")) {
      if (node.shadowRoot) roots.push(node.shadowRoot);
      if (node.localName === "canvas" && node.clientWidth > 60) found.push(zoom * node.clientWidth / node.width);
    }
  }
  return found;
}"""


def _switch(v, is_on: bool) -> None:
    v.page.get_by_label("Projector mode").click()
    v.wait(lambda: v.js(_IS_ON) == is_on, f"projector mode {is_on}")
    v.page.wait_for_timeout(800)


@pytest.mark.parametrize(("width", "height", "larger"), [(1280, 800, 1.25), (1920, 1080, 1.6)])
def test_all_type_is_larger_and_nothing_is_cut_or_goes_sideways(visit, width, height, larger):
    v = visit(viewport={"width": width, "height": height}).open("?preset=two-regions")
    assert v.js(_TYPE_PX) < LEAST_PX * larger
    _switch(v, True)
    for entry in (None, *PAGES):
        if entry is not None:
            v.page.locator(f".dtb-page-{entry.name}").first.click()
            v.page.locator(f".dtb-deep-{entry.name}").first.wait_for()
            v.wait(lambda: v.js("() => Bokeh.documents[0].is_idle"), "it is drawn")
            v.page.wait_for_timeout(1500)
        assert v.js(_TYPE_PX) >= 0.99 * larger * LEAST_PX
        assert v.js("document.documentElement.scrollWidth") <= width
        assert v.js(_CUT) == [], entry
        assert max(v.js(_PIXELS)) < 1.02, "pictures are drawn with the pixels of the screen"


def test_it_is_remembered_by_the_browser_and_survives_a_theme(visit):
    v = visit().open("?preset=two-regions")
    assert not v.js(_IS_ON)
    _switch(v, True)
    v.page.get_by_label("Toggle theme").click()
    v.page.wait_for_timeout(500)
    assert v.js(_IS_ON)
    v.page.reload()
    v.page.locator(".dtb-run >> button").wait_for()
    assert v.js(_IS_ON)
    assert v.js("() => document.documentElement.style.zoom") == "1.25"
    other = v.context.new_page()
    other.goto(v.app.url + "?preset=two-regions")
    other.get_by_label("Projector mode").wait_for()
    assert other.get_by_label("Projector mode").get_attribute("aria-pressed") == "true"
    other.close()
    _switch(v, False)
    assert v.js("() => [innerWidth, devicePixelRatio]") == [1280, 1]


def test_lists_open_at_their_control_and_sliders_go_where_they_are_pressed(visit):
    v = visit().open("?preset=two-regions")
    _switch(v, True)
    choice = v.page.locator(".dtb-map-mode").first
    choice.click()
    entry = v.page.locator(".MuiMenuItem-root").first
    entry.wait_for()
    v.page.wait_for_timeout(600)
    shown, control = entry.bounding_box(), choice.bounding_box()
    assert abs(shown["x"] - control["x"]) < 20
    assert abs(shown["y"] - control["y"]) < 160
    v.page.keyboard.press("Escape")
    v.wait(lambda: not v.page.locator(".MuiMenuItem-root").count(), "it is closed")
    rail = v.page.locator(".dtb-left >> .MuiSlider-root").first.bounding_box()
    v.page.mouse.click(rail["x"] + 0.75 * rail["width"], rail["y"] + 0.5 * rail["height"])
    thumb = v.page.locator(".dtb-left >> .MuiSlider-thumb").first
    v.wait(
        lambda: abs(_middle(thumb) - rail["x"] - 0.75 * rail["width"]) < 0.1 * rail["width"],
        "the slider stands where it was pressed",
    )


def _middle(part) -> float:
    box = part.bounding_box()
    return box["x"] + box["width"] / 2


def test_a_click_on_the_brain_takes_what_is_under_the_pointer(visit):
    v = visit().open()
    v.wait(lambda: v.raster_sum() > 0, "drawn")
    _switch(v, True)
    box = v.page.locator(".dtb-brain >> canvas").first.bounding_box()
    picked = v.page.locator('.dtb-region-row[aria-selected="true"]')
    for fx, fy in ((0.8, 0.2), (0.82, 0.25), (0.78, 0.3), (0.85, 0.2)):  # on the right hemisphere
        v.page.mouse.click(box["x"] + fx * box["width"], box["y"] + fy * box["height"])
        v.page.wait_for_timeout(700)
        if picked.count():
            break
    assert picked.locator("small").first.inner_text() == "R"
