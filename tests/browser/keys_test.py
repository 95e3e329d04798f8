"""Keys, focus and names, in a real Chromium."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_the_space_bar_belongs_to_the_control_that_has_the_focus(visit):
    v = visit().open()
    for control in (".dtb-links >> input", ".dtb-map-tool >> button >> nth=0", "input[type=range] >> nth=0"):
        found = v.page.locator(control).first
        found.focus()
        was = found.is_checked() if control.startswith(".dtb-links") else None
        v.page.keyboard.press("Space")
        v.page.wait_for_timeout(500)
        assert v.state() not in ("Running", "Building", "Waiting"), control
        if was is not None:
            assert found.is_checked() != was
