"""The page's conductor: wires session, engine threads and views. The only place where they meet.

A clock on the session's own event loop looks at the runner ten times a second and shows its newest
frame, unless the browser has not yet drawn the last two. The engine never waits for a browser and
never touches a widget.
"""

from __future__ import annotations

import time
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.colours import first_theme, page_css
from dtb_app.controls.page_port import PagePort
from dtb_app.controls.style import tokens
from dtb_app.explorer.address import Address
from dtb_app.explorer.beside import Saving
from dtb_app.explorer.board import Board
from dtb_app.explorer.kept_runs import KeptRuns
from dtb_app.explorer.left_column import Choices
from dtb_app.explorer.opened_files import OpenedFiles
from dtb_app.explorer.prepared import Ahead
from dtb_app.explorer.run_control import RunControl
from dtb_app.explorer.run_strip import RunStrip
from dtb_app.explorer.shown import Showing
from dtb_app.explorer.tabs import Tabs
from dtb_app.explorer.top_bar import Transport, status_html
from dtb_app.explorer.views import LiveViews
from dtb_app.pages import EXPLORER, PAGES, PageTools
from dtb_app.panel_fixes.known_visitors import visitor_of
from dtb_app.panel_fixes.later import later
from dtb_app.panel_fixes.messages.undelivered import send_forgotten
from dtb_app.panel_fixes.quiet_clock import begin_clock
from dtb_app.session.editing import Editing
from dtb_app.session.files import contents_of, open_upload
from dtb_app.session.session import Session
from dtb_app.work.closing import close_all
from dtb_app.work.job import Job
from dtb_app.work.kept_work import KeptWork
from dtb_app.work.priority import page_at_work
from dtb_app.work.put_aside import PutAside
from dtb_app.work.runner import Runner
from dtb_app.work.services import Services
from engine.errors import EngineError
from engine.run.simulation import Simulation
from engine.scenario.remarks import live_remark
from layouts.theme import DARK, LIGHT

__all__ = ["Explorer"]

TICK_MS = 100
_ABANDONED_S = 3.0


class Explorer:
    """One visitor's page.

    Parameters
    ----------
    services : Services
        What all visitors share.
    """

    def __init__(self, services: Services):
        self.services = services
        services.visitors.add(self)
        self.session = Session()
        self._theme, follows = first_theme(pn.state.session_args, pn.state.cookies)
        name = "dark" if self._theme is DARK else "default"
        pn.config.theme = name  # type: ignore[misc]  # Panel takes it, though its property has no setter
        self.ahead = Ahead(self.session, services)
        self._last_link = time.monotonic()
        self._told_live: Runner | None = None
        self._nonce = 0
        self.views = LiveViews(self._theme, services.atlas(self.session.connectome))
        self.views.brain.on_select = self._on_map_select
        self.views.matrix.on_select = self._pick
        self.views.brain.on_open = lambda index: self._pick([index])
        self.views.noc.on_pick = self._pick
        self.port = PagePort(follows=follows, width=0, height=0, margin=0)
        self.port.param.watch(later(self._on_scheme), "scheme")
        self.port.param.watch(later(self._on_key), "key")
        self.port.param.watch(later(self._on_file), "opened")
        self.address = Address(self.port, self.session, lambda: self.tabs.address, self._show_asked)
        self.port.param.watch(later(self.address.went), "went")
        self.transport = Transport(later(self.press), lambda speed: self.runs.set_speed(speed))
        self.runs = RunControl(self.session, self.ahead, services.pool, lambda: self.transport.speed)
        self.board = Board(self.views, lambda: self._pick(list(self.session.picked)))
        self.saving = Saving(
            self.session, services.jobs, self.board.say, lambda **file: self._ask(do="save", **file)
        )
        self.kept = KeptRuns(services.store, self.session, self.board.say, self._runs_changed)
        self.work = KeptWork(services.store)
        self.files = OpenedFiles(self.session, self.work, self.board.say, self.address.again)
        self.strip = RunStrip(
            later(lambda run: self.showing.show_run(run)),
            later(self._save),
            lambda: self._ask(do="open"),
            self.kept.pin,
            self.kept.load,
        )
        self.editing = Editing(
            self.session, self.board.say, self.scenario_changed, lambda: self.choices.refresh()
        )
        self.choices = Choices(
            self.session,
            {
                "preset": later(self.open_preset),
                "pick": later(self._pick),
                "assign": later(self.editing.assign),
                "open": later(lambda index: self._pick([index])),
                "change": later(self.editing.change),
                "press": later(self.editing.press),
                "live": self._on_live,
                "settle": later(self.editing.settle),
            },
        )

        self.showing = Showing(
            self.session,
            services,
            self.views,
            self.ahead,
            self.runs,
            transport=self.transport,
            board=self.board,
            choices=self.choices,
            strip=self.strip,
            kept=self.kept,
        )

    def view(self) -> pmui.Page:
        """The page, to be made servable."""
        gate = pn.pane.Bokeh(self.views.gate.model, margin=0)
        explorer = self.board.explorer(self.choices.panel, self.strip.panel)
        self.tabs = Tabs(PAGES, self._tools(), explorer, self._on_page)
        self.showing.tabs = self.tabs
        self.page = self.board.page(
            self.transport.panel,
            self.tabs.bar,
            explorer,
            self.tabs.area,
            [self.port, self.strip.dialog, gate],
            page_css(self._theme, self.port.follows),
        )
        self.page.param.watch(later(lambda event: self._restyle()), "dark_theme")
        self._restyle()
        self.address.open()
        pn.state.onload(self._go_live)
        pn.state.on_session_destroyed(lambda context: self.close())
        return self.page

    def arrive(self) -> None:
        """The page was made before its visitor came: go where their address says."""
        if self.address.asked():
            self.views.scene = None  # what the page was made with is nothing that they have changed
            self.address.open()

    def _tools(self) -> PageTools:
        """What the deeper pages may use."""
        session, editing = self.session, self.editing
        return PageTools(
            session=session,
            services=self.services,
            say=self.board.say,
            adopt=lambda scenario: editing.attempt(lambda: session.adopt(scenario)),
            open_explorer=lambda: self.tabs.open(EXPLORER),
            recording=lambda: self.views.recording,
            runner=lambda: self.runs.runner,
            theme=lambda: self._theme,
            later=later,
            moved=self.address.write,
            choose_file=lambda accept: self._ask(do="open", accept=accept),
            kept=self.work,
        )

    def _go_live(self) -> None:
        self._send_colours()
        for kept in (self.kept, self.work):
            kept.begin(visitor_of(pn.state.curdoc))
        begin_clock(self.tick, TICK_MS)
        later(self.views.tell)()

    def _show_asked(self, page: str, section: str, trouble: str) -> None:
        """Show what an address asks for."""
        self.scenario_changed()
        self.showing.want_opening()
        self.board.say(trouble or self.tabs.refusal(page))
        self.showing.show_status()
        self.tabs.open(page, section)

    def park(self) -> Job | None:
        """The server ends: stop the run of this visitor, and keep it where it stands."""
        self.runs.stop()
        return self.kept.leave(self.runs.runner)

    def close(self) -> None:
        """The visitor has left: end what works for them."""
        self.services.visitors.discard(self)
        self._told_live = None
        close_all(
            self.ahead.close,
            self.showing.close,
            self.saving.drop,
            self.strip.close,
            self.tabs.close,
            self.runs.stop,
            lambda: self.kept.leave(self.runs.runner),
            self.runs.drop,  # networks and spikes need not wait for what remains of the page
            self.views.release,
        )

    def _restyle(self) -> None:
        self._theme = DARK if self.page.dark_theme else LIGHT
        self.views.restyle(self._theme)
        self.strip.restyle(self._theme)
        self.tabs.restyle(self._theme)
        if self.port.scheme and self.port.scheme != self._theme.name:
            self.port.follows = False  # the visitor's own choice
        self._send_colours()

    def _send_colours(self) -> None:
        self._ask(do="tokens", theme=self._theme.name, tokens=tokens(self._theme))

    def _on_scheme(self, event: Any) -> None:
        """The visitor's system has told its theme, or changed it."""
        is_dark = event.new == DARK.name
        if self.port.follows and self.page.dark_theme != is_dark:
            self.page.dark_theme = is_dark
        else:
            self._send_colours()

    def _ask(self, **what: Any) -> None:
        self._nonce += 1
        self.port.ask = {**what, "nonce": self._nonce}

    @property
    def is_running(self) -> bool:
        """Whether a run of this visitor goes on, or waits to."""
        return self.runs.is_running

    # ---- the scenario ------------------------------------------------------------------------

    def scenario_changed(self) -> None:
        """Show the session's scenario as it is now."""
        self.choices.refresh()
        self.address.write()
        self.views.brain.set_backends(self.session.backends)
        self.showing.prepare()
        self.showing.show_status()
        self.tabs.scenario_changed()

    def _on_page(self) -> None:
        """Another page has been opened."""
        self.address.write()
        if not self.tabs.is_explorer:
            self.views.raster.away()

    def open_preset(self, name: str) -> None:
        """Open a preset and have a short run of it made."""
        if self.editing.open_preset(name):
            self.showing.want_opening()

    # ---- the selection -----------------------------------------------------------------------

    def _on_map_select(self, indices: list[int], mode: str) -> None:
        paint = self.views.brain.paint
        if paint:
            self.editing.assign(indices, paint)
        else:
            self._pick(indices, mode)

    def _pick(self, indices: list[int], mode: str = "replace") -> None:
        self.session.pick(indices, mode)
        self.choices.show_picked()
        self.views.pick(list(self.session.picked), self.session.connectome)
        self.showing.score_soon()
        if not self.is_running:
            self.showing.show_scores()
        self.board.show_words()
        self.tabs.scenario_changed()

    # ---- transport ---------------------------------------------------------------------------

    def press(self, name: str) -> None:
        """As if a button of the top bar were pressed, or its key.

        Parameters
        ----------
        name : str
            "run", "step", "stop", "reset", "undo", "redo", "share" or "help".
        """
        if self.runs.has_ended:
            self._finish()
        {
            "run": self._run_or_pause,
            "step": self._step,
            "stop": self._stop,
            "reset": self._reset,
            "undo": self.editing.undo,
            "redo": self.editing.redo,
            "share": lambda: self._ask(do="copy", text=""),
            "help": self.board.show_help,
        }[name]()

    def _on_key(self, event: Any) -> None:
        name = event.new["name"]
        if name == "copied":
            self.board.say(self.session.link_words, good=True)
        elif name == "not-copied":
            self.board.say("The browser does not give the clipboard; copy the address instead.")
        else:
            self.press(name)

    def _run_or_pause(self) -> None:
        if not self.is_running:
            self._start()
        else:
            runner = self.runs.runner
            if runner is not None and runner.is_paused and not self.runs.can_branch:
                self.views.raster.resume()
            self.runs.pause_or_resume()
        self.showing.show_status()

    def _step(self) -> None:
        if not self.is_running:
            self._start(paused=True)
        if self.runs.runner is not None and self.runs.runner.is_paused:
            self.views.raster.resume()
        self.runs.step()
        self.showing.show_status()

    def _stop(self) -> None:
        self.runs.stop()
        self.showing.show_status()

    def _reset(self) -> None:
        self.runs.drop()
        self.kept.forget()
        self.board.say("")
        self.showing.shown_run = None
        self.showing.prepare()
        self.showing.want_opening()
        self._runs_changed()
        self.showing.show_status()

    def _start(self, paused: bool = False, origin: Simulation | PutAside | None = None) -> None:
        refusal = self.session.refusal()
        if refusal:
            self.board.say(f"This does not fit. {refusal}")
            return
        self.board.say("")
        self.showing.begin_run()
        self.runs.start(paused, origin)
        self._runs_changed()

    def _runs_changed(self) -> None:
        """The strip has other runs, or another one is shown."""
        self.strip.set(self.session.runs, self.showing.shown_run)

    # ---- files -------------------------------------------------------------------------------

    def _on_file(self, event: Any) -> None:
        if self.tabs.page is not None and self.tabs.page.take_file(event.new):
            return
        try:
            said = open_upload(self.session, event.new)
        except EngineError as error:
            self.board.say(str(error))
            return
        self.files.opened(contents_of(event.new))
        self.scenario_changed()
        self.showing.want_opening()
        self.board.say(said, good=True)

    def _save(self, what: str) -> None:
        self.saving.ask(self.views.recording, what)

    # ---- the clock ---------------------------------------------------------------------------

    def tick(self) -> None:
        """Ten times a second: show what is new."""
        begun = time.perf_counter()
        if pn.state.curdoc is not None:
            send_forgotten(pn.state.curdoc)
        with page_at_work(), pn.io.hold():
            self._mind_absence()
            self.showing.poll()
            self.strip.poll()
            self.saving.poll()
            self.kept.poll(self.runs.runner)
            self.files.poll()
            self.work.poll()
            self.ahead.rest()
            if self.runs.runner is not None:
                self.showing.follow(self.runs.runner)
                if self.runs.has_ended:
                    self._finish()
            self.showing.work_out_signal()
            self.tabs.tick()
            if self.board.shows_matrix:
                self.showing.tell_graph()
        self.services.note_tick(time.perf_counter() - begun)

    def _on_live(self, key: str, value: float | bool) -> None:
        """A slider or a switch moves the run; say once a run what does not follow."""
        self.runs.set_live(key, value)
        runner = self.runs.runner
        if runner is None or runner is self._told_live:
            return
        if said := live_remark(runner.scenario, runner.connectome.labels, key):
            self._told_live = runner
            self.board.say(said, good=True)

    def _mind_absence(self) -> None:
        """End the run of a visitor whose page is gone."""
        document = pn.state.curdoc
        context = document.session_context if document else None
        session = getattr(context, "session", None)
        if session is None or session.connection_count > 0:
            self._last_link = time.monotonic()
        elif time.monotonic() - self._last_link > _ABANDONED_S:
            self.runs.stop()

    def _finish(self) -> None:
        runner, is_branching = self.runs.take_ended()
        self.transport.status(status_html(runner, "", 0))
        if runner.state == "failed":
            self.board.say(runner.note)
        if runner.recording is not None:
            self.showing.shown_run = self.session.runs.keep(runner.recording)
            self.kept.keep(self.showing.shown_run)
            self.showing.show_recording(runner.recording)
            self._runs_changed()
        can = self.session.can_undo, self.session.can_redo
        self.transport.enable(None, *can, is_refused=bool(self.session.refusal()))
        if is_branching:
            self._start(origin=runner.left)
        else:
            self.ahead.prepare()
