"""What all tests share."""

from __future__ import annotations

import signal

import pytest

from engine import Scenario, Simulation

_SLOW_S = 10.0


@pytest.fixture(scope="session")
def small() -> Scenario:
    """Four regions, one of them analog, half a second: quick, and both substrates are in it."""
    return Scenario(
        title="small",
        duration=500.0,
        transient=100.0,
        regions={"default": "off", "digital": ("L.TH", "L.SFG", "L.PrCG"), "analog": ("L.HI",)},
    )


@pytest.fixture(scope="session")
def small_recording(small):
    """The small scenario, run."""
    return Simulation(small).run()


def pytest_configure() -> None:
    """Hear Ctrl-C also where the shell has started the tests in the background, which ignores it.

    Programs that tests start inherit that, so without it none of them could be interrupted.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A folder's tests have its mark, so that none of them is forgotten."""
    for item in items:
        for mark in ("browser", "reference"):
            if f"/tests/{mark}/" in item.path.as_posix():
                item.add_marker(mark)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that `make check` waits for, and that would be better marked slow."""
    took: dict[str, float] = {}
    for report in terminalreporter.getreports("passed"):
        if not {"slow", "browser", "reference"} & set(report.keywords):
            took[report.nodeid] = took.get(report.nodeid, 0.0) + report.duration
    for name, seconds in sorted(took.items(), key=lambda item: -item[1]):
        if seconds > _SLOW_S:
            terminalreporter.write_line(f"not marked slow, {seconds:.0f} s: {name}")
