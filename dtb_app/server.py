"""Serving the app."""

from __future__ import annotations

import gc
import json
import sys
from typing import Any

import panel as pn
from tornado.web import RequestHandler

from dtb_app.panel_fixes.joined_writes import join_writes
from dtb_app.panel_fixes.known_defaults import know_defaults
from dtb_app.panel_fixes.lean_documents import keep_documents_lean
from dtb_app.panel_fixes.left_tabs import give_up_left_tabs
from dtb_app.panel_fixes.one_by_one import make_pages_one_by_one
from dtb_app.panel_fixes.own_files import load_own_files
from dtb_app.panel_fixes.pressed_files import press_files
from layouts import elements

__all__ = ["make_page", "serve"]


class Health(RequestHandler):
    """Says that the server answers; asked by every page, and by what watches over servers."""

    def get(self) -> None:
        """Answer."""
        self.set_header("Content-Type", "text/plain")
        self.set_header("Cache-Control", "no-store")
        self.finish("ok\n")


def make_page() -> Any:
    """One visitor's page."""
    from dtb_app.explorer.page import Explorer
    from dtb_app.work.services import services

    return Explorer(services()).view()


def extend() -> None:
    """Load what the page needs of Panel, and what draws finished pictures; once a process."""
    pn.extension(reconnect=True, notifications=False, sizing_mode=None)
    join_writes()
    know_defaults()
    keep_documents_lean()
    make_pages_one_by_one()
    give_up_left_tabs()
    press_files()
    load_own_files()
    elements.load()  # takes a second, which no visitor is to wait for


def serve(
    port: int, address: str, allow_origin: list[str], max_runs: int | None, open_browser: bool, as_json: bool
) -> None:
    """Warm up, then serve until interrupted.

    Raises
    ------
    OSError
        The port cannot be used.
    """
    from dtb_app.work.services import services

    print("Warming up: compiling kernels and making the first run …", file=sys.stderr, flush=True)
    services(max_runs)
    extend()
    gc.collect()
    gc.freeze()  # what all visitors share need not be walked whenever one of them leaves
    shown = "localhost" if address in ("localhost", "127.0.0.1", "0.0.0.0") else address
    url = f"http://{shown}:{port}/dtb_app"
    hosts = {f"{host}:{port}" for host in ("localhost", "127.0.0.1", address)}
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
        extra_patterns=[("/health", Health)],
    )
    if as_json:
        print(json.dumps({"url": url, "max_runs": services().pool.max_runs}), flush=True)
    else:
        print(f"The app is at {url}", file=sys.stderr, flush=True)
    server.run_until_shutdown()
