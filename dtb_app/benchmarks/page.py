"""A page as it is made and sent, and served to a real Chromium: first page, Run, clicks, lateness."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from statistics import median, quantiles
from typing import Any

import panel as pn
from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from panel.io.state import set_curdoc

from dtb_app.benchmarks import Row
from dtb_app.server import extend, make_page
from dtb_app.work.services import services

__all__ = ["bench_page"]

_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_PROBE_S = 0.02
_PAGES = 5  # made after one that warms up
_LARGE = {
    "whole column": "?preset=microcircuit",
    "million neurons": "?preset=whole-brain-at-rest&network.neurons_per_region=11905",
}


def bench_page() -> list[Row]:
    """What a page weighs, and how it answers in a Chromium.

    The latter needs Playwright (the `test` extra); a row says so where there is none.
    """
    shared = services()
    extend()
    weighed = _weigh()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return [*weighed, Row("page", "skipped: Playwright is not installed", float("nan"), "")]
    path = os.environ.get("DTB_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lateness: list[float] = []
    server = pn.serve(
        {"dtb_app": make_page},
        port=port,
        address="127.0.0.1",
        show=False,
        threaded=True,
        allow_websocket_origin=[f"127.0.0.1:{port}"],
        verbose=False,
    )
    time.sleep(2.0)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        url = f"http://127.0.0.1:{port}/dtb_app"
        first = _first_page(page, url)
        second = _first_page(page, url)
        begun = time.perf_counter()
        page.locator(".dtb-run >> button").first.click()
        page.wait_for_function(_STATE_IS_RUNNING, polling=20)
        live = time.perf_counter() - begun
        watcher = _Lateness(lateness)
        page.wait_for_timeout(1000)
        shared.tick_s.clear()
        watcher.begin()
        clicks = [_click(page, name) for name in ("Model", "Regions") * 5]
        page.wait_for_timeout(2000)
        watcher.end()
        ticks = list(shared.tick_s)
        large = [row for name, query in _LARGE.items() for row in _large(page, url + query, name)]
        chromium.close()
    server.stop()
    return [
        *weighed,
        Row("page", "first page, warm server, new browser", first, "s", 5.0),
        Row("page", "the same page again", second, "s", 5.0),
        Row("page", "Run pressed to 'Running' shown", live, "s", 0.5),
        Row(
            "page",
            "click to answer while running, median",
            median(clicks),
            "s",
            0.5,
            f"longest {max(clicks):.2f}",
        ),
        Row(
            "page",
            "event-loop lateness while running, p95",
            1e3 * _p95(lateness),
            "ms",
            20.0,
            f"median {1e3 * median(lateness):.1f}",
        ),
        Row("page", "one look at the runner, p95", 1e3 * _p95(ticks), "ms", None),
        *large,
    ]


def _weigh() -> list[Row]:
    """Models of a page, what the server works for it, and the text that a browser is sent."""
    made, sent = [], []
    for _ in range(1 + _PAGES):
        document = Document()
        with set_curdoc(document):
            begun = time.thread_time()
            make_page().server_doc(document)
            made.append(time.thread_time() - begun)
        begun = time.thread_time()
        text = serialize_json(document.to_json().content)
        sent.append(time.thread_time() - begun)
    return [
        Row("page", "models of a first page", len(document.models), "", 350.0),
        Row("page", "JSON of a first page", len(text) / 1000, "kB", 200.0),
        Row("page", "CPU to make a page, warm, median", 1e3 * median(made[1:]), "ms", 500.0),
        Row("page", "CPU to write its JSON, median", 1e3 * median(sent[1:]), "ms", None),
    ]


def _large(page: Any, url: str, name: str) -> list[Row]:
    """Event-loop lateness and clicks while a run takes all cores of the machine."""
    page.goto(url)
    page.locator(".dtb-run >> button").first.click()
    page.wait_for_function(_STATE_IS_RUNNING, polling=100, timeout=120_000)
    page.wait_for_timeout(2000)
    lateness: list[float] = []
    watcher = _Lateness(lateness)
    watcher.begin()
    clicks = [_click(page, tab) for tab in ("Model", "Regions") * 3]
    page.wait_for_timeout(4000)
    watcher.end()
    page.locator(".dtb-stop >> button").first.click()
    page.wait_for_function(_STATE_IS_STOPPED, polling=100, timeout=60_000)
    return [
        Row(
            "page",
            f"{name}: event-loop lateness, p95",
            1e3 * _p95(lateness),
            "ms",
            20.0,
            f"median {1e3 * median(lateness):.1f}, largest {1e3 * max(lateness):.0f}",
        ),
        Row(
            "page", f"{name}: click to answer, median", median(clicks), "s", 0.5, f"longest {max(clicks):.2f}"
        ),
    ]


_STATE_IS = """() => {
  const roots = [document];
  while (roots.length) {
    const root = roots.pop();
    const found = root.querySelector(".dtb-state");
    if (found) return found.innerText.includes("WORD");
    for (const node of root.querySelectorAll("*")) if (node.shadowRoot) roots.push(node.shadowRoot);
  }
  return false;
}"""
_STATE_IS_RUNNING = _STATE_IS.replace("WORD", "Running")
_STATE_IS_STOPPED = f"() => !({_STATE_IS_RUNNING})() && !({_STATE_IS.replace('WORD', 'Ending')})()"


def _first_page(page: Any, url: str) -> float:
    begun = time.perf_counter()
    page.goto(url)
    page.locator(".dtb-run >> button").first.wait_for()
    page.locator(".dtb-raster >> canvas").first.wait_for()
    page.locator(".dtb-noc >> .sentence").first.wait_for()
    return time.perf_counter() - begun


def _click(page: Any, tab: str) -> float:
    begun = time.perf_counter()
    page.get_by_role("tab", name=tab).click()
    selector = ".dtb-field-seed" if tab == "Model" else ".dtb-region-search"
    page.locator(selector).first.wait_for(state="visible")
    return time.perf_counter() - begun


class _Lateness:
    """Asks the server's event loop to call back every 20 ms and notes how late it is [s]."""

    def __init__(self, kept: list[float]):
        self._kept, self._loop, self._on = kept, _server_loop(), False

    def begin(self) -> None:
        self._on = True
        self._loop.call_soon_threadsafe(self._ask)

    def end(self) -> None:
        self._on = False

    def _ask(self) -> None:
        due = self._loop.time() + _PROBE_S

        def called() -> None:
            self._kept.append(max(0.0, self._loop.time() - due))
            if self._on:
                self._ask()

        self._loop.call_at(due, called)


def _server_loop() -> asyncio.AbstractEventLoop:
    for server, _, _ in pn.state._servers.values():
        return server.io_loop.asyncio_loop
    raise RuntimeError("no server is running")


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else float("nan")
