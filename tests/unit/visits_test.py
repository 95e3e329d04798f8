"""What a visit leaves behind in the server: nothing."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import panel as pn
import pytest
from bokeh.client import pull_session

from dtb_app.explorer import Explorer
from dtb_app.server import extend
from dtb_app.services import Services

N_VISITS = 3


@pytest.fixture
def served():
    """A server whose pages are remembered weakly; the address and the pages."""
    extend()
    services = Services(1)
    pages: list[weakref.ref] = []

    def make_page():
        page = Explorer(services)
        pages.append(weakref.ref(page))
        return page.view()

    server = pn.serve(
        {"app": make_page}, port=0, show=False, start=False, verbose=False,
        check_unused_sessions=100, unused_session_lifetime=100,
    )  # fmt: skip
    server.io_loop.add_callback(server.start)
    thread = threading.Thread(target=server.io_loop.start, daemon=True)
    thread.start()
    yield f"http://localhost:{server.port}/app", pages
    server.io_loop.add_callback(lambda: (server.stop(), server.io_loop.stop()))
    thread.join(10)


def n_watchers() -> int:
    """How many functions the one state of the server calls when something of it moves."""
    return sum(len(w) for of in pn.state.param.watchers.values() for w in of.values())


def test_a_visit_leaves_no_page_and_nobody_who_is_called_at_every_tick(served):
    url, pages = served
    before = n_watchers()
    for _ in range(N_VISITS):
        session = pull_session(url=url)
        assert session.document.roots
        session.close()
    assert len(pages) == N_VISITS
    end = time.monotonic() + 60
    while any(page() is not None for page in pages):
        assert time.monotonic() < end, f"{sum(p() is not None for p in pages)} pages stay"
        time.sleep(0.2)
        gc.collect()
    assert n_watchers() == before
