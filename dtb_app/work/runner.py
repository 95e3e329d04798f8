"""One engine thread a run, and a cap on how many run at once.

A runner owns its simulation: it alone advances it. Everybody else reads `frame`, `state` and
`note`, which are replaced, never changed, and writes wishes (`pause`, `stop`, `set_live`), which
the thread reads between chunks. No callback crosses threads.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Literal

from dtb_app.work.priority import give_way, make_room
from engine.backends.contract import LiveParameters
from engine.brain.connectome import Connectome
from engine.errors import EngineError
from engine.run.capacity import capacity_of, threads_for
from engine.run.frame import Frame
from engine.run.recording import Recording
from engine.run.simulation import Simulation, Stopped
from engine.scenario.scenario import Scenario

__all__ = ["RunPool", "Runner", "State"]

State = Literal["waiting", "building", "running", "paused", "ending", "finished", "stopped", "failed"]

CHUNK_MS = 10
MAX_CHUNK_S = 0.05  # wall time after which a chunk is made smaller
_PAUSE_POLL_S = 0.02
_UNCERTAIN_MS = 50  # biological time before which a run's speed says little


class RunPool:
    """Lets at most `max_runs` engines work at the same time; the rest wait in order.

    Parameters
    ----------
    max_runs : int, optional
        One less than the cores, at least one, where left out.
    """

    def __init__(self, max_runs: int | None = None):
        self.max_runs = max_runs or max(1, (os.cpu_count() or 2) - 1)
        self._condition = threading.Condition()
        self._working: set[object] = set()
        self._queue: list[object] = []

    def position(self, runner: object) -> int:
        """How many runs are in front of a waiting runner; 0 when it is its turn."""
        with self._condition:
            if runner not in self._queue:
                return 0
            return self._queue.index(runner) + 1

    @property
    def n_working(self) -> int:
        """Engines at work now."""
        with self._condition:
            return len(self._working)

    def acquire(self, runner: object, give_up: Callable[[], bool]) -> bool:
        """Wait for a place; False when `give_up` says so first."""
        with self._condition:
            self._queue.append(runner)
            try:
                while len(self._working) >= self.max_runs or self._queue[0] is not runner:
                    if give_up():
                        return False
                    self._condition.wait(0.05)
                self._working.add(runner)
                return True
            finally:
                self._queue.remove(runner)
                self._condition.notify_all()

    def wait_s(self, runner: object) -> float | None:
        """Wall time until a waiting runner gets a place, if all in front run to their end [s].

        None where that cannot be foreseen: more wait in front than engines are at work, or one of
        these does not know its own end yet.
        """
        with self._condition:
            if runner not in self._queue:
                return None
            place = self._queue.index(runner)
            ends = [getattr(working, "left_s", None) for working in self._working]
        if place >= len(ends) or None in ends:
            return None
        return sorted(ends)[place]

    def release(self, runner: object) -> None:
        """Give the place back; nothing where there is none."""
        with self._condition:
            self._working.discard(runner)
            self._condition.notify_all()


class Runner:
    """A run in its own thread.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    pool : RunPool
    speed : float
        Biological over wall time it may reach at most; 0 for as fast as it can.
    simulation : Simulation, optional
        Already built for this very scenario.
    paused : bool
        Whether to wait before the first chunk.
    origin : Simulation, optional
        Go on from where this one is; nobody may advance it any more.
    """

    def __init__(
        self,
        scenario: Scenario,
        connectome: Connectome,
        pool: RunPool,
        speed: float = 0.0,
        simulation: Simulation | None = None,
        paused: bool = False,
        origin: Simulation | None = None,
    ):
        self.scenario, self.connectome, self.pool = scenario, connectome, pool
        self.speed = speed
        self.simulation = simulation
        self._origin = origin
        self.frame: Frame | None = None
        self.recording: Recording | None = None
        self.state: State = "waiting"
        self.note = ""
        self.build_fraction = 0.0
        self._live: LiveParameters | None = None
        self._steps = 0
        self._pause = threading.Event()
        self._stop = threading.Event()
        if paused:
            self._pause.set()
        self._thread = threading.Thread(target=self._work, name="dtb-engine", daemon=True)

    # ---- wishes, from any thread -------------------------------------------------------------

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def pause(self) -> None:
        """Wait after the chunk it is in."""
        self._pause.set()

    def resume(self) -> None:
        """Go on."""
        self._steps = 0
        self._pause.clear()

    def step(self, n_ms: int) -> None:
        """While paused, run `n_ms` more and wait again."""
        self._steps += n_ms

    def stop(self) -> None:
        """End after the exchange step it is in."""
        self._stop.set()
        if self.simulation is not None:
            self.simulation.stop()

    def set_live(self, live: LiveParameters) -> None:
        """Use these values from the next chunk on."""
        self._live = live

    @property
    def live(self) -> LiveParameters | None:
        """What was last asked for; None before anything was."""
        return self._live

    @property
    def left_s(self) -> float | None:
        """Wall time until it ends at the speed it has had [s]; None before that shows."""
        frame = self.frame
        if frame is None or frame.time_ms <= _UNCERTAIN_MS:
            return None
        fastest = 1 / max(frame.real_time_factor, 1e-9)
        speed = min(self.speed, fastest) if self.speed > 0 else fastest
        return max(0.0, self.scenario.duration - frame.time_ms) / 1000.0 / speed

    @property
    def is_alive(self) -> bool:
        """Whether its thread still works."""
        return self._thread.is_alive()

    @property
    def is_ending(self) -> bool:
        """Whether it was asked to end and has not yet."""
        return self._stop.is_set() and self._thread.is_alive()

    @property
    def is_paused(self) -> bool:
        """Whether it was asked to wait."""
        return self._pause.is_set()

    def join(self, timeout: float) -> None:
        """Wait for the thread to end."""
        self._thread.join(timeout)

    # ---- the thread --------------------------------------------------------------------------

    def _work(self) -> None:
        give_way()
        if not self.pool.acquire(self, self._stop.is_set):
            self.state = "stopped"
            return
        try:
            self._build()
            self._run()
        except Stopped:
            self.state = "stopped"
        except (EngineError, MemoryError) as error:
            self._keep()
            self.note = str(error) or "The run needs more memory than this machine has."
            self.state = "failed"
        except Exception as error:
            self._keep()
            self.note = f"The engine failed: {type(error).__name__}: {error}."
            self.state = "failed"
            raise
        finally:
            self.pool.release(self)
            if self.simulation is not None:
                self.simulation.close()

    def _build(self) -> None:
        if self.simulation is None:
            self.state = "building"

            def progress(fraction: float, what: str) -> None:
                self.build_fraction, self.note = fraction, what
                if self._stop.is_set():
                    raise Stopped

            threads = threads_for(capacity_of(self.scenario, self.connectome).n_synapses)
            self.simulation = Simulation(self.scenario, self.connectome, threads, progress)
        if self._origin is not None:
            self.simulation.restore(self._origin.snapshot())
            self._origin = None
        self.note = ""
        self.frame = self.simulation.frame()
        if self._stop.is_set():
            raise Stopped

    def _run(self) -> None:
        simulation = self.simulation
        assert simulation is not None
        chunk = CHUNK_MS
        debt_s = 0.0
        while not simulation.is_finished and not self._stop.is_set():
            if self._rests:
                debt_s = 0.0
                if not self._rest():
                    break
                continue
            self.state = "paused" if self._pause.is_set() else "running"
            if self._live is not None:
                simulation.set_live(self._live)
            begun = time.perf_counter()
            before = simulation.time_ms
            n = min(chunk, self._steps) if self._pause.is_set() else chunk
            self.frame = simulation.advance(n)
            if self._pause.is_set():
                self._steps = max(0, self._steps - n)
            spent = time.perf_counter() - begun
            if spent > MAX_CHUNK_S:
                chunk = max(1, chunk // 2)
            elif spent < MAX_CHUNK_S / 8 and chunk < CHUNK_MS:
                chunk *= 2
            spent += make_room()
            debt_s = self._throttle(debt_s, simulation.time_ms - before, spent)
        self.state = "ending"
        self._keep()
        self.state = "finished" if simulation.is_finished else "stopped"

    @property
    def _rests(self) -> bool:
        """Whether it is to wait where it is."""
        return self._pause.is_set() and not self._steps

    def _rest(self) -> bool:
        """Wait without an engine, then for one; whether there is one again."""
        self.state = "paused"
        self.pool.release(self)
        while self._rests and not self._stop.is_set():
            time.sleep(_PAUSE_POLL_S)
        if self._stop.is_set():
            return False
        self.state = "waiting"
        return self.pool.acquire(self, lambda: self._stop.is_set() or self._rests) or self._rests

    def _throttle(self, debt_s: float, done_ms: int, spent: float) -> float:
        speed = self.speed
        if speed <= 0:
            return 0.0
        debt_s += done_ms / 1000.0 / speed - spent
        if debt_s > 0.002:
            begun = time.perf_counter()
            self._stop.wait(min(debt_s, 0.1))
            debt_s -= time.perf_counter() - begun
        return max(debt_s, -0.5)

    def _keep(self) -> None:
        if self.simulation is not None and self.simulation.time_ms:
            self.recording = self.simulation.recording()
