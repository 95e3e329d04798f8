"""The report of a run: as File, Save report writes it; opened offline, legible in both themes."""

from __future__ import annotations

import pytest

from dtb_app.session.files import file_to_save
from dtb_app.session.session import Session
from engine import Simulation, preset
from engine.fit import METRICS


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    small = {"duration": 2500.0, "network.neurons_per_region": 40, "network.in_degree": 20}
    recording = Simulation(preset("two-regions").with_values(small)).run()
    path = tmp_path_factory.mktemp("saved") / "report.html"
    path.write_text(file_to_save(Session(), recording, "report")["text"], encoding="utf-8")
    return path


CONTRAST = """() => {
  const level = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = numbers(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const worst = [99, ""];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || node.matches("title, style")) continue;
    const style = getComputedStyle(node);
    const [a, b] = [level(numbers(node.matches("text") ? style.fill : style.color)), level(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) [worst[0], worst[1]] = [ratio, node.textContent.slice(0, 40)];
  }
  return worst;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 1024, 480])
def test_it_opens_offline_fits_and_is_legible(report, browser, theme, width):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, offline=True)
    page = context.new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text))
    page.goto(report.as_uri())
    assert asked == [report.as_uri()]
    assert errors == []
    assert page.locator("figure svg").count() >= 3
    assert page.locator(".scores > div").count() == len(METRICS.names)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ratio, text = page.evaluate(CONTRAST)
    assert ratio >= 4.5, text
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(244, 246, 248)", "dark": "rgb(15, 20, 25)"}[theme]
    context.close()


def test_it_prints_on_white_without_its_menu(report, browser):
    page = browser.new_page(color_scheme="dark")
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()
