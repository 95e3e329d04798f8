"""The section Suppression: an electrode in the focus, while its inhibition fails."""

from __future__ import annotations

from typing import Any

from dtb_app.controls.cards import Picture
from dtb_app.pages.twin.section import TwinSection
from layouts.theme import Theme
from layouts.twin.bars import Bar, Bars

__all__ = ["SuppressionSection"]


class SuppressionSection(TwinSection):
    """See :class:`dtb_app.pages.twin.section.TwinSection`."""

    part = "suppression"
    preset = "temporal-lobe-epilepsy"
    takes = "about three minutes"
    pictures = {
        "seizures": Picture("Failures that become seizures", 260, 440, 420),
        "length": Picture("How long seizures are", 260, 440, 420),
        "shorter": Picture("Shorter than under the sham", 310, 440, 420),
        "patients": Picture("Patient by patient", 310, 440, 420),
    }

    def make_views(self, theme: Theme) -> dict[str, Any]:
        """See `TwinSection`."""
        empty = "Nothing tried yet."
        return {name: Bars(theme, f"twin-suppression-{name}", empty) for name in self.pictures}

    def draw(self, found: dict[str, Any]) -> dict[str, str]:
        """See `TwinSection`."""
        treatments = found["treatments"]
        self.views["seizures"].show(
            [
                _bar(one, 100 * one["seizures"], _scaled(one["seizures_interval"], 100), "{:.0f}%")
                for one in treatments
            ],
            "share of failures [%]",
        )
        self.views["length"].show(
            [_bar(one, one["length_s"], one["length_interval"], "{:.1f} s") for one in treatments],
            "length, 0 where no seizure came [s]",
        )
        self.views["shorter"].show(
            [
                _bar(one, one["change"]["shorter_s"], one["change"]["shorter_interval"], "{:+.2f} s")
                for one in treatments[1:]
            ],
            "seconds that a seizure is shorter [s]",
        )
        rows = []
        for k, one in enumerate(found["patients"]):
            sham, focus = (sum(one[name]) / len(one[name]) for name in ("sham", "focus"))
            rows.append(
                Bar(f"patient {k + 1}", sham - focus, sham - focus, sham - focus, f"{sham - focus:+.1f} s")
            )
        self.views["patients"].show(rows, "shorter with 130 Hz in the focus [s]")
        n = len(found["patients"])
        return {
            "seizures": f"{n} patients, {found['tries']} failures each; whiskers 95 % over patients. Grey: "
            "controls.",
            "length": "Every treatment in the same noise of the brain.",
            "shorter": "Whiskers that begin above 0: help for sure; that end below 0: harm.",
            "patients": "Mean over the failures of each, against the sham.",
        }


def _scaled(interval: list[float | None], by: float) -> list[float | None]:
    return [None if value is None else by * value for value in interval]


def _bar(one: dict[str, Any], mean: float, interval: list[float | None], form: str) -> Bar:
    low, high = (mean if value is None else value for value in interval)
    return Bar(one["label"], mean, low, high, form.format(mean), one["is_control"])
