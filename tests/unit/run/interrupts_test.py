"""An exchange step is all or nothing, whatever interrupts it and wherever."""

from __future__ import annotations

import signal
import sys
import threading
from functools import cache

import numpy as np
import pytest

from engine import Scenario, Simulation, SimulationError
from engine.interrupts import HeldInterrupt
from engine.run.spike_log import SpikeLog

TOTAL = 60
SCENARIO = Scenario(
    duration=float(TOTAL),
    transient=0.0,
    regions={"default": "off", "digital": ["L.TH", "L.SFG"], "analog": ["L.HI"]},
    network={"neurons_per_region": 60, "in_degree": 20, "parameters": {"ou_mean": 600.0}},
    noc={"feedback": True, "link_rate_mpps": 0.01},
)


class Broken(BaseException):
    """Stands for whatever comes from outside at any moment."""


@pytest.fixture(scope="module")
def whole():
    return Simulation(SCENARIO).run()


@pytest.fixture(scope="module")
def start():
    simulation = Simulation(SCENARIO)
    simulation.advance(5)
    return simulation.snapshot()


def begun(start) -> Simulation:
    simulation = Simulation(SCENARIO)
    simulation.restore(start)
    return simulation


@cache
def whole_until(time_ms: int):
    simulation = Simulation(SCENARIO)
    simulation.advance(time_ms)
    return simulation.recording()


def hold_to(recording, whole) -> None:
    """Everything in a recording is that of the whole run, cut at its own time."""
    cut = whole.spike_steps < recording.duration_ms * SCENARIO.n_sub
    assert np.array_equal(recording.spike_steps, whole.spike_steps[cut])
    assert np.array_equal(recording.spike_ids, whole.spike_ids[cut])
    assert np.array_equal(recording.counts, whole.counts[: recording.duration_ms])
    expected = whole_until(recording.duration_ms)
    for name in ("n_events", "crossings", "noc"):
        assert getattr(recording, name) == getattr(expected, name)
    for name in ("link_packets", "injected", "delivered"):
        assert np.array_equal(getattr(recording, name), getattr(expected, name))


def goes_on_or_refuses(simulation, whole) -> bool:
    """Whether it goes on; then its spikes are those of the whole run."""
    try:
        spikes = simulation.run().spike_hash
    except SimulationError:
        return False
    assert spikes == whole.spike_hash
    return True


class _At:
    """Raises at the n-th line that this project's engine runs."""

    def __init__(self, at: int):
        self.at, self.seen = at, 0

    def __enter__(self):
        sys.settrace(self._call)
        return self

    def __exit__(self, *_):
        sys.settrace(None)

    def _call(self, frame, event, argument):
        ours = frame.f_globals.get("__name__", "").startswith("engine.")
        return self._line if ours else None

    def _line(self, frame, event, argument):
        self.seen += event == "line"
        if self.seen == self.at:
            self.seen += 1
            sys.settrace(None)
            raise Broken
        return self._line


@pytest.mark.slow
def test_an_exception_at_any_line_leaves_a_right_recording(start, whole):
    simulation = begun(start)
    with _At(-1) as counted:
        simulation.advance(3)
    went_on = []
    for at in np.unique(np.linspace(1, counted.seen, 40).astype(int)):
        simulation = begun(start)
        with _At(int(at)), pytest.raises(Broken):
            simulation.advance(3)
        recording = simulation.recording()
        hold_to(recording, whole)
        assert simulation.frame().n_spikes == recording.spike_ids.size
        went_on.append(goes_on_or_refuses(simulation, whole))
        hold_to(simulation.recording(), whole)
    assert {True, False} == set(went_on)


@pytest.mark.parametrize("call", ["advance", "deliver"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_backend_that_fails_breaks_one_step_off(call, number, start, whole, monkeypatch):
    simulation = begun(start)
    backend, calls = simulation.backends[number], [0]
    real = getattr(backend, call)

    def failing(*arguments):
        calls[0] += 1
        if calls[0] == 8:
            raise MemoryError
        return real(*arguments)

    monkeypatch.setattr(backend, call, failing)
    with pytest.raises(MemoryError):
        simulation.run()
    recording = simulation.recording()
    assert recording.duration_ms == 12
    hold_to(recording, whole)
    for going_on in (
        lambda: simulation.advance(1),
        simulation.run,
        simulation.snapshot,
        lambda: simulation.restore(start),
    ):
        with pytest.raises(SimulationError, match=r"broken off .* at 12 ms.* is right"):
            going_on()


def test_ctrl_c_waits_for_the_step_and_the_run_goes_on(start, whole, monkeypatch):
    simulation = begun(start)
    real, calls = simulation.backends[0].advance, [0]

    def interrupted(*arguments):
        calls[0] += 1
        if calls[0] in (3, 11):
            signal.raise_signal(signal.SIGINT)
        return real(*arguments)

    monkeypatch.setattr(simulation.backends[0], "advance", interrupted)
    handler = signal.getsignal(signal.SIGINT)
    for time in (8, 16):
        with pytest.raises(KeyboardInterrupt):
            simulation.run()
        assert simulation.time_ms == time
        hold_to(simulation.recording(), whole)
    assert signal.getsignal(signal.SIGINT) is handler
    assert simulation.run().spike_hash == whole.spike_hash


def test_a_second_ctrl_c_goes_through_at_once():
    heard = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with HeldInterrupt() as held:
            signal.raise_signal(signal.SIGINT)
            assert held.is_asked
            assert heard == []
            signal.raise_signal(signal.SIGINT)
            assert len(heard) == 1
        assert len(heard) == 2
        signal.raise_signal(signal.SIGINT)
        assert len(heard) == 3
    finally:
        signal.signal(signal.SIGINT, before)


def test_handlers_are_left_alone_outside_the_main_thread_and_where_none_stands(whole):
    found = []
    thread = threading.Thread(target=lambda: found.append(Simulation(SCENARIO).run().spike_hash))
    thread.start()
    thread.join(60)
    assert found == [whole.spike_hash]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with HeldInterrupt():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_stop_ends_a_run_between_steps_and_it_can_go_on(whole):
    simulation = Simulation(SCENARIO)
    stopped = simulation.run(lambda done, what: simulation.stop() if done > 0.3 else None, 7)
    assert stopped.duration_ms == 21
    hold_to(stopped, whole)
    assert simulation.run().spike_hash == whole.spike_hash


def test_a_restore_that_is_broken_off_is_neither_read_nor_continued(start, monkeypatch):
    simulation = Simulation(SCENARIO)

    def failing(state):
        raise MemoryError

    monkeypatch.setattr(simulation.backends[1], "restore", failing)
    with pytest.raises(MemoryError):
        simulation.restore(start)
    for reading in (simulation.recording, simulation.frame, simulation.run):
        with pytest.raises(SimulationError, match="broken off"):
            reading()


def test_closing_a_log_again_neither_loses_nor_doubles_spikes():
    class Log(SpikeLog):
        is_interrupted = False

        def append(self, steps, ids):
            super().append(steps, ids)
            if self.is_interrupted:  # after the chunk was made
                raise KeyboardInterrupt

    log = Log()
    for step in (0, 10, 20):
        log.add(np.array([step, step + 3]), np.array([4, 5], np.int32))
    assert (len(log), log.n_spikes) == (0, 0)
    log.close(20)
    log.close(20)
    assert (len(log), log.n_spikes) == (1, 4)
    log.add(np.array([20]), np.array([6], np.int32))
    log.is_interrupted = True
    with pytest.raises(KeyboardInterrupt):
        log.close(30)
    log.is_interrupted = False
    log.close(30)
    log.add(np.array([30]), np.array([7], np.int32))
    log.close(40)
    assert log.joined()[1].tolist() == [4, 5, 4, 5, 6, 7]
