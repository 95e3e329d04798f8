"""Ending many things, each whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

__all__ = ["close_all"]


def close_all(*steps: Callable[[], Any]) -> None:
    """Take all steps in turn; where some fail, all are taken and one of the errors is raised then.

    Parameters
    ----------
    *steps : callable
    """
    with ExitStack() as stack:
        for step in reversed(steps):
            stack.callback(step)
