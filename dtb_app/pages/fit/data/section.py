"""The section Own data: a file opened, looked at, matched, and held against the run that is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Text
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.question_form import QuestionForm
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.fit.data.held_against import HeldAgainst, held_against
from dtb_app.pages.fit.data.pictures import Pictures
from dtb_app.pages.fit.data.region_map import RegionMap, map_rows
from dtb_app.pages.fit.data.words import file_html, held_html, matching_words, target_words
from dtb_app.session.files import contents_of
from dtb_app.session.measured import OwnData
from dtb_app.work.job import Job
from engine.brain.connectome import Connectome
from engine.errors import DataError, EngineError
from engine.fit.measured import KEYS, Question, SpikeList, companions_of, read_measured
from engine.fit.measured.example import connectome_fc_file, simulated_bold_file
from engine.fit.measured.questions import SIGNALS
from engine.markup import parts
from layouts.theme import Theme

__all__ = ["ACCEPTED", "DataSection"]

ACCEPTED = ".csv,.tsv,.txt,.npy,.npz,.mat,.nwb,.h5,.hdf5,.json,.zip"
"""Endings that the browser's file chooser offers."""
_CSS = """
:host(.dtb-data), :host(.dtb-data-row) { gap: 12px; height: auto; max-height: none !important; }
:host(.dtb-data-row) { flex-wrap: wrap; flex: 0 0 auto; }
:host(.dtb-data-buttons) { gap: 8px; flex-wrap: wrap; align-items: center; height: auto; }
:host { max-height: none !important; }
"""
_SX = {"textTransform": "none", "boxShadow": "none", "whiteSpace": "nowrap", "minWidth": "0"}
_NO_RUN = "No finished run is shown: press Run above, then compare it with these data."
_READY = "Compare works out every score that applies, over the regions that both have."
_STALE = "Another run or other data are shown now: compare again to see them."


class DataSection(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        self._held = tools.session.measured
        self._job: Job | None = None
        self._over: Callable[[Any], None] = self._take
        self._found: HeldAgainst | None = None
        self.pictures = Pictures(tools)
        self.cards, self.views = self.pictures.cards, self.pictures.views
        self._form = QuestionForm(self._answer, tools.later)
        self._map = RegionMap(sizing_mode="stretch_width", height=230, margin=(6, 0, 0, 0))
        self._table = pn.Column(self._map, margin=0, sizing_mode="stretch_width", visible=False)
        self._map.param.watch(tools.later(self._on_map), "action")
        self._buttons = {
            "choose": self._button("Open file…", lambda: tools.choose_file(ACCEPTED), "contained"),
            "example-fc": self._button("Example: measured FC", lambda: self._example(connectome_fc_file)),
            "example-bold": self._button(
                "Example: simulated BOLD", lambda: self._example(simulated_bold_file)
            ),
            "leave-out": self._button("Leave them out", self._leave_out),
            "drop": self._button("Discard", self._drop),
            "accept": self._button("Take the nearest names", self._accept),
            "names": self._button("Take the connectome's names in order", self._take_names),
            "compare": self._button("Compare with this run", self._compare, "contained"),
            "target": self._button("Use as target", self._use_as_target),
            "untarget": self._button("Clear target", self._clear_target),
        }
        self._file = Text(file_html(self._held))
        self._trouble = Text()
        self._matching = Text()
        self._scores = Text(held_html(None, _NO_RUN))
        self._target = Text()
        self._texts = {
            "file": self._file,
            "trouble": self._trouble,
            "matching": self._matching,
            "scores": self._scores,
            "target": self._target,
        }
        self.panel = self._lay_out()
        self._show()

    # ---- what stands where -------------------------------------------------------------------

    def _button(self, label: str, press: Callable[[], None], variant: str = "outlined") -> Any:
        button = pmui.Button(label=label, size="small", variant=variant, margin=0, sx=_SX)
        button.css_classes = [f"dtb-data-{label.split(':')[0].split()[0].lower()}"]
        button.on_click(self.tools.later(lambda _: press()))
        return button

    def _lay_out(self) -> pn.Column:
        b = self._buttons

        def row(*names: str) -> pn.Row:
            return pn.Row(
                *(b[name] for name in names),
                css_classes=["dtb-data-buttons"],
                stylesheets=[_CSS],
                margin=(8, 0, 0, 0),
                sizing_mode="stretch_width",
            )

        def card(basis: int, name: str, *content: Any) -> pn.Column:
            return pn.Column(
                *content,
                margin=0,
                sizing_mode="stretch_width",
                stylesheets=[CARD_CSS, _CSS],
                css_classes=[f"dtb-data-{name}"],
                styles={"flex": f"1 1 {basis}px", "min-width": "0"},
            )

        def line(*cards: Any) -> pn.Row:
            return pn.Row(
                *cards,
                css_classes=["dtb-data-row"],
                stylesheets=[_CSS],
                margin=0,
                sizing_mode="stretch_width",
            )

        file = card(
            430,
            "file",
            self._file.pane,
            self._trouble.pane,
            row("choose", "example-fc", "example-bold"),
            self._form.panel,
            row("leave-out", "drop"),
        )
        self._regions = card(470, "regions", self._matching.pane, row("accept", "names"), self._table)
        scores = card(
            540, "scores", self._scores.pane, row("compare", "target", "untarget"), self._target.pane
        )
        self._below = [
            line(*(self.cards[name].panel for name in ("signal", "raster", "matrix"))),
            line(scores, self.cards["profile"].panel),
        ]
        return pn.Column(
            line(file, self._regions),
            *self._below,
            css_classes=["dtb-data"],
            stylesheets=[_CSS],
            margin=0,
            sizing_mode="stretch_width",
        )

    # ---- from the visitor --------------------------------------------------------------------

    def take_file(self, file: dict[str, Any]) -> bool:
        """Read a file that was dropped or chosen, with what belongs to it."""
        try:
            contents = contents_of(file)
            name = _main(contents)
        except EngineError as error:
            self._refuse(str(error))
            return True
        data, connectome = contents.pop(name), self._connectome
        self._begin(lambda: OwnData.of(read_measured(data, name, contents), connectome), f"Reading {name} …")
        return True

    def _example(self, make: Callable[[Connectome], tuple[str, bytes]]) -> None:
        connectome = self._connectome

        def work() -> OwnData:
            name, data = make(connectome)
            return OwnData.of(read_measured(data, name), connectome)

        self._begin(work, "Making the example …")

    def _answer(self, answers: dict[str, Any]) -> None:
        own = self._held.at_hand
        if own is not None:
            self._begin(lambda: own.answered(answers), f"Reading {own.name} …")

    def _leave_out(self) -> None:
        own = self._held.asked
        if own is not None:
            self._begin(own.without_unusable, f"Reading {own.name} …")

    def _drop(self) -> None:
        self._held.drop()
        self._show()

    def _on_map(self, event: Any) -> None:
        own = self._held.opened
        if own is None:
            return
        theirs, ours = event.new["theirs"], event.new["ours"]
        self._begin(lambda: own.matched(theirs, ours or None), "Matching regions …")

    def _accept(self) -> None:
        own = self._held.opened
        if own is not None:
            self._begin(own.with_nearest, "Matching regions …")

    def _take_names(self) -> None:
        own = self._held.opened
        if own is not None:
            self._begin(lambda: own.answered({"labels": own.connectome.labels}), "Matching regions …")

    def _use_as_target(self) -> None:
        try:
            self._held.use_as_target()
        except EngineError as error:
            self._refuse(str(error))
            return
        self._show()

    def _clear_target(self) -> None:
        self._held.clear_target()
        self._show()

    def _compare(self) -> None:
        own, recording = self._held.opened, self.tools.recording()
        if own is not None and recording is not None:
            self._begin(lambda: held_against(recording, own), "Comparing …", self._take_comparison)

    # ---- work --------------------------------------------------------------------------------

    def _begin(self, work: Callable[[], Any], words: str, over: Callable[[Any], None] | None = None) -> None:
        """Do one thing beside the page; it waits for no place, as it takes a moment."""
        if self._job is not None:
            self._refuse("Something is still being read: try again in a moment.")
            return
        self._over = over or self._take
        self._trouble.set(parts.note(words, role="status"))
        self._job = Job(lambda progress: work())

    def tick(self) -> None:
        """Take what a job has finished; what it refuses changes nothing."""
        job = self._job
        if job is None or not job.is_over:
            return
        self._job = None
        if job.state != "done":
            self._show()
            self._refuse(job.error or "Ended before it was done.")
            return
        self._trouble.set("")
        self._over(job.result)

    def _take(self, own: OwnData) -> None:
        self._held.take(own)
        self._show()

    def _take_comparison(self, found: HeldAgainst) -> None:
        self._found = found
        self._show()

    def _refuse(self, said: str) -> None:
        self._trouble.set(parts.refusal(said))

    @property
    def found(self) -> HeldAgainst | None:
        """The comparison that is shown."""
        return self._found

    @property
    def map_rows(self) -> list[dict[str, Any]]:
        """The rows of the table of regions."""
        return self._map.rows

    def match(self, theirs: str, ours: str) -> None:
        """As if the visitor said which region one of the file is; "" for none."""
        self._map.action = {"theirs": theirs, "ours": ours}

    @property
    def is_working(self) -> bool:
        """Whether a file is read or a run compared."""
        return self._job is not None

    # ---- to the visitor ----------------------------------------------------------------------

    @property
    def _connectome(self) -> Connectome:
        return self.tools.session.connectome

    def _show(self) -> None:
        """Everything as the session has it; only what there is to look at."""
        held, b = self._held, self._buttons
        own, connectome = held.opened, self._connectome
        for part in (self._regions, *self._below):
            part.visible = own is not None
        self._below[-1].visible |= held.target is not None  # which can be cleared there
        self._file.set(file_html(held))
        at_hand = held.at_hand
        if at_hand is None:
            self._form.show(None, (), {}, False)
        else:
            is_read = at_hand.data is not None
            self._form.show(at_hand.draft, _asked_of(at_hand), at_hand.answers, is_read)
        self._by_name = NamedControls(
            {**b, "read": self._form.button}, {**self._form.inputs, "regions": self.pictures.regions}
        )
        b["leave-out"].param.update(
            visible=held.asked is not None and bool(held.asked.unusable),
            label=f"Leave out {len(held.asked.unusable)}" if held.asked else "Leave them out",
        )
        b["drop"].visible = held.asked is not None
        b["example-fc"].disabled = connectome.fc_matrix is None
        matching = None if own is None else own.matching
        self._matching.set(parts.joined(parts.head("Regions"), _said(matching_words(matching, connectome))))
        b["accept"].visible = matching is not None and bool(matching.proposals)
        b["names"].visible = own is not None and own.can_take_names
        rows = [] if matching is None else map_rows(matching)
        labels = [] if matching is None else list(connectome.labels)
        self._map.param.update(rows=rows, labels=labels)
        self._table.visible = bool(rows)
        found = self._found
        if found is not None and (own is None or found.own.data is not own.data):
            found = self._found = None
        self._show_run()
        can_aim = own is not None and not isinstance(own.data, SpikeList)
        b["target"].disabled = not can_aim
        b["untarget"].visible = held.target is not None
        self._target.set(_said(target_words(held, own, connectome)))
        self.pictures.show(own, found)

    def _show_run(self) -> None:
        """Scores, and whether they are of what is shown."""
        own, recording, found = self._held.opened, self.tools.recording(), self._found
        self._buttons["compare"].disabled = own is None or recording is None
        if found is None:
            words = _NO_RUN if recording is None else _READY
            self._scores.set(held_html(None, words))
            return
        is_stale = found.recording is not recording or found.own is not own
        self._scores.set(held_html(found, _STALE if is_stale else ""))

    def opened(self) -> None:
        """The scenario or the run may have changed meanwhile."""
        self.scenario_changed()
        self.run_shown()

    def scenario_changed(self) -> None:
        """Match the data to another connectome."""
        own, connectome = self._held.opened, self._connectome
        if own is not None and own.connectome is not connectome and self._job is None:
            self._begin(lambda: own.onto(connectome), f"Matching regions to {connectome.name} …")

    def run_shown(self) -> None:
        """Another run can be compared now."""
        self._show_run()

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self.pictures.restyle(theme)

    def close(self) -> None:
        """End what works."""
        if self._job is not None:
            self._job.cancel()


def _asked_of(own: OwnData) -> list[Question]:
    """What is asked of a file, and of signals what was measured, which may stay open."""
    asked = list(own.questions)
    of_signals = any(question.key in ("interval_s", "orientation", "unit") for question in asked)
    if of_signals and not isinstance(own.data, SpikeList):
        asked.append(Question("signal", KEYS["signal"], tuple((signal, signal) for signal in SIGNALS)))
    return asked


def _said(words: str) -> str:
    return parts.note(words)


def _main(contents: dict[str, bytes]) -> str:
    """Which of the files holds the data; the others belong to it.

    Raises
    ------
    DataError
        Several hold data.
    """
    names = list(contents)
    mains = [n for n in names if not any(n in companions_of(other, names) for other in names if other != n)]
    if len(mains) != 1:
        raise DataError(f"files: must be one file of data at a time (got {', '.join(sorted(mains)[:4])}).")
    return mains[0]
