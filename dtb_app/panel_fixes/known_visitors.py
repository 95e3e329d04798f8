"""A browser is known again by a random number that it alone has, in a cookie that no script can read.

Bokeh writes the cookies of who asks for a page into the page. This one is left out there, and read
from the request that the page was asked for with.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from panel.io.server import DocHandler

__all__ = ["COOKIE", "UNTOLD", "know_visitors", "visitor_of"]

COOKIE = "dtb-visitor"
UNTOLD: dict[str, Any] = {"exclude_cookies": [COOKIE], "exclude_headers": ["Cookie"]}
"""What keeps the number out of pages, among the arguments of a server."""

_NUMBER = re.compile(r"[0-9a-f]{32}")
_YEAR_S = 365 * 24 * 3600


def know_visitors() -> None:
    """Let the server give its number to every browser that asks for a page; once a process."""
    if not hasattr(DocHandler.get_session, "knows_nobody"):
        DocHandler.get_session = _known(DocHandler.get_session)  # type: ignore[method-assign]


def visitor_of(document: Any) -> str:
    """Who a document was made for, from their number, which cannot be told from it; "" for nobody known."""
    context = document.session_context if document is not None else None
    request = getattr(getattr(context, "request", None), "_request", None)
    number = _number(request)
    return hashlib.sha256(f"{COOKIE}:{number}".encode()).hexdigest()[:32] if number else ""


def _number(request: Any) -> str:
    found = getattr(request, "cookies", {}).get(COOKIE)
    value = getattr(found, "value", "")
    return value if _NUMBER.fullmatch(value) else ""


def _known(get_session: Any) -> Any:
    async def known(self: Any) -> Any:
        number = _number(self.request) or secrets.token_hex(16)
        self.request.cookies[COOKIE] = number  # the page that is made now is theirs already
        self.set_cookie(
            COOKIE,
            number,
            path="/",
            max_age=_YEAR_S,
            httponly=True,
            samesite="Lax",
            secure=self.request.protocol == "https",
        )
        return await get_session(self)

    known.knows_nobody = get_session  # type: ignore[attr-defined]
    return known
