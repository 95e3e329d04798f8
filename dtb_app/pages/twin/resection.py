"""The section Resection: which regions would have to go."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dtb_app.controls.cards import Picture
from dtb_app.pages.twin.section import TwinSection
from engine.twin.resection.part import WAYS
from engine.twin.resection.summary import LABELS
from layouts.theme import Theme
from layouts.twin.bars import Bar, Bars

__all__ = ["ResectionSection"]

_MOST = 10


class ResectionSection(TwinSection):
    """See :class:`dtb_app.pages.twin.section.TwinSection`."""

    part = "resection"
    preset = "temporal-lobe-epilepsy"
    takes = "about two minutes"
    pictures = {
        "stopped": Picture("Seizures that are stopped", 280, 440, 420),
        "lost": Picture("What the rest loses", 280, 440, 420),
        "regions": Picture("Regions that the search removes", 300, 880, 420),
    }

    def make_views(self, theme: Theme) -> dict[str, Any]:
        """See `TwinSection`."""
        empty = "Nothing tried yet."
        return {name: Bars(theme, f"twin-{name}", empty) for name in self.pictures}

    def draw(self, found: dict[str, Any]) -> dict[str, str]:
        """See `TwinSection`."""
        stopped, lost = [], []
        for way in WAYS:
            one = found[way]
            low, high = one["interval"]
            value = 100 * one["stopped"]
            low, high = (value, value) if low is None else (100 * low, 100 * high)
            is_control = way != "smallest"
            stopped.append(Bar(LABELS[way], value, low, high, f"{value:.0f}%", is_control))
            part = 100 * (one["rate_lost"] or 0.0)
            lost.append(Bar(LABELS[way], part, part, part, f"{part:.0f}%", is_control))
        self.views["stopped"].show(stopped, "failures of the focus without a seizure [%]")
        self.views["lost"].show(lost, "rate at rest that is lost elsewhere [%]")
        patients = found["patients"]
        counted = Counter(label for one in patients for label in one["smallest_regions"])
        foci = Counter(label for one in patients for label in one["focus_regions"])
        rows = [
            Bar(label, n, n, n, f"{n} of {len(patients)}, focus of {foci[label]}")
            for label, n in counted.most_common(_MOST)
        ]
        self.views["regions"].show(rows, "patients")
        n_tries = found["tries"]
        return {
            "stopped": f"{len(patients)} patients, {n_tries} failures each; whiskers 95 % over patients.",
            "lost": "Mean rate of the regions that stay, against the intact brain under the same noise.",
            "regions": "How often each region is among those that go, and how often of the focus itself.",
        }
