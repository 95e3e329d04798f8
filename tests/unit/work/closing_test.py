"""All of many things are ended, whatever becomes of the others."""

from __future__ import annotations

import pytest

from dtb_app.work.closing import close_all


def test_all_steps_are_taken_in_turn_and_the_error_is_not_lost():
    taken = []

    def fails():
        taken.append("fails")
        raise ValueError("gone")

    with pytest.raises(ValueError, match="gone"):
        close_all(lambda: taken.append("one"), fails, lambda: taken.append("two"))
    assert taken == ["one", "fails", "two"]


def test_nothing_to_do_is_no_fault():
    close_all()
