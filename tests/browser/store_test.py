"""Runs outlive a reload and a server that is killed; the same browser finds them, another does not."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_S, ROOT, App, Visit

SHORT = "?preset=two-regions&duration=600&transient=100"
LONG = "?preset=two-regions&duration=90000&transient=100"
_BEGUN = re.compile(r"(0\.[1-9]|[1-4]\.\d) of 5 min of biology")
LOST_S = 4.0  # of biology at the speed of life: what is kept every two seconds, and the time to write it


@contextmanager
def served(folder, port):
    """The app with a store, until the block ends or the server is killed in it."""
    command = [sys.executable, "-m", "dtb_app", "serve", "--json", "--address", "127.0.0.1", "--ready", "1"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--store", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    lines: list[str] = []
    thread = threading.Thread(target=lambda: lines.extend(process.stderr), daemon=True)
    thread.start()
    try:
        first = process.stdout.readline()
        assert first, "the server did not start:\n" + "".join(lines)
        assert json.loads(first)["store"] == str(folder)
        yield process, App(f"http://127.0.0.1:{port}/dtb_app", lines)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        thread.join(PATIENCE_S)
        process.stdout.close()
        process.stderr.close()


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def chips(visit) -> list[str]:
    """What stands on the chips, without the names of their icons."""
    found = visit.page.locator(".dtb-run-chip >> button").all_inner_texts()
    return [text.splitlines()[-1] for text in found]


def chip(visit, letter: str):
    """The chip of a run. Chips are drawn one after another, so that the last is not always that of the first."""
    return visit.page.locator(".dtb-run-chip >> button").filter(has_text=re.compile(f"{letter} "))


def test_runs_outlive_a_reload_and_a_server_that_is_killed(browser, port, tmp_path):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    folder = tmp_path / "store"
    with served(folder, port) as (process, app):
        v = Visit(context, app).open(SHORT)
        assert v.js("() => document.cookie").count("dtb-visitor") == 0
        v.press("run")
        v.wait(lambda: len(chips(v)) == 1, "a run")
        v.page.locator(".dtb-run-pin >> button").click()
        v.wait(lambda: v.page.locator(".dtb-run-chip >> button").inner_text().startswith("push_pin"), "a pin")
        spikes = v.save_run()["spike_hash"]
        v.open(LONG)  # a reload
        v.wait(lambda: len(chips(v)) == 1, "the run is there again")
        v.press("run")
        v.wait(lambda: v.biological_s() > 8, "a long run goes on")
        seen_s = v.biological_s()
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
        assert not app.tracebacks()
    v.page.close()
    with served(folder, port) as (_, app):
        v = Visit(context, app).open(SHORT)
        v.wait(lambda: len(chips(v)) == 2, "both runs are there again")
        stopped = re.search(r"stopped at ([\d.]+) s", chips(v)[0])
        assert stopped is not None
        assert seen_s - LOST_S <= float(stopped.group(1)) <= seen_s + LOST_S
        chip(v, "B").click()
        v.wait(lambda: v.status().startswith("Run B of"), "the stopped run is shown")
        v.wait(lambda: v.page.locator(".dtb-run-pin").count() == 1, "the strip shows it too")
        chip(v, "A").click()
        v.wait(lambda: v.status().startswith("Run A of 0.6 s is shown"), "the pinned one")
        assert v.save_run()["spike_hash"] == spikes
        other = browser.new_context(viewport={"width": 1280, "height": 800})
        stranger = Visit(other, app).open(SHORT)
        stranger.page.wait_for_timeout(1500)
        assert chips(stranger) == []
        assert not v.errors + stranger.errors
        assert not app.tracebacks()
        other.close()
    context.close()


def test_a_fit_outlives_a_server_that_is_killed(browser, port, tmp_path):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    folder = tmp_path / "store"
    small = (
        "?preset=whole-brain-at-rest&network.neurons_per_region=40&network.in_degree=30&page=fit&section=tune"
    )

    def n_kept() -> int:
        with closing(sqlite3.connect(folder / "store.sqlite3")) as link:
            return link.execute("SELECT count(*) FROM entries WHERE kind = 'fit'").fetchone()[0]

    with served(folder, port) as (process, app):
        v = Visit(context, app).open(small)
        v.page.get_by_role("button", name="Start", exact=True).click()
        expect(v.page.get_by_text(_BEGUN).first).to_be_visible(timeout=200_000)
        v.page.get_by_role("button", name="Pause", exact=True).click()
        v.wait(lambda: n_kept() == 1, "the fit is kept", 150)
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
        v.page.close()
    with served(folder, port) as (process, app):
        v = Visit(context, app).open(small)
        go_on = v.page.get_by_role("button", name=re.compile(r"^Go on with .* [\d.]+ of 5 min$"))
        go_on.click(timeout=150_000)
        expect(v.page.get_by_text(_BEGUN).first).to_be_visible(timeout=200_000)
        v.page.get_by_role("button", name="Cancel", exact=True).click()
        v.wait(lambda: n_kept() == 0, "a fit that is given up is kept no longer", 150)
        assert not app.tracebacks()
    context.close()


def test_an_assimilation_outlives_a_server_that_is_killed_and_can_be_ended(browser, port, tmp_path):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    folder = tmp_path / "store"
    asked = "?preset=two-regions&page=fit&section=assimilate"

    def n_kept() -> int:
        with closing(sqlite3.connect(folder / "store.sqlite3")) as link:
            return link.execute("SELECT count(*) FROM entries WHERE kind = 'assimilation'").fetchone()[0]

    def button(v: Visit, name: str | re.Pattern):
        return v.page.get_by_role("button", name=name, exact=True)

    with served(folder, port) as (process, app):
        v = Visit(context, app).open(asked)
        v.page.get_by_label("TRs").fill("4000")
        v.page.get_by_label("TRs").press("Enter")
        button(v, "Start").click()
        expect(v.page.get_by_text(re.compile(r"^[1-9]\d* of 4000 TR")).first).to_be_visible(timeout=200_000)
        button(v, "Pause").click()
        v.wait(lambda: n_kept() == 1, "the assimilation is kept", 150)
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
        v.page.close()
    with served(folder, port) as (process, app):
        v = Visit(context, app).open(asked)
        button(v, re.compile(r"^Go on with .* \d+ of 4000 TR$")).click(timeout=150_000)
        # a finished one was shown, with more to draw: all that the same message changes must arrive
        expect(button(v, "Start")).to_be_hidden(timeout=150_000)
        expect(button(v, re.compile("^Go on with"))).to_be_hidden()
        expect(v.page.get_by_label("TRs")).to_be_disabled()
        button(v, "Cancel").click()
        v.wait(lambda: n_kept() == 0, "what is given up is kept no longer", 150)
        expect(button(v, "Start")).to_be_visible()
        assert not v.errors
        assert not app.tracebacks()
    context.close()
