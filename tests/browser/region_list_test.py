"""The region list's script in a real Chromium, with a plain object in the server's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from dtb_app.controls import region_list

pytestmark = pytest.mark.browser

SCRIPT = Path(region_list.__file__).with_name("region_list.js")
REGIONS = [
    [f"{side}.{label}", f"{name}, {word}", side, lobe, 240]
    for side, word in (("L", "left"), ("R", "right"))
    for label, name, lobe in (
        ("HI", "Hippocampus", "Subcortex"),
        ("TH", "Thalamus", "Subcortex"),
        ("CU", "Cuneus <b>x</b>", "Occipital"),
    )
]
HI, TH, CU, R_HI, R_TH, R_CU = range(6)
START = """async ({code, regions}) => {
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  const {render} = await import(url);
  const heard = {}, values = {
    regions, backends: regions.map(() => "digital"), selected: [], rates: [], action: {}};
  window.model = new Proxy(values, {
    get: (all, name) => name === "on" ? (n, call) => (heard[n] ??= []).push(call) : all[name],
    set: (all, name, value) => {
      all[name] = value;
      for (const call of heard[name] ?? []) call();
      return true;
    },
  });
  const host = document.body.appendChild(document.createElement("div"));
  host.attachShadow({mode: "open"});
  render({model: window.model, el: host.shadowRoot});
}"""


class List:
    """The drawn list, in words of the visitor."""

    def __init__(self, page):
        self.page = page
        self.search = page.locator(".dtb-region-search")

    def get(self, name: str):
        return self.page.evaluate(f"window.model.{name}")

    def set(self, name: str, value) -> None:
        self.page.evaluate("([n, v]) => { window.model[n] = v; }", [name, value])

    def row(self, name: str):
        return self.page.get_by_title(name, exact=False).and_(self.page.locator(".dtb-region-row"))

    def shown(self) -> list[str]:
        rows = self.page.locator(".dtb-region-row:visible")
        return [rows.nth(i).get_attribute("title").split(" (")[0] for i in range(rows.count())]

    def focused(self) -> str:
        return self.page.evaluate(
            "document.querySelector('div').shadowRoot.activeElement?.title?.split(' (')[0] ?? ''"
        )


@pytest.fixture
def regions(browser):
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.evaluate(START, {"code": SCRIPT.read_text(encoding="utf-8"), "regions": REGIONS})
    yield List(page)
    page.close()
    assert errors == []


def test_pairs_stand_together_below_their_lobe(regions):
    heads = regions.page.locator(".dtb-lobe-fold").all_inner_texts()
    assert [head.split() for head in heads] == [["▸", "Occipital", "2"], ["▾", "Subcortex", "4"]]
    assert regions.shown() == ["Hippocampus, left", "Hippocampus, right", "Thalamus, left", "Thalamus, right"]


def test_a_click_selects_and_modifiers_add(regions):
    regions.row("Hippocampus, left").click()
    assert regions.get("selected") == [HI]
    regions.row("Thalamus, left").click(modifiers=["Shift"])
    assert regions.get("selected") == [HI, R_HI, TH]
    regions.row("Hippocampus, right").click(modifiers=["Control"])
    assert regions.get("selected") == [HI, TH]
    regions.row("Thalamus, left").click()
    assert regions.get("selected") == [TH]
    regions.row("Thalamus, left").click()
    assert regions.get("selected") == []


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("thal", ["Thalamus, left", "Thalamus, right"]),
        ("R.HI", ["Hippocampus, right"]),
        ("occipital right", ["Cuneus <b>x</b>, right"]),
        ("analog", ["Thalamus, right"]),
        ("nothing", []),
    ],
)
def test_search_finds_names_labels_lobes_sides_and_backends(regions, query, left):
    backends = ["digital"] * 6
    backends[R_TH] = "analog"
    regions.set("backends", backends)
    regions.search.fill(query)
    assert regions.shown() == left
    assert regions.page.get_by_text("No region matches.").is_visible() == (not left)
    regions.search.press("Enter")
    assert len(regions.get("selected")) == len(left)
    regions.search.press("Escape")
    assert len(regions.shown()) >= 4


def test_the_lobe_check_has_three_states(regions):
    check = regions.page.get_by_label("Select Subcortex")
    state = "([node]) => [node.checked, node.indeterminate]"
    assert check.evaluate_all(state) == [False, False]
    regions.set("selected", [HI])
    assert check.evaluate_all(state) == [False, True]
    check.click()
    assert sorted(regions.get("selected")) == [HI, TH, R_HI, R_TH]
    assert check.evaluate_all(state) == [True, False]
    check.click()
    assert regions.get("selected") == []


def test_keys_move_select_and_assign_and_stay_in_the_list(regions):
    regions.page.evaluate(
        "window.leaked = []; document.addEventListener('keydown', (e) => window.leaked.push(e.key))"
    )
    regions.search.press("ArrowDown")
    assert regions.focused() == "Hippocampus, left"
    regions.page.keyboard.press("ArrowDown")
    regions.page.keyboard.press("Space")
    assert regions.get("selected") == [R_HI]
    regions.page.keyboard.press("a")
    action = regions.get("action")
    assert (action["kind"], action["indices"], action["backend"]) == ("assign", [R_HI], "analog")
    regions.page.keyboard.press("ArrowDown")
    regions.page.keyboard.press("o")
    assert regions.get("action")["indices"] == [TH]  # not the selected one: the one in focus
    assert regions.get("action")["nonce"] > action["nonce"]
    assert regions.page.evaluate("window.leaked") == []


def test_one_row_is_in_the_tab_order_and_it_is_visible(regions):
    stops = regions.page.locator('.dtb-region-row[tabindex="0"]')
    assert stops.count() == 1
    regions.row("Thalamus, right").click()
    assert stops.get_attribute("title").startswith("Thalamus, right")
    regions.search.fill("cuneus")
    assert stops.count() == 1
    assert stops.is_visible()


def test_mirror_adds_the_other_side_and_bulk_assigns_all(regions):
    regions.set("selected", [HI, CU])
    regions.page.get_by_label("Add the same regions of the other hemisphere").click()
    assert sorted(regions.get("selected")) == [HI, CU, R_HI, R_CU]
    regions.page.get_by_label("Selected regions analog").click()
    assert sorted(regions.get("action")["indices"]) == [HI, CU, R_HI, R_CU]
    regions.page.get_by_label("Select no region").click()
    assert regions.get("selected") == []
    assert regions.page.get_by_label("Selected regions analog").is_disabled()


def test_a_first_click_moves_no_row_from_under_a_second(regions):
    row = regions.row("Thalamus, left")
    before = row.bounding_box()
    row.click()
    assert row.bounding_box()["y"] == before["y"]
    row.dblclick()
    assert regions.get("action")["kind"] == "open"
    assert regions.get("action")["index"] == TH


def test_the_segments_assign_without_selecting(regions):
    button = regions.page.get_by_label("Thalamus, left analog")
    button.click()
    assert regions.get("action")["indices"] == [TH]
    assert regions.get("selected") == []
    assert button.get_attribute("aria-pressed") == "false"  # the server says, not the click
    regions.set("backends", ["digital", "analog", *["digital"] * 4])
    assert button.get_attribute("aria-pressed") == "true"


def test_only_new_regions_redraw_the_list(regions):
    regions.row("Thalamus, left").evaluate("(node) => { node.mine = true; }")
    regions.set("backends", ["analog"] * 6)
    regions.set("rates", [2.5] * 6)
    regions.set("selected", [TH])
    assert regions.row("Thalamus, left").evaluate("(node) => node.mine")
    assert "2.5 Hz" in regions.row("Thalamus, left").inner_text()
    regions.set("regions", REGIONS)
    assert not regions.row("Thalamus, left").evaluate("(node) => node.mine ?? false")


def test_names_from_a_file_stay_text(regions):
    regions.search.fill("cuneus")
    assert "<b>x</b>" in regions.row("Cuneus <b>x</b>, left").inner_text()
    assert regions.page.locator(".dtb-region-row b").count() == 0
