"""A method that waits where a test wants to find it, however fast or slow the machine is."""

from __future__ import annotations

import threading
from typing import Any

import pytest

__all__ = ["Gate"]


class Gate:
    """Lets the first calls of a method pass; the next ones wait until it is opened.

    Parameters
    ----------
    patching : pytest.MonkeyPatch
    owner : type
        The class whose method it is.
    name : str
    n_calls : int
        How many calls pass.
    """

    def __init__(self, patching: pytest.MonkeyPatch, owner: type, name: str, n_calls: int) -> None:
        method, self._open, self._passes = getattr(owner, name), threading.Event(), n_calls

        def waiting(this: Any, *given: Any, **how: Any) -> Any:
            self._passes -= 1
            if self._passes < 0:
                assert self._open.wait(300), f"nobody let {name} pass"
            return method(this, *given, **how)

        patching.setattr(owner, name, waiting)

    def open(self) -> None:
        """Let every call pass from now on."""
        self._open.set()
