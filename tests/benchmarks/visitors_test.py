"""The bench of visitors opens real pages of a real server and prints its table."""

from __future__ import annotations

import asyncio
import json
import math

import pytest

from dtb_app.benchmarks.visits import at_work, visitors
from dtb_app.benchmarks.visits.visitor import Visitor


@pytest.mark.slow
def test_two_visitors_open_a_served_page_and_leave_it(monkeypatch):
    for name in ("_GIVEN_BACK_S", "_IDLE_S", "_REST_S", "_RESTING"):
        monkeypatch.setattr(visitors, name, 1.0)  # a server that works less than all the time rests enough
    monkeypatch.setattr(visitors, "_N_PAGES", 1)
    for name, value in {
        "_N_AT_WORK": 2,
        "_N_IDLE": 1,
        "_N_PRESSES": 1,
        "_LOOK_S": 2.0,
        "_GIVEN_UP_S": 1.0,
        "_PRESET": "two-regions",
    }.items():
        monkeypatch.setattr(at_work, name, value)
    rows = visitors.bench_visitors(n_visitors=2, n_visits=1)
    assert all(row.bench == "visitors" and math.isfinite(row.value) for row in rows)
    found = {row.what: row.value for row in rows}
    assert found["first paint before compression"] > found["first paint as sent"] > 10
    assert found["scripts and styles of a new browser, as sent"] > 100
    assert found["the last of them"] > 0
    assert found["frames of a run whose visitor is alone"] > 0
    assert found["cores at work while one watches two-regions"] > 0
    assert 0 < found["the slowest of them, of a fair share"] <= 1


def test_scripts_and_styles_are_those_that_the_page_names():
    html = (
        '<script src="static/a.min.js?v=1"></script><link href="/b.css" rel="x"><script src="https://c/d.js">'
    )
    html += '<script src="static/a.min.js?v=1"></script><a href="e.html">'
    assert visitors._assets("http://h:1/app", html) == ["http://h:1/static/a.min.js?v=1", "http://h:1/b.css"]


def test_a_server_that_is_not_there_is_an_error():
    with pytest.raises(OSError):
        asyncio.run(Visitor("http://127.0.0.1:9/app").open())


class _SlowLine:
    """A connection on which every fragment takes a turn of the loop, as Tornado's does."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write_message(self, fragment: str) -> asyncio.Task[None]:
        self.written.append(fragment)
        return asyncio.create_task(asyncio.sleep(0.0))


def test_messages_of_one_visitor_do_not_pass_one_another():
    async def tell_at_once() -> list[str]:
        visitor, line = Visitor("http://127.0.0.1:9/app"), _SlowLine()
        visitor._connection = line
        await asyncio.gather(*[visitor.press("run") for _ in range(4)])
        return line.written

    written = asyncio.run(tell_at_once())
    assert len(written) == 12
    for header, metadata, content in zip(written[::3], written[1::3], written[2::3], strict=True):
        assert json.loads(header)["msgtype"] == "PATCH-DOC"
        assert json.loads(metadata) == {}
        assert "events" in json.loads(content)


def test_a_run_is_as_fast_as_the_clock_of_its_page_moves(monkeypatch):
    run, now = at_work._Run(), [0.0]
    monkeypatch.setattr(at_work.time, "monotonic", lambda: now[0])
    for second in range(8):
        now[0] = float(second)
        run.hear(f'title="{0.25 * second:.2f} s of 1,000 s · 0.25× real time"')
        run.hear('{"kind":"ColumnDataChanged"}')
    assert run.times == list(range(8))
    assert run.speed(3.0) == pytest.approx(0.25)
    assert run.speed(8.0) == 0.0


def test_a_visitor_says_which_frames_are_drawn():
    html = '"args":{"sent":{"id":"p1"},"drawn":{"type":"object","name":"ColumnDataSource","id":"p2"}}'
    told = []

    class Connection:
        async def read_message(self):
            return texts.pop(0) if texts else None

        async def write_message(self, text):
            told.append(text)

    async def visit():
        guest = Visitor("http://h/app")
        guest._connection = Connection()
        guest.know(html)
        await guest.stay()
        await asyncio.sleep(0.1)
        return guest

    patch = '{"events":[{"kind":"ColumnDataChanged","model":{"id":"%s"},"attr":"data","data":{"n":[%d]}}]}'
    texts = [patch % ("p9", 3), b"1234", patch % ("p1", 4)]
    guest = asyncio.run(visit())
    assert len(guest.frames) == 1
    (change,) = json.loads(told[-1])["events"]
    assert change["model"] == {"id": "p2"}
    assert change["new"] == {"n": [4]}
