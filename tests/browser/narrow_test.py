"""In narrow windows the columns stand below one another, and every part is reached by scrolling."""

from __future__ import annotations

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
