"""What a page is to say of itself is written down while nobody waits for it.

To write a page's document as JSON takes a fifth of a second, and to work out which scripts it needs
another tenth. The first is done ahead for a page that is ready, and holds until something of it
changes; the second is worked out once for all pages that are alike.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.embed.bundle import Bundle
from bokeh.protocol.messages.pull_doc_reply import pull_doc_reply
from panel.io import server
from panel.io.resources import LOCAL_DIST, patch_model_css
from panel.io.state import set_curdoc, state

from dtb_app.panel_fixes.lean_documents import note_as_sent, note_as_unsent
from dtb_app.panel_fixes.messages.undelivered import note_answer

__all__ = ["is_told", "tell_ahead", "use_what_is_told"]


class _Told(NamedTuple):
    text: str
    buffers: list[Any]
    kinds: set[type]


_told: WeakKeyDictionary[Document, _Told] = WeakKeyDictionary()
_bundles: dict[Any, Bundle] = {}


def is_told(document: Document) -> bool:
    """Whether a document's answer is written down, and still right."""
    return document in _told


def tell_ahead(document: Document) -> None:
    """Write down what a document is to answer who asks for it.

    Parameters
    ----------
    document : Document
        With its roots. The answer is used once, and not at all if something changes before.
    """
    with set_curdoc(document):
        place = f"{state.rel_path}/{LOCAL_DIST}" if state.rel_path else LOCAL_DIST
        for root in document.roots:
            patch_model_css(root, dist_url=place)  # as is done when the page is asked for
    found = document.to_json()
    _told[document] = _Told(serialize_json({"doc": found.content}), found.buffers, note_as_unsent(document))
    document.on_change(_forget)


def _forget(event: Any) -> None:
    _told.pop(event.document, None)
    event.document.remove_on_change(_forget)


def use_what_is_told() -> None:
    """Let the server answer with what is written down; once a process."""
    if not hasattr(pull_doc_reply.create, "anew"):
        _answer_with_it()
        _bundle_once()


def _answer_with_it() -> None:
    plain = pull_doc_reply.create

    def create(cls: Any, request_id: Any, document: Document, **metadata: Any) -> Any:
        told = _told.pop(document, None)
        note_answer(document)
        if told is None:
            return plain(request_id, document, **metadata)
        document.remove_on_change(_forget)
        note_as_sent(document, told.kinds)
        message = cls(cls.create_header(request_id=request_id), metadata, {})
        message._content_json = told.text
        message.add_buffers(*told.buffers)
        return message

    create.anew = plain  # type: ignore[attr-defined]
    pull_doc_reply.create = classmethod(create)


def _bundle_once() -> None:
    plain = server.bundle_resources

    def bundle_resources(roots: Any, resources: Any, **how: Any) -> Bundle:
        document = roots[0].document if roots else None
        if document is None or how:
            return plain(roots, resources, **how)
        kinds = frozenset(map(type, document.models))
        key = kinds, resources.mode, resources.root_url, resources.absolute, state.rel_path, state.base_url
        if key not in _bundles:
            _bundles[key] = plain(roots, resources)
        return deepcopy(_bundles[key])  # who gets it may add to it

    server.bundle_resources = bundle_resources  # type: ignore[assignment]
