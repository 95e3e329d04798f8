"""A clock calls where the document is known, and moves nothing of the server's one state."""

from __future__ import annotations

import asyncio

import panel as pn
from bokeh.document import Document
from panel.io.state import set_curdoc

from dtb_app.panel_fixes.quiet_clock import begin_clock


def test_a_tick_knows_its_document_and_nobody_hears_that_the_server_is_busy():
    document, seen, busy = Document(), [], []
    watcher = pn.state.param.watch(lambda event: busy.append(event.new), ["busy", "_busy_counter"])
    try:
        with set_curdoc(document):
            begin_clock(lambda: seen.append(pn.state.curdoc), 100)
        (ticking,) = document.session_callbacks
        for _ in range(2):
            called = ticking.callback()
            if asyncio.iscoroutine(called):
                asyncio.run(called)
    finally:
        pn.state.param.unwatch(watcher)
    assert ticking.period == 100
    assert seen == [document, document]
    assert busy == []


def test_a_page_without_a_document_has_no_clock():
    seen = []
    assert pn.state.curdoc is None
    begin_clock(lambda: seen.append(1), 1)

    async def wait():
        await asyncio.sleep(0.05)

    asyncio.run(wait())
    assert seen == []
