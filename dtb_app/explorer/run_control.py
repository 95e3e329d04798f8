"""One visitor's run: begun, paused, stepped, branched, moved by sliders; no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dtb_app.explorer.prepared import Ahead
from dtb_app.session.branching import branches
from dtb_app.session.session import Session
from dtb_app.work.pool import RunPool
from dtb_app.work.put_aside import PutAside
from dtb_app.work.runner import Runner
from engine.backends.contract import LiveParameters
from engine.run.simulation import Simulation

__all__ = ["STEP_MS", "RunControl"]

STEP_MS = 10


class RunControl:
    """What the top bar and the sliders ask of the run.

    Parameters
    ----------
    session : Session
    ahead : Ahead
        Gives the network, where it has been built already.
    pool : RunPool
    speed : callable
        Biological over wall time that a new run may reach at most; 0 for as fast as it can.

    Attributes
    ----------
    runner : Runner or None
        The run that goes on, or whose end has not been looked at.
    is_branching : bool
        Whether the run ends so that another one goes on from there.
    """

    def __init__(self, session: Session, ahead: Ahead, pool: RunPool, speed: Callable[[], float]):
        self._session, self._ahead, self._pool, self._speed = session, ahead, pool, speed
        self.runner: Runner | None = None
        self.is_branching = False
        self._start_amplitude = 0.0

    @property
    def is_running(self) -> bool:
        """Whether a run goes on, waits to, or has ended and its recording has not been taken."""
        return self.runner is not None

    @property
    def has_ended(self) -> bool:
        """Whether a run has come to its end and its recording has not been taken."""
        return self.runner is not None and self.runner.is_over

    @property
    def can_branch(self) -> bool:
        """Whether going on would take over a scenario that was changed while the run rests."""
        runner = self.runner
        if runner is None or runner.state != "paused" or runner.frame is None:
            return False
        session = self._session
        return not session.refusal() and branches(runner.scenario, session.scenario)

    def start(self, paused: bool = False, origin: Simulation | PutAside | None = None) -> None:
        """Begin a run of the scenario, which must not be refused, or go on from `origin` as it."""
        session = self._session
        self._ahead.drop_opening()
        self.runner = Runner(
            session.scenario,
            session.connectome,
            self._pool,
            self._speed(),
            self._ahead.take(),
            paused,
            origin,
        )
        stimulus = session.scenario.stimulus
        self._start_amplitude = stimulus[0].amplitude if stimulus else 0.0
        self.runner.start()

    def pause_or_resume(self) -> None:
        """Pause a run that goes on; go on with one that rests, as the scenario is now."""
        runner = self.runner
        assert runner is not None
        if self.can_branch:
            self.is_branching = True  # goes on once this run has ended
            runner.stop()
        elif runner.is_paused:
            runner.resume()
        else:
            runner.pause()

    def step(self) -> None:
        """Run 10 ms more of a run that rests."""
        if self.runner is not None and self.runner.is_paused:
            self.runner.step(STEP_MS)

    def stop(self) -> None:
        """Ask the run to end."""
        if self.runner is not None:
            self.runner.stop()

    def drop(self) -> None:
        """End the run and forget it."""
        self.stop()
        self.runner = None

    def take_ended(self) -> tuple[Runner, bool]:
        """The run that has ended, forgotten here, and whether another goes on from it."""
        runner, self.runner = self.runner, None
        assert runner is not None
        is_branching, self.is_branching = self.is_branching, False
        return runner, is_branching and runner.state == "stopped"

    def set_speed(self, speed: float) -> None:
        """Biological over wall time that it may reach at most."""
        if self.runner is not None:
            self.runner.speed = speed

    def set_live(self, key: str, value: float | bool) -> None:
        """A slider or switch of a live key, or of all stimuli ("stimulus"), moves: act on the run at once."""
        runner = self.runner
        if runner is None:
            return
        name = key.rsplit(".", 1)[-1]
        if key == "stimulus":
            name = "stimulus_scale"
            value = value / self._start_amplitude if self._start_amplitude else 1.0
        live = runner.live or LiveParameters.of(runner.scenario)
        moved: dict[str, Any] = {name: value}
        runner.set_live(replace(live, **moved))
