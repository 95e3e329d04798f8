"""Keys, focus and names, in a real Chromium."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_the_space_bar_belongs_to_the_control_that_has_the_focus(found):
    v = found
    for control in (".dtb-links >> input", ".dtb-map-tool >> button >> nth=0", "input[type=range] >> nth=0"):
        one = v.page.locator(control).first
        one.focus()
        was = one.is_checked() if control.startswith(".dtb-links") else None
        v.page.keyboard.press("Space")
        v.page.wait_for_timeout(500)
        assert v.state() not in ("Running", "Building", "Waiting"), control
        if was is not None:
            assert one.is_checked() != was
            v.page.keyboard.press("Space")
            v.wait(lambda one=one, was=was: one.is_checked() == was, "it is as it was")
