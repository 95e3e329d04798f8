"""A server that is asked to end keeps the runs that go on."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import pytest

from dtb_app.benchmarks.visits.visitor import Visitor
from tests.sources import ROOT

PATIENCE_S = 240.0


@pytest.mark.slow
def test_a_run_that_goes_on_is_kept_up_to_the_moment_at_which_the_server_is_asked_to_end(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--ready", "0", "--store", str(tmp_path / "store"), "--log-json"]
    server = subprocess.Popen(
        [sys.executable, "-m", "dtb_app", "serve", "--json", "--address", "127.0.0.1", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = json.loads(server.stdout.readline())["url"].replace("localhost", "127.0.0.1")
        told = asyncio.run(_run(url, tmp_path / "store", server))
    finally:
        server.kill()
    assert server.returncode == 0
    assert "1 run was kept where it stood." in told
    events = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    (parked,) = [event for event in events if event["event"] == "runs parked"]
    assert (parked["runs"], parked["lost"]) == (1, 0)
    (stopped,) = [e for e in events if e["event"] == "job ended" and e["kind"] == "run" and e["biology_s"]]
    (kept,) = _kept(tmp_path / "store")
    assert kept["kind"] == "run"
    assert json.loads(kept["facts"])["duration_ms"] == round(1000 * stopped["biology_s"])


async def _run(url: str, store, server: subprocess.Popen) -> str:
    """Press Run, end the server once some of the run is in the store and there is more; what it said."""
    visitor = Visitor(url + "?preset=two-regions&duration=600000")
    await visitor.open()
    staying = asyncio.create_task(visitor.stay())
    await visitor.press("run")
    end = time.monotonic() + PATIENCE_S
    while not _kept(store):
        assert time.monotonic() < end
        await asyncio.sleep(0.2)
    await asyncio.sleep(1.0)
    server.send_signal(signal.SIGTERM)
    _, told = await asyncio.to_thread(server.communicate, timeout=PATIENCE_S)
    await staying  # the server has closed the connection
    visitor.leave()
    return told


def _kept(folder) -> list[sqlite3.Row]:
    rows = sqlite3.connect(folder / "store.sqlite3")
    rows.row_factory = sqlite3.Row
    try:
        return rows.execute("SELECT * FROM entries").fetchall()
    finally:
        rows.close()
