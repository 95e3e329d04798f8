"""The bench of visitors opens real pages of a real server and prints its table."""

from __future__ import annotations

import asyncio
import math

import pytest

from dtb_app.benchmarks import visitors
from dtb_app.benchmarks.visitor import Visitor


@pytest.mark.slow
def test_two_visitors_open_a_served_page_and_leave_it(monkeypatch):
    for name in ("_GIVEN_BACK_S", "_IDLE_S", "_REST_S", "_RESTING"):
        monkeypatch.setattr(visitors, name, 1.0)  # a server that works less than all the time rests enough
    monkeypatch.setattr(visitors, "_N_PAGES", 1)
    rows = visitors.bench_visitors(n_visitors=2, n_visits=1)
    assert all(row.bench == "visitors" and math.isfinite(row.value) for row in rows)
    found = {row.what: row.value for row in rows}
    assert found["first paint before compression"] > found["first paint as sent"] > 10
    assert found["scripts and styles of a new browser, as sent"] > 100
    assert found["the last of them"] > 0


def test_scripts_and_styles_are_those_that_the_page_names():
    html = (
        '<script src="static/a.min.js?v=1"></script><link href="/b.css" rel="x"><script src="https://c/d.js">'
    )
    html += '<script src="static/a.min.js?v=1"></script><a href="e.html">'
    assert visitors._assets("http://h:1/app", html) == ["http://h:1/static/a.min.js?v=1", "http://h:1/b.css"]


def test_a_server_that_is_not_there_is_an_error():
    with pytest.raises(OSError):
        asyncio.run(Visitor("http://127.0.0.1:9/app").open())
