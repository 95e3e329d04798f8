"""Dark and light: a first visit in the dark, and what a change of theme leaves behind."""

from __future__ import annotations

from layouts.theme import DARK, LIGHT

_THEMES = """() => {
  const roots = [document], found = {light: 0, dark: 0};
  while (roots.length) {
    for (const node of roots.pop().querySelectorAll("*")) {
      if (node.shadowRoot) roots.push(node.shadowRoot);
      for (const theme of ["light", "dark"]) found[theme] += node.classList.contains("mui-" + theme);
    }
  }
  return found;
}"""
_EDGES = """() => {
  const roots = [document], edges = [];
  while (roots.length) {
    for (const node of roots.pop().querySelectorAll("*")) {
      if (node.shadowRoot) roots.push(node.shadowRoot);
      if (node.tagName !== "CANVAS" || node.width < 50) continue;
      const pixels = node.getContext("2d")?.getImageData(0, 0, node.width, 1).data ?? [];
      for (let k = 0; k < pixels.length; k += 4) {
        if (pixels[k + 3] > 60) edges.push([pixels[k], pixels[k + 1], pixels[k + 2]]);
      }
    }
  }
  return edges;
}"""


def test_a_first_visit_in_the_dark_has_no_light_control(visit):
    for _ in range(2):
        v = visit(color_scheme="dark").open("?preset=two-regions")
        v.wait(lambda v=v: v.js("() => document.documentElement.dataset.dtbTheme") == "dark", "dark")
        v.page.wait_for_timeout(1500)
        found = v.js(_THEMES)
        assert found["light"] == 0
        assert found["dark"] > 10
        v.page.close()


def test_no_line_of_another_theme_stays_around_a_picture(visit):
    v = visit(color_scheme="dark").open("?preset=two-regions")
    for theme, panel in (("dark", (23, 29, 36)), ("light", (255, 255, 255)), ("dark", (23, 29, 36))):
        v.wait(lambda t=theme: v.js("() => document.documentElement.dataset.dtbTheme") == t, theme)
        v.page.wait_for_timeout(1500)
        for colour in v.js(_EDGES):
            assert max(abs(a - b) for a, b in zip(colour, panel, strict=True)) < 10, (theme, colour)
        v.page.get_by_label("Toggle theme").click()


_LINES = """() => {
  const found = [];
  for (const doc of Bokeh.documents) {
    for (const model of doc.all_models) {
      if (["Line", "MultiLine"].includes(model.type)) found.push(JSON.stringify(model.line_color));
    }
  }
  return found;
}"""


def test_a_deeper_page_that_is_opened_in_the_dark_has_the_lines_of_the_dark(visit):
    v = visit(color_scheme="dark").open("?page=twin&section=forecast")
    v.page.locator(".dtb-twin-forecast").first.wait_for(timeout=60_000)
    v.wait(lambda: any(DARK.ink in colour for colour in v.js(_LINES)), "lines in the ink of the dark")
    v.wait(lambda: not any(LIGHT.ink in colour for colour in v.js(_LINES)), "none in that of the light")


_GREY = """() => {
  const roots = [document], grey = [];
  while (roots.length) {
    for (const node of roots.pop().querySelectorAll("*")) {
      if (node.shadowRoot) roots.push(node.shadowRoot);
      if (getComputedStyle(node).filter.startsWith("grayscale")) grey.push(node.className);
    }
  }
  return grey.length;
}"""


def test_pictures_of_an_earlier_scenario_are_grey_until_it_is_back(visit):
    v = visit().open("?preset=two-regions&duration=600&transient=100")
    v.press("run")
    v.wait(lambda: v.page.locator(".dtb-run-chip").count() == 1, "a run")
    v.page.locator(".dtb-region-row:visible").nth(2).click()
    v.page.locator(".dtb-bulk-digital").click()
    v.wait(lambda: v.js(_GREY) == 4, "four grey pictures")
    v.press("undo")
    v.wait(lambda: v.js(_GREY) == 0, "none grey")
