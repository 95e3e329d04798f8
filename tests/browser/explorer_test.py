"""What a visitor does, in a real Chromium against a real server."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, urlparse

import pytest

pytestmark = pytest.mark.browser

QUICK = "?preset=two-regions&duration=600&transient=100"


def query(visitor) -> dict[str, list[str]]:
    return parse_qs(urlparse(visitor.page.url).query)


def test_the_page_opens_with_a_finished_run(found):
    v = found
    v.wait(lambda: v.raster_sum() > 0, "the raster holds spikes")
    assert "is shown. Press Run" in v.status()
    said = v.page.locator(".dtb-fit .sentence").first.inner_text()
    assert re.search(r"r = 0\.\d\d over 3,486 pairs, above the 0\.46 that the wiring alone gives", said), said
    for panel in ("dtb-brain", "dtb-raster", "dtb-noc", "dtb-fit"):
        words = v.page.locator(f".{panel} .sentence").first.inner_text()
        assert re.search(r"\d", words), f"{panel} says nothing: {words!r}"
    assert v.page.locator(".dtb-region-row").count() >= 84 or v.page.get_by_text("Frontal").count()
    width = v.js("document.documentElement.scrollWidth")
    assert width <= 1280


def test_run_pause_by_space_step_and_stop(visit):
    v = visit().open()
    v.press("run")
    v.wait_state("Running", 10)
    v.wait(lambda: v.biological_s() > 0.3, "biological time grows")
    v.page.keyboard.press("Space")
    v.wait_state("Paused")
    v.page.wait_for_timeout(800)
    held = v.biological_s()
    v.page.wait_for_timeout(600)
    assert v.biological_s() == held
    v.page.keyboard.press(".")
    v.wait(lambda: v.biological_s() == pytest.approx(held + 0.01), "one step of 10 ms")
    v.page.keyboard.press("Space")
    v.wait_state("Running")
    v.page.keyboard.press("s")
    begun = time.monotonic()
    v.wait(lambda: "Stopped" in v.status() or "is shown" in v.status(), "stopped")
    assert time.monotonic() - begun < 5
    assert v.raster_sum() > 0
    assert v.page.locator(".dtb-run-chip").count() == 1
    v.press("run")
    v.wait_state("Running", 10)
    v.press("stop")


def test_space_in_a_text_field_is_only_a_space(found):
    v = found
    v.page.keyboard.press("/")
    search = v.page.locator(".dtb-region-search").first
    v.wait(lambda: search.evaluate("e => e.getRootNode().activeElement === e"), "search has focus")
    v.page.keyboard.type("left hippo")
    assert search.input_value() == "left hippo"
    v.page.wait_for_timeout(400)
    assert v.state() != "Running"
    search.fill("")


def test_assigning_analog_changes_hardware_and_address_and_can_be_undone(visit):
    v = visit().open("?preset=hippocampus-on-analog")
    chips = v.page.locator(".dtb-capacity")
    assert "1 of 24" in chips.inner_text()
    before = v.page.locator(".dtb-noc >> .sentence").first.inner_text()
    v.page.locator(".dtb-region-search").first.fill("thalamus")
    v.page.get_by_label("Thalamus, left analog").click()
    v.wait(lambda: "2 of 24" in chips.inner_text(), "two chips")
    v.wait(lambda: "L.TH" in str(query(v)) or "R.TH" in str(query(v)), "the address has it")
    v.wait(
        lambda: v.page.locator(".dtb-noc >> .sentence").first.inner_text() != before,
        "the network on chip is laid out anew",
    )
    v.press("undo")
    v.wait(lambda: "1 of 24" in chips.inner_text(), "one chip again")
    v.press("redo")
    v.wait(lambda: "2 of 24" in chips.inner_text(), "two chips again")


def test_a_click_on_the_map_selects(found):
    v = found
    v.wait(lambda: v.raster_sum() > 0, "drawn")
    box = v.page.locator(".dtb-brain >> canvas").first.bounding_box()
    selected = v.page.locator('.dtb-region-row[aria-selected="true"]')
    assert not selected.count()
    hit = False
    for fx, fy in ((0.12, 0.25), (0.15, 0.3), (0.2, 0.3), (0.85, 0.3), (0.5, 0.25)):
        v.page.mouse.click(box["x"] + fx * box["width"], box["y"] + fy * box["height"])
        v.page.wait_for_timeout(700)
        if selected.count():
            hit = True
            break
    assert hit, "no click on the brain selected a region"


def test_the_address_restores_the_run(visit):
    first = visit().open(QUICK + "&network.coupling=1.4&seed=5")
    first.press("run")
    first.wait(lambda: first.page.locator(".dtb-run-chip").count() == 1, "finished")
    run = first.save_run()
    assert run["scenario"]["network"]["coupling"] == 1.4
    second = visit().open("?" + urlparse(first.page.url).query)
    second.press("run")
    second.wait(lambda: second.page.locator(".dtb-run-chip").count() == 1, "finished")
    again = second.save_run()
    assert again["spike_hash"] == run["spike_hash"]
    assert again["scenario"] == run["scenario"]


def test_visitors_are_independent_and_who_rests_or_leaves_frees_an_engine(visit):
    slow = "?preset=two-regions&duration=100000"
    a, b, c = visit().open(slow), visit().open(slow), visit().open(slow)
    a.press("run")
    a.wait_state("Running", 10)
    b.press("run")
    b.wait_state("Running", 10)
    a.page.keyboard.press("Space")
    a.wait_state("Paused")
    assert b.state() == "Running"
    c.press("run")
    c.wait_state("Running", 10)  # who rests holds none of the two engines
    a.press("run")
    a.wait_state("Waiting")
    assert "1 run in front" in a.status() or "next in line" in a.status()
    assert a.page.locator(".dtb-run >> button").first.is_disabled()
    b.page.close()
    a.wait_state("Running", 15)
    assert c.state() == "Running"


def test_a_bad_address_gives_one_sentence_and_the_defaults(visit):
    v = visit().open("?network.couplin=2")
    v.wait(lambda: "unknown key 'couplin'" in v.alert(), f"the sentence, not {v.alert()!r}")
    assert "1 of 24" in v.page.locator(".dtb-capacity").inner_text()
    v.press("run")
    v.wait_state("Running", 10)
    v.press("stop")


def test_bad_files_give_one_sentence_each_and_a_good_one_after_them_is_opened(visit):
    v = visit().open()
    before = v.page.url

    def choose(name, content):
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        v.page.locator("input.dtb-file").set_input_files(file)

    for name, content, sentence in (
        ("bad.toml", b"[network]\ncouplin = 2\n", "bad.toml: network: unknown key 'couplin'"),
        ("bad.zip", b"PK nonsense", "bad.zip: "),
        ("big.zip", b"\0" * 11_000_000, "big.zip: must not be empty and at most 10 MB"),
    ):
        choose(name, content)
        v.wait(lambda sentence=sentence: sentence in v.alert(), f"{sentence!r}")
        assert v.page.url == before
        assert "1 of 24" in v.page.locator(".dtb-capacity").inner_text()
    choose("mine.toml", b'title = "Mine"\n[regions]\nanalog = ["L.HI", "R.HI", "L.TH", "R.TH"]\n')
    v.wait(lambda: "Opened the scenario 'Mine'" in v.alert(), "opened")
    assert "2 of 24" in v.page.locator(".dtb-capacity").inner_text()


def test_what_does_not_fit_is_refused_with_what_would(visit):
    v = visit().open("?regions.default=analog&regions.analog=[]")
    v.wait(
        lambda: (
            "needs 42 chips, 24 available" in v.page.locator(".dtb-capacity").locator("xpath=..").inner_text()
        ),
        "the refusal",
    )
    for button in ("run", "step"):
        assert v.page.locator(f".dtb-{button} >> button").first.is_disabled()
    assert "needs 42 chips, 24 available. Keep about 48" in v.status()
    v.page.keyboard.press("Space")
    v.wait(lambda: "This does not fit" in v.alert(), "the sentence")
    assert v.state() != "Running"


def test_a_second_run_is_named_by_what_differs_and_compared(visit):
    v = visit().open(QUICK)
    v.press("run")
    v.wait(lambda: v.page.locator(".dtb-run-chip").count() == 1, "finished")
    v.page.get_by_role("tab", name="Model").click()
    seed = v.page.locator(".dtb-field-seed")
    seed.fill("7")
    seed.press("Enter")
    v.wait(lambda: "seed=7" in v.page.url, "the address has the seed")
    v.press("run")
    v.wait(lambda: v.page.locator(".dtb-run-chip").count() == 2, "finished")
    names = v.page.locator(".dtb-run-chip >> button")
    v.wait(lambda: any("eed" in n and "7" in n for n in names.all_inner_texts()), "a name says the seed")
    v.page.locator(".dtb-compare >> button").first.click()
    table = v.page.locator(".dtb-compare-table")
    table.wait_for()
    words = table.inner_text()
    assert "Hz" in words
    assert "seed" in words


def test_live_coupling_acts_during_the_run(visit):
    v = visit().open()
    v.press("run")
    v.wait_state("Running", 10)
    slider = v.page.locator(".dtb-live-background >> input[type=range]").first
    slider.focus()
    for _ in range(6):
        v.page.keyboard.press("ArrowRight")
    v.wait(lambda: "ou_mean" in v.page.url, "the address follows")
    v.page.wait_for_timeout(500)
    v.press("stop")
    v.wait(lambda: v.page.locator(".dtb-run-chip").count() == 1, "kept")
    changes = v.save_run()["live_changes"]
    assert any("ou_mean" in c for c in changes)


def test_both_themes_fit_their_width(found):
    v = found
    background = "getComputedStyle(document.documentElement).getPropertyValue('--dtb-panel')"
    for panel in ("#171d24", "#ffffff"):
        for width, height in ((1280, 800), (1024, 768)):
            v.page.set_viewport_size({"width": width, "height": height})
            v.page.wait_for_timeout(300)
            assert v.js("document.documentElement.scrollWidth") <= width
        v.page.get_by_label("Toggle theme").click()
        v.wait(lambda panel=panel: v.js(background).strip() == panel, f"panels of {panel}")
    v.page.set_viewport_size({"width": 1280, "height": 800})


_THEME = "document.documentElement.dataset.dtbTheme"


def test_the_theme_follows_the_system_until_the_visitor_chooses(visit):
    scheme, other = "dark", "light"
    v = visit(color_scheme=scheme).open()
    v.wait(lambda: v.js(_THEME) == scheme, "the system's theme")
    v.page.emulate_media(color_scheme=other)
    v.wait(lambda: v.js(_THEME) == other, "the system's new theme")
    v.page.get_by_label("Toggle theme").click()
    v.wait(lambda: v.js(_THEME) == scheme, "the visitor's theme")
    v.page.emulate_media(color_scheme=scheme)
    v.page.emulate_media(color_scheme=other)
    v.page.wait_for_timeout(700)
    assert v.js(_THEME) == scheme


def test_the_theme_of_the_address_wins_over_the_system(visit):
    v = visit(color_scheme="dark").open("?theme=default")
    v.wait(lambda: v.js(_THEME) == "light", "the address's theme")
    v.page.wait_for_timeout(700)
    assert v.js(_THEME) == "light"


def test_a_dark_page_is_dark_from_the_first_paint(visit):
    v = visit(color_scheme="dark")
    for _ in range(2):  # without, then with the cookie
        v.page.goto(v.app.url, wait_until="commit")
        seen = set()
        end = time.monotonic() + 30
        while v.page.locator(".dtb-run >> button").count() == 0 or v.js(_THEME) != "dark":
            seen.add(v.js("getComputedStyle(document.documentElement).backgroundColor"))
            assert time.monotonic() < end
        assert seen - {"rgba(0, 0, 0, 0)"} == {"rgb(15, 20, 25)"}
        assert v.js(_IS_COVERED) is False


_IS_COVERED = """() =>
  getComputedStyle(document.documentElement, "::before").position === "fixed" """


def test_a_changed_scenario_shows_its_regions_before_it_has_run(visit):
    v = visit()
    v.page.goto(v.app.url + f"?seed={int(time.time())}")
    brain = v.page.locator(".dtb-brain .sentence").first
    brain.wait_for()
    assert "84 regions, 20,160 neurons" in brain.inner_text()
    assert "Not run yet" in v.page.locator(".dtb-noc .sentence").first.inner_text()
    v.wait(lambda: "is shown. Press Run" in v.status(), "the short run")
    v.wait(lambda: "fires most" in brain.inner_text(), "its rates")


def test_the_hint_of_a_button_covers_no_other_button_and_no_tab(found):
    v = found
    v.page.locator(".dtb-run >> button").first.hover()
    hint = v.page.locator("[role=tooltip] .MuiTooltip-tooltip")
    hint.wait_for()
    box = hint.bounding_box()
    for name in ("run", "step", "stop", "reset"):
        button = v.page.locator(f".dtb-{name} >> button").first.bounding_box()
        is_apart = box["y"] >= button["y"] + button["height"] - 1
        assert is_apart or box["x"] >= button["x"] + button["width"], name
    tab = v.page.get_by_role("tab", name="Explorer").bounding_box()
    assert box["y"] >= tab["y"] + tab["height"]
    v.page.mouse.move(5, 5)
    hint.wait_for(state="detached")


def test_what_is_said_of_a_region_covers_no_region(found):
    v = found
    v.wait(lambda: v.raster_sum() > 0, "drawn")
    picture = v.page.locator(".dtb-brain >> canvas").first.bounding_box()
    line = v.page.locator(".dtb-brain >> .line")
    for fx, fy in ((0.2, 0.2), (0.22, 0.3), (0.25, 0.25), (0.42, 0.2)):
        v.page.mouse.move(picture["x"] + fx * picture["width"], picture["y"] + fy * picture["height"])
        v.page.wait_for_timeout(300)
        if line.count():
            break
    line.wait_for()
    assert re.fullmatch(r".+, (left|right) \d+\.\d Hz · 100 neurons · (digital|analog)", line.inner_text())
    box = line.bounding_box()
    assert box["y"] + box["height"] <= picture["y"]
    assert not v.page.locator(".dtb-brain >> .bk-Tooltip").count()
    v.page.mouse.move(5, 5)
    line.wait_for(state="detached")
