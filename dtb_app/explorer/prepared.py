"""What a page works on before it is asked: the next network, and a short run to look at."""

from __future__ import annotations

import time
from dataclasses import replace

from dtb_app.session.judgement import Judgement
from dtb_app.session.session import Session
from dtb_app.work.job import Job
from dtb_app.work.opening import Opening
from dtb_app.work.put_aside import ASIDE_S
from dtb_app.work.services import Services
from engine.brain.connectome import Connectome
from engine.progress import Progress
from engine.run.capacity import SMALL_SYNAPSES
from engine.run.recording import Recording
from engine.run.simulation import Simulation
from engine.scenario.scenario import Scenario

__all__ = ["Ahead"]


class Ahead:
    """One page's work ahead; at most one network and one opening run at a time.

    Parameters
    ----------
    session : Session
    services : Services
    """

    def __init__(self, session: Session, services: Services):
        self._session, self._services = session, services
        self._wanted: tuple[Scenario, Connectome] | None = None  # whose network is built ahead
        self._wanted_s = 0.0  # since when, by the clock of `time.monotonic`
        self._opening: Opening | None = None
        self._judging: Job | None = None  # one at a time, however often the scenario changes
        self._asked: Judgement | None = None
        self._opens_later = False

    @property
    def is_judging(self) -> bool:
        """Whether it is being worked out if the scenario fits, as its chips take long to lay out."""
        return self._judging is not None and not self._session.judgement.is_whole

    @property
    def is_opening(self) -> bool:
        """Whether a short run is being made."""
        return self._opening is not None

    @property
    def is_waiting(self) -> bool:
        """Whether the short run waits for an engine, as all are busy."""
        return self._opening is not None and self._opening.state == "waiting"

    def found(self) -> Recording | None:
        """The opening run of the scenario, where some visitor had it made."""
        return self._services.openings.find(self._session.scenario, self._session.connectome)

    def prepare(self) -> bool:
        """Build the scenario's network, unless it is large; forget the one before.

        Where it is not known yet whether it fits, that is worked out first: see :meth:`judged`.

        Returns
        -------
        bool
            Whether it is being built.
        """
        self._drop_preparation()
        self._judge()
        if is_small := self._is_small():
            self._wanted = self._session.scenario, self._session.connectome
            self._wanted_s = time.monotonic()
            self._services.preparations.want(*self._wanted)
        return is_small

    def rest(self) -> None:
        """Let go of a network that nobody has taken for long; a run then makes its own."""
        if self._wanted is None or time.monotonic() - self._wanted_s <= ASIDE_S:
            return
        if self._services.preparations.find(*self._wanted).is_over:
            self._drop_preparation()

    def open(self) -> None:
        """Make the scenario's opening run, unless there is one or it is large."""
        session = self._session
        if self._opening is not None and self._opening.scenario == session.scenario:
            return
        self.drop_opening()
        self._opens_later = self.is_judging
        if self._is_small() and self.found() is None:
            self._opening = Opening(
                self._services.openings, session.scenario, session.connectome, self._services.pool
            )

    def drop_opening(self) -> None:
        """Give up a short run that is being made."""
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None

    def take(self) -> Simulation | None:
        """The network of the scenario as it is now, where it has been built."""
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return None
        if wanted[0] != self._session.scenario:
            self._services.preparations.let_go(*wanted)
            return None
        return self._services.preparations.take(*wanted)

    def opened(self) -> tuple[bool, Recording | None]:
        """Whether an opening run has just ended, and the run if it is of this scenario."""
        opening = self._opening
        if opening is None or not opening.is_over:
            return False, None
        self._opening = None
        same = opening.scenario == self._session.scenario
        return True, opening.result if same else None

    def judged(self) -> bool:
        """Whether it has just become known if the scenario fits: it can be prepared and opened now."""
        job, session = self._judging, self._session
        if job is None or not job.is_over:
            return False
        self._judging, asked, found = None, self._asked, job.result
        assert asked is not None
        if not isinstance(found, Judgement):
            found = replace(asked, refusal=job.error, is_whole=True)
        if session.take(found):
            return True
        self._judge()  # the scenario has changed meanwhile
        return False

    def open_late(self) -> None:
        """Make the opening run that was asked for before it was known whether the scenario fits."""
        if self._opens_later:
            self._opens_later = False
            self.open()

    def prepared(self) -> tuple[Simulation | None, str]:
        """The network that has been built, or why it cannot be; it stays for :meth:`take`."""
        if self._wanted is None:
            return None, ""
        preparation = self._services.preparations.find(*self._wanted)
        if not preparation.is_over:
            return None, ""
        if preparation.error:
            self._drop_preparation()
        return preparation.result, preparation.error

    def close(self) -> None:
        """The visitor has left."""
        self._drop_preparation()
        self.drop_opening()

    def _drop_preparation(self) -> None:
        if self._wanted is not None:
            self._services.preparations.let_go(*self._wanted)
            self._wanted = None

    def _judge(self) -> None:
        """Work out whether the scenario fits, after the one that is being worked out, if any."""
        asked = self._session.judgement
        if asked.is_whole or self._judging is not None:
            return

        def work(progress: Progress) -> Judgement:
            progress(0.0, "laying regions onto chips")
            return Judgement.of(asked.scenario, asked.connectome)

        self._asked, self._judging = asked, Job(work)

    def _is_small(self) -> bool:
        session = self._session
        judgement = session.judgement
        return (
            judgement.is_whole and not judgement.refusal and judgement.capacity.n_synapses <= SMALL_SYNAPSES
        )
