"""The Co-design page in a real browser: full at once, a validation, a calibration that is ended."""

from __future__ import annotations

from engine.codesign import N_EVALS
from engine.codesign.trimming import N_ROUNDS

SMALL = "?page=codesign&preset=two-regions&duration=500&transient=100"


def wait_for(visit, place: str, words: str, seconds: float = 30.0) -> None:
    found = visit.page.locator(place).get_by_text(words)
    visit.wait(lambda: found.count() > 0, f"{words!r} in {place}", seconds)


def press(visit, name: str) -> None:
    visit.page.locator(f".dtb-codesign-{name} >> button").first.click()


def test_a_validation_ends_with_a_verdict_and_controls_that_hold(visit):
    v = visit().open(SMALL)
    wait_for(v, ".dtb-codesign-head", "Stored: Hippocampus on analog, 5 chips.")
    press(v, "validate")
    stored = v.page.locator(".dtb-codesign-head").get_by_text("Stored:")
    v.wait(lambda: stored.count() == 0, "the stored verdict is replaced", 120)
    wait_for(v, ".dtb-codesign-head", "measures that can tell")
    wait_for(v, ".dtb-codesign-tables", "5 of 5 hold")


def test_a_calibration_falls_live_ends_when_told_and_can_go_on(visit):
    v = visit().open(SMALL)
    card = ".dtb-codesign-objective"
    wait_for(v, card, "Calibration lowers the held-out error")
    press(v, "calibrate")
    wait_for(v, card, f"of {N_EVALS} students tried: the best lies", 120)
    wait_for(v, card, f"{N_ROUNDS + 1} of {N_EVALS} students tried", 120)
    press(v, "cancel-calibrate")
    wait_for(v, card, "Go on (", 60)


def test_without_an_analog_region_the_page_offers_to_put_one_there(visit):
    v = visit().open("?page=codesign&preset=whole-brain-at-rest")
    wait_for(v, ".dtb-codesign-head", "No region is on analog")
    press(v, "prepare")
    wait_for(v, ".dtb-codesign-head", "L.HI, R.HI")
