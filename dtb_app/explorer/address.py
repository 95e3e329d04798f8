"""The address of the page: it is opened, it follows what is seen, and Back and Forward go where it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import panel as pn

from dtb_app.controls.page_port import PagePort
from dtb_app.pages import EXPLORER
from dtb_app.session.session import Session
from engine.errors import EngineError

__all__ = ["Address"]


class Address:
    """What a visitor's address asks for, and what it is to say.

    Parameters
    ----------
    port : PagePort
        Where it is written, and from where going back and forward is heard.
    session : Session
    tab : callable
        The part of an address that restores the open tab.
    show : callable
        ``show(page, section, trouble)`` shows what was asked for; `trouble` is a sentence, or "".
    """

    def __init__(
        self, port: PagePort, session: Session, tab: Callable[[], str], show: Callable[[str, str, str], None]
    ):
        self._port, self._session, self._tab, self._show = port, session, tab, show
        self._is_mine = False
        self._refused: tuple[str, Callable[[str], None], str, str] | None = None

    @staticmethod
    def asked() -> str:
        """What the visitor came with; "" where that is nothing."""
        return pn.state.location.search if pn.state.location else ""

    def open(self) -> None:
        """Go where the visitor's address says."""
        if query := self.asked():
            self._follow(query, self._session.open_query, "link", "so the defaults are shown")
        else:
            self._go("", "")

    def went(self, event: Any) -> None:
        """The visitor went back or forward."""
        query = event.new["search"]
        self._port.address = query
        self._follow(query, self._session.go_to, "address", "so nothing has changed")

    def again(self) -> None:
        """Go where the last address said: what it lacked is there now."""
        if self._refused is not None:
            self._follow(*self._refused)

    def _follow(self, query: str, go: Callable[[str], None], what: str, outcome: str) -> None:
        self._is_mine, self._refused, trouble = False, None, ""
        try:
            go(query)
        except EngineError as error:
            self._refused = query, go, what, outcome
            trouble = f"The {what} cannot be followed, {outcome}. {error}"
        self._go(query, trouble)

    def _go(self, query: str, trouble: str) -> None:
        """Show what is asked for; from then on the address follows what is seen."""
        asked = dict(parse_qsl(query.lstrip("?")))
        self._show(asked.get("page", EXPLORER), asked.get("section", ""), trouble)
        self._is_mine = True

    def write(self) -> None:
        """Let the address restore what is seen; the visitor's own address stays as it was typed."""
        if self._is_mine:
            self._port.address = "?" + self._session.to_query() + self._tab()
