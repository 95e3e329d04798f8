"""In narrow windows columns stand below one another, all is reached by scrolling; on a projector nothing is."""

from __future__ import annotations

import pytest

CARDS = ("dtb-brain", "dtb-raster", "dtb-noc", "dtb-fit", "dtb-left")
LEAST_PX = 250


def test_nothing_overlaps_is_cut_or_out_of_reach(found):
    v = found
    for width, height in ((820, 1180), (640, 400), (390, 844)):
        v.page.set_viewport_size({"width": width, "height": height})
        board = v.page.locator(".dtb-board").first
        board.evaluate("e => e.scrollTo(0, 0)")
        v.page.wait_for_timeout(600)
        assert v.js("document.documentElement.scrollWidth") <= width
        boxes = {}
        for name in CARDS:
            boxes[name] = box = v.page.locator(f".{name}").first.bounding_box()
            assert box["height"] >= LEAST_PX, (width, name)
            assert box["x"] >= 0, (width, name)
            assert box["x"] + box["width"] <= width, (width, name)
        for name, a in boxes.items():
            for other, b in boxes.items():
                apart_x = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
                apart_y = a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
                assert name == other or apart_x or apart_y, (width, name, other)
        last = v.page.locator(f".{max(boxes, key=lambda name: boxes[name]['y'])}").first

        def is_seen(last=last, board=board, height=height) -> bool:
            board.evaluate("e => e.scrollTo(0, e.scrollHeight)")
            box = last.bounding_box()
            return box["y"] + box["height"] <= height

        v.wait(is_seen, f"the end, {width} px wide", 10)
    top = v.page.locator(".dtb-help").first
    top.scroll_into_view_if_needed()
    assert top.bounding_box()["x"] + 20 <= 390
    v.page.set_viewport_size({"width": 1280, "height": 800})
    v.page.locator(".dtb-board").first.evaluate("e => e.scrollTo(0, 0)")


PAGES = {
    "fit": ".dtb-fit-scores",
    "twin": ".dtb-twin-row",
    "noc": ".dtb-noc-form",
    "small-world": ".dtb-sw-row",
    "chip": ".dtb-terms",
    "codesign": ".dtb-codesign-cards",
    "scale": ".dtb-scale-table",
}

# Of all that is drawn on a deeper page: what reaches beyond its window or what holds it, though that does
# not scroll, and sentences of which a part is not seen.
FAULTS = """
() => {
  const out = [], wide = window.innerWidth;
  const scrolls = e => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
  const walk = (root, held) => {
    for (const e of root.children) {
      const box = e.getBoundingClientRect();
      const inside = held || scrolls(e);
      if (!box.width || getComputedStyle(e).visibility === "hidden") continue;
      if (!held && box.right > wide + 1) out.push([`${e.tagName}.${e.className}`, Math.round(box.right)]);
      if (e.classList.contains("sentence") && e.scrollHeight > e.clientHeight + 2)
        out.push([e.textContent.slice(0, 60), "cut"]);
      if (!e.classList.contains("bk-Figure")) walk(e.shadowRoot || e, inside);  // which cuts itself
    }
  };
  const find = root => {
    for (const e of root.querySelectorAll("*")) {
      if (e.classList.contains("dtb-deep")) { walk(e.shadowRoot, false); return true; }
      if (e.shadowRoot && find(e.shadowRoot)) return true;
    }
    return false;
  };
  if (!find(document)) out.push(["no page", ""]);
  return out;
}
"""


def _settled(v) -> list:
    """The faults once the page has had time to take its new width."""
    for _ in range(60):
        v.page.wait_for_timeout(250)
        if not (faults := v.js(f"({FAULTS})()")):
            return []
    return faults


@pytest.mark.parametrize("page", PAGES)
def test_deeper_pages_stand_in_narrow_windows_too(visit, page):
    v = visit().open(f"?page={page}")
    shown = v.page.locator(PAGES[page]).first
    shown.wait_for(state="attached", timeout=60_000)
    for width, height in ((820, 1180), (640, 400), (390, 844)):
        v.page.set_viewport_size({"width": width, "height": height})
        faults = _settled(v)
        assert not faults, (width, faults)
        assert v.js("document.documentElement.scrollWidth") <= width
    assert not v.errors


SECTIONS = {
    "fit&section=tune": ".dtb-tune-controls",
    "fit&section=assimilate": ".dtb-assimilate-head",
    "fit&section=data": ".dtb-data",
    "fit&section=animal": ".dtb-animal",
    "twin&section=forecast": ".dtb-twin-row",
    "twin&section=stimulation": ".dtb-electrode-row",
    "twin&section=years": ".dtb-schedule-row",
}


def test_sections_stand_in_the_narrowest_window(visit):
    v = visit()
    v.page.set_viewport_size({"width": 390, "height": 844})
    for section, shown in SECTIONS.items():
        v.open(f"?page={section}")
        v.page.locator(shown).first.wait_for(state="attached", timeout=60_000)
        faults = _settled(v)
        assert not faults, (section, faults)
    assert not v.errors


# What scrolls to the side, by class and how much of it is seen.
SIDEWAYS = """
() => {
  const out = [];
  const look = root => {
    for (const e of root.querySelectorAll("*")) {
      const scrolls = ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
      if (scrolls && e.clientWidth && e.scrollWidth > e.clientWidth + 2)
        out.push([e.className, e.clientWidth, e.scrollWidth]);
      if (e.shadowRoot) look(e.shadowRoot);
    }
  };
  look(document);
  return out;
}
"""


def test_on_a_projector_nothing_scrolls_to_the_side(visit):
    v = visit()
    v.page.set_viewport_size({"width": 1024, "height": 768})
    for address, shown in {**PAGES, **SECTIONS, "twin&section=adaptation": ".dtb-twin-row"}.items():
        v.open(f"?page={address}")
        v.page.locator(shown).first.wait_for(state="attached", timeout=60_000)
        v.page.wait_for_timeout(1500)  # it has taken its width
        v.wait(lambda: not v.js(f"({SIDEWAYS})()"), f"{address}: {v.js(f'({SIDEWAYS})()')}")
    assert not v.errors
