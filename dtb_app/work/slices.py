"""Long work on the event loop, done in slices between which the loop serves others.

A page is half a second of work in one call of other people's code, which cannot be told to await. It
runs in a greenlet, which can be left and taken up again in the middle of it: whatever it passes on its
way that calls `breathe` is a place to do so. What other people's code switches for all of the process while
it is at something is the work's own, if it has been told: others would find it switched.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

__all__ = ["SLICE_S", "breathe", "in_slices", "keep_apart"]

SLICE_S = 0.01

_T = TypeVar("_T")
_apart: list[tuple[Callable[[], Any], Callable[[Any], None], Any]] = []


class _Work(greenlet):
    """Work that is left once its slice is over."""

    until_s = 0.0


def breathe() -> None:
    """Let the event loop serve others, if what calls is long work whose slice is over."""
    work = getcurrent()
    if type(work) is _Work and time.perf_counter() >= work.until_s:
        assert work.parent is not None
        work.parent.switch()


def keep_apart(read: Callable[[], Any], write: Callable[[Any], None], at_rest: Any) -> None:
    """Let something of the process be each work's own from now on; to be called before any begins.

    Parameters
    ----------
    read, write : callable
        Say and set what it is.
    at_rest : object
        What it is where a work begins, whoever has begun it in the middle of what.
    """
    _apart.append((read, write, at_rest))


def _exchanged(values: list[Any]) -> list[Any]:
    """Put these values in the place of what there is, which is returned."""
    found = [read() for read, _, _ in _apart]
    for (_, write, _), value in zip(_apart, values, strict=True):
        write(value)
    return found


async def in_slices(work: Callable[[], _T]) -> _T:
    """Do work that breathes.

    Parameters
    ----------
    work : callable
        Called once, with the context variables of now. Whatever others must not see half done is not
        to be done around a breath.

    Returns
    -------
    object
        What it returned; what it raises is raised.
    """
    going = _Work(work)
    going.gr_context = copy_context()
    own = [at_rest for _, _, at_rest in _apart]

    def turn(how: Callable[[], Any]) -> Any:
        nonlocal own
        of_others = _exchanged(own)
        try:
            return how()
        finally:
            own = _exchanged(of_others)

    try:
        while True:
            going.parent = getcurrent()
            going.until_s = time.perf_counter() + SLICE_S
            result: Any = turn(going.switch)
            if going.dead:
                return result
            await asyncio.sleep(0)
    finally:
        if not going.dead:
            turn(going.throw)
