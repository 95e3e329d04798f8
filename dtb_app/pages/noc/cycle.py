"""The part of the Network page that runs cycle by cycle: a form, a job, a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Card, Text
from dtb_app.controls.count import parse_count
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import PageTools
from dtb_app.pages.noc.words import bar_html
from dtb_app.work.job import Job
from engine.errors import EngineError, ParameterError
from engine.markup import parts
from engine.noc.cycle.cycle import run_recorded, run_synthetic
from engine.noc.cycle.patterns import SyntheticTraffic
from engine.noc.cycle.recorded import RecordedTraffic
from engine.noc.topology.topology import Topology
from engine.run.recording import Recording
from layouts.noc.latency import LatencyView
from layouts.noc.strokes import topology_text

__all__ = ["CyclePanel"]

_RECORDED = "The spikes of the run"
_PATTERNS = {
    "Anybody to anybody": "uniform",
    "Row to column (transpose)": "transpose",
    "Opposite tile (bit complement)": "bitcomp",
    "One hot tile": "hotspot",
    "Neighbours only": "neighbour",
    _RECORDED: "recorded",
}
_MOST_CYCLES = 2_000_000
_MOST_SPIKES = 400_000  # of a run that are replayed cycle by cycle
_SHORT = 4e6  # cycles times tiles: about a second
_FORM_NOTE = (
    "One queue for every directed link and every way in or out, each passing "
    "on one packet a cycle. Spikes of the run come at the times they were made, on the clock of "
    "the hardware, and are copied where their routes part."
)

_FORM_CSS = """
:host(.dtb-noc-form) { flex: 0 0 248px; width: 248px; }
:host { max-height: none !important; }
@media (max-width: 660px) { :host(.dtb-noc-form) { flex: 1 1 100%; width: 100%; height: 400px !important; } }
"""


class CyclePanel:
    """A form and what it has run.

    Parameters
    ----------
    tools : PageTools
    card : callable
        Makes the card of a figure.

    Attributes
    ----------
    form : panel object
    card : Card
    view : LatencyView
    controls : NamedControls
        The button "start", and what the form asks for: "pattern", "rate", "cycles", "room".
    """

    def __init__(self, tools: PageTools, card: Callable[[Any], Card]):
        self._tools = tools
        self._topology: Topology | None = None
        self._ran_on: Topology | None = None
        self._recording: Recording | None = None
        self._job: Job | None = None
        self._is_refused = False
        self.view = LatencyView(tools.theme())
        self.card = card(self.view.figure)
        self.form = self._make_form()
        self.card.sentence(self.view.sentence)

    @property
    def said(self) -> str:
        """The words under the form."""
        return self._form_note.words

    @property
    def is_working(self) -> bool:
        """Whether a job goes on."""
        return self._job is not None

    def lay_out(self, topology: Topology, recording: Recording | None) -> None:
        """Run on another network from now on, and once at once."""
        self._topology, self._recording = topology, recording
        if topology is not self._ran_on and self._pattern.value != _RECORDED:
            self._start_now()

    def tick(self) -> None:
        """Take what the job has finished."""
        job = self._job
        if job is None:
            return
        if not job.is_over:
            self._start.label = "Cancel"
            self._form_note.set(bar_html(job))
            return
        self._job = None
        self._start.label = "Start"
        self._form_note.set(parts.refusal(job.error) if job.error else parts.note(_FORM_NOTE))
        if job.state == "done":
            result, traffic = job.result
            self.view.show(result, traffic)
            self.card.caption(f"{topology_text(result.topology)} · {result.cycles:,} cycles")
            self.card.sentence(self.view.sentence)

    def close(self) -> None:
        """End what works."""
        if self._job is not None:
            self._job.cancel()

    def _make_form(self) -> pn.Column:
        wide = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 0, 3, 0)}
        self._pattern = pmui.Select(
            label="Who sends to whom", options=list(_PATTERNS), css_classes=["dtb-noc-pattern"], **wide
        )
        self._rate = pmui.TextInput(
            label="Packets a tile sends per cycle", value="0.3", css_classes=["dtb-noc-rate"], **wide
        )
        self._cycles = pmui.TextInput(label="Cycles", value="20,000", css_classes=["dtb-noc-cycles"], **wide)
        self._room = pmui.TextInput(
            label="Flits a queue holds, 0 for no end", value="0", css_classes=["dtb-noc-room"], **wide
        )
        self._start = pmui.Button(
            label="Start", size="small", width=104, margin=(8, 0, 4, 0), css_classes=["dtb-noc-start"]
        )
        self._pattern.param.watch(self._tools.later(lambda _: self._lock_form()), "value")
        self._start.on_click(self._tools.later(self._on_start))
        self._form_note = Text(parts.note(_FORM_NOTE), margin=(4, 0, 0, 0), height=120)
        self.controls = NamedControls(
            {"start": self._start},
            {"pattern": self._pattern, "rate": self._rate, "cycles": self._cycles, "room": self._room},
        )
        self.controls.watch(self._tools.later(lambda event: self._forgive()))
        return pn.Column(
            Text(parts.head("Cycle by cycle")).pane,
            pn.Spacer(height=10, margin=0),
            *(self._pattern, self._rate, self._cycles, self._room, self._start),
            self._form_note.pane,
            margin=0,
            height=450,
            stylesheets=[CARD_CSS, _FORM_CSS],
            css_classes=["dtb-noc-form"],
        )

    def _forgive(self) -> None:
        """What is asked for has changed: a refusal stands no longer."""
        if self._is_refused:
            self._is_refused = False
            self._form_note.set(parts.note(_FORM_NOTE))

    def _lock_form(self) -> None:
        is_recorded = self._pattern.value == _RECORDED
        self._rate.disabled = self._cycles.disabled = is_recorded

    def _on_start(self, _: Any) -> None:
        if self._job is not None:
            self._job.cancel()
        else:
            self._start_now()

    def _start_now(self) -> None:
        try:
            work, n_steps = self._asked()
        except EngineError as error:
            self._form_note.set(parts.refusal(str(error)))
            self._is_refused = True
            return
        if self._job is not None:
            self._job.cancel()
        self._is_refused = False
        # A short one does not wait for the runs of others.
        self._job = Job(work, None if n_steps <= _SHORT else self._tools.services.jobs)
        self._form_note.set(parts.note("Waiting for its turn …", role="status"))

    def _asked(self) -> tuple[Callable[..., Any], float]:
        """The work that the form asks for, and its size in cycles times tiles.

        Raises
        ------
        EngineError
            It makes no sense.
        """
        room = parse_count("queue", self._room.value)
        if room != int(room) or room < 0:
            raise ParameterError(f"queue: must be a whole number from 0 (got {room}).")
        pattern = _PATTERNS[self._pattern.value]
        if pattern == "recorded":
            return self._replay(int(room)), float("inf")
        cycles = parse_count("cycles", self._cycles.value)
        if cycles != int(cycles) or not 1 <= cycles <= _MOST_CYCLES:
            raise ParameterError(f"cycles: must be from 1 to {_MOST_CYCLES:,} (got {cycles:,}).")
        topology = self._topology
        if topology is None:
            raise ParameterError("The network is still being laid out: try again in a moment.")
        self._ran_on = topology
        rate = float(parse_count("rate", self._rate.value))
        traffic = SyntheticTraffic(topology, pattern, rate, self._tools.session.scenario.seed)

        def work(progress: Any) -> Any:
            progress(0.0, "routing")
            return run_synthetic(traffic, int(cycles), room=int(room), progress=progress), traffic

        return work, cycles * topology.n_tiles

    def _replay(self, room: int) -> Callable[..., Any]:
        recording = self._recording
        if recording is None:
            raise ParameterError("No run is shown: press Run first, or choose another pattern.")
        n = min(len(recording.spike_ids), _MOST_SPIKES)
        times = (recording.spike_steps[:n] + 1) * recording.scenario.dt
        ids = recording.spike_ids[:n]

        def work(progress: Any) -> Any:
            progress(0.0, "laying out trees")
            traffic = RecordedTraffic(recording.fabric, times, ids)
            return run_recorded(traffic, room=room, progress=progress), None

        return work
