"""What compiling takes is left out of a run's clock."""

from __future__ import annotations

import time

from numba import njit

from engine import Scenario
from engine.kernels.compiling import CompileClock
from engine.run import simulation


def test_compiling_counts_and_running_does_not():
    @njit
    def slow(n):
        total = 0.0
        for i in range(n):
            total += i % 7
        return total

    begun = time.perf_counter()
    with CompileClock() as clock:
        slow(10)
    spent = time.perf_counter() - begun
    assert 0.5 * spent < clock.seconds <= spent
    with CompileClock() as clock:
        slow(10_000_000)
        time.sleep(0.01)
    assert clock.seconds == 0.0


def test_a_build_leaves_out_what_compiles_anywhere_in_it(monkeypatch):
    spent = []

    def compiles(name):
        real = getattr(simulation, name)

        def called(*arguments):
            @njit
            def slow(x):
                return x + 1

            begun = time.perf_counter()
            slow(1)
            spent.append(time.perf_counter() - begun)
            return real(*arguments)

        monkeypatch.setattr(simulation, name, called)

    compiles("require_capacity")
    compiles("Traffic")
    regions = {"default": "off", "digital": ["L.TH"]}
    scenario = Scenario(duration=10.0, transient=0.0, regions=regions)
    begun = time.perf_counter()
    built = simulation.Simulation(scenario)
    assert len(spent) == 2
    assert built.build_s <= time.perf_counter() - begun - 0.5 * sum(spent)


def test_a_clock_that_was_left_hears_no_more():
    with CompileClock() as clock:
        pass

    @njit
    def other(x):
        return x + 1

    other(1.0)
    assert clock.seconds == 0.0
