"""What only the browser can do: keys, the clipboard, files, colours, the address, a line that is lost."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent

__all__ = ["MAX_UPLOAD_BYTES", "PagePort"]

MAX_UPLOAD_BYTES = 10_000_000  # a WebSocket message may hold 20 MB, and base64 adds a third


class PagePort(JSComponent):
    """Invisible; lives once on the page.

    Parameters
    ----------
    key : dict
        ``{"name", "nonce"}`` of a shortcut that was pressed outside a text field.
    opened : dict
        ``{"name", "data", "size", "nonce"}`` of a chosen or dropped file, base64; `data` is empty
        where the file is larger than `limit`. Files chosen or dropped together stand under
        ``"beside"`` of the first, each with name, data and size.
    ask : dict
        Set by the server: ``{"do": "open" | "copy" | "save" | "tokens", ...}``; with "open" comes
        ``"accept"``, the endings that are offered, where they are not those of the explorer.
    address : str
        Set by the server: the query that the browser's address is to have.
    went : dict
        ``{"search", "nonce"}``, the address that the visitor has gone back or forward to.
    follows : bool
        Whether the page has the theme of the visitor's system.
    scheme : str
        That theme, "dark" or "light"; "" before the browser has told, or where it is not asked.
    limit : int
        Most bytes that are sent at once, over all files [bytes].
    """

    key = param.Dict(default={})
    opened = param.Dict(default={})
    ask = param.Dict(default={})
    address = param.String(default="")
    went = param.Dict(default={})
    follows = param.Boolean(default=False)
    scheme = param.String(default="")
    limit = param.Integer(default=MAX_UPLOAD_BYTES)

    _esm = _bundle = Path(__file__).with_name("page_port.js")
