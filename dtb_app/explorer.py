"""The page's conductor: wires session, engine threads and views. The only place where they meet.

A clock on the session's own event loop looks at the runner ten times a second and shows its newest
frame, unless the browser has not yet drawn the last two. The engine never waits for a browser and
never touches a widget.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.board import Board
from dtb_app.choices import Choices
from dtb_app.controls.page_port import MAX_UPLOAD_BYTES, PagePort
from dtb_app.later import later
from dtb_app.live import LiveViews
from dtb_app.opening import MAX_PREPARED_SYNAPSES, Opening, Preparation
from dtb_app.run_strip import RunStrip
from dtb_app.runner import Runner
from dtb_app.services import Services
from dtb_app.session import Run, Session
from dtb_app.style import tokens
from dtb_app.transport import Transport, status_html
from engine.backends.contract import LiveParameters
from engine.errors import EngineError
from engine.recording import Recording
from engine.scenario import Scenario
from engine.simulation import Simulation
from layouts.scene import Scene
from layouts.theme import DARK, LIGHT, Theme

__all__ = ["Explorer"]

TICK_MS = 100
STEP_MS = 10
_TEXT_S = 0.4
_SCORES_S = 1.0
_ABANDONED_S = 3.0
_ALIVE = ("waiting", "building", "running", "paused")


class Explorer:
    """One visitor's page.

    Parameters
    ----------
    services : Services
        What all visitors share.
    """

    def __init__(self, services: Services):
        self.services = services
        self.session = Session()
        self.runner: Runner | None = None
        self._theme: Theme = LIGHT
        self._preparation: Preparation | None = None
        self._opening: Opening | None = None
        self._shown_version = -1
        self._shown_run: Run | None = None
        self._next_text = self._next_scores = 0.0
        self._last_link = time.monotonic()
        self._nonce = 0
        self._start_amplitude = 0.0
        self.views = LiveViews(self._theme, services.atlas(self.session.connectome))
        self.views.brain.on_select = self._on_map_select
        self.views.brain.on_paint = lambda index: self._on_map_select([index], "replace")
        self.views.brain.on_open = lambda index: self._pick([index])
        self.views.noc.on_pick = self._pick
        self.port = PagePort(width=0, height=0, margin=0)
        self.port.param.watch(later(self._on_key), "key")
        self.port.param.watch(later(self._on_file), "opened")
        self.transport = Transport(later(self._on_press), self._on_speed)
        self.board = Board(self.views, lambda: self._pick(list(self.session.picked)))
        self.strip = RunStrip(
            later(self._show_run), later(self._save), lambda: self._ask(do="open")
        )
        self.choices = Choices(
            self.session,
            {
                "preset": later(self._open_preset),
                "pick": later(self._pick),
                "assign": later(self._assign),
                "open": later(lambda index: self._pick([index])),
                "change": later(self._change),
                "press": later(self._on_form_press),
                "live": self._on_live,
                "settle": later(self._on_settle),
            },
        )

    def view(self) -> pmui.Page:
        """The page, to be made servable."""
        gate = pn.pane.Bokeh(self.views.gate.model, margin=0)
        self.page = self.board.page(
            self.transport.panel,
            self.choices.panel,
            self.strip.panel,
            [self.port, self.strip.dialog, gate],
        )
        self.page.param.watch(later(lambda event: self._restyle()), "dark_theme")
        self._restyle()
        self._open_address()
        pn.state.onload(self._go_live)
        pn.state.on_session_destroyed(lambda context: self.close())
        return self.page

    def _go_live(self) -> None:
        self._ask(do="tokens", tokens=tokens(self._theme))
        pn.state.add_periodic_callback(self._tick, TICK_MS)

    def _open_address(self) -> None:
        query = pn.state.location.search if pn.state.location else ""
        trouble = ""
        if query:
            try:
                self.session.open_query(query)
            except EngineError as error:
                trouble = f"The link was not understood, so the defaults are shown. {error}"
        self._scenario_changed(from_address=True)
        self._want_opening()
        self.board.say(trouble)
        self._show_status()

    def close(self) -> None:
        """The visitor has left: end what works for them."""
        for background in (self._preparation, self._opening):
            if background is not None:
                background.give_up()
        if self.runner is not None:
            self.runner.stop()

    def _restyle(self) -> None:
        self._theme = DARK if self.page.dark_theme else LIGHT
        self.views.restyle(self._theme)
        self.strip.restyle(self._theme)
        self._ask(do="tokens", tokens=tokens(self._theme))

    def _ask(self, **what: Any) -> None:
        self._nonce += 1
        self.port.ask = {**what, "nonce": self._nonce}

    @property
    def is_running(self) -> bool:
        """Whether a run of this visitor goes on, or waits to."""
        return self.runner is not None and self.runner.state in _ALIVE

    # ---- the scenario ------------------------------------------------------------------------

    def _try(self, change: Callable[[], bool]) -> bool:
        """Change the scenario, or say why not and change nothing."""
        try:
            changed = change()
        except EngineError as error:
            self.board.say(str(error))
            self.choices.refresh()
            return False
        self.board.say("")
        if changed:
            self._scenario_changed()
        return changed

    def _scenario_changed(self, from_address: bool = False) -> None:
        session = self.session
        self.choices.refresh()
        if not from_address and pn.state.location:
            pn.state.location.search = "?" + session.to_query()
        self.views.brain.set_backends(session.backends)
        self._prepare()
        self._show_status()

    def _prepare(self) -> None:
        """Show the scenario's opening run if there is one, and build its network ahead."""
        session = self.session
        if self._preparation is not None:
            self._preparation.give_up()
            self._preparation = None
        if session.refusal():
            return
        found = self.services.openings.find(session.scenario, session.connectome)
        if found is not None and not self.is_running:
            self._show_recording(found)
        if session.capacity.n_synapses <= MAX_PREPARED_SYNAPSES:
            self._preparation = Preparation(session.scenario, session.connectome)

    def _want_opening(self) -> None:
        """Make a short finished run of the scenario, unless there is one."""
        session = self.session
        if self._opening is not None:
            self._opening.give_up()
            self._opening = None
        if self.is_running or session.refusal():
            return
        small = session.capacity.n_synapses <= MAX_PREPARED_SYNAPSES
        if small and not self.services.openings.find(session.scenario, session.connectome):
            self._opening = Opening(self.services.openings, session.scenario, session.connectome)

    def _change(self, values: dict[str, Any]) -> None:
        self._try(lambda: self.session.change(values))

    def _assign(self, indices: list[int], backend: str) -> None:
        if indices:
            self._try(lambda: self.session.assign(indices, backend))

    def _open_preset(self, name: str) -> None:
        if self._try(lambda: self.session.open_preset(name)):
            self._want_opening()

    def _on_form_press(self, name: str, key: str) -> None:
        scenario, labels = self.session.scenario, self.session.connectome.labels
        picked = [labels[i] for i in self.session.picked] or [labels[0]]
        data = scenario.model_dump(mode="json")
        if name == "add-stimulus":
            stop = min(scenario.duration, scenario.transient + 1000.0)
            data["stimulus"] += [
                {"region": r, "amplitude": 60.0, "start": scenario.transient, "stop": stop}
                for r in picked
            ]
        elif name == "add-lesion":
            data["lesion"] += [{"region": r} for r in picked]
        elif name == "remove":
            kind, number = key.split(".")
            del data[kind][int(number)]
        self._try(lambda: self.session.adopt(Scenario.from_dict(data)))

    # ---- the selection -----------------------------------------------------------------------

    def _on_map_select(self, indices: list[int], mode: str) -> None:
        paint = self.views.brain.paint
        if paint:
            self._assign(indices, paint)
        else:
            self._pick(indices, mode)

    def _pick(self, indices: list[int], mode: str = "replace") -> None:
        self.session.pick(indices, mode)
        self.choices.show_picked()
        self.views.pick(list(self.session.picked), self.session.connectome)
        self._next_scores = 0.0
        if not self.is_running:
            self._show_scores()
        self.board.show_words()

    # ---- transport ---------------------------------------------------------------------------

    def _on_press(self, name: str) -> None:
        {
            "run": self._run_or_pause,
            "step": self._step,
            "stop": self._stop,
            "reset": self._reset,
            "undo": lambda: self._try(self.session.undo),
            "redo": lambda: self._try(self.session.redo),
            "share": lambda: self._ask(do="copy", text=""),
            "help": self.board.show_help,
        }[name]()

    def _on_key(self, event: Any) -> None:
        name = event.new["name"]
        if name == "search":
            self._ask(do="focus", selector=".dtb-region-search")
        elif name == "copied":
            self.board.say("The link to this scenario is on your clipboard.", good=True)
        elif name == "not-copied":
            self.board.say("The browser does not give the clipboard; copy the address instead.")
        else:
            self._on_press(name)

    def _run_or_pause(self) -> None:
        runner = self.runner
        if runner is not None and self.is_running:
            if runner.is_paused:
                self.views.raster.resume()
                runner.resume()
            else:
                runner.pause()
        else:
            self._start(paused=False)
        self._show_status()

    def _step(self) -> None:
        if not self.is_running:
            self._start(paused=True)
        if self.runner is not None and self.runner.is_paused:
            self.views.raster.resume()
            self.runner.step(STEP_MS)
        self._show_status()

    def _stop(self) -> None:
        if self.runner is not None:
            self.runner.stop()
        self._show_status()

    def _reset(self) -> None:
        if self.runner is not None:
            self.runner.stop()
            self.runner = None
        self.board.say("")
        self._shown_run = None
        self._prepare()
        self._want_opening()
        self.strip.set(self.session.runs, None)
        self._show_status()

    def _start(self, paused: bool) -> None:
        session = self.session
        refusal = session.refusal()
        if refusal:
            self.board.say(f"This does not fit. {refusal}")
            return
        self.board.say("")
        if self._opening is not None:
            self._opening.give_up()
            self._opening = None
        self.runner = Runner(
            session.scenario, session.connectome, self.services.pool, self.transport.speed,
            self._take_prepared(), paused,
        )  # fmt: skip
        stimulus = session.scenario.stimulus
        self._start_amplitude = stimulus[0].amplitude if stimulus else 0.0
        self._shown_version = -1
        self._shown_run = None
        self._is_inspecting = False
        self.runner.start()
        self.strip.set(session.runs, None)

    def _take_prepared(self) -> Simulation | None:
        preparation, self._preparation = self._preparation, None
        if preparation is None or preparation.scenario != self.session.scenario:
            return None
        return preparation.simulation if preparation.is_done else None

    def _on_speed(self, speed: float) -> None:
        if self.runner is not None:
            self.runner.speed = speed

    def _on_live(self, name: str, value: float) -> None:
        """A slider moves: act on the run at once."""
        runner = self.runner
        if runner is None or not self.is_running:
            return
        network = runner.scenario.network
        live = runner.live or LiveParameters(network.coupling, network.parameters.ou_mean)
        values = {
            "coupling": live.coupling,
            "ou_mean": live.ou_mean,
            "stimulus_scale": live.stimulus_scale,
        }
        if name == "stimulus":
            values["stimulus_scale"] = value / self._start_amplitude if self._start_amplitude else 1
        else:
            values[name] = value
        runner.set_live(LiveParameters(**values))

    def _on_settle(self, name: str, value: float) -> None:
        """A slider was let go: it is now part of the scenario."""
        scenario = self.session.scenario
        if name == "coupling":
            self._change({"network.coupling": value})
        elif name == "ou_mean":
            self._change({"network.parameters.ou_mean": value})
        elif scenario.stimulus and scenario.stimulus[0].amplitude != value:
            first = scenario.stimulus[0].amplitude
            factor = value / first if first else 0.0
            self._change(
                {
                    f"stimulus.{i}.amplitude": value if i == 0 else s.amplitude * factor
                    for i, s in enumerate(scenario.stimulus)
                }
            )

    # ---- files -------------------------------------------------------------------------------

    def _on_file(self, event: Any) -> None:
        file = event.new
        name = str(file["name"])
        if not file["data"]:
            self.board.say(
                f"{name}: must not be empty and at most {MAX_UPLOAD_BYTES / 1e6:.0f} MB "
                f"(got {file['size'] / 1e6:.1f} MB)."
            )
            return
        try:
            said = self.session.open_file(name, base64.b64decode(file["data"]))
        except EngineError as error:
            self.board.say(str(error))
            return
        self._scenario_changed()
        self._want_opening()
        self.board.say(said, good=True)

    def _save(self, what: str) -> None:
        if what == "scenario":
            text = self.session.scenario.to_toml()
            self._ask(do="save", name="scenario.toml", text=text, type="application/toml")
            return
        recording = self.views.recording
        if recording is None:
            self.board.say("There is no finished run to save yet. Press Run first.")
        elif what == "run":
            text = json.dumps(recording.as_json(), indent=2)
            self._ask(do="save", name="run.json", text=text, type="application/json")
        else:
            self._ask(do="save", name="rates.csv", text=recording.rates_csv(), type="text/csv")

    # ---- showing -----------------------------------------------------------------------------

    def _show_recording(self, recording: Recording) -> None:
        self.views.show(recording, self.services.atlas(recording.connectome))
        self._show_scores()
        self.board.show_words()

    def _show_run(self, run: Run) -> None:
        if self.is_running:
            self.board.say("Stop the run before looking at another one.")
            return
        self._shown_run = run
        self.runner = None
        self._show_recording(run.recording)
        self.strip.set(self.session.runs, run)
        self._show_status()

    def _show_scores(self) -> None:
        scores = self.views.scores()
        if scores:
            self.views.fit.update(scores)
        rates = self.views.region_rates_hz()
        if rates:
            self.choices.show_rates(rates)

    def _show_status(self) -> None:
        runner = self.runner
        recording = self.views.recording
        idle = "Ready."
        if self._opening is not None:
            idle = "Making a short run to look at …"
        elif recording is not None:
            seconds = recording.duration_ms / 1000
            which = f"Run {self._shown_run.letter}" if self._shown_run else "A finished short run"
            idle = f"{which}, {seconds:g} s, is shown. Press Run for your own."
        queue = self.services.pool.position(runner) if runner is not None else 0
        self.transport.status(status_html(runner, idle, queue))
        self.transport.enable(runner, self.session.can_undo, self.session.can_redo)

    # ---- the clock ---------------------------------------------------------------------------

    def _tick(self) -> None:
        begun = time.perf_counter()
        with pn.io.hold():
            self._mind_absence()
            self._poll_opening()
            self._poll_preparation()
            if self.runner is not None:
                self._poll_runner(self.runner)
        self.services.note_tick(time.perf_counter() - begun)

    def _poll_opening(self) -> None:
        opening = self._opening
        if opening is None or not opening.is_done:
            return
        self._opening = None
        same = opening.scenario == self.session.scenario
        if opening.recording is not None and same and not self.is_running:
            self._shown_run = None
            self._show_recording(opening.recording)
        self._show_status()

    def _poll_preparation(self) -> None:
        preparation = self._preparation
        if preparation is None or not preparation.is_done or self.is_running:
            return
        if preparation.error:
            self._preparation = None
            self.board.say(preparation.error)
        elif not self._is_laid_out(preparation.simulation):
            self.runner = None
            self._shown_run = None
            self.views.lay_out(preparation.simulation, self.services.atlas(preparation.connectome))
            self.board.show_words()
            self._show_status()

    def _is_laid_out(self, simulation: Simulation) -> bool:
        """Whether the picture already has these regions on this hardware."""
        scene: Scene | None = self.views.scene
        if scene is None or scene.connectome is not simulation.connectome:
            return False
        return not any(
            key.startswith(("regions.", "noc.")) or key == "network.neurons_per_region"
            for key, _, _ in simulation.scenario.differences(scene.scenario)
        )

    def _mind_absence(self) -> None:
        """End the run of a visitor whose page is gone."""
        document = pn.state.curdoc
        context = document.session_context if document else None
        session = getattr(context, "session", None)
        if session is None or session.connection_count > 0:
            self._last_link = time.monotonic()
        elif time.monotonic() - self._last_link > _ABANDONED_S and self.runner is not None:
            self.runner.stop()

    def _poll_runner(self, runner: Runner) -> None:
        now = time.monotonic()
        frame = runner.frame
        if frame is not None and runner.simulation is not None:
            if self._shown_version < 0:
                atlas = self.services.atlas(runner.connectome)
                self.views.lay_out(runner.simulation, atlas)
                self._shown_version = 0
            if frame.version > self._shown_version and self.views.gate.may_send():
                self._shown_version = frame.version
                self.views.tick(frame)
                self.views.gather()
        if now >= self._next_text:
            self._next_text = now + _TEXT_S
            self._show_status()
            self.board.show_words()
        if now >= self._next_scores and self.views.frame is not None:
            self._next_scores = now + _SCORES_S
            self._show_scores()
        self._inspect_when_paused(runner)
        if not runner.is_alive and runner.state not in _ALIVE:
            self._finish(runner)

    _is_inspecting = False

    def _inspect_when_paused(self, runner: Runner) -> None:
        """While a run rests, its single spikes can be looked at."""
        frame = runner.frame
        resting = runner.state == "paused" and frame is not None and frame.time_ms > 0
        if resting and not self._is_inspecting and frame.version == self._shown_version:
            self._is_inspecting = True
            self.views.raster.inspect(*frame.log.between(0, frame.n_chunks))
        elif not resting:
            self._is_inspecting = False

    def _finish(self, runner: Runner) -> None:
        state, note = runner.state, runner.note
        self.transport.status(status_html(runner, "", 0))
        self.runner = None
        if state == "failed":
            self.board.say(note)
        if runner.recording is not None:
            self._shown_run = self.session.keep(runner.recording)
            self._show_recording(runner.recording)
            self.strip.set(self.session.runs, self._shown_run)
        self.transport.enable(None, self.session.can_undo, self.session.can_redo)
        session = self.session
        if session.capacity.n_synapses <= MAX_PREPARED_SYNAPSES and not session.refusal():
            self._preparation = Preparation(session.scenario, session.connectome)
