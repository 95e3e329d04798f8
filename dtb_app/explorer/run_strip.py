"""My runs, named by what differs; two or more side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Text, words_of
from dtb_app.controls.figure_names import name_figure
from dtb_app.controls.style import CARD_CSS, TEXT_CSS
from dtb_app.explorer.learned_weights import LearnedWeights, learns
from dtb_app.panel_fixes.later import later
from dtb_app.session.finished_runs import Run
from dtb_app.work.job import Job
from engine.amounts import number
from engine.markup import parts
from engine.progress import Progress
from layouts.explorer.distributions import KS_MEANING, Distributions, spreads_of
from layouts.explorer.run_table import compare, compare_html, run_changes
from layouts.theme import Theme

__all__ = ["RunStrip", "chip_label", "full_name"]

_NUMBERS, _DISTRIBUTIONS, _WEIGHTS = "Numbers", "Distributions", "Weights"
_SX = {
    "fontSize": "12px",
    "height": "30px",
    "minWidth": "0",
    "boxShadow": "none",
    "whiteSpace": "nowrap",
    "padding": "0 10px",
}

# A chip is never wider than this, so that the next one is seen to begin.
_CHIP_SX = {
    **_SX,
    "display": "block",
    "maxWidth": "190px",
    "overflow": "hidden",
    "textOverflow": "ellipsis",
    ".MuiButton-startIcon": {"display": "inline", "margin": "0 4px 0 0"},
    ".MuiButton-startIcon > *": {"display": "inline", "fontSize": "15px", "verticalAlign": "-3px"},
}
# Where there is more to the left or right, that edge is shaded: the inner two layers scroll along.
_CHIPS_CSS = """
:host {
  gap: 6px; align-items: center; min-width: 0; flex: 1 1 0; overflow-y: hidden;
  scrollbar-width: thin; scrollbar-color: var(--dtb-control) transparent;
  background:
    linear-gradient(to right, var(--dtb-panel) 60%, transparent) left / 28px 100% no-repeat local,
    linear-gradient(to left, var(--dtb-panel) 60%, transparent) right / 28px 100% no-repeat local,
    linear-gradient(to right, var(--dtb-control), transparent) left / 14px 100% no-repeat scroll,
    linear-gradient(to left, var(--dtb-control), transparent) right / 14px 100% no-repeat scroll;
}
"""


class RunStrip:
    """Chips of the runs.

    Parameters
    ----------
    on_show : callable
        Gets the run whose chip was pressed.
    on_save : callable
        Gets what to save: "scenario", "run", "rates", "report", "pynn".
    on_open : callable
        A file is to be opened.
    on_pin : callable
        Gets a run and whether it is to be pinned.
    on_load : callable
        Gets a run whose recording is needed, and what is to be called then.
    """

    def __init__(
        self,
        on_show: Callable[[Run], None],
        on_save: Callable[[str], None],
        on_open: Callable[[], None],
        on_pin: Callable[[Run, bool], None] = lambda run, is_pinned: None,
        on_load: Callable[[Run, Callable[[], None]], None] = lambda run, then: None,
    ):
        self._on_show, self._on_pin, self._on_load = on_show, on_pin, on_load
        self._chips = pn.Row(
            margin=0,
            sizing_mode="stretch_width",
            scroll="x-auto",
            stylesheets=[_CHIPS_CSS],
            css_classes=["dtb-run-chips"],
        )
        self._chip_of: dict[int, pmui.Button] = {}  # by the identity of the run
        self._pinned: Run | None = None  # that the pin is for
        self._order: list[tuple[int, bool]] = []  # runs by identity, and which is shown
        self._pin = self._make_pin()
        self._compare = pmui.Button(
            label="Compare",
            icon="compare_arrows",
            variant="outlined",
            sx=_SX,
            margin=0,
            css_classes=["dtb-compare"],
            disabled=True,
            description="Runs side by side, differences first",
        )
        self._compare.on_click(later(lambda _: self.open_table()))
        self._table = pn.pane.HTML("", stylesheets=[TEXT_CSS], sizing_mode="stretch_width", margin=8)
        self._chosen = pmui.CheckButtonGroup(
            options={}, value=[], size="small", margin=(4, 8), css_classes=["dtb-compare-choice"]
        )
        self._chosen.param.watch(later(lambda _: self._show_comparison()), "value")
        self._what = pmui.RadioButtonGroup(
            options=[_NUMBERS, _DISTRIBUTIONS],
            value=_NUMBERS,
            size="small",
            margin=(4, 8),
            css_classes=["dtb-compare-what"],
        )
        self._what.param.watch(later(lambda _: self._show_comparison()), "value")
        self._pictures = pn.Row(
            margin=(8, 8, 4, 8), sizing_mode="stretch_width", css_classes=["dtb-distributions"]
        )
        self._learned = pn.Column(margin=0, sizing_mode="stretch_width")
        self._said = Text("", margin=(0, 8, 8, 16), sizing_mode="stretch_width", visible=False)
        self._distributions: Distributions | None = None
        self._weights: LearnedWeights | None = None  # made when weights are first looked at
        self._weighted_runs: list[Run] = []  # whose weights are to be shown
        self._weighed: Job | None = None
        self._weighed_runs: list[Run] = []
        self.dialog = pmui.Dialog(  # filled when it is first opened
            title="Runs side by side",
            close_on_click=True,
            show_close_button=True,
            width_option="lg",
            sx={".MuiDialog-paper": {"backgroundImage": "none"}},  # the ground that figures are given
            css_classes=["dtb-compare-dialog"],
        )
        save = pmui.MenuButton(
            label="File",
            icon="folder_open",
            variant="outlined",
            sx=_SX,
            margin=0,
            css_classes=["dtb-file-menu"],
            items=[
                {"label": "Open scenario or connectome…", "icon": "upload_file"},
                {"label": "Save scenario (TOML)", "icon": "download"},
                {"label": "Save run (JSON)", "icon": "download"},
                {"label": "Save rates (CSV)", "icon": "download"},
                {"label": "Save report (HTML)", "icon": "download"},
                {"label": "Save script for BrainScaleS-2 (PyNN)", "icon": "download"},
            ],
        )

        def chosen(item) -> None:
            label = item["label"] if item else ""
            if label.startswith("Open"):
                on_open()
            for word in ("scenario", "run", "rates", "report", "script"):
                if label.startswith(f"Save {word}"):
                    on_save("pynn" if word == "script" else word)

        save.on_click(chosen)
        self._theme: Theme | None = None
        self._count = Text(
            parts.note("Runs", "", tag="b"),
            width=48,
            styles={"white-space": "nowrap"},
            height=20,
            sizing_mode="fixed",
            align="center",
        )
        self._runs: list[Run] = []
        self._awaited: set[int] = set()  # runs that are compared as soon as they are loaded
        self.panel = pn.Row(
            self._count.pane,
            self._chips,
            self._compare,
            save,
            sizing_mode="stretch_width",
            height=52,
            margin=0,
            stylesheets=[CARD_CSS, ":host { gap: 8px; align-items: center; padding: 8px 12px; }"],
        )

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        if self._distributions is not None:
            self._distributions.restyle(theme)
        if self._weights is not None:
            self._weights.restyle(theme)

    def set(self, runs: Sequence[Run], shown: Run | None) -> None:
        """Show these runs; the one on the page is marked."""
        self._runs = list(runs)
        if gone := self._awaited - {id(run) for run in runs}:  # it could not be loaded
            self._awaited -= gone
            self.open_table()
        order = [(id(run), run is shown) for run in runs]
        is_new = order != self._order
        if is_new:  # in a row that has some of its parts already, new ones come last
            self._order = order
            self._chip_of = {id(run): self._chip(run) for run in runs}
            self._pin = self._make_pin()
        chips: list[Any] = []
        for before, run in list(zip([None, *runs], runs, strict=False))[::-1]:
            chip = self._chip_of[id(run)]
            chip.param.update(
                label=chip_label(run),
                variant="contained" if run is shown else "outlined",
                description=full_name(run, before),
                icon="push_pin" if run.is_pinned else "history" if run.recording is None else None,
            )
            chips += [self._pin, chip] if run is shown else [chip]
        self._show_pin(next((run for run in runs if run is shown), None))
        if is_new:
            self._chips.objects = chips
        n = len(runs)
        self._count.set(parts.note(f"{n} run{'s' * (n != 1)}" if n else "Runs", "", tag="b"))
        self._compare.disabled = n < 2 and not self._has_learned

    @property
    def _has_learned(self) -> bool:
        """Whether synapses learned in one of the runs."""
        return any(learns(run.told.scenario) for run in self._runs)

    def _chip(self, run: Run) -> pmui.Button:
        """The button that shows a run; it stays while the same runs are there and the same one is shown.

        A press on a button that was taken from the page meanwhile would be lost.
        """
        chip = pmui.Button(sx=_CHIP_SX, margin=0, css_classes=["dtb-run-chip"], width=None)
        chip.on_click(lambda _: self._on_show(run))
        return chip

    def _make_pin(self) -> pmui.IconButton:
        """The button that pins the run that is shown, or no longer."""
        pin = pmui.IconButton(
            icon_size="18px", margin=0, size="small", css_classes=["dtb-run-pin"], icon="o_push_pin"
        )
        pin.on_click(later(lambda _: self._press_pin()))
        return pin

    def _show_pin(self, run: Run | None) -> None:
        """Have the pin say what it does to the run that is shown, if one is."""
        self._pinned = run
        if run is None:
            return
        word = "Unpin" if run.is_pinned else "Pin"
        self._pin.param.update(
            icon="push_pin" if run.is_pinned else "o_push_pin",
            color="primary" if run.is_pinned else "default",
            description=f"{word} run {run.letter}: "
            + ("it goes when newer ones come" if run.is_pinned else "it stays when newer ones come"),
        )

    def _press_pin(self) -> None:
        """Pin the run that is shown, or no longer."""
        if self._pinned is not None:
            self._on_pin(self._pinned, not self._pinned.is_pinned)

    @property
    def chips(self) -> list[str]:
        """What stands on the chips, the newest run first."""
        return [chip.label for chip in self._chips.objects if "dtb-run-chip" in chip.css_classes]

    @property
    def table(self) -> str:
        """The words of the runs side by side."""
        return words_of(self._table.object)

    def choose(self, letters: str) -> None:
        """As if the visitor chose the runs of these letters for the table."""
        self._chosen.value = [k for k, run in enumerate(self._runs) if run.letter in letters]

    @property
    def is_weighing(self) -> bool:
        """Whether distributions of the chosen runs are being worked out."""
        return self._weighed is not None

    @property
    def figures(self) -> list[Any]:
        """The pictures of distributions, where those are shown; else none."""
        return [pane.object for pane in self._pictures.objects] if self._pictures.visible else []

    @property
    def said(self) -> str:
        """The words under the distributions."""
        return self._said.words

    @property
    def weights(self) -> LearnedWeights | None:
        """The pictures of weights, once they have been looked at."""
        return self._weights

    def look_at(self, what: str) -> None:
        """As if the visitor chose "Numbers", "Distributions" or "Weights"."""
        self._what.value = what

    def open_table(self) -> None:
        """Open the table of all runs side by side."""
        letters = {run.letter: k for k, run in enumerate(self._runs)}
        at_hand = [k for k, run in enumerate(self._runs) if run.recording is not None]
        others = [k for k in letters.values() if k not in at_hand]
        n_more = max(0, 2 - len(at_hand))
        self._chosen.param.update(options=letters, value=sorted(at_hand + others[len(others) - n_more :]))
        looks = [_NUMBERS, _DISTRIBUTIONS, *([_WEIGHTS] if self._has_learned else [])]
        look = self._what.value if self._what.value in looks else _NUMBERS
        self._what.param.update(options=looks, value=look if len(self._runs) > 1 else looks[-1])
        self._show_comparison()
        if not self.dialog.objects:
            self.dialog.objects = [self._side_by_side()]
        self.dialog.open = True

    def _side_by_side(self) -> pn.Column:
        """What stands in the dialog."""
        return pn.Column(
            pn.Row(self._what, self._chosen, margin=0, sizing_mode="stretch_width"),
            self._table,
            self._pictures,
            self._said.pane,
            self._learned,
            sizing_mode="stretch_width",
            margin=0,
        )

    def _show_comparison(self) -> None:
        """The chosen runs side by side, as numbers or as distributions."""
        assert self._theme is not None
        chosen = self._chosen.value or []
        runs = [run for k, run in enumerate(self._runs) if k in chosen]
        is_pictured = self._what.value == _DISTRIBUTIONS and len(runs) > 1
        shows_weights = self._what.value == _WEIGHTS and bool(runs)
        self._table.visible = not (is_pictured or shows_weights)
        if self._weights is not None:
            self._weights.panel.visible = False
        self._pictures.visible = self._said.pane.visible = is_pictured
        waits = [run for run in runs if run.recording is None]
        for run in waits:
            if id(run) not in self._awaited:
                self._awaited.add(id(run))
                self._on_load(run, partial(self._compare_with, run))
        if len(runs) < 2 and not shows_weights:
            self._table.object = parts.shown(parts.note("Choose two runs or more.", tag="p"))
        elif waits:
            self._table.visible = True
            words = "Loading " + ", ".join(f"run {run.letter}" for run in waits) + " …"
            self._table.object = parts.shown(parts.note(words, tag="p"))
        elif is_pictured:
            self._weigh(runs)
        elif shows_weights:
            self._show_weights(runs)
        else:
            rows = compare([run.recording for run in runs if run.recording is not None])
            names = [chip_label(run) for run in runs]
            self._table.object = parts.shown(compare_html(rows, self._theme, names))

    def _show_weights(self, runs: list[Run]) -> None:
        """What these runs have learned, in pictures that are made when they are first asked for."""
        assert self._theme is not None
        if self._weights is None:
            self._weights = LearnedWeights(self._theme)
            self._learned.append(self._weights.panel)
        self._weights.panel.visible = True
        self._weighted_runs = runs  # drawn once the pictures are there: a browser stumbles over both at once

    def _compare_with(self, run: Run) -> None:
        """A run that was waited for is there."""
        self._awaited.discard(id(run))
        self._show_comparison()

    def _weigh(self, runs: list[Run]) -> None:
        """Have the distributions of these runs worked out and drawn, unless they are shown."""
        if runs == self._weighed_runs:
            return
        if self._weighed is not None:
            self._weighed.cancel()
        self._weighed_runs = runs
        assert self._theme is not None
        theme, letters = self._theme, [run.letter for run in runs]
        recordings = [run.recording for run in runs if run.recording is not None]

        def work(progress: Progress) -> Distributions:
            view = Distributions(theme)
            view.update(letters, spreads_of(recordings, progress))
            return view

        self._weighed = Job(work)
        self._say("Comparing …")

    def close(self) -> None:
        """The visitor has left."""
        if self._weighed is not None:
            self._weighed.cancel()

    def poll(self) -> None:
        """Show distributions that have been drawn, and weights once the dialog is there."""
        if self._weighted_runs and self._weights is not None:
            runs, self._weighted_runs = self._weighted_runs, []
            self._weights.show(runs)
        job = self._weighed
        if job is None or not job.is_over:
            return
        self._weighed = None
        if job.result is None:
            self._weighed_runs = []
            self._say(job.error)
            return
        assert self._theme is not None
        view = self._distributions = job.result
        view.restyle(self._theme)
        self._pictures.objects = [
            pn.pane.Bokeh(figure, height=figure.height, sizing_mode="stretch_width", margin=0)
            for figure in view.figures
        ]
        for figure, label in zip(view.figures, view.labels, strict=True):
            name_figure(figure, f"{label}. {view.sentence}")
        self._say(f"{view.sentence} {KS_MEANING}")

    def _say(self, text: str) -> None:
        self._said.set(parts.note(text, tag="p"))


def chip_label(run: Run) -> str:
    """A run's letter and what differs from the run before; its length where that is all."""
    told = run.told
    seconds = f"{number(told.duration_ms / 1000, 3)} s"
    if told.duration_ms < told.scenario.duration - 0.5:
        return f"{run.letter}  {run.name}, stopped at {seconds}"
    is_again = run.name == "same again"
    return f"{run.letter}  {run.name}" + (f", {seconds}" if is_again else "")


def full_name(run: Run, before: Run | None) -> str:
    """All that differs from the run before, and how long it is; for hover and focus."""
    changes = run_changes(before.told.scenario if before else None, run.told.scenario)
    words = "; ".join(changes) or "same again"
    place = ", from an earlier visit" if run.recording is None else ""
    pinned = ", pinned" if run.is_pinned else ""
    return f"Run {run.letter} of {number(run.told.duration_ms / 1000, 3)} s{pinned}{place}: {words}"
