"""What runs have learned, where runs are compared: one projection's weights at the start, now and between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Text, figure_pane
from dtb_app.controls.figure_names import name_figure
from dtb_app.panel_fixes.later import later
from dtb_app.session.finished_runs import Run
from engine.markup import parts
from engine.scenario.scenario import Scenario
from layouts.explorer.weights import (
    DRIFT_LABELS,
    ProjectionWeights,
    WeightHistogram,
    drift_of,
    frozen_words,
    projections_of,
)
from layouts.lines import Lines
from layouts.theme import Theme

__all__ = ["LearnedWeights", "learns"]

_HEIGHT = 260  # of a picture [px]
_NOTHING = "Nothing learned in these runs."


def learns(scenario: Scenario) -> bool:
    """Whether synapses of a scenario are to learn."""
    return bool(scenario.plasticity or scenario.inhibitory_plasticity)


class LearnedWeights:
    """Two pictures of a projection, and a choice of it where there are several.

    Parameters
    ----------
    theme : Theme

    Attributes
    ----------
    panel : Column
    """

    def __init__(self, theme: Theme):
        self._found: list[ProjectionWeights] = []
        self._told: list[tuple[str, str]] = []  # letter of the run, and when it did not learn
        self._runs: list[Run] = []  # that are shown
        self._theme = theme
        self._make_views()
        self._choice = pmui.Select(
            label="Projection",
            options={},
            size="small",
            margin=(8, 8, 4, 8),
            width=320,
            css_classes=["dtb-weights-choice"],
        )
        self._choice.param.watch(later(lambda _: self._draw()), "value")
        self._said = Text("", margin=(0, 8, 8, 16), sizing_mode="stretch_width")
        self._pictures = pn.Row(height=_HEIGHT, margin=(8, 8, 4, 8), sizing_mode="stretch_width")
        self.panel = pn.Column(
            self._choice,
            self._pictures,
            self._said.pane,
            sizing_mode="stretch_width",
            margin=0,
            visible=False,
            css_classes=["dtb-weights"],
        )

    def _make_views(self) -> None:
        self._histogram = WeightHistogram(self._theme)
        self._drift = Lines(self._theme, "weight-drift", "Nothing has learned.")

    @property
    def choices(self) -> list[str]:
        """The projections, each after the letter of its run."""
        return list(self._choice.options)

    @property
    def figures(self) -> list[Any]:
        """The two pictures."""
        return [self._histogram.figure, self._drift.figure]

    @property
    def said(self) -> str:
        """The words under the pictures."""
        return self._said.words

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        self._histogram.restyle(theme)
        self._drift.restyle(theme)

    def choose(self, label: str) -> None:
        """As if the visitor chose a projection, as in `choices`."""
        self._choice.value = self._choice.options[label]

    def show(self, runs: Sequence[Run]) -> None:
        """Offer what learned in these runs, whose recordings are there, and draw the one chosen."""
        if list(runs) == self._runs:
            return
        labels, self._runs = [], list(runs)
        self._found, self._told = [], []
        for run in runs:
            assert run.recording is not None
            frozen = frozen_words(run.recording)
            for one in projections_of(run.recording):
                self._found.append(one)
                self._told.append((run.letter, frozen))
                labels.append(f"{run.letter}  {one.label}")
        before = self._choice.value or 0
        options = {label: k for k, label in enumerate(labels)}
        value = min(before, max(0, len(labels) - 1))
        self._choice.param.update(options=options, value=value if labels else None)
        self._choice.visible = len(labels) > 1
        # A browser stumbles over figures that change while they are unfolded; new ones come as they are.
        self._make_views()
        self._draw()
        self._pictures.objects = [figure_pane(figure) for figure in self.figures]

    def _draw(self) -> None:
        if not self._found:
            self._histogram.clear()
            self._drift.show([], *DRIFT_LABELS)
            self._said.set(parts.note(_NOTHING, tag="p"))
            return
        k = self._choice.value or 0
        one = self._found[k]
        self._histogram.show(one)
        drift_of(self._drift, one)
        name_figure(self._histogram.figure, f"Weights at the start and now. {one.sentence}")
        name_figure(self._drift.figure, f"Weights over biological time. {one.sentence}")
        band = "Left: filled now, dashed at the start; right: the median in a band from 5 to 95 %."
        letter, frozen = self._told[k]
        self._said.set(parts.note(f"Run {letter}, {one.sentence} {frozen} {band}", tag="p"))
