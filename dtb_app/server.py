"""Serving the app."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import panel as pn
from bokeh.settings import settings
from prometheus_client import CONTENT_TYPE_LATEST
from tornado.web import RequestHandler

from dtb_app.controls.colours import COOKIE, first_theme
from dtb_app.panel_fixes.known_visitors import UNTOLD, know_visitors
from dtb_app.panel_fixes.lean_documents import keep_documents_lean
from dtb_app.panel_fixes.left_pages import clear_left_pages
from dtb_app.panel_fixes.left_tabs import give_up_left_tabs
from dtb_app.panel_fixes.messages.in_order import send_in_order
from dtb_app.panel_fixes.messages.joined_writes import join_writes
from dtb_app.panel_fixes.messages.last_data import send_last_data
from dtb_app.panel_fixes.messages.undelivered import send_early_changes
from dtb_app.panel_fixes.one_by_one import make_pages_one_by_one
from dtb_app.panel_fixes.own_files import load_own_files
from dtb_app.panel_fixes.own_look import keep_own_look
from dtb_app.panel_fixes.own_switches import keep_switches_apart
from dtb_app.panel_fixes.page_headers import send_headers
from dtb_app.panel_fixes.pressed_files import press_files
from dtb_app.panel_fixes.quick.components import quicken_components
from dtb_app.panel_fixes.quick.defaults import know_defaults
from dtb_app.panel_fixes.quick.models import quicken_models
from dtb_app.panel_fixes.ready_pages import keep_pages_ready
from dtb_app.panel_fixes.short_forms import write_short_forms
from dtb_app.panel_fixes.told_ahead import use_what_is_told
from dtb_app.panel_fixes.unsaid_models import leave_unsaid
from dtb_app.serving.linear_algebra import compute_alone
from dtb_app.serving.memory import Memory, share_heaps
from dtb_app.serving.monitor import Monitor
from dtb_app.serving.password import Password
from dtb_app.serving.plain_address import lead_to_plain_address
from dtb_app.store.store import Store
from dtb_app.work.job import END_HEARERS, Job
from dtb_app.work.log import log_to, said
from engine.errors import DataError
from layouts import elements

if TYPE_CHECKING:
    from dtb_app.explorer.page import Explorer

__all__ = ["make_page", "serve"]

_PATH = "/dtb_app"
_QUIET_S = 1.0  # nobody has come for so long: a tenth of a second is not noticed


class Metrics(RequestHandler):
    """Tells what is watched, in the text form of Prometheus."""

    def initialize(self, monitor: Monitor) -> None:
        """Remember whom to ask."""
        self._monitor = monitor

    def get(self) -> None:
        """Answer."""
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.set_header("Cache-Control", "no-store")
        self.finish(self._monitor.text())


class Health(RequestHandler):
    """Says that the server answers; asked by every page, and by what watches over servers."""

    def get(self) -> None:
        """Answer."""
        self.set_header("Content-Type", "text/plain")
        self.set_header("Cache-Control", "no-store")
        self.finish("ok\n")


def make_page() -> Any:
    """One visitor's page, begun ahead or now."""
    explorer = _begun.pop(pn.state.curdoc, None) or _explorer()
    return explorer.view()


def _explorer() -> Explorer:
    from dtb_app.explorer.page import Explorer
    from dtb_app.work.services import services

    return Explorer(services())


_begun: dict[Any, Explorer] = {}  # pages of documents that have no roots yet


def _begin_page() -> Callable[[], None]:
    """Begin the page of the document in hand; what is returned tells it that its visitor is there."""
    explorer = _begun[pn.state.curdoc] = _explorer()
    return explorer.arrive


def extend() -> None:
    """Load what the page needs of Panel, and what draws finished pictures; once a process."""
    pn.extension(reconnect=True, notifications=False, sizing_mode=None)
    join_writes()
    send_in_order()
    send_last_data()
    settings.perform_document_validation.set_value(False)  # of layouts without children, at each page
    know_defaults()
    quicken_models()
    quicken_components()
    keep_own_look()
    keep_documents_lean()
    keep_switches_apart()
    write_short_forms()
    leave_unsaid()
    make_pages_one_by_one()
    give_up_left_tabs()
    press_files()
    load_own_files()
    send_headers()
    use_what_is_told()
    send_early_changes()
    elements.load()  # takes a second, which no visitor is to wait for
    compute_alone()


def serve(
    port: int,
    address: str,
    allow_origin: list[str],
    max_runs: int | None,
    n_ready: int,
    store_folder: Path | None,
    open_browser: bool,
    as_json: bool,
    prefix: str = "",
    password: str = "",
    log_json: bool = False,
) -> None:
    """Warm up, then serve until interrupted.

    Parameters
    ----------
    port : int
    address : str
        Of the interface that is listened on.
    allow_origin : list of str
        Host names that visitors may use, with their ports.
    max_runs : int or None
        Engines at work at the same time.
    n_ready : int
        Pages that are made before somebody asks for them.
    store_folder : Path or None
        Where runs are kept between visits; nowhere without one, or where it cannot be used.
    open_browser, as_json : bool
    prefix : str
        What every address begins with, ``"/twin"``; for a server behind another one.
    password : str
        What visitors are asked for; "" for nothing.
    log_json : bool
        Whether events are logged, as JSON lines.

    Raises
    ------
    OSError
        The port cannot be used.
    """
    from dtb_app.explorer.rehearsal import rehearse
    from dtb_app.work.services import services

    share_heaps()
    log_to(sys.stderr, log_json)
    print("Warming up: compiling kernels and making the first run …", file=sys.stderr, flush=True)
    store = _open_store(store_folder)
    services(max_runs, store)
    extend()
    rehearse()
    if isinstance(store, Store):
        know_visitors()
        Job(store.check)
    shown = "localhost" if address in ("localhost", "127.0.0.1", "0.0.0.0") else address
    url = f"http://{shown}:{port}{prefix}{_PATH}"
    hosts = {f"{host}:{port}" for host in ("localhost", "127.0.0.1", address)}
    guard = (
        {"auth_provider": Password(password, prefix, _PATH), "cookie_secret": token_hex()} if password else {}
    )
    lead_to_plain_address()
    monitor = Monitor(services(), lambda: len(server.get_sessions(_PATH)), lambda: len(pages))
    END_HEARERS.append(monitor.note_end)
    server = pn.serve(
        {"dtb_app": make_page},
        port=port,
        address=address,
        allow_websocket_origin=sorted(hosts | set(allow_origin)),
        show=open_browser,
        start=False,
        title={"dtb_app": "Digital Twin Brain"},
        redirect_root=True,
        verbose=False,
        check_unused_sessions=1_000,
        unused_session_lifetime=120_000,  # of who never came, or lost the network; not of a closed tab
        session_token_expiration=900,
        websocket_compression_level=1,
        compress_response=True,
        extra_patterns=[("/health", Health), ("/metrics", Metrics, {"monitor": monitor})],
        prefix=prefix,
        use_xheaders=True,
        **guard,
        **UNTOLD,
    )
    server.io_loop.add_callback(monitor.watch)
    pool = services().pool

    def is_busy() -> bool:
        return pool.n_working > 0

    pages = keep_pages_ready(server, _PATH, n_ready, COOKIE, first_theme, _begin_page, is_busy)
    memory = Memory(lambda: pages.quiet_s > _QUIET_S, is_busy)
    memory.begin()  # what all visitors share need not be walked whenever one of them leaves
    clear_left_pages(memory.note_left)
    server.io_loop.add_callback(memory.watch)
    place = str(store.folder) if isinstance(store, Store) else None
    if as_json:
        told = {"url": url, "max_runs": services().pool.max_runs, "store": place}
        print(json.dumps(told), flush=True)
    else:
        print(f"The app is at {url}", file=sys.stderr, flush=True)
        if place:
            print(f"Runs are kept in {place} (--store none keeps none)", file=sys.stderr, flush=True)
    said("server began", port=port, prefix=prefix, max_runs=services().pool.max_runs, pages_ready=n_ready)
    _run(server)
    parked = services().park_all()
    said("runs parked", runs=parked.n_kept, lost=parked.n_late, wall_s=round(parked.wall_s, 3))
    if isinstance(store, Store):
        store.close()
    said("server ended")
    with suppress(OSError):  # what started this program may no longer read what it says
        print(f"The server has ended. {parked.sentence}".rstrip(), file=sys.stderr, flush=True)


def _open_store(folder: Path | None) -> Store | str:
    """The store in a folder; else why there is none, which is also said at once."""
    if folder is None:
        return ""
    try:
        return Store(folder)
    except DataError as error:
        said = f"Runs are not kept between visits. {error}"
        print(said, file=sys.stderr, flush=True)
        return said


def _run(server: Any) -> None:
    """Serve until interrupted or ended."""
    signal.signal(signal.SIGTERM, lambda *_: server.io_loop.add_callback_from_signal(server.io_loop.stop))
    server.start()
    with suppress(KeyboardInterrupt):
        server.io_loop.start()
    server.stop()
