"""Pages are made while nobody waits, and handed to who comes.

A page is half a second of work, and a class comes in one second. So the server makes some while it has
nothing else to do, in the place of a visitor who is not there yet, and hands one to each who asks for
a page like it. What depends on the visitor (the address, the cookies) is looked at only then. Where none
is ready one is made for its visitor, after those who came before; in slices, so that whoever waits for
something else is served in between.
"""

from __future__ import annotations

import asyncio
import logging
import time
import weakref
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple

import panel as pn
import param
from bokeh.document import Document
from bokeh.server import contexts
from bokeh.server.contexts import ApplicationContext, BokehSessionContext
from panel.io.location import Location
from panel.io.state import set_curdoc
from panel.util import edit_readonly
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from dtb_app.panel_fixes.told_ahead import is_told, tell_ahead
from dtb_app.work.slices import in_slices

__all__ = ["ReadyPages", "keep_pages_ready"]

_log = logging.getLogger(__name__)

_LOOK_S = 0.1
_QUIET_S = 3.0  # nobody has come for so long: those who came have got what they asked for
_BUSY_QUIET_S = 5.0  # nobody has come for so long, while runs go on


_PLACE = ("href", "hostname", "pathname", "protocol", "port", "search", "hash")


class _Likeness(NamedTuple):
    """What two visitors must have in common for the page of one to be of use to the other."""

    path: str
    look: Hashable


class _Ready(NamedTuple):
    likeness: _Likeness
    document: Document
    arrive: Callable[[], None]
    standing_in: BokehSessionContext  # which the document knows only weakly


_taken: ContextVar[_Ready | None] = ContextVar("taken", default=None)  # by the visitor who is being served


class ReadyPages:
    """Keeps pages ready for an application of a server.

    Parameters
    ----------
    context : ApplicationContext
        Of the application.
    path : str
        Where it is asked for.
    n : int
        How many pages are kept ready; with 0 each is made as it is asked for.
    cookie : str
        The only cookie of a visitor that the next page is made with.
    look : callable
        Of the arguments of an address and of cookies: what of them a page is made for.
    begin : callable
        Begins a page in the document in hand, which the application then finds begun. Returns what
        is to be called in it once a visitor is there.
    is_busy : callable
        Whether something is at work for visitors.
    """

    def __init__(
        self,
        context: ApplicationContext,
        path: str,
        n: int,
        cookie: str,
        look: Callable[[Mapping[str, Sequence[bytes]], Mapping[str, str]], Hashable],
        begin: Callable[[], Callable[[], None]],
        is_busy: Callable[[], bool],
    ):
        self._context, self._path, self._n, self._cookie = context, path, n, cookie
        self._look, self._begin, self._is_busy = look, begin, is_busy
        self._ready: list[_Ready] = []
        self._given: dict[Document, _Ready] = {}
        self._cookies: dict[str, str] = {}  # of the last visitor, as is the next line
        self._wanted = _Likeness(path, look({}, {}))
        self._last_s = -_BUSY_QUIET_S
        self._turn = asyncio.Lock()  # of who has a page made
        application = context.application
        self._create = context.create_session_if_needed
        self._initialize, self._set_prefix = application.initialize_document, application._set_session_prefix
        context.create_session_if_needed = self._create_session
        application.initialize_document = self._initialize_document
        contexts.Document = self._document

    def __len__(self) -> int:
        return len(self._ready)

    @property
    def n_wanted(self) -> int:
        """How many pages are kept ready."""
        return self._n

    @property
    def quiet_s(self) -> float:
        """Since somebody came [s]."""
        return time.monotonic() - self._last_s

    async def keep(self) -> None:
        """Make a page whenever one is missing and nobody would wait for that, as long as it works."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if self.quiet_s < (_BUSY_QUIET_S if self._is_busy() else _QUIET_S):
                continue
            if len(self._ready) == self._n and self._found(self._wanted) is None:
                _leave(self._ready.pop(0))
            if len(self._ready) < self._n:
                try:
                    await self.make_one()
                except Exception:  # whoever comes has one made, and sees what is wrong
                    _log.exception("No page can be made ahead.")
                    return

    async def make_one(self) -> None:
        """Make a page in slices, between which others are served."""
        request = HTTPServerRequest(
            start_line=RequestStartLine("GET", self._wanted.path, "HTTP/1.1"),
            headers=HTTPHeaders({"Host": "localhost"}),
        )
        async with self._turn:
            stand_in = contexts._RequestProxy(request, arguments={}, cookies=self._cookies, headers={})
            self._ready.append(await self._make(stand_in))

    async def _make(self, request: Any) -> _Ready:
        """A page as it is made for who asks so; in slices."""
        document = Document()
        context = BokehSessionContext("ready", self._context.server_context, document)
        context._request = request
        document._session_context = weakref.ref(context)

        def work() -> Callable[[], None]:
            with set_curdoc(document):
                arrive = self._begin()
            self._initialize(document)
            tell_ahead(document)
            return arrive

        return _Ready(self._likeness(request), document, await in_slices(work), context)

    async def _take(self, request: Any) -> _Ready | None:
        """A page that is ready for this visitor, or one that is made for them."""
        if not request.path.endswith(self._path):
            return None
        asked = self._likeness(request)
        if (found := self._found(asked)) is None:
            async with self._turn:
                if (found := self._found(asked)) is None:
                    return await self._make_for(request)
        self._ready.remove(found)
        found.standing_in._request = request
        await in_slices(partial(_welcome, found))
        return found

    async def _make_for(self, request: Any) -> _Ready | None:
        """A page for a visitor who is there, unless it cannot be made."""
        try:
            made = await self._make(request)
        except Exception:  # it is made once more, and the visitor sees what is wrong
            _log.exception("No page can be made in slices.")
            return None
        return made

    def _found(self, likeness: _Likeness | None) -> _Ready | None:
        return next((ready for ready in self._ready if ready.likeness == likeness), None)

    def _likeness(self, request: Any) -> _Likeness:
        return _Likeness(request.path, self._look(request.arguments, request.cookies))

    def _note(self, visitor: Any) -> None:
        """The next page is made for somebody like this visitor, with nothing else of theirs."""
        if visitor.path.endswith(self._path):
            self._cookies = {k: v for k, v in visitor.cookies.items() if k == self._cookie}
            self._wanted = _Likeness(visitor.path, self._look({}, self._cookies))

    async def _create_session(self, session_id: Any, request: Any = None, token: Any = None) -> Any:
        """Create a session, around a page that is ready if one is like the one that is asked for."""
        taken = None
        if request is not None and session_id not in self._context._sessions:
            self._last_s = time.monotonic()
            visitor = contexts._RequestProxy(request)
            self._note(visitor)
            taken = await self._take(visitor)
        before = _taken.set(taken)
        try:
            return await self._create(session_id, request, token)
        finally:
            _taken.reset(before)
            self._last_s = time.monotonic()

    def _document(self) -> Document:
        """The document of the page that the visitor in hand has taken, or an empty one."""
        taken = _taken.get()
        if taken is None:
            return Document()
        _taken.set(None)
        self._given[taken.document] = taken
        return taken.document

    def _initialize_document(self, document: Document) -> None:
        if self._given.pop(document, None) is None:
            self._initialize(document)
            return
        self._set_prefix(document)


def _welcome(ready: _Ready) -> None:
    """Let a page that was made for nobody go where its visitor's address says, and write down its answer."""
    document = ready.document
    with set_curdoc(document):
        _tell_place(document)
        ready.arrive()
    if not is_told(document):
        tell_ahead(document)


def keep_pages_ready(server: Any, path: str, *named: Any) -> ReadyPages:
    """Keep pages ready for one application of a server that has not begun yet.

    Parameters
    ----------
    server : Server
        Bokeh's.
    path : str
        Where the application is asked for.
    *named
        The other parameters of `ReadyPages`, in its order.
    """
    ready = ReadyPages(server._tornado._applications[path], path, *named)
    if ready.n_wanted:
        server.io_loop.add_callback(ready.keep)
    return ready


def _tell_place(document: Any) -> None:
    """The page's address is that of its visitor."""
    place: Any = pn.state.location
    theirs = Location.from_request(document.session_context.request).param.values()
    with edit_readonly(place), param.discard_events(place):  # the browser tells its address itself
        place.param.update({key: theirs[key] for key in _PLACE if theirs[key]})


def _leave(ready: _Ready) -> None:
    """End a page for which nobody came."""
    calls = list(ready.document.session_destroyed_callbacks)
    ready.document.destroy(None)  # first, as the server does
    with set_curdoc(ready.document):
        for call in calls:
            call(ready.standing_in)
