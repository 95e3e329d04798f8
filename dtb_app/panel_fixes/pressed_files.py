"""Scripts and styles are compressed once, not for every browser that asks for them.

Tornado can compress what it sends, but does it anew for each answer: a tenth of a second of the
event loop for the five megabytes of scripts that a new browser asks for.
"""

from __future__ import annotations

import gzip
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from tornado.web import StaticFileHandler

__all__ = ["press_files"]

_TEXTS = (".js", ".css", ".svg", ".json", ".html")
_MOST_KEPT = 64


def press_files() -> None:
    """Send files compressed to browsers that take them so; once a process."""
    if not hasattr(StaticFileHandler.get, "sends_plain"):
        StaticFileHandler.get = _pressed_where_taken(StaticFileHandler.get)  # type: ignore[method-assign]


def _pressed_where_taken(get: Any) -> Any:
    def get_pressed(self: Any, path: str, include_body: bool = True) -> Any:
        asked = self.request.headers
        takes = "gzip" in asked.get("Accept-Encoding", "") and "Range" not in asked
        if takes and Path(path).suffix in _TEXTS:
            self.get_content = lambda where, *_: _pressed(where, self.get_modified_time())
            self.get_content_size = partial(_size, self)
            self.set_header("Content-Encoding", "gzip")
        return get(self, path, include_body)

    get_pressed.sends_plain = get  # type: ignore[attr-defined]
    return get_pressed


def _size(handler: Any) -> int:
    return len(_pressed(handler.absolute_path, handler.get_modified_time()))


@lru_cache(maxsize=_MOST_KEPT)
def _pressed(path: str, modified: Any) -> bytes:
    """A file as it was when last modified, compressed."""
    return gzip.compress(Path(path).read_bytes(), mtime=0)
