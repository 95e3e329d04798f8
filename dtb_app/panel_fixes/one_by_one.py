"""Pages are made one after another, and whoever waits for something else is served in between.

Tornado begins all requests that have come before it looks for new ones. Thirty pages asked for at
once would be made in one go, during which nobody is answered: neither who has got a page already and
asks for its document, nor who watches a run.
"""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from bokeh.server.contexts import ApplicationContext

__all__ = ["make_pages_one_by_one"]

_BREATH_S = 0.005  # after a page: long enough for an answer to reach a browser and its next word to come


def make_pages_one_by_one() -> None:
    """Let the server breathe after each page that it makes; once a process."""
    if not hasattr(ApplicationContext.create_session_if_needed, "all_at_once"):
        ApplicationContext.create_session_if_needed = _in_turn(ApplicationContext.create_session_if_needed)


def _in_turn(create: Any) -> Any:
    turns: WeakKeyDictionary[ApplicationContext, asyncio.Lock] = WeakKeyDictionary()

    async def create_session_if_needed(
        self: ApplicationContext, session_id: Any, *arguments: Any, **named: Any
    ) -> Any:
        if session_id in self._sessions:
            return await create(self, session_id, *arguments, **named)
        async with turns.setdefault(self, asyncio.Lock()):
            session = await create(self, session_id, *arguments, **named)
            await asyncio.sleep(_BREATH_S)
        return session

    create_session_if_needed.all_at_once = create  # type: ignore[attr-defined]
    return create_session_if_needed
