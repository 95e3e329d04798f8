"""Between two pages the event loop serves everybody else, and a page that there is needs no turn."""

from __future__ import annotations

import asyncio

import pytest

from dtb_app.panel_fixes.one_by_one import _in_turn


class Context:
    """Makes pages that are only noted."""

    def __init__(self, order):
        self._sessions, self._order = {}, order


async def create(self, session_id):
    if session_id == "broken":
        raise RuntimeError("no page")
    self._order.append(session_id)
    return self._sessions.setdefault(session_id, session_id.upper())


def test_others_are_served_between_pages_that_are_asked_for_at_once():
    order: list[str] = []
    make = _in_turn(create)

    async def others():
        while len(order) < 12:
            if not order or order[-1] != "other":
                order.append("other")
            await asyncio.sleep(0)

    async def storm():
        context = Context(order)
        return await asyncio.gather(others(), *(make(context, name) for name in "abcdef"))

    made = asyncio.run(asyncio.wait_for(storm(), 20))
    assert made[1:] == list("ABCDEF")
    assert [name for name in order if name != "other"] == list("abcdef")
    assert all(
        "other" in order[order.index(a) : order.index(b)] for a, b in zip("abcde", "bcdef", strict=True)
    )


def test_a_page_that_there_is_waits_for_none_that_is_being_made():
    make = _in_turn(create)

    async def ask():
        context = Context([])
        await make(context, "a")
        making = [asyncio.create_task(make(context, name)) for name in "bcd"]
        await asyncio.sleep(0)
        found = await make(context, "a")
        n_made = len(context._sessions)
        await asyncio.gather(*making)
        return found, n_made

    found, n_made = asyncio.run(ask())
    assert found == "A"
    assert n_made < 4


def test_a_page_that_cannot_be_made_holds_nobody_up():
    make = _in_turn(create)

    async def ask():
        context = Context([])
        with pytest.raises(RuntimeError, match="no page"):
            await make(context, "broken")
        return await make(context, "a")

    assert asyncio.run(ask()) == "A"
