"""A served app and a real Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.browser.find_chromium import find

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0  # other tests keep the other cores busy
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class App:
    """A served app: its address and what its server has said."""

    def __init__(self, url: str, lines: list[str]):
        self.url, self.lines = url, lines

    def tracebacks(self) -> list[str]:
        """Tracebacks in the server's log.

        Two kinds belong to a page that was closed with messages still on the way, and are no
        fault of the app: writing to its socket, and Bokeh's handling of what it last sent after
        its session was taken from the connection.
        """
        text = "\n".join(self.lines)
        blocks = re.split(r"(?=Traceback \(most recent call last\):)", text)[1:]
        return [b[:4000] for b in blocks if not any(mark in b for mark in _CLOSED_PAGE)]


_CLOSED_PAGE = ("WebSocketClosedError", "StreamClosedError", "assert self._session is not None")


@contextlib.contextmanager
def served(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[App]:
    """The app as `dtb serve` serves it on a port of its own."""
    port = free_port()
    command = [sys.executable, "-m", "dtb_app", "serve", "--json", "--address", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", str(port), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
    )
    lines: list[str] = []

    def read(stream) -> None:
        for line in stream:
            lines.append(line.rstrip("\n"))

    threading.Thread(target=read, args=(process.stderr,), daemon=True).start()
    first = process.stdout.readline()
    assert first, "the server did not start:\n" + "\n".join(lines)
    url = json.loads(first)["url"].replace("localhost", "127.0.0.1")
    threading.Thread(target=read, args=(process.stdout,), daemon=True).start()
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
    try:
        yield App(url, lines)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        for stream in (process.stdout, process.stderr):
            stream.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The app that most tests visit, two engines at once."""
    with served("--max-runs", "2", "--store", str(tmp_path_factory.mktemp("store"))) as here:
        yield here


@pytest.fixture(scope="session")
def browser():
    """Chromium, however it got here."""
    from playwright.sync_api import expect, sync_playwright

    path = find()
    assert path, "No Chromium was found; 'make browser' installs one."
    expect.set_options(timeout=1000 * PATIENCE_S)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


class Visit:
    """One visitor: a page with helpers that speak the app's words."""

    def __init__(self, context, app: App):
        self.app = app
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE_S)
        self.errors: list[str] = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on("request", self._note_stranger)

    def _note_stranger(self, request) -> None:
        """A page asks no other server: a lecture room may be without the internet."""
        if request.url.startswith(("http", "ws")) and "//127.0.0.1:" not in request.url:
            self.errors.append(f"asked another server: {request.url}")

    def open(self, query: str = "") -> Visit:
        """Load the page and wait until it is live."""
        self.page.goto(self.app.url + query)
        self.page.locator(".dtb-run >> button").wait_for()
        self.wait(lambda: self.js(_READY), "the page is live")
        return self

    def js(self, code: str):
        """Evaluate in the page."""
        return self.page.evaluate(code)

    def wait(self, condition, what: str, seconds: float = PATIENCE_S):
        """Wait until a condition holds and return its value."""
        end = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < end, f"not in {seconds:g} s: {what}; status {self.status()!r}"
            self.page.wait_for_timeout(50)

    def status(self) -> str:
        """What the top bar says."""
        found = self.page.locator(".status")
        return found.first.inner_text() if found.count() else ""

    def state(self) -> str:
        """The one word of it."""
        found = self.page.locator(".dtb-state")
        return found.first.inner_text().strip() if found.count() else ""

    def wait_state(self, word: str, seconds: float = PATIENCE_S) -> None:
        """Wait until the run is in that state."""
        self.wait(lambda: self.state() == word, f"state {word}", seconds)

    def press(self, name: str) -> None:
        """Press a button of the top bar."""
        self.page.locator(f".dtb-{name} >> button").first.click()

    def alert(self) -> str:
        """The sentence on the page, "" when there is none."""
        found = self.page.locator(".alert")
        return found.first.inner_text() if found.count() and found.first.is_visible() else ""

    def is_covered(self) -> bool:
        """Whether a dialog or an alert lies over the page."""
        return bool(self.alert()) or any(d.is_visible() for d in self.page.get_by_role("dialog").all())

    def biological_s(self) -> float:
        """Biological time that the top bar shows [s]."""
        found = re.search(r"([\d.]+) s of", self.status())
        return float(found.group(1)) if found else 0.0

    def save_run(self) -> dict:
        """The run on the page as the visitor would save it."""
        self.page.locator(".dtb-file-menu >> button").first.click()
        with self.page.expect_download() as download:
            self.page.get_by_text("Save run (JSON)").click()
        return json.loads(Path(download.value.path()).read_text())

    def raster_sum(self) -> float:
        """Sum over the raster's image."""
        return self.js(_RASTER_SUM)


_READY = "() => document.documentElement.dataset.dtb === 'live' && Bokeh.documents[0].is_idle === true"
_RASTER_SUM = """() => {
  let best = 0;
  for (const model of Bokeh.documents[0]._all_models.values()) {
    if (model.type !== "ColumnDataSource") continue;
    const images = model.data?.image ?? model.data?.get?.("image");
    for (const image of images ?? []) {
      const flat = image.array ?? image;
      if (flat?.length > 10000) {
        let sum = 0;
        const isPacked = image.dtype === "int8";  // two pixels a byte
        for (const value of flat) sum += isPacked ? (value & 15) + (value >> 4 & 15) : value;
        best = Math.max(best, sum);
      }
    }
  }
  return best;
}"""


@pytest.fixture(scope="session")
def visitor(browser, app):
    """Make one visitor."""

    def make(**options) -> Visit:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        return Visit(browser.new_context(**options), app)

    return make


@pytest.fixture
def visit(visitor, app):
    """Make visitors; afterwards none of them may have seen an error, nor the server."""
    made: list[Visit] = []

    def make(**options) -> Visit:
        made.append(visitor(**options))
        return made[-1]

    yield make
    errors = [e for v in made for e in v.errors]
    for v in made:
        v.context.close()
    assert not errors, "console errors: " + " | ".join(errors)
    assert not app.tracebacks(), "\n".join(app.tracebacks())


@pytest.fixture(scope="session")
def resting():
    """The page that `found` has kept open, if any."""
    kept: list[Visit] = []
    yield kept
    for v in kept:
        v.context.close()


@pytest.fixture
def found(visitor, app, resting, request):
    """The first page, live, as one test after another finds it; each leaves it as it was.

    A page that a test has failed on, or has not put back, is closed, and the next finds another.
    """
    v = resting.pop() if resting else visitor().open()
    n_failed, address = request.session.testsfailed, v.page.url
    yield v
    is_as_found = request.session.testsfailed == n_failed and v.page.url == address and not v.is_covered()
    if is_as_found and not v.errors:
        resting.append(v)
    else:
        v.context.close()
    assert not v.errors, "console errors: " + " | ".join(v.errors)
    assert not app.tracebacks(), "\n".join(app.tracebacks())
