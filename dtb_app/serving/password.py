"""One password for all visitors of a server."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from typing import Any

from bokeh.server.auth_provider import AuthProvider
from tornado.web import RequestHandler

from dtb_app.panel_fixes.page_headers import HEADERS
from engine.markup.parts import render
from layouts.theme import DARK, LIGHT

__all__ = ["Password"]

_COOKIE, _DAYS = "dtb-key", 1
_WRONG_S = 1.0  # before a wrong password is answered


class Password(AuthProvider):
    """Asks for it once a browser and day; a new start of the server asks again.

    Parameters
    ----------
    word : str
    prefix : str
        Of all addresses of the server, ``"/twin"`` or ``""``.
    home : str
        Where a visitor goes then.
    """

    def __init__(self, word: str, prefix: str, home: str):
        class Login(_Login):
            answer, goes_to = word, prefix + home

        self._handler = Login
        super().__init__()

    @property
    def login_url(self) -> str:
        """Where the password is asked for; Panel goes there from where its page is."""
        return "/login"

    @property
    def login_handler(self) -> type[RequestHandler]:
        """What asks for it."""
        return self._handler

    @property
    def get_user(self) -> Callable[[Any], str | None]:
        """Who a request is from: a visitor who knew the password, or nobody."""
        return lambda handler: "visitor" if handler.get_signed_cookie(_COOKIE, max_age_days=_DAYS) else None

    @property
    def get_user_async(self) -> None:
        """Not used."""

    @property
    def get_login_url(self) -> None:
        """Not used."""

    @property
    def logout_url(self) -> None:
        """There is none: closing the browser's day is enough."""

    @property
    def logout_handler(self) -> None:
        """There is none."""


class _Login(RequestHandler):
    answer = ""
    goes_to = ""

    def set_default_headers(self) -> None:
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")

    def get(self) -> None:
        self._ask(False)

    async def post(self) -> None:
        given = self.get_body_argument("password", "", strip=False)
        if not hmac.compare_digest(given.encode(), self.answer.encode()):
            await asyncio.sleep(_WRONG_S)
            self.set_status(403)
            self._ask(True)
            return
        secure = self.request.protocol == "https"
        self.set_signed_cookie(_COOKIE, "1", expires_days=_DAYS, httponly=True, samesite="Lax", secure=secure)
        self.redirect(self._next())

    def _next(self) -> str:
        """The page that was asked for, where it is one of this server."""
        asked = self.get_argument("next", "")
        return asked if asked.startswith(self.goes_to) and "\\" not in asked else self.goes_to

    def _ask(self, is_wrong: bool) -> None:
        self.finish(render("login.html", light=LIGHT, dark=DARK, is_wrong=is_wrong))
