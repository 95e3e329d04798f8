"""The address of the page with a slash at its end leads to the one without."""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin

import pytest
from bokeh.application import Application
from bokeh.server import urls
from bokeh.server.server import Server
from tornado.httpclient import AsyncHTTPClient

from dtb_app.serving.plain_address import lead_to_plain_address


async def answers(prefix: str, path: str) -> tuple[int, str]:
    """What a server answers at a path, and where the answer leads to, with nobody following."""
    server = Server({"/dtb_app": Application()}, port=0, prefix=prefix)
    server.start()
    url = f"http://localhost:{server.port}{path}"
    try:
        got = await AsyncHTTPClient().fetch(url, follow_redirects=False, raise_error=False)
    finally:
        server.stop()
    return got.code, urljoin(url, got.headers.get("Location", "")).partition(str(server.port))[2]


@pytest.fixture(autouse=True)
def own_patterns():
    before = list(urls.per_app_patterns)
    yield
    urls.per_app_patterns[:] = before


@pytest.mark.parametrize("prefix", ["", "/class/twin"])
@pytest.mark.parametrize("query", ["", "?page=noc&preset=two-regions"])
def test_a_slash_at_the_end_leads_to_the_plain_address(prefix, query):
    assert asyncio.run(answers(prefix, f"{prefix}/dtb_app/{query}"))[0] == 200  # as Bokeh does it
    lead_to_plain_address()
    lead_to_plain_address()
    assert asyncio.run(answers(prefix, f"{prefix}/dtb_app/{query}")) == (302, f"{prefix}/dtb_app{query}")
    assert asyncio.run(answers(prefix, f"{prefix}/dtb_app{query}"))[0] == 200
