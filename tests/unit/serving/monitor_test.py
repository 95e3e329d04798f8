"""What watches over a server, and what is logged."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import time
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dtb_app.serving.monitor import Monitor
from dtb_app.work.job import END_HEARERS, Job
from dtb_app.work.log import log_to, said
from dtb_app.work.pool import RunPool
from engine.errors import DataError


@pytest.fixture
def logged():
    """Everything that is logged as JSON lines."""
    before, root = logging.getLogger("dtb").level, logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    log_to(stream, as_json=True)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = handlers, level
    logging.getLogger("dtb").setLevel(before)


@pytest.fixture
def monitor():
    services = SimpleNamespace(pool=RunPool(1), jobs=RunPool(2))
    return Monitor(services, lambda: 3, lambda: 2)


def values(monitor):
    """Every sample by its name and labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(monitor.text().decode())
        for sample in family.samples
    }


def test_visitors_engines_and_queues_are_counted():
    pool, leave = RunPool(1), []
    monitor = Monitor(SimpleNamespace(pool=pool, jobs=RunPool(2)), lambda: 3, lambda: 2)
    first, second = (Job(lambda progress: _until(leave, progress), pool) for _ in range(2))
    _wait(lambda: values(monitor)[("dtb_engines_waiting",)] == 1)
    found = values(monitor)
    assert found[("dtb_visitors",)] == 3
    assert found[("dtb_pages_ready",)] == 2
    assert found[("dtb_engines_working",)] == found[("dtb_engines_max",)] == 1
    assert found[("dtb_jobs_working",)] == found[("dtb_jobs_waiting",)] == 0
    leave.append(True)
    for job in (first, second):
        job.join(30)
    assert values(monitor)[("dtb_engines_working",)] == 0


def test_a_late_loop_is_counted_and_logged(monitor, logged):
    async def blocked():
        watching = asyncio.create_task(monitor.watch())
        await asyncio.sleep(0.15)
        time.sleep(0.8)
        await asyncio.sleep(0.15)
        watching.cancel()

    asyncio.run(blocked())
    found = values(monitor)
    late = found[("dtb_loop_lateness_seconds_count",)] - found[("dtb_loop_lateness_seconds_bucket", "0.5")]
    assert late >= 1
    (event,) = [e for e in logged() if e["late_s"] > 0.5][:1]
    assert event["event"] == "loop was blocked"
    assert event["level"] == "info"


def test_how_jobs_end_is_counted_and_logged(monitor, logged):
    END_HEARERS.append(monitor.note_end)
    try:
        Job(lambda progress: 1).join(30)
        Job(_refuse).join(30)
        cancelled = Job(lambda progress: _until([], progress))
        cancelled.cancel()
        cancelled.join(30)
    finally:
        END_HEARERS.remove(monitor.note_end)
    found = values(monitor)
    for state in ("done", "failed", "stopped"):
        assert found[("dtb_jobs_ended_total", "job", state)] == 1
    states = [e["state"] for e in logged() if e["event"] == "job ended"]
    assert states == ["done", "failed", "stopped"]
    assert "x.csv: must be" in logged()[1]["error"]


def test_without_json_only_what_went_wrong_is_said():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    try:
        log_to(stream, as_json=False)
        said("run ended", seconds=1.0)
        logging.getLogger("other").warning("something %s", "odd")
    finally:
        root.handlers[:], root.level = handlers, level
    assert stream.getvalue() == "WARNING other: something odd\n"


def test_a_traceback_is_one_line(logged):
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("x").exception("broke")
    (event,) = logged()
    assert event["level"] == "error"
    assert event["traceback"].endswith("ValueError: no")


def _refuse(progress):
    raise DataError("x.csv: must be a table (got nothing).")


def _until(leave, progress):
    while not leave:
        progress(0.5, "working")
        time.sleep(0.005)


def _wait(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
