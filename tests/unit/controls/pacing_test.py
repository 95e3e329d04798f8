"""The frame gate, on a clock of its own."""

from __future__ import annotations

import pytest
from bokeh.document import Document

from dtb_app.controls.pacing import MAX_IN_FLIGHT, FrameGate


class Clock:
    """Seconds, moved by hand."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def gate(clock):
    return FrameGate(clock)


def _offer(gate, clock, seconds, period=0.1):
    """Frames that got through of those offered every `period`."""
    through = 0
    for _ in range(round(seconds / period)):
        clock.now += period
        if gate.may_send():
            gate.sent()
            through += 1
    return through


def test_a_browser_that_keeps_up_gets_every_frame(gate, clock):
    for n in range(1, 41):
        clock.now += 0.1
        assert gate.may_send()
        gate.sent()
        gate.acknowledge(n)
    assert (gate.in_flight, gate.skipped) == (0, 0)
    assert gate.frames_per_s == pytest.approx(10.0, abs=0.5)
    clock.now += 3.0
    assert gate.frames_per_s == 0.0


def test_a_slow_browser_gets_only_what_it_draws(gate, clock):
    n_sent = n_drawn = 0
    for tenth in range(1, 101):
        clock.now += 0.1
        if gate.may_send():
            gate.sent()
            n_sent += 1
        if tenth % 5 == 0:  # draws two frames a second
            n_drawn += 1
            gate.acknowledge(n_drawn)
        assert gate.in_flight <= MAX_IN_FLIGHT
    assert 20 <= n_sent <= 22
    assert gate.skipped == 100 - n_sent


def test_one_answer_frees_all_frames_before_it(gate):
    gate.sent()
    gate.sent()
    gate.acknowledge(2)
    assert gate.in_flight == 0
    gate.acknowledge(1)  # an older one, late
    assert gate.in_flight == 0


def test_an_answer_to_a_frame_never_sent_is_ignored(gate):
    gate.sent()
    gate.acknowledge(7)
    assert gate.in_flight == 1


def test_a_hidden_tab_gets_one_frame_a_second_and_comes_back(gate, clock):
    gate.sent()
    gate.acknowledge(1)
    assert _offer(gate, clock, 4.9) == MAX_IN_FLIGHT
    n_sent = 1 + MAX_IN_FLIGHT + _offer(gate, clock, 10.0)
    assert n_sent - 1 - MAX_IN_FLIGHT in (9, 10, 11)
    gate.acknowledge(n_sent)
    assert gate.in_flight == 0
    assert _offer(gate, clock, 1.0) == MAX_IN_FLIGHT


def test_frames_that_a_loading_page_swallowed_cost_a_second_not_five(gate, clock):
    assert _offer(gate, clock, 0.95, 0.05) == MAX_IN_FLIGHT
    assert _offer(gate, clock, 1.0, 0.05) == 1


def test_a_long_pause_is_no_reason_to_flood(gate, clock):
    gate.sent()
    gate.acknowledge(1)
    clock.now += 600.0
    assert _offer(gate, clock, 0.9) == MAX_IN_FLIGHT


def test_the_browser_answers_through_the_document(gate):
    document = Document()
    document.add_root(gate.model)
    sent, drawn = gate.model.tags
    assert {sent, drawn} <= set(document.models)
    gate.sent()
    assert sent.data == {"n": [1]}
    (callback,) = sent.js_property_callbacks["change:data"]
    assert callback.args == {"sent": sent, "drawn": drawn}
    assert "requestAnimationFrame" in callback.code
    drawn.data = {"n": [1]}  # what the callback does
    assert gate.in_flight == 0
