"""Ctrl-C, held back until an exchange step is whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

__all__ = ["HeldInterrupt"]


class HeldInterrupt:
    """A context in which the first SIGINT is only noted; its own handler hears of it afterwards.

    A second one goes through at once. Acts in the main thread alone, the only one that signals
    reach, and only where SIGINT has a handler in Python, as it has by default.

    Attributes
    ----------
    is_asked : bool
        Whether a SIGINT waits.
    """

    def __init__(self) -> None:
        self.is_asked = False
        self._is_open = False
        self._handler: Callable[[int, FrameType | None], Any] | None = None
        self._where: FrameType | None = None

    def __enter__(self) -> HeldInterrupt:
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            while isinstance(owner := getattr(handler, "__self__", None), HeldInterrupt):
                handler = owner._handler  # of a context that was broken off while it was left
            if callable(handler):
                self._handler = handler
                signal.signal(signal.SIGINT, self._note)
        self._is_open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        if self.is_asked and self._handler is not None:
            self._handler(signal.SIGINT, self._where)

    def release(self) -> None:
        """Put SIGINT's own handler back, where that is not done yet."""
        self._is_open = False
        if self._handler is not None and signal.getsignal(signal.SIGINT) == self._note:
            signal.signal(signal.SIGINT, self._handler)

    def _note(self, number: int, where: FrameType | None) -> None:
        assert self._handler is not None
        if self.is_asked or not self._is_open:  # a second one, or a context that was not left
            self._handler(number, where)
        self.is_asked, self._where = True, where
