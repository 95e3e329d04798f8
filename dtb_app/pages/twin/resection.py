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
        "lost": Picture("The rate that the rest loses", 280, 440, 420),
        "kept": Picture("The FC that the rest keeps", 280, 440, 420),
        "regions": Picture("Regions that the search removes", 280, 440, 420),
    }

    def make_views(self, theme: Theme) -> dict[str, Any]:
        """See `TwinSection`."""
        empty = "Nothing tried yet."
        empties = {name: empty for name in self.pictures} | {"kept": "Not in this scorecard. Try anew."}
        return {name: Bars(theme, f"twin-{name}", said) for name, said in empties.items()}

    def draw(self, found: dict[str, Any]) -> dict[str, str]:
        """See `TwinSection`."""
        stopped, lost, kept = [], [], []
        for way in (way for way in WAYS if way in found):
            one = found[way]
            low, high = one["interval"]
            value = 100 * one["stopped"]
            low, high = (value, value) if low is None else (100 * low, 100 * high)
            is_control = way != "smallest"
            stopped.append(Bar(LABELS[way], value, low, high, f"{value:.0f}%", is_control))
            part = 100 * (one["rate_lost"] or 0.0)
            low, high = (
                100 * x if x is not None else part for x in one.get("rate_lost_interval", [None] * 2)
            )
            lost.append(Bar(LABELS[way], part, low, high, f"{part:.0f}%", is_control))
            if one.get("fc_kept") is not None:
                r = one["fc_kept"]
                low, high = (r if x is None else x for x in one["fc_kept_interval"])
                kept.append(Bar(LABELS[way], r, low, high, f"{r:.2f}", is_control))
        self.views["stopped"].show(stopped, "failures of the focus without a seizure [%]")
        self.views["lost"].show(lost, "rate at rest that is lost elsewhere [%]")
        self.views["kept"].show(kept, "r of FC after with FC before [1]")
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
            "kept": "FC at rest of the regions that stay, under other noise; intact is the ceiling.",
            "regions": "How often each region is among those that go, and how often of the focus itself.",
        }
