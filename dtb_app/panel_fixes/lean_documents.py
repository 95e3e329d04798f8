"""A document says once what Panel would say again and again.

Panel sends the definitions of all kinds of components with every page, also of the hundred that no
page has; the whole of a style sheet with every pane that uses it; and with every component where its
libraries could be loaded from, though they come in one file. That is more than half of a page's text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from bokeh.core.has_props import is_DataModel
from bokeh.document import Document
from bokeh.document import document as bokeh_document
from bokeh.models import InlineStyleSheet
from panel.custom import ReactComponent, ReactiveESM
from panel.reactive import Reactive
from panel_material_ui.base import MaterialComponent

__all__ = ["keep_documents_lean", "note_as_sent", "note_as_unsent"]

_LONG = 100  # characters of a style sheet that is worth a model of its own
_NUMBERED = re.compile(r"[A-Z]\w*?\d{5}")
_MARK = "@mui"  # Panel asks by the names of a component's libraries whether it is Material's
_NOWHERE = "data:,"  # nothing is loaded from there; an address that a browser writes just so

_sent: WeakKeyDictionary[Document, set[type]] = WeakKeyDictionary()
_sheets: WeakKeyDictionary[Document, dict[str, InlineStyleSheet]] = WeakKeyDictionary()


def note_as_unsent(document: Document) -> set[type]:
    """The kinds that a document's JSON has brought, which nobody has got yet; for `note_as_sent`."""
    return _sent.pop(document, set())


def note_as_sent(document: Document, kinds: set[type]) -> None:
    """A browser has got the JSON with these kinds; who comes later brings other ones."""
    _sent[document] = kinds


def keep_documents_lean() -> None:
    """Let documents say everything once; once a process."""
    if not hasattr(Document.to_json, "says_all"):
        _define_what_is_used()
        _share_sheets()
        _name_few_libraries()


def _define_what_is_used() -> None:
    """A document brings the kinds that are in it; who comes later brings their own."""
    plain, properties = Document.to_json, ReactiveESM._get_properties

    def to_json(self: Document, **how: Any) -> Any:
        known = _sent[self] = {type(model) for model in self.models if is_DataModel(type(model))}
        bokeh_document.is_DataModel = lambda kind: kind in known
        try:
            return plain(self, **how)
        finally:
            bokeh_document.is_DataModel = is_DataModel

    def get_properties(self: ReactiveESM, doc: Document | None) -> dict[str, Any]:
        found = properties(self, doc)
        known = _sent.get(doc) if doc is not None else None
        if known is not None:
            kind = type(found["data"])
            found["_defs"] = [] if kind in known else [kind]
            known.add(kind)
        if found.get("bundle") == "url" and "?" not in found["esm"]:
            found["esm"] += f"?{_version_of(self._bundle_path)}"
        return found

    to_json.says_all = plain  # type: ignore[attr-defined]
    Document.to_json = to_json
    ReactiveESM._get_properties = get_properties  # type: ignore[method-assign]


@lru_cache(maxsize=64)
def _version_of(script: Path) -> str:
    """What tells a script from the one that a browser has kept of an older version."""
    return sha256(script.read_bytes()).hexdigest()[:12]


def _share_sheets() -> None:
    """A long style sheet is one model, which all that use it refer to."""
    properties = Reactive._get_properties

    def get_properties(self: Reactive, doc: Document | None) -> dict[str, Any]:
        found = properties(self, doc)
        if _NUMBERED.fullmatch(str(found.get("name") or "")):
            del found["name"]  # Panel's own number, which nobody asks for
        if doc is not None and "stylesheets" in found:
            sheets = _sheets.setdefault(doc, {})
            found["stylesheets"] = [_shared(sheet, sheets) for sheet in found["stylesheets"]]
        return found

    Reactive._get_properties = get_properties  # type: ignore[method-assign]


def _shared(sheet: Any, sheets: dict[str, InlineStyleSheet]) -> Any:
    if not isinstance(sheet, str) or len(sheet) < _LONG:
        return sheet
    if sheet not in sheets:
        sheets[sheet] = InlineStyleSheet(css=sheet)
    return sheets[sheet]


def _name_few_libraries() -> None:
    """Components that come in one file need not say where their libraries are."""
    process: Any = vars(ReactComponent)["_process_importmap"].__func__

    def process_importmap(kind: type[MaterialComponent]) -> dict[str, Any]:
        found = process(kind)
        if kind._bundle_path is None:
            return found
        is_material = any(name.startswith(_MARK) for name in found["imports"])
        return {"imports": {_MARK: _NOWHERE}} if is_material else {}

    MaterialComponent._process_importmap = classmethod(process_importmap)  # type: ignore
