"""A visitor freezes what learns while it runs, and looks at the weights afterwards."""

from __future__ import annotations

import json
from urllib.parse import urlencode

RULES = [
    {"source": "L.TH", "target": "L.HI", "learning_rate": 0.05},
    {"source": "L.HI", "target": "L.HI", "learning_rate": 0.05},
]
LEARNS = "?" + urlencode(
    {
        "preset": "two-regions",
        "duration": 4000.0,
        "regions.digital": json.dumps(["L.TH", "L.HI"]),
        "regions.analog": "[]",
        "plasticity": json.dumps(RULES),
    }
)


def test_learning_is_frozen_and_weights_are_looked_at(visit):
    v = visit().open(LEARNS)
    switch = v.page.locator(".dtb-live-learning >> input")
    v.press("run")
    v.wait_state("Running")
    switch.click()
    v.wait(lambda: "network.learning" in v.page.url, "the address follows")
    switch.click()
    v.wait(lambda: "network.learning" not in v.page.url, "learning is on again")
    v.wait(lambda: v.page.locator(".dtb-run-chip").count() == 1, "kept")
    run = v.save_run()
    assert [change["learning"] for change in run["live_changes"]] == [0.0, 1.0]
    assert run["plasticity"][0]["histogram"]["before"] != run["plasticity"][0]["histogram"]["now"]
    v.page.locator(".dtb-compare >> button").first.click()  # for one run: it has learned
    first, other = (v.page.get_by_text(f"Run A, {name} → L.HI, E to E") for name in ("L.TH", "L.HI"))
    first.wait_for()
    assert "Learning was off from" in first.inner_text()
    v.page.locator(".dtb-weights-choice >> [role=combobox]").click()
    v.page.get_by_text("A L.HI → L.HI, E to E").last.click()
    other.wait_for()
    v.page.get_by_role("button", name="Numbers").click()
    other.wait_for(state="hidden")
    v.page.get_by_role("button", name="Weights").click()
    other.wait_for()
    v.page.wait_for_timeout(500)  # what a browser stumbles over is said by its errors
    assert v.errors == []


def test_without_learning_there_is_neither_switch_nor_weights(found):
    assert found.page.locator(".dtb-live-learning").count() == 0
    assert found.page.get_by_role("button", name="Weights").count() == 0
