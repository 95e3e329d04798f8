"""Runner: pause, step, stop, throttle, the queue; and that none of it changes a spike."""

from __future__ import annotations

import gc
import tempfile
import time
import weakref

import pytest

from dtb_app.work import runner as runner_module
from dtb_app.work.pool import RunPool
from dtb_app.work.runner import Runner
from engine import Scenario, Simulation, load_connectome
from engine.backends.contract import LiveParameters
from engine.errors import WriteError

CONNECTOME = load_connectome("dk84")


def wait(condition, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "took too long"
        time.sleep(0.005)


@pytest.fixture
def pool():
    return RunPool(1)


def make(scenario: Scenario, pool: RunPool, **keywords) -> Runner:
    runner = Runner(scenario, CONNECTOME, pool, **keywords)
    runner.start()
    return runner


def test_pausing_and_stepping_change_no_spike(small, small_recording, pool):
    runner = make(small, pool, paused=True)
    wait(lambda: runner.state == "paused" and runner.frame is not None)
    assert runner.frame.time_ms == 0
    runner.step(25)
    wait(lambda: runner.frame.time_ms == 25)
    time.sleep(0.1)
    assert runner.frame.time_ms == 25
    runner.resume()
    wait(lambda: runner.state == "finished")
    runner.join(5)
    assert runner.recording.spike_hash == small_recording.spike_hash
    assert pool.n_working == 0


def test_stop_keeps_what_was_done(small, pool):
    runner = make(small.with_values({"duration": 100_000.0}), pool)
    wait(lambda: runner.frame is not None and runner.frame.time_ms > 20)
    runner.stop()
    runner.join(5)
    assert runner.state == "stopped"
    assert 20 < runner.recording.duration_ms < 100_000


def test_a_run_that_rests_holds_no_engine_and_goes_on_exactly(small, small_recording, pool):
    resting = make(small, pool, paused=True)
    wait(lambda: resting.state == "paused" and pool.n_working == 0)
    resting.step(30)
    wait(lambda: resting.frame.time_ms == 30 and pool.n_working == 0)
    other = make(small.with_values({"duration": 1e6}), pool)
    wait(lambda: other.state == "running")
    resting.resume()
    wait(lambda: resting.state == "waiting" and pool.position(resting) == 1)
    resting.pause()  # who waits may rest again, and leaves the queue
    wait(lambda: resting.state == "paused" and pool.position(resting) == 0)
    resting.resume()
    wait(lambda: resting.state == "waiting")
    assert resting.frame.time_ms == 30
    other.stop()
    wait(lambda: resting.state == "finished")
    resting.join(5)
    assert resting.recording.spike_hash == small_recording.spike_hash
    assert pool.n_working == 0


def test_a_run_that_rests_or_waits_to_go_on_can_be_stopped(small, pool):
    long = small.with_values({"duration": 1e6})
    resting = make(long, pool, paused=True)
    wait(lambda: resting.state == "paused" and pool.n_working == 0)
    resting.step(10)
    wait(lambda: resting.frame.time_ms == 10 and pool.n_working == 0)
    other = make(long, pool)
    wait(lambda: other.state == "running")
    resting.resume()
    wait(lambda: resting.state == "waiting")
    resting.stop()
    resting.join(5)
    assert (resting.state, resting.recording.duration_ms) == ("stopped", 10)
    assert (pool.n_working, other.state) == (1, "running")
    other.stop()
    other.join(5)


def test_who_waits_is_told_how_long_where_that_can_be_foreseen(small, pool):
    first = make(small.with_values({"duration": 1e6}), pool, speed=1.0)
    wait(lambda: first.left_s is not None)
    second, third = (make(small, pool) for _ in range(2))
    wait(lambda: pool.position(third) == 2)
    assert pool.wait_s(second) == pytest.approx(first.left_s, rel=0.02)
    assert pool.wait_s(third) is None  # the run before it has not begun
    assert pool.wait_s(first) is None
    for runner in (third, second, first):
        runner.stop()
        runner.join(5)


def test_stop_while_building(pool):
    big = Scenario(network={"neurons_per_region": 2000, "in_degree": 300})
    runner = make(big, pool)
    wait(lambda: runner.state == "building")
    runner.stop()
    runner.join(5)
    assert runner.state == "stopped"
    assert runner.recording is None


def test_a_run_that_waits_or_has_finished_holds_no_engine(small, pool):
    first = make(small.with_values({"duration": 1e6}), pool)
    wait(lambda: first.state == "running")
    waiting = make(small, pool)
    wait(lambda: pool.position(waiting) == 1)
    assert (pool.n_working, waiting.state, waiting.simulation) == (1, "waiting", None)
    first.stop()
    waiting.join(60)
    assert (waiting.state, pool.n_working) == ("finished", 0)


def test_the_queue_is_honest_and_in_order(small, pool):
    long = small.with_values({"duration": 1e6})
    first, second, third = (make(long, pool) for _ in range(3))
    wait(lambda: first.state == "running")
    wait(lambda: pool.position(second) == 1 and pool.position(third) == 2)
    assert second.state == third.state == "waiting"
    first.stop()
    wait(lambda: second.state == "running")
    assert pool.position(third) == 1
    third.stop()
    third.join(5)
    assert third.state == "stopped"
    second.stop()
    second.join(5)
    assert pool.n_working == 0


def test_the_throttle_slows(small, pool):
    begun = time.monotonic()
    runner = make(small.with_values({"duration": 200.0}), pool, speed=0.5)
    wait(lambda: runner.state == "finished")
    assert time.monotonic() - begun >= 0.35  # 200 ms of biology at half speed take 400 ms


def test_live_parameters_reach_the_run(small, pool):
    runner = make(small, pool, speed=0.5)
    wait(lambda: runner.frame is not None and runner.frame.time_ms > 10)
    runner.set_live(LiveParameters(coupling=2.0, ou_mean=420.0))
    wait(lambda: runner.frame.live.coupling == 2.0)
    runner.speed = 0.0
    wait(lambda: runner.state == "finished")
    runner.join(5)
    assert {"coupling", "ou_mean"} <= {k for c in runner.recording.live_changes for k in c}


def test_a_runaway_is_a_sentence_and_keeps_its_spikes(small, pool):
    runner = make(
        small.with_values(
            {"network.parameters.ou_mean": 2000.0, "network.in_degree": 0, "network.parameters.t_refrac": 1.0}
        ),
        pool,
    )
    wait(lambda: runner.state == "failed")
    runner.join(5)
    assert "activity has run away" in runner.note
    assert runner.recording.spike_ids.size > 0


def test_a_prepared_simulation_runs_the_same(small, small_recording, pool):
    runner = make(small, pool, simulation=Simulation(small, CONNECTOME))
    wait(lambda: runner.state == "finished")
    runner.join(5)
    assert runner.recording.spike_hash == small_recording.spike_hash


def _aside(small, pool, **keywords) -> Runner:
    """A run that has gone 30 ms and rests on disk."""
    runner = make(small, pool, paused=True, aside_s=0.3, **keywords)
    runner.step(30)
    wait(lambda: runner.frame is not None and runner.frame.time_ms == 30)
    network = weakref.ref(runner.simulation)
    wait(lambda: runner.is_aside)
    wait(lambda: gc.collect() >= 0 and network() is None)  # its memory is free, whoever else looks on
    return runner


def test_a_run_that_rests_for_long_lets_its_network_go_and_goes_on_exactly(
    small, small_recording, pool, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    runner = _aside(small, pool)
    assert runner.simulation is None
    assert runner.state == "paused"
    assert pool.n_working == 0
    seen = runner.frame
    ids = [seen.log.between(0, seen.n_chunks)[1]]
    runner.resume()
    wait(lambda: runner.state == "finished")
    runner.join(5)
    last = runner.frame
    ids.append(last.log.between(seen.n_chunks, last.n_chunks)[1])  # as a picture follows it
    assert sum(part.size for part in ids) == small_recording.spike_ids.size
    assert last.version > seen.version
    assert runner.recording.spike_hash == small_recording.spike_hash
    assert not list(tmp_path.iterdir()), "its files are gone with it"
    assert (runner.recording.link_packets == small_recording.link_packets).all()


def test_a_run_that_was_put_aside_can_be_stopped_and_branched_from(small, small_recording, pool):
    runner = _aside(small, pool)
    runner.ask_stretch(None)
    runner.stop()
    runner.join(5)
    assert runner.state == "stopped"
    assert runner.recording.duration_ms == 30
    assert runner.recording.connectome is CONNECTOME
    other = make(small, pool, origin=runner.left)
    wait(lambda: other.state == "finished")
    other.join(5)
    assert other.recording.spike_hash == small_recording.spike_hash


def test_a_run_that_cannot_be_put_aside_stays_where_it_is(small, small_recording, pool, monkeypatch):
    asked = []

    def full(simulation):
        asked.append(simulation)
        raise WriteError("moment.h5: must be written (no space left).")

    monkeypatch.setattr(runner_module, "PutAside", full)
    runner = make(small, pool, paused=True, aside_s=0.05)
    wait(lambda: len(asked) >= 2)
    assert runner.state == "paused"
    runner.resume()
    wait(lambda: runner.state == "finished")
    runner.join(5)
    assert runner.recording.spike_hash == small_recording.spike_hash
