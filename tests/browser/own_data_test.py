"""A visitor drags in a table of BOLD, says what it does not say, and sees the run held against it."""

from __future__ import annotations

from playwright.sync_api import expect

from engine import load_connectome
from tests.measured_files import signals, text_of

SMALL = "?preset=whole-brain-at-rest&network.neurons_per_region=40&network.in_degree=30&duration=2600&transient=200"
_DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, {type: "text/csv"}));
  for (const type of ["dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
  }
}"""


def drop(v, name: str, data: bytes) -> None:
    v.page.evaluate(_DROP, [name, data.decode()])


def test_a_dropped_table_is_asked_about_shown_and_compared(visit):
    v = visit().open(f"{SMALL}&page=fit&section=data")
    page = v.page
    expect(page.locator(".dtb-data-file").get_by_text("No data yet")).to_be_visible(timeout=60_000)
    v.press("run")
    v.wait_state("Finished", 120)
    labels = load_connectome("dk84").labels
    drop(v, "bold.csv", text_of(signals(120, 84), labels))
    page.get_by_label("From a sample to the next (s)").fill("0.72")
    page.get_by_label("Unit of the values").fill("%")
    page.get_by_role("button", name="Read", exact=True).click()
    regions = page.locator(".dtb-data-regions")
    expect(regions.get_by_text("84 of 84 regions matched to 84 of dk84")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Compare with this run").click()
    scores = page.locator(".dtb-data-scores")
    expect(scores.get_by_text("against bold.csv")).to_be_visible(timeout=30_000)
    expect(scores.get_by_text("3,486 region pairs").first).to_be_visible()
    drop(v, "broken.csv", b"L.TH,L.HI\n1,2\n3\n")
    expect(page.locator(".dtb-data-file").get_by_text("broken.csv: every row must")).to_be_visible()
    expect(scores.get_by_text("against bold.csv")).to_be_visible()
    assert not v.alert()
