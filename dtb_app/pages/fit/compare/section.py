"""The section Compare: the finished run that is shown, held against measured data."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Card, Text, figure_pane, sideways
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.fit.compare.found import COURSES, Found, Judged, find, judge
from dtb_app.pages.fit.compare.words import (
    fcd_sentence,
    head_html,
    pair_sentence,
    scores_html,
    value_sentence,
)
from dtb_app.pages.fit.style import CSS
from dtb_app.work.job import Job
from engine.fit.forward import SIGNALS
from engine.markup import parts
from engine.run.recording import Recording
from layouts.lines import Line, Lines
from layouts.theme import Theme

__all__ = ["CompareSection"]

_PICTURES = {
    "simulated": "Simulated",
    "measured": "Measured",
    "difference": "Difference",
    "pairs": "Pair by pair",
}
_MOST_LINES = 4


class CompareSection(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`; matrices and pairs are among its views once there is a run."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = self._theme = tools.theme()
        self._job: Job | None = None
        self._wanted: Recording | None = None
        self._found: Found | None = None
        self._judged: Judged | None = None
        self._pair: list[int] = []
        self._head, self._scores = Text(head_html(None)), Text()
        self._course = Lines(theme, "fit-course", "No course yet.")
        self._spectra = Lines(theme, "fit-spectra", "No spectrum yet.", is_log=True)
        self._fcd = Lines(theme, "fit-fcd", "Too short for windows that do not overlap.")
        self.views |= {"course": self._course, "spectra": self._spectra, "fcd": self._fcd}
        self._texts |= {"head": self._head, "scores": self._scores}
        self._signal = pmui.RadioButtonGroup(
            options={SIGNALS[name].label: name for name in COURSES},
            value=COURSES[0],
            size="small",
            margin=(2, 0, 0, 0),
            css_classes=["dtb-fit-signal"],
        )
        self._signal.param.watch(tools.later(lambda event: self._show_course()), "value")
        self._by_name = NamedControls({}, {"signal": self._signal})
        self.panel = self._lay_out()
        self._show_nothing()

    # ---- what stands where -------------------------------------------------------------------

    def _lay_out(self) -> pn.Column:
        plain = {"margin": 0, "stylesheets": [CARD_CSS, CSS], "sizing_mode": "stretch_width"}
        row = {
            "margin": 0,
            "css_classes": ["dtb-fit-row"],
            "stylesheets": [CSS],
            "sizing_mode": "stretch_width",
        }
        self._places: dict[str, pn.pane.Bokeh] = {}
        for name, title in _PICTURES.items():
            place = figure_pane(None)
            self._places[name] = place
            self.cards[name] = self._card(title, place, 3, 376, 230, f"fit-{name}")
        for name, title, extra in (
            ("course", "Courses", [self._signal]),
            ("spectra", "Spectra of rates", None),
            ("fcd", "Connectivity over time (FCD)", None),
        ):
            figure = figure_pane(self.views[name].figure)
            self.cards[name] = self._card(title, figure, 3, 300, 360, f"fit-{name}", extra)
        c = self.cards
        self._table = pn.Column(sideways(self._scores.pane, 860), css_classes=["dtb-fit-scores"], **plain)
        self._pictures = pn.Row(*(c[name].panel for name in _PICTURES), **row)
        self._rest = [self._table, pn.Row(*(c[name].panel for name in ("course", "spectra", "fcd")), **row)]
        return pn.Column(
            pn.Column(self._head.pane, css_classes=["dtb-fit-head"], **plain),
            self._pictures,
            *self._rest,
            margin=0,
            css_classes=["dtb-fit-column"],
            stylesheets=[CSS],
            sizing_mode="stretch_width",
        )

    @staticmethod
    def _card(
        title: str, body: Any, lines: int, height: int, basis: int, name: str, extra: list[Any] | None = None
    ) -> Card:
        return Card(
            title,
            body,
            extra,
            lines,
            height=height,
            sizing_mode="stretch_width",
            styles={"flex": f"1 1 {basis}px", "min-width": "0"},
            css_classes=[f"dtb-{name}"],
        )

    # ---- from the rest -----------------------------------------------------------------------

    def opened(self) -> None:
        """Look at the run that is shown."""
        self.run_shown()

    def scenario_changed(self) -> None:
        """Two regions picked elsewhere are the pair here."""
        picked = list(self.tools.session.picked)
        if len(picked) == 2 and self._found is not None and len(self._found.layout.rows(picked)) == 2:
            self._pick(picked)

    def run_shown(self) -> None:
        """Work out the comparison of another run."""
        recording = self.tools.recording()
        if recording is self._wanted:
            return
        self.close()
        self._job, self._wanted = None, recording
        self._found = self._judged = None
        if recording is None:
            self._show_nothing()
            return
        self._head.set(parts.note("Working out the comparison …", role="status"))
        self._job = Job(partial(find, recording, self._theme))  # seconds: it does not wait for a fit

    def tick(self) -> None:
        """Take what the work has found: the pictures, then the rest."""
        job = self._job
        if job is None:
            return
        if not job.is_over:
            told = self._head if self._found is None else self._scores
            told.set(
                parts.status([job.note], job.fraction, kind="own-line", state="Working out the comparison")
            )
            return
        self._job = None
        if job.state != "done":
            self._found = self._judged = None
            self._show_nothing(job.error or "The comparison was ended before it was done.")
        elif self._found is None:
            self._found = job.result
            self._show()
            self._job = Job(partial(judge, job.result))
        else:
            self._judged = job.result
            self._show_rest()

    @property
    def is_working(self) -> bool:
        """Whether a comparison is worked out."""
        return self._job is not None

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        for view in self.views.values():
            view.restyle(theme)

    def close(self) -> None:
        """End the work."""
        if self._job is not None:
            self._job.cancel()

    # ---- showing -----------------------------------------------------------------------------

    def _show_nothing(self, refusal: str = "") -> None:
        self._head.set(head_html(None, refusal))
        for part in (self._pictures, *self._rest):
            part.visible = False
        for name, place in self._places.items():
            self.views.pop(name, None)
            place.object = None

    def _show(self) -> None:
        found = self._found
        assert found is not None
        self._head.set(head_html(found))
        drawn: dict[str, Any] = dict(found.matrices)
        if found.scatter is not None:
            drawn["pairs"] = found.scatter
        for name, place in self._places.items():
            view = drawn.get(name)
            self.cards[name].panel.visible = view is not None
            self.views.pop(name, None)
            if view is None:
                place.object = None
                continue
            self.views[name] = view
            view.on_pick = self.tools.later(self._pick)
            view.restyle(self._theme)
            place.object = view.figure
            self.cards[name].caption(getattr(view, "caption", ""))
            self.cards[name].sentence(view.sentence)
        self._scores.set("")
        for part in (self._pictures, self._table):
            part.visible = True
        self._rest[1].visible = False  # of the run before
        picked = list(self.tools.session.picked)
        self._pick(picked if len(found.layout.rows(picked)) == 2 else self._first_pair(found))

    def _show_rest(self) -> None:
        judged = self._judged
        assert judged is not None
        self._scores.set(scores_html(judged.scores))
        self._show_fcd(judged)
        self._show_course()
        self._show_spectra()
        self._rest[1].visible = True

    @staticmethod
    def _first_pair(found: Found) -> list[int]:
        """Two regions to begin with: the first that ran."""
        return [int(r) for r in found.fc.region[:2]]

    def _pick(self, regions: list[int]) -> None:
        """Mark a pair of regions (places in the connectome) in all pictures."""
        found = self._found
        if found is None:
            return
        self._pair = list(regions)
        for name in _PICTURES:
            if name in self.views:
                self.views[name].mark(self._pair)
        for name, matrix in found.matrices.items():
            said = value_sentence(found, name, self._pair)
            self.cards[name].sentence(f"{said} {matrix.sentence}".strip())
        if found.scatter is not None:
            said = pair_sentence(found, self._pair)
            self.cards["pairs"].sentence(f"{said} {found.scatter.sentence}")
        self._show_course()
        self._show_spectra()

    def _columns(self, found: Found) -> list[tuple[int, str]]:
        """Places among the regions that ran, and their labels, of the pair that is picked."""
        labels = found.recording.network.labels
        place = {int(r): k for k, r in enumerate(found.recording.network.region_index)}
        return [(place[r], labels[place[r]]) for r in self._pair if r in place][:_MOST_LINES]

    def _show_course(self) -> None:
        found, judged = self._found, self._judged
        if found is None or judged is None:
            return
        name = self._signal.value
        signal, course = SIGNALS[name], judged.courses[name]
        lines = [
            Line(label, course.times_s, course.values[:, k])
            for k, label in self._columns(found)
            if course.times_s.size
        ]
        self._course.show(lines, "biological time [s]", f"{signal.label} [{signal.unit}]", course.trouble)
        self.cards["course"].caption(self._course.caption)
        self.cards["course"].sentence(f"{course.trouble} {signal.sentence}".strip(), signal.source)

    def _show_spectra(self) -> None:
        found, judged = self._found, self._judged
        if found is None or judged is None:
            return
        lines = [
            Line(label, judged.frequencies, judged.power[k])
            for k, label in self._columns(found)
            if judged.frequencies.size
        ]
        self._spectra.show(lines, "frequency [Hz]", "power [Hz²/Hz]", "Too short for a spectrum.")
        self.cards["spectra"].caption(self._spectra.caption)
        self.cards["spectra"].sentence(
            "Power of each region's rate by Welch's method, segments of half a second, all neurons of the "
            "region together."
        )

    def _show_fcd(self, found: Judged) -> None:
        lines = []
        self.cards["fcd"].panel.visible = found.fcd is not None
        if found.fcd is not None:
            for label, values in (("this run", found.fcd.of_run), ("by chance", found.fcd.by_chance)):
                shares, edges = _histogram(values)
                lines.append(Line(label, edges, shares))
        self._fcd.show(lines, "r between two windows", "% of pairs of windows")
        self.cards["fcd"].caption(self._fcd.caption)
        self.cards["fcd"].sentence(
            fcd_sentence(found), "Hansen et al. (2015); surrogates of Prichard & Theiler (1994)."
        )


def _histogram(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares [%] and edges of steps from -1 to 1."""
    counts, edges = np.histogram(values, np.linspace(-1.0, 1.0, 41))
    shares = 100.0 * counts / max(1, counts.sum())
    return np.concatenate([[0.0], np.repeat(shares, 2), [0.0]]), np.repeat(edges, 2)
