"""Files go out compressed to whoever takes them so, and as they are to whoever does not."""

from __future__ import annotations

import asyncio
import gzip
import os

import pytest
from tornado.httpserver import HTTPServer
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.testing import bind_unused_port
from tornado.web import Application, StaticFileHandler

from dtb_app.panel_fixes import pressed_files

TEXT = b"let many = 1;\n" * 500


@pytest.fixture(autouse=True)
def plain_afterwards(monkeypatch):
    monkeypatch.setattr(StaticFileHandler, "get", StaticFileHandler.get)
    pressed_files.press_files()


def _asked(folder, name, presses=True, **headers):
    async def ask():
        application = Application(
            [(r"/(.*)", StaticFileHandler, {"path": folder})], compress_response=presses
        )
        server = HTTPServer(application)
        socket, port = bind_unused_port()
        server.add_socket(socket)
        client = SimpleAsyncHTTPClient(force_instance=True)
        url = f"http://127.0.0.1:{port}/{name}"
        answer = await client.fetch(url, headers=headers, decompress_response=False, raise_error=False)
        server.stop()
        client.close()
        return answer

    return asyncio.run(ask())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.js").write_bytes(TEXT)
    (tmp_path / "b.woff2").write_bytes(TEXT)
    return tmp_path


def test_a_script_is_compressed_once_for_all_who_take_it_so(folder, monkeypatch):
    n_pressed = []
    press = gzip.compress
    monkeypatch.setattr(pressed_files.gzip, "compress", lambda *a, **k: n_pressed.append(1) or press(*a, **k))
    for _ in range(3):
        answer = _asked(folder, "a.js", **{"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(answer.body) == TEXT
        assert len(answer.body) < len(TEXT) / 20
    assert len(n_pressed) == 1


@pytest.mark.parametrize("name", ["a.js", "b.woff2"])
def test_what_is_not_taken_compressed_is_sent_as_it_is(folder, name):
    headers = {"Accept-Encoding": "gzip"} if name == "b.woff2" else {}
    answer = _asked(folder, name, **headers)
    assert (answer.body, answer.headers.get("Content-Encoding")) == (TEXT, None)


def test_a_part_of_a_script_is_a_part_of_the_script(folder):
    answer = _asked(folder, "a.js", False, **{"Accept-Encoding": "gzip", "Range": "bytes=4-7"})
    assert (answer.code, answer.body) == (206, b"many")


def test_a_file_that_changes_is_compressed_anew(folder):
    _asked(folder, "a.js", **{"Accept-Encoding": "gzip"})
    (folder / "a.js").write_bytes(b"other" * 300)
    os.utime(folder / "a.js", (1, 1))
    answer = _asked(folder, "a.js", **{"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.body) == b"other" * 300


def test_a_script_that_is_not_there_is_an_error_that_can_be_read(folder):
    answer = _asked(folder, "c.js", **{"Accept-Encoding": "gzip"})
    assert answer.code == 404
    assert "Content-Encoding" not in answer.headers or gzip.decompress(answer.body)
