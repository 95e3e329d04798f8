"""Headers of a page that keep a browser to this server.

Bokeh's own code is made of texts by `new Function` (CustomJS, templates), and its page has scripts
and styles in it, so those stay allowed; everything from elsewhere is not.
"""

from __future__ import annotations

from typing import Any

from panel.io.server import DocHandler

__all__ = ["HEADERS", "send_headers"]

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss: data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def send_headers() -> None:
    """Send them with every page; once a process."""
    if not hasattr(DocHandler.set_default_headers, "goes_without"):
        DocHandler.set_default_headers = _with_headers(DocHandler.set_default_headers)


def _with_headers(set_default_headers: Any) -> Any:
    def headers(self: Any) -> None:
        set_default_headers(self)
        for name, value in HEADERS.items():
            self.set_header(name, value)

    headers.goes_without = set_default_headers  # type: ignore[attr-defined]
    return headers
