"""Long work is done in slices, between which others are served."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

import pytest

from dtb_app.work import slices
from dtb_app.work.slices import breathe, in_slices

_whose: ContextVar[str] = ContextVar("whose", default="nobody's")


@pytest.fixture(autouse=True)
def a_slice_is_over_at_once(monkeypatch):
    monkeypatch.setattr(slices, "SLICE_S", 0.0)


def _work(n, name, noted):
    _whose.set(name)
    for k in range(n):
        noted.append((name, k))
        breathe()
        assert _whose.get() == name
    return name


def test_others_are_served_at_each_breath():
    noted = []

    async def both():
        return await asyncio.gather(
            in_slices(lambda: _work(3, "a", noted)), in_slices(lambda: _work(3, "b", noted))
        )

    assert asyncio.run(both()) == ["a", "b"]
    assert noted == [(name, k) for k in range(3) for name in "ab"]
    assert _whose.get() == "nobody's"


def test_a_slice_that_is_not_over_goes_on(monkeypatch):
    monkeypatch.setattr(slices, "SLICE_S", 3600.0)
    noted = []

    async def both():
        await asyncio.gather(in_slices(lambda: _work(2, "a", noted)), in_slices(lambda: _work(2, "b", noted)))

    asyncio.run(both())
    assert [name for name, _ in noted] == list("aabb")


def test_what_is_raised_after_a_breath_is_raised_to_who_waits():
    def fail():
        breathe()
        raise ValueError("a fault")

    with pytest.raises(ValueError, match="a fault"):
        asyncio.run(in_slices(fail))


def test_work_that_nobody_waits_for_any_more_is_ended():
    ended = []

    def work():
        try:
            while True:
                breathe()
        finally:
            ended.append(True)

    async def give_up():
        waiting = asyncio.create_task(in_slices(work))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(give_up())
    assert ended == [True]


def test_outside_of_long_work_a_breath_is_nothing():
    breathe()
