"""Ctrl-C and a batch system's SIGTERM: both break a command off in the same way."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

__all__ = ["Signals"]


class Signals:
    """A context in which SIGTERM acts as SIGINT does, wherever that is heard, held or caught.

    A SIGINT that was ignored when the command began, as in the background of a shell's script,
    stays so. Acts in the main thread alone.

    Attributes
    ----------
    exit_code : int
        Of a command that was broken off: 128 and the number of the signal.
    """

    def __init__(self) -> None:
        self.exit_code = 128 + signal.SIGINT
        self._before: dict[int, object] = {}
        self._is_deaf = False

    def __enter__(self) -> Signals:
        if threading.current_thread() is not threading.main_thread():
            return self
        self._is_deaf = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
        if self._is_deaf:
            self._before[signal.SIGINT] = signal.signal(signal.SIGINT, self._interrupt)
        if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            self._before[signal.SIGTERM] = signal.signal(signal.SIGTERM, self._terminate)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _terminate(self, number: int, where: FrameType | None) -> None:
        self.exit_code, self._is_deaf = 128 + number, False
        signal.raise_signal(signal.SIGINT)

    def _interrupt(self, number: int, where: FrameType | None) -> None:
        if not self._is_deaf:
            raise KeyboardInterrupt
