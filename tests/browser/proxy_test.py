"""Behind another server: a prefix, a password, another origin, and what watches over it."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine.scenario.presets import preset
from tests.browser.conftest import App, Visit, free_port, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]

NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fast;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{front};
    location /class/twin/metrics {{ return 404; }}
    location /class/twin/ {{
      proxy_pass http://127.0.0.1:{back};
      proxy_http_version 1.1;
      proxy_set_header Host $host:{front};
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_read_timeout 1h;
    }}
  }}
}}
"""


def got(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """The app with a password behind nginx, and what stands directly at its own port."""
    folder, front = tmp_path_factory.mktemp("nginx"), free_port()
    options = (
        "--prefix",
        "/class/twin",
        "--allow-origin",
        f"127.0.0.1:{front}",
        "--log-json",
        "--ready",
        "1",
    )
    with served(*options, environment={"DTB_PASSWORD": "sesame"}) as back:
        own = back.url.removesuffix("/class/twin/dtb_app")
        text = NGINX.format(folder=folder, front=front, back=own.rpartition(":")[2])
        (folder / "conf").write_text(text, encoding="utf-8")
        nginx = subprocess.Popen(["nginx", "-e", f"{folder}/errors", "-c", f"{folder}/conf"])
        try:
            app = App(f"http://127.0.0.1:{front}/class/twin/dtb_app", back.lines)
            yield SimpleNamespace(app=app, own=own, front=f"http://127.0.0.1:{front}")
        finally:
            nginx.terminate()
            nginx.wait(60)


def test_a_password_then_the_page_runs_under_prefix_and_origin(browser, behind):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    v = Visit(context, behind.app)
    try:
        v.page.goto(behind.app.url + "?preset=two-regions")
        v.page.get_by_label("Password").fill("wrong")
        v.page.get_by_role("button", name="Open").click()
        v.page.get_by_role("alert").wait_for()
        assert v.page.get_by_role("alert").inner_text() == "That is not the password."
        v.errors.clear()  # the browser's own words for an answer of 403
        v.page.get_by_label("Password").fill("sesame")
        v.page.get_by_role("button", name="Open").click()
        v.page.locator(".dtb-run >> button").wait_for()
        assert v.page.url.startswith(behind.app.url + "?preset=two-regions")
        v.wait(lambda: v.js("() => document.documentElement.dataset.dtb === 'live'"), "the page is live")
        v.press("run")
        v.wait_state("Finished")
        assert not v.errors
    finally:
        context.close()
    assert not behind.app.tracebacks()
    events = [json.loads(line) for line in behind.app.lines if line.startswith("{")]
    (ended,) = [e for e in events if e["event"] == "job ended" and e["kind"] == "run"]
    assert ended["state"] == "finished"
    assert ended["biology_s"] == preset("two-regions").duration / 1000.0
    assert ended["level"] == "info"


def test_nobody_comes_in_without_the_password(browser, behind):
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(behind.app.url)
        assert "/class/twin/login" in page.url
        socket = "p => new Promise(d => {const s = new WebSocket(p, 'bokeh'); s.onopen = () => d('open');"
        said = page.evaluate(
            socket + " s.onerror = () => d('refused')})", behind.app.url.replace("http", "ws") + "/ws"
        )
        assert said == "refused"
        page.goto(f"{behind.front}/class/twin/login?next=//example.org/class/twin/dtb_app")
        page.get_by_label("Password").fill("sesame")
        page.get_by_role("button", name="Open").click()
        page.wait_for_url(behind.app.url + "*")
    finally:
        context.close()


def test_what_watches_over_it_is_answered_and_kept_from_visitors(behind):
    assert got(f"{behind.front}/class/twin/health") == "ok\n"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        got(f"{behind.front}/class/twin/metrics")
    end = time.monotonic() + 60
    while True:
        found = {
            sample.name: sample.value
            for family in text_string_to_metric_families(got(f"{behind.own}/class/twin/metrics"))
            for sample in family.samples
        }
        if found["dtb_loop_lateness_seconds_count"] > 5 and found["dtb_visitors"] == 0:
            break
        assert time.monotonic() < end, found
    assert found["dtb_engines_max"] >= 1
    assert found["dtb_engines_waiting"] == 0
    assert found["process_resident_memory_bytes"] > 1e8


def test_the_page_forbids_what_comes_from_elsewhere(behind):
    with urllib.request.urlopen(f"{behind.front}/class/twin/login", timeout=60) as answer:
        rules = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in rules
    assert "object-src 'none'" in rules
