"""What a visit leaves behind in the server: nothing.

The server has a process of its own, which this file is also the program of.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
import time
import traceback
import weakref
from pathlib import Path

import panel as pn
import pytest
from bokeh.client import pull_session

N_VISITS = 3
MAX_WAIT_S = 60


@pytest.mark.slow
def test_a_visit_leaves_no_page_and_nobody_who_is_called_at_every_tick():
    root = Path(__file__).resolve().parents[3]
    ended = subprocess.run(
        [sys.executable, __file__],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout.splitlines()[-1])
    assert seen["pages"] == N_VISITS
    assert seen["stay"] == 0, f"{seen['stay']} pages stay"
    assert seen["watchers"] == seen["watchers_before"]


def _n_watchers() -> int:
    """How many functions the one state of the server calls when something of it moves."""
    return sum(len(w) for of in pn.state.param.watchers.values() for w in of.values())


def _visit(url: str, pages: list[weakref.ref]) -> None:
    """Come and go, then say what has stayed, and end the process."""
    before = _n_watchers()
    for _ in range(N_VISITS):
        session = pull_session(url=url)
        assert session.document.roots
        session.close()
    end = time.monotonic() + MAX_WAIT_S
    while any(page() is not None for page in pages) and time.monotonic() < end:
        time.sleep(0.2)
        gc.collect()
    stay = sum(page() is not None for page in pages)
    seen = {"pages": len(pages), "stay": stay, "watchers": _n_watchers()}
    print(json.dumps({**seen, "watchers_before": before}), flush=True)  # noqa: T201


def _serve() -> None:
    """Serve pages that are remembered weakly, until the visits are over."""
    from dtb_app.explorer import page as explorer
    from dtb_app.server import extend
    from dtb_app.session.session import Session
    from dtb_app.work.services import Services

    extend()
    explorer.Session = lambda: Session("two-regions")  # sooner drawn than a whole brain
    services = Services(1)
    pages: list[weakref.ref] = []

    def make_page():
        page = explorer.Explorer(services)
        pages.append(weakref.ref(page))
        return page.view()

    server = pn.serve(
        {"app": make_page},
        port=0,
        show=False,
        start=False,
        verbose=False,
        check_unused_sessions=100,
        unused_session_lifetime=100,
    )

    def visit() -> None:
        code = 1
        try:
            _visit(f"http://localhost:{server.port}/app", pages)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    threading.Thread(target=visit).start()
    server.run_until_shutdown()


if __name__ == "__main__":
    _serve()
