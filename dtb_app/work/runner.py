"""One engine thread a run.

A runner owns its simulation: it alone advances it. Everybody else reads `frame`, `state`, `note` and
`stretch`, which are replaced, never changed, and writes wishes (`pause`, `stop`, `set_live`,
`ask_stretch`), which the thread reads between chunks. No callback crosses threads.
"""

from __future__ import annotations

import threading
import time

from dtb_app.work.job import Job, State
from dtb_app.work.pool import RunPool
from dtb_app.work.priority import make_room
from dtb_app.work.put_aside import ASIDE_S, PutAside
from engine.backends.contract import LiveParameters
from engine.brain.connectome import Connectome
from engine.errors import DataError
from engine.progress import Progress
from engine.run.capacity import capacity_of, threads_for
from engine.run.frame import Frame
from engine.run.recording import Recording
from engine.run.simulation import Simulation, Stopped
from engine.run.stretch import Stretch
from engine.scenario.scenario import Scenario

__all__ = ["Runner"]

CHUNK_MS = 10
MAX_CHUNK_S = 0.05  # wall time after which a chunk is made smaller
_SCORED_MS = 60_000
_PAUSE_POLL_S, _ASIDE_POLL_S = 0.02, 0.1
_UNCERTAIN_MS = 50  # biological time before which a run's speed says little


class Runner(Job):
    """A run: a job that can rest, go on and be moved while it works.

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
    origin : Simulation or PutAside, optional
        Go on from where this one is; nobody may advance it any more.
    aside_s : float
        How long it rests before it is put aside [s].
    """

    def __init__(
        self,
        scenario: Scenario,
        connectome: Connectome,
        pool: RunPool,
        speed: float = 0.0,
        simulation: Simulation | None = None,
        paused: bool = False,
        origin: Simulation | PutAside | None = None,
        aside_s: float = ASIDE_S,
    ):
        super().__init__(None, pool, begins=False)
        self.scenario, self.connectome, self.pool = scenario, connectome, pool
        self.speed = speed
        self.simulation = simulation
        self._origin = origin
        self._aside: PutAside | None = None
        self._aside_s = aside_s
        self.frame: Frame | None = None
        self.recording: Recording | None = None
        self.build_fraction = 0.0
        self.stretch: Stretch | None = None
        self._asked: tuple[Stretch | None] | None = None
        self._live: LiveParameters | None = None
        self._steps = 0
        self._pause = threading.Event()
        if paused:
            self._pause.set()

    # ---- wishes, from any thread -------------------------------------------------------------

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
        self.cancel()
        if self.simulation is not None:
            self.simulation.stop()

    def set_live(self, live: LiveParameters) -> None:
        """Use these values from the next chunk on."""
        self._live = live

    def ask_stretch(self, after: Stretch | None) -> None:
        """Have what was recorded since a stretch, or since the beginning, put into `stretch`."""
        self._asked = (after,)

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
    def is_ending(self) -> bool:
        """Whether it was asked to end and has not yet."""
        return self.is_cancelled and not self.is_over

    @property
    def is_paused(self) -> bool:
        """Whether it was asked to wait."""
        return self._pause.is_set()

    @property
    def left(self) -> Simulation | PutAside | None:
        """What another run can go on from, once this one has ended."""
        return self.simulation or self._aside

    @property
    def is_aside(self) -> bool:
        """Whether it rests on disk, without a network."""
        return self._aside is not None

    # ---- the thread --------------------------------------------------------------------------

    def _do(self) -> State:
        self._build()
        return self._run()

    def _failed(self, sentence: str) -> None:
        self._keep()
        self.note = sentence
        super()._failed(sentence)

    @property
    def about(self) -> dict[str, object]:
        """Kind, neurons, biology done [s] and wall over biological time."""
        frame = self.frame
        return {
            "kind": "run",
            "neurons": self.simulation.network.n_neurons if self.simulation is not None else None,
            "biology_s": round(frame.time_ms / 1000.0, 3) if frame is not None else 0.0,
            "real_time_factor": round(frame.real_time_factor, 3) if frame is not None else None,
        }

    def _ended(self) -> None:
        if self.simulation is not None:
            self.simulation.close()

    def _build(self) -> None:
        if self.simulation is None:
            self.state = "building"

            def progress(fraction: float, what: str) -> None:
                self.build_fraction, self.note = fraction, what
                if self.is_cancelled:
                    raise Stopped

            self.simulation = self._built(progress)
        if self._origin is not None:
            self.simulation.restore(self._origin.snapshot())
            self._origin = None
        self.note = ""
        self.frame = self.simulation.frame()
        if self.is_cancelled:
            raise Stopped

    def _built(self, progress: Progress) -> Simulation:
        threads = threads_for(capacity_of(self.scenario, self.connectome, lays_out=False).n_synapses)
        return Simulation(self.scenario, self.connectome, threads, progress)

    def _run(self) -> State:
        chunk = CHUNK_MS
        debt_s = 0.0
        while not self.is_cancelled and not self._is_whole:
            self._answer()
            if self._rests:
                debt_s = 0.0
                simulation = None  # only `self` holds it while it rests
                if not self._rest():
                    break
                continue
            simulation = self.simulation
            if simulation is None:
                self._take_back()
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
        return "finished" if self._is_whole else "stopped"

    @property
    def _is_whole(self) -> bool:
        """Whether it has come to the end of its scenario."""
        return self.simulation is not None and self.simulation.is_finished

    def _answer(self) -> None:
        """Put the stretch that was asked for where it is looked for."""
        simulation = self.simulation
        if simulation is None:  # it is answered once the run is back
            return
        asked, self._asked = self._asked, None
        if asked is not None:
            self.stretch = simulation.stretch(*asked)

    @property
    def _rests(self) -> bool:
        """Whether it is to wait where it is."""
        return self._pause.is_set() and not self._steps

    def _rest(self) -> bool:
        """Wait without an engine, then for one; whether there is one again."""
        self.state = "paused"
        self.pool.release(self)
        late = time.monotonic() + self._aside_s
        while self._rests and not self.is_cancelled:
            self._answer()
            if time.monotonic() >= late and self._aside is None:
                late += self._aside_s  # it is tried again should the disk be full
                self._put_aside()
            time.sleep(_PAUSE_POLL_S if self._aside is None else _ASIDE_POLL_S)
        if self.is_cancelled:
            return False
        self.state = "waiting"
        return self.pool.acquire(self, lambda: self.is_cancelled or self._rests) or self._rests

    def _put_aside(self) -> None:
        """Keep on disk where it stands, and let the network go."""
        simulation = self.simulation
        assert simulation is not None
        try:
            self._aside = PutAside(simulation)
        except DataError:  # the run is worth more than the memory
            return
        simulation.close()
        self.simulation = None

    def _take_back(self) -> None:
        """Make the network again, and stand where it stood."""
        aside, last = self._aside, self.frame
        assert aside is not None
        self.state, self.note = "building", "bringing the run back"

        def progress(fraction: float, what: str) -> None:
            self.build_fraction = fraction
            if self.is_cancelled:
                raise Stopped

        try:
            simulation = self._built(progress)
        except Stopped:  # it ends as it rested
            return
        simulation.restore(aside.snapshot(), last)
        self.simulation, self._aside, self.note = simulation, None, ""
        self.frame = simulation.frame()

    def _throttle(self, debt_s: float, done_ms: int, spent: float) -> float:
        speed = self.speed
        if speed <= 0:
            return 0.0
        debt_s += done_ms / 1000.0 / speed - spent
        if debt_s > 0.002:
            begun = time.perf_counter()
            self.wait_cancelled(min(debt_s, 0.1))
            debt_s -= time.perf_counter() - begun
        return max(debt_s, -0.5)

    def _keep(self) -> None:
        if self._aside is not None or (self.simulation is not None and self.simulation.time_ms):
            kept = self._aside or self.simulation
            assert kept is not None
            recording = kept.recording()
            if recording.duration_ms <= _SCORED_MS:
                recording.scores()  # here, so that a comparison finds them and the page does not wait
            self.recording = recording
