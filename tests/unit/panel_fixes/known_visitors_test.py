"""A browser gets a number that no script and no page can tell, and is known by it again."""

from __future__ import annotations

import re
import socket
import time
from http.cookies import SimpleCookie
from urllib.error import URLError
from urllib.request import Request, urlopen

import panel as pn
import pytest
from bokeh.util.token import get_token_payload

from dtb_app.panel_fixes.known_visitors import COOKIE, UNTOLD, know_visitors, visitor_of


@pytest.fixture(scope="module")
def ask():
    """Ask for the page as a browser with these cookies: its number, the answer, and who it was made for."""
    made: list[str] = []

    def page():
        made.append(visitor_of(pn.state.curdoc))
        return pn.pane.Str("page")

    know_visitors()
    know_visitors()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = pn.serve({"app": page}, port=port, show=False, threaded=True, verbose=False, **UNTOLD)

    def get(cookie: str = ""):
        request = Request(f"http://localhost:{port}/app", headers={"Cookie": cookie} if cookie else {})
        with urlopen(request, timeout=60) as answer:
            set_cookie = SimpleCookie(answer.headers["Set-Cookie"])
            return set_cookie[COOKIE], answer.read().decode(), made[-1]

    end = time.monotonic() + 60
    while True:
        try:
            get()
            break
        except URLError:
            assert time.monotonic() < end
            time.sleep(0.05)
    yield get
    server.stop()


def test_who_comes_without_a_number_gets_one_for_a_year(ask):
    morsel, _, visitor = ask()
    assert re.fullmatch("[0-9a-f]{32}", morsel.value)
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    assert morsel["path"] == "/"
    assert int(morsel["max-age"]) > 300 * 86400
    assert not morsel["secure"]
    assert re.fullmatch("[0-9a-f]{32}", visitor)
    assert visitor != morsel.value
    other, _, who = ask()
    assert other.value != morsel.value
    assert who != visitor


def test_who_comes_again_is_known(ask):
    morsel, _, visitor = ask()
    again, _, who = ask(f"{COOKIE}={morsel.value}; dtb-scheme=dark")
    assert (again.value, who) == (morsel.value, visitor)


def test_a_number_that_is_none_is_replaced(ask):
    for wrong in ("", "x" * 32, "0" * 31, "0" * 64, "../../etc"):
        morsel, _, _ = ask(f"{COOKIE}={wrong}")
        assert morsel.value != wrong


def test_the_number_is_not_in_the_page(ask):
    for cookie in ("{}", "dtb-scheme=dark; {}"):
        number = "0123456789abcdef" * 2
        _, html, _ = ask(cookie.format(f"{COOKIE}={number}"))
        token = re.search(r'"token":\s*"([^"]+)"', html)
        assert token is not None
        told = str(get_token_payload(token.group(1)))
        assert number not in html + told
        assert ("dark" in told) == ("dark" in cookie)


def test_nobody_is_known_without_a_request():
    assert visitor_of(None) == ""
