"""How state moves: jitted functions on arrays; they never raise and never allocate in a loop.

Importing this package alone compiles nothing and loads no compiler. Whoever wants to tell a person
that kernels are being compiled asks for it with :func:`telling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["tell", "telling"]

_listeners: list[Callable[[str], None]] = []


@contextmanager
def telling(say: Callable[[str], None]) -> Iterator[None]:
    """While this is open, `say` hears once, in a sentence, when kernels begin to be compiled."""
    _listeners.append(say)
    try:
        yield
    finally:
        if say in _listeners:
            _listeners.remove(say)


def tell(sentence: str) -> None:
    """Say it to everybody who waits for it, once."""
    while _listeners:
        _listeners.pop()(sentence)
