"""What all tests share."""

from __future__ import annotations

import signal

import pytest

from engine import Scenario, Simulation


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
