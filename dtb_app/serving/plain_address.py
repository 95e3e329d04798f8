"""The address of the page with a slash at its end leads to the one without.

Bokeh serves the page at both; from the first the browser looks for the page's own scripts in a folder that
is not there, and the page stays empty.
"""

from __future__ import annotations

from typing import Any

from bokeh.server.urls import per_app_patterns
from tornado.web import RequestHandler

__all__ = ["lead_to_plain_address"]


class _PlainAddress(RequestHandler):
    def initialize(self, **of_page: Any) -> None:
        """Take what every handler of a page is given."""

    def get(self) -> None:
        name = self.request.path.rstrip("/").rsplit("/", 1)[-1]
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(f"../{name}{query}")  # which holds behind a proxy that takes a prefix away, too


def lead_to_plain_address() -> None:
    """Let pages be found with a slash at the end; once a process, before the server is made."""
    if all(handler is not _PlainAddress for _, handler in per_app_patterns):
        per_app_patterns.insert(0, (r"/", _PlainAddress))
