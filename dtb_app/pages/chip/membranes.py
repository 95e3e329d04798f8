"""The membranes of the page Chip: recorded by themselves, unless a run would be slowed."""

from __future__ import annotations

import time
from typing import Any

import panel as pn

from dtb_app.controls.cards import Card
from dtb_app.controls.job_bar import JobBar
from dtb_app.pages import PageTools
from dtb_app.work.job import Job
from engine.codesign.membranes import record_membranes
from engine.run.capacity import SMALL_SYNAPSES
from engine.scenario.scenario import Scenario
from layouts.chip.membrane_traces import MembraneTraces
from layouts.theme import Theme

__all__ = ["MembraneCard"]

_RECORD_MS, _START_MS = 200, 50
_CALM_S = 0.3  # without another change, before anything is recorded
_GOING = ("waiting", "building", "running", "ending")
_IDLE = "Teacher and chip once more, a few seconds."
_WAITS = (
    "A run goes on, and recording would slow it: the membranes of {} are recorded once it has "
    "ended. Press the button to record them now, beside the run."
)


class MembraneCard:
    """Teacher and student of a region, recorded when the region or its scenario is a new one.

    What is recorded by itself takes no place among the engines, begins only while no run of the
    visitor goes on, and gives way to one that is started.

    Parameters
    ----------
    tools : PageTools

    Attributes
    ----------
    card : Card
    bar : JobBar
    traces : MembraneTraces
    """

    def __init__(self, tools: PageTools):
        self._tools = tools
        self.traces = MembraneTraces(tools.theme())
        self.bar = JobBar("Record", self._start, self._recorded, _IDLE, "dtb-record")
        figure = pn.pane.Bokeh(self.traces.figure, sizing_mode="stretch_width")
        self.card = Card(
            "Membranes",
            figure,
            [self.bar.panel],
            lines=4,
            least=320,
            sizing_mode="stretch_width",
            styles={"flex": "1 1 auto", "max-height": "none"},
        )
        self._wanted: tuple[Scenario, str] | None = None
        self._working_on: tuple[Scenario, str] | None = None
        self._is_due = self._is_own = False
        self._due_s = 0.0

    def show_region(self, region: str, why: str = "") -> None:
        """Record this region of the session's scenario soon, unless that is shown or on its way.

        Parameters
        ----------
        region : str
            An analog one, or "" where there is none.
        why : str
            There is none.
        """
        scenario = self._tools.session.scenario
        if not region:
            self._wanted, self._is_due = None, False
            self.bar.cancel()
            self.bar.panel.visible = False
            self.traces.clear(why)
            self._say(why, "")
            return
        self.bar.panel.visible = True
        if self._wanted == (scenario, region):
            return
        self._wanted = (scenario, region)
        self.bar.cancel()
        p = scenario.network.parameters
        if not self.traces.is_shown:
            first, last = _START_MS + 1.0, float(_START_MS + _RECORD_MS)
            self.traces.wait(first, last, p.v_rest, p.v_thresh)
        n_synapses = self._tools.session.capacity.n_synapses
        self._is_due = n_synapses <= SMALL_SYNAPSES and not self._tools.session.refusal()
        if self._is_due:
            self._due_s = time.monotonic() + _CALM_S
            self._say(f"Recording {region}: its digital teacher, then the analog student …", region)
            self.bar.say(_IDLE)
        else:
            self.bar.say("In a network so large this takes a while.")
            self._say(f"{region} is not recorded by itself in a network so large.", region)

    def tick(self) -> None:
        """Look at the job; begin what is due."""
        self.bar.tick()
        is_held = self.is_run_going
        if self.bar.is_working:
            if self._is_own and is_held:
                self._is_due = True
                self.bar.cancel()
            return
        if not self._is_due or self._wanted is None or time.monotonic() < self._due_s:
            return
        if self._wanted[0] != self._tools.session.scenario:
            return  # changed while another page was open; the page looks again when it is opened
        if is_held:
            self.bar.say("Waits for the run to end.")
            self._say(_WAITS.format(self._wanted[1]), self._wanted[1])
            return
        self._is_own = True
        self.bar.watch(self._job(*self._wanted))

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self.traces.restyle(theme)

    def close(self) -> None:
        """End what works."""
        self._is_due = False
        self.bar.close()

    @property
    def is_run_going(self) -> bool:
        """Whether the visitor's run goes on; recordings wait for it."""
        runner = self._tools.runner()
        return runner is not None and runner.state in _GOING

    def _say(self, sentence: str, region: str) -> None:
        self.card.sentence(sentence, self.traces.source)
        self.card.caption(region)

    def _start(self) -> Job | None:
        if self._wanted is None:
            self.bar.say("Nothing to record.")
            return None
        self._is_own = False
        return self._job(*self._wanted)

    def _job(self, scenario: Scenario, region: str) -> Job:
        self._is_due, self._working_on = False, (scenario, region)
        connectome = self._tools.session.connectome

        def work(progress: Any) -> Any:
            return record_membranes(scenario, connectome, region, _RECORD_MS, _START_MS, progress=progress)

        return Job(work)

    def _recorded(self, job: Job) -> None:
        if self._working_on != self._wanted or self._is_due:
            return  # another one is on its way
        if job.result is not None:
            self.bar.label("Record again")
            self.traces.show(job.result)
            self._say(self.traces.sentence, job.result.region)
        elif self._wanted is not None:
            self._say(job.error or "Ended before it was done.", self._wanted[1])
