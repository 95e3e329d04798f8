"""The section Patient and twin: a twin that follows a patient, beside those that do not learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtb_app.controls.cards import Picture
from dtb_app.pages.twin.section import TwinSection
from engine.twin.adaptation.learner import LEARNINGS
from layouts.lines import Line, Lines
from layouts.theme import Theme
from layouts.twin.bars import Bar, Bars
from layouts.twin.learned import Learned
from layouts.twin.squares import Squares

__all__ = ["AdaptationSection"]

_SHORT = {
    "synapses": "twin",
    "inhibition": "inhibition alone learns",
    "drive": "drive alone follows",
    "shuffled": "wrong names",
}


class AdaptationSection(TwinSection):
    """See :class:`dtb_app.pages.twin.section.TwinSection`."""

    part = "adaptation"
    preset = "patient-drift"
    takes = "about ten minutes"
    pictures = {
        "course": Picture("The twin beside its patient", 300, 560),
        "scores": Picture("How near each brain comes", 300, 420, 390),
        "squares": Picture("Functional connectivity of the first patient", 320, 620),
        "learned": Picture("What was learned of excitability", 320, 340),
    }

    def make_views(self, theme: Theme) -> dict[str, Any]:
        """See `TwinSection`."""
        empty = "Nothing tried yet."
        self._steps: list[dict[str, Any]] = []
        return {
            "course": Lines(theme, "twin-course", empty),
            "scores": Bars(theme, "twin-scores", empty),
            "squares": Squares(theme, "twin-squares", empty),
            "learned": Learned(theme, "twin-learned", empty),
        }

    def draw(self, found: dict[str, Any]) -> dict[str, str]:
        """See `TwinSection`."""
        self._steps = []
        example = found["example"]
        courses = [
            Line(_SHORT[name], *np.array([[s[0], _number(s[1])] for s in steps], float).T)
            for name, steps in example["course"].items()
            if steps
        ]
        self.views["course"].show(courses, "biology heard [min]", "running r [1]")
        brains = {"twin": found["twin"], **found["controls"]}
        bars = []
        for name in ("twin", "inhibition_only", "no_learning", "shuffled", "refit", "group"):
            low, high = brains[name]["r_interval"] or (brains[name]["r"],) * 2
            label = brains[name]["label"].split(":")[0].split(",")[0]
            bars.append(
                Bar(label, brains[name]["r"], low, high, f"r = {brains[name]['r']:.2f}", name != "twin")
            )
        self.views["scores"].show(bars, "FC r with an unheard recording [1]")
        titles = {"patient": "patient", "twin": "twin", "group": "group brain"}
        self.views["squares"].show(
            [(titles[name], np.array(fc, dtype=float)) for name, fc in example["fc"].items()]
        )
        known = example["inhibition"]
        self.views["learned"].show(
            example["sites"],
            np.array(known["patient"]),
            np.array(known["twin"]),
            "patient's local inhibition, group = 1",
            "twin's, group = 1",
        )
        last = example["course"]["synapses"][-1]
        identified = found["identified"]
        of_tracts = identified["tracts"]
        return {
            "course": f"After {last[0]:.0f} min the running FC of the twin correlates with that of the first "
            f"patient at r = {_number(last[1]):.2f}; rates are off by {last[2]:.2f} Hz. The patient drifts.",
            "scores": f"Frozen, over {found['n_patients']} patients, whiskers 95 %. Two recordings of one "
            f"patient agree at r = {found['ceiling']:.2f}: no brain can be expected above.",
            "squares": "Rows and columns are regions in the order of the connectome.",
            "learned": f"r = {identified['inhibition'] or float('nan'):.2f} over all patients; for single "
            f"tracts r = {of_tracts if of_tracts is not None else float('nan'):.2f}.",
        }

    def draw_step(self, what: str, values: dict[str, Any]) -> None:
        """See `TwinSection`: the course of the first patient's twin."""
        if what != "adaptation.step":
            return
        self._steps.append(values)
        if len(self._steps) % 5 and len(self._steps) > 5:
            return
        x, y = (np.array([s[key] for s in self._steps], float) for key in ("minutes", "r"))
        self.views["course"].show(
            [Line(LEARNINGS["synapses"].label, x, y)], "biology heard [min]", "running r [1]"
        )
        self.cards["course"].sentence("Live: the twin of the first patient learns.")


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
