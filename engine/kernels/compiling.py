"""Compiling kernels: how they are made, how long it took, and who is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numba
from numba.core import event

from engine.kernels import tell
from engine.kernels.kept_code import KEPT_EVENT, KernelCache, is_kept

__all__ = ["CompileClock", "njit"]

_KINDS = ("numba:compile", KEPT_EVENT)


def njit(
    function: Callable[..., Any] | None = None, *, cache: bool = False, **options: Any
) -> Callable[..., Any]:
    """`numba.njit`, with `cache` as in `engine.kernels.kept_code`; every kernel is made by it."""

    def made(function: Callable[..., Any]) -> Callable[..., Any]:
        compiled = numba.njit(**options)(function)
        if cache and hasattr(compiled, "enable_caching"):  # not where NUMBA_DISABLE_JIT is set
            kept = KernelCache.of(compiled.py_func)
            if kept is not None:
                compiled._cache = kept
        return compiled

    return made if function is None else made(function)


class _Teller(event.Listener):
    """Says that kernels are compiled, to those who wait for it."""

    def on_start(self, event: Any) -> None:
        """A compilation begins."""
        tell(
            "Compiling kernels, once; it may take a minute."
            if is_kept()
            else "Compiling kernels, which may take a minute; no folder can be written to keep "
            "them, so every start does. Set NUMBA_CACHE_DIR to one that can."
        )

    def on_end(self, event: Any) -> None:
        """A compilation ends."""


event.register("numba:compile", _Teller())


class CompileClock(event.Listener):
    """A context that sums the seconds in which any thread compiled.

    Attributes
    ----------
    seconds : float [s]
        So far, reading and writing compiled code included; what a compilation starts in turn is
        counted once.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._begun = 0.0

    def __enter__(self) -> CompileClock:
        for kind in _KINDS:
            event.register(kind, self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in _KINDS:
            event.unregister(name, self)

    def on_start(self, event: Any) -> None:
        """A compilation begins."""
        if self._depth == 0:
            self._begun = time.perf_counter()
        self._depth += 1

    def on_end(self, event: Any) -> None:
        """A compilation ends."""
        if self._depth:
            self._depth -= 1
            if self._depth == 0:
                self.seconds += time.perf_counter() - self._begun
