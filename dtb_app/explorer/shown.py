"""What one page shows: a sketch, a short run made for it, a run as it goes on, or one kept."""

from __future__ import annotations

import time

from dtb_app.explorer.beside import LONG_MS, Judging
from dtb_app.explorer.board import Board
from dtb_app.explorer.kept_runs import KeptRuns
from dtb_app.explorer.left_column import Choices
from dtb_app.explorer.prepared import Ahead
from dtb_app.explorer.run_control import RunControl
from dtb_app.explorer.run_strip import RunStrip
from dtb_app.explorer.sketch import Sketch
from dtb_app.explorer.tabs import Tabs
from dtb_app.explorer.top_bar import Transport, status_html
from dtb_app.explorer.views import LiveViews
from dtb_app.session.finished_runs import Run
from dtb_app.session.session import Session
from dtb_app.work.graphs import graph_sentence
from dtb_app.work.runner import Runner
from dtb_app.work.services import Services
from engine.amounts import number
from engine.brain.connectome import Connectome
from engine.run.recording import Recording
from engine.scenario.declarations import declaration
from engine.scenario.scenario import Scenario
from layouts.scene import Scene

__all__ = ["Showing"]

_TEXT_S = 0.4
_SCORES_S = 1.0
_SCORES_SHARE = 50.0  # scores of a large network take at most this part of the time


class Showing:
    """Brings what has become known into the views, with the words that go with it.

    Parameters
    ----------
    session, services, views, ahead, runs
        What is known, and where it is shown.
    transport, board, choices, strip
        Which say it in words.
    kept : KeptRuns
        Where runs of earlier visits come from.

    Attributes
    ----------
    tabs : Tabs
        Set once they are made, before anything is shown.
    shown_run : Run or None
        The run of the strip that is shown.
    is_inspecting : bool
        Whether a run rests and its single spikes can be looked at.
    """

    tabs: Tabs

    def __init__(
        self,
        session: Session,
        services: Services,
        views: LiveViews,
        ahead: Ahead,
        runs: RunControl,
        *,
        transport: Transport,
        board: Board,
        choices: Choices,
        strip: RunStrip,
        kept: KeptRuns,
    ):
        self._session, self._services, self._views = session, services, views
        self._ahead, self._runs = ahead, runs
        self._transport, self._board, self._choices = transport, board, choices
        self._strip, self._kept = strip, kept
        self._sketch = Sketch(session, services, views)
        self._judging, self._is_judging = Judging(services.jobs), False
        self.shown_run: Run | None = None
        self._wanted_run: Run | None = None
        self._compared: tuple[Scenario | None, Scenario | None, bool] = None, None, False
        self._shown_version = -1
        self.is_inspecting = False
        self._is_chosen = False
        self._next_text = self._next_scores = 0.0

    def begin_run(self) -> None:
        """A run of the visitor begins."""
        self._shown_version = -1
        self.shown_run = self._wanted_run = None
        self.is_inspecting = self._is_chosen = False

    def score_soon(self) -> None:
        """Other regions are picked: scores of a run that goes on are due at once."""
        self._next_scores = 0.0

    def poll(self) -> None:
        """Show what has been made in the background."""
        self._poll_judgement()
        self._poll_opening()
        self._poll_preparation()
        self._poll_sketch()
        self._poll_scores()

    def close(self) -> None:
        """The visitor has left."""
        self._sketch.drop()
        self._judging.drop()

    def _poll_scores(self) -> None:
        """Show scores of a long run once they are there, and until then how far they are."""
        judging, now = self._judging, time.monotonic()
        if self._is_judging and (judging.has_ended or now >= self._next_scores):
            self._next_scores = now + _SCORES_S
            self._is_judging = not judging.has_ended
            self.show_scores()
            self._board.show_words()

    def prepare(self) -> None:
        """Show the scenario's opening run if there is one, and build its network ahead."""
        is_prepared = self._ahead.prepare()
        if self._runs.is_running:
            return
        found = self._ahead.found()
        if found is not None:
            self.show_recording(found)
        elif not is_prepared or self._views.scene is None:
            self._begin_sketch()

    def _poll_judgement(self) -> None:
        if self._ahead.judged():
            self._choices.refresh()
            self.prepare()
            if not self._runs.is_running:
                self._ahead.open_late()
            self.show_status()
            self.tabs.scenario_changed()

    def _begin_sketch(self) -> None:
        """Show what is known of a network that is not built yet, or not before it is asked for."""
        session = self._session
        if self._is_laid_out(session.scenario, session.connectome):
            return
        self.shown_run = None
        self._views.forget()
        self._sketch.begin()
        self._board.show_words()

    def _poll_sketch(self) -> None:
        if self._runs.is_running:
            self._sketch.drop()
        elif self._sketch.poll():
            self._board.show_words()
            self.show_status()

    def want_opening(self) -> None:
        """Have a short finished run of the scenario made, unless there is one."""
        if not self._runs.is_running:
            self._ahead.open()

    def show_recording(self, recording: Recording) -> None:
        """Show a finished run in every view."""
        self._sketch.drop()
        self._is_chosen = False
        self._views.show(recording, self._services.atlas(recording.connectome))
        self.show_scores()
        self._board.show_words()
        self.tabs.run_shown()

    def show_run(self, run: Run) -> None:
        """Show a run of the strip, unless one goes on."""
        if self._runs.is_running:
            self._board.say("Stop the run before looking at another one.")
            return
        self._wanted_run = run
        if run.recording is None:
            self._kept.load(run, lambda: self._show_loaded(run))
            self.show_status()
            return
        self.shown_run = run
        self._runs.drop()
        self.show_recording(run.recording)
        self._is_chosen = True
        self._strip.set(self._session.runs, run)
        self.show_status()

    def _show_loaded(self, run: Run) -> None:
        """A run has come out of the store: show it, unless something else was wanted since."""
        if self._wanted_run is run and not self._runs.is_running:
            self.show_run(run)

    def show_scores(self) -> None:
        """Fit to data and region rates of what is shown."""
        judged = self._views.judged
        if judged is not None and judged[0].duration_ms > LONG_MS:
            found = self._judging.scores(*judged)
            self._is_judging = not self._judging.has_ended
            self._views.fit.update(found or {}, self._judging.sentence)
        else:
            self._judging.drop()
            self._views.fit.update(self._views.scores())
        rates = self._views.region_rates_hz()
        if rates:
            self._choices.show_rates(rates, self._views.rates_when)

    def _is_of_the_scenario(self) -> bool:
        """Whether what is shown is of the scenario in hand, if perhaps of another length.

        What a slider moved during a run is in the run as well, from then on.
        """
        scene, session = self._views.scene, self._session
        if scene is None or self._sketch.is_begun:
            return True
        if scene.connectome.checksum != session.connectome.checksum:
            return False
        changed = (key for key, _, _ in session.scenario.differences(scene.scenario))
        differing = {key for key in changed if declaration(key).is_of_brain}
        if self._runs.is_running:
            differing = {k for k in differing if k != "stimulus" and declaration(k).acts != "live"}
        return not differing

    def show_status(self) -> None:
        """What the run is doing, what is shown, and which buttons can be pressed."""
        runner = self._runs.runner
        recording = self._views.recording if self._views.shows_recording else None
        is_earlier = not self._is_of_the_scenario()
        self._board.show_earlier(is_earlier and not self._is_chosen)
        refusal = self._session.refusal()
        idle = "Ready."
        if refusal:
            idle = f"Does not fit. {refusal}"
        elif self._ahead.is_judging:
            idle = "Laying the analog regions onto chips, to see whether they fit …"
        elif self._ahead.is_opening:
            waits = "waits for an engine …" if self._ahead.is_waiting else "is being made …"
            idle = f"A short run to look at {waits}"
        elif self._wanted_run is not None and self._kept.is_loading(self._wanted_run):
            idle = f"Run {self._wanted_run.letter} is being loaded …"
        elif recording is not None:
            seconds = recording.duration_ms / 1000
            which = f"Run {self.shown_run.letter}" if self.shown_run else "A finished run"
            idle = f"{which} of {number(seconds, 6)} s is shown. Press Run for your own."
            if is_earlier:
                idle = f"{which} of {number(seconds, 6)} s is shown, of a scenario before your changes."
        pool = self._services.pool
        if runner is None and not refusal:
            idle = " ".join([idle, *self._session.remarks])
        queue = pool.position(runner) if runner is not None else 0
        wait_s = pool.wait_s(runner) if queue else None
        self._transport.status(status_html(runner, idle, queue, wait_s))
        can = self._session.can_undo, self._session.can_redo
        self._transport.enable(runner, *can, self._runs.can_branch, bool(refusal))

    def _poll_opening(self) -> None:
        has_ended, recording = self._ahead.opened()
        if not has_ended:
            return
        if recording is not None and not self._runs.is_running:
            self.shown_run = None
            self.show_recording(recording)
        self.show_status()

    def _poll_preparation(self) -> None:
        if self._runs.is_running:
            return
        simulation, error = self._ahead.prepared()
        if error:
            self._board.say(error)
        elif simulation is not None and not self._is_laid_out(simulation.scenario, simulation.connectome):
            self._runs.drop()
            self._sketch.drop()
            self.shown_run = None
            self._views.lay_out(simulation, self._services.atlas(simulation.connectome))
            self._board.show_words()
            self.want_opening()  # an empty picture says nothing
            self.show_status()

    def _is_laid_out(self, scenario: Scenario, connectome: Connectome) -> bool:
        """Whether the picture already has these regions on this hardware."""
        scene: Scene | None = self._views.scene
        if scene is None or scene.connectome is not connectome:
            return False
        before, laid_out, is_same = self._compared
        if before is not scenario or laid_out is not scene.scenario:
            changed = scenario.differences(scene.scenario)
            is_same = not any(declaration(key).pictured for key, _, _ in changed)
            self._compared = scenario, scene.scenario, is_same
        return is_same

    def follow(self, runner: Runner) -> None:
        """Show the newest frame of a run that goes on, and words and scores now and then."""
        now = time.monotonic()
        frame = runner.frame
        if frame is not None and runner.simulation is not None:
            if self._shown_version < 0:
                atlas = self._services.atlas(runner.connectome)
                self._views.lay_out(runner.simulation, atlas)
                self._shown_version = 0
            is_new = frame.version > self._shown_version and self.tabs.is_explorer
            if is_new and self._views.gate.may_send():
                self._shown_version = frame.version
                self._views.tick(frame)
                self._views.gather()
        if now >= self._next_text:
            self._next_text = now + _TEXT_S
            self.show_status()
            self._board.show_words()
        if now >= self._next_scores and self._views.frame is not None:
            self.show_scores()
            spent = time.monotonic() - now
            self._next_scores = now + max(_SCORES_S, _SCORES_SHARE * spent)
        self._inspect_when_paused(runner)

    def work_out_signal(self) -> None:
        """Go on with the signal of a run that has ended or rests."""
        runner = self._runs.runner
        if (runner is None or runner.is_paused) and self._views.course.is_behind:
            self._views.work_out()
            self._board.show_words()

    def tell_graph(self) -> None:
        """Say under the matrix what the connectome is like as a graph, once that is known."""
        scene, matrix = self._views.scene, self._views.matrix
        if scene is None or matrix.is_graph_told:
            return
        job = self._services.graphs.job(scene.connectome)
        matrix.tell_graph(graph_sentence(job), job.is_over)
        self._board.show_words()

    def _inspect_when_paused(self, runner: Runner) -> None:
        """While a run rests, its single spikes can be looked at."""
        frame = runner.frame
        if runner.state != "paused" or frame is None or frame.time_ms <= 0:
            self.is_inspecting = False
        elif not self.is_inspecting and frame.version == self._shown_version:
            self.is_inspecting = True
            self._views.raster.inspect(*frame.log.between(0, frame.n_chunks))
