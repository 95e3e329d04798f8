"""What all tests share."""

from __future__ import annotations

import os
import signal
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from engine import Scenario, Simulation

_SLOW_S = 5.0
_LONGEST = ("browser", "reference", "slow")
_TOGETHER = ("architecture",)


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


def pytest_configure(config: pytest.Config) -> None:
    """Write nothing to who runs the tests, and hear Ctrl-C also where it is ignored.

    A shell that has started the tests in the background ignores it. Programs that tests start inherit
    that, so without it none of them could be interrupted.
    """
    if not hasattr(config, "workerinput"):  # workers inherit it
        home = tempfile.TemporaryDirectory(prefix="dtb-tests-", ignore_cleanup_errors=True)
        os.environ["XDG_DATA_HOME"] = home.name
        config.add_cleanup(home.cleanup)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A folder's tests have its mark, so that none of them is forgotten; long files come first.

    Long ones have long tests, or many. So the short ones are left for the end, where they keep all workers
    busy.
    """
    for item in items:
        for mark in ("browser", "reference"):
            if f"/tests/{mark}/" in item.path.as_posix():
                item.add_marker(mark)
    kind: dict[Path, int] = {}
    for item in sorted(items, key=_kind, reverse=True):
        kind[item.path] = _kind(item)
    n_tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (kind[item.path], -n_tests[item.path], item.path))


def _kind(item: pytest.Item) -> int:
    """Place of a test's mark among `_LONGEST`."""
    return next((n for n, mark in enumerate(_LONGEST) if item.get_closest_marker(mark)), len(_LONGEST))


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file goes to one worker, which makes its fixtures once; what reads all sources goes to one too.

    Another `--dist` than the default is left alone.
    """
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            folder = file.removeprefix("tests/").partition("/")[0]
            return folder if folder in _TOGETHER else file

    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that `make check` waits for, and that would be better marked slow."""
    took: dict[str, float] = {}
    for report in terminalreporter.getreports("passed"):
        if not {"slow", "browser", "reference"} & set(report.keywords):
            took[report.nodeid] = took.get(report.nodeid, 0.0) + report.duration
    for name, seconds in sorted(took.items(), key=lambda item: -item[1]):
        if seconds > _SLOW_S:
            terminalreporter.write_line(f"not marked slow, {seconds:.0f} s: {name}")
