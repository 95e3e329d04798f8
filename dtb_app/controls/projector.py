"""The switch of projector mode: larger type and strokes on the whole page, for a lecture room."""

from __future__ import annotations

from pathlib import Path

from panel.custom import JSComponent

__all__ = ["Projector"]


class Projector(JSComponent):
    """A button in the top bar; the browser remembers it, and the server need not know."""

    _esm = _bundle = Path(__file__).with_name("projector.js")
