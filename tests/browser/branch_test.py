"""What-if from the middle of a run, and runs too large to be built ahead."""

from __future__ import annotations

import re


def seconds(visit) -> float:
    """Biological time that the top bar shows."""
    return float(re.search(r"([\d.]+) s of", visit.status()).group(1))


def test_a_lesion_while_the_run_rests_makes_a_branch(visit):
    v = visit().open("?preset=two-regions")
    v.press("run")
    v.wait_state("Running", 10)
    v.page.wait_for_timeout(600)
    v.press("run")
    v.wait_state("Paused")
    run = v.page.locator(".dtb-run >> button").first
    assert "Resume" in run.inner_text()
    v.page.locator(".dtb-tabs >> text=Model").first.click()
    assert v.page.get_by_role("button", name="Add lesion").is_disabled()
    v.page.locator(".dtb-tabs >> text=Regions").first.click()
    v.page.locator(".dtb-region-row:visible").first.click()
    v.page.locator(".dtb-tabs >> text=Model").first.click()
    v.page.get_by_role("button", name=re.compile("^Lesion ")).click()
    v.wait(lambda: "Branch" in run.inner_text(), "the button offers a branch")
    before = seconds(v)
    v.press("run")
    v.wait(lambda: v.page.locator(".dtb-run-chip").count() == 1, "the run so far is kept")
    v.wait_state("Running", 10)
    v.page.wait_for_timeout(800)
    assert seconds(v) > before
    v.press("stop")
    chips = v.page.locator(".dtb-run-chip")
    v.wait(lambda: chips.count() == 2, "the branch is kept")
    newest = v.page.locator(".dtb-run-chip >> button").first
    assert "from" in newest.inner_text()
    assert v.alert() == ""
    assert len(v.save_run()["scenario"]["lesion"]) == 1


def test_a_network_too_large_to_build_ahead_is_drawn_and_runs(visit):
    v = visit().open("?preset=whole-brain-at-rest&network.neurons_per_region=1200")
    caption = v.page.locator(".dtb-raster >> .caption").first
    v.wait(lambda: "100,800 neurons" in caption.inner_text(), "drawn")
    v.press("run")
    v.wait_state("Running", 40)
    v.page.wait_for_timeout(1500)
    v.press("stop")
    v.wait_state("Stopped", 10)
    assert v.page.locator(".dtb-run-chip").count() == 1


def test_a_column_runs_and_names_its_layers(visit):
    v = visit().open("?preset=microcircuit-tenth")
    v.press("run")
    v.wait_state("Running", 20)
    words = v.page.locator(".dtb-raster >> .sentence").first
    v.wait(lambda: "L5I" in words.inner_text(), "the populations are named")
    v.press("stop")
    v.wait(lambda: v.page.locator(".dtb-run-chip").count() == 1, "kept")
    rates = v.save_run()["region_rate_hz"]["L.PCAL"]
    assert {"E", "I", "L2/3E", "L6I"} <= set(rates)
