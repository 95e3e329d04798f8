"""The section Forecast: whether a seizure is known before it begins."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtb_app.controls.cards import Picture
from dtb_app.pages.twin.section import TwinSection
from engine.twin.forecast.forecasters import FORECASTERS
from engine.twin.patients import PATIENT_KINDS
from layouts.lines import Line, Lines, Stretch
from layouts.theme import Theme
from layouts.twin.bars import Bar, Bars

__all__ = ["ForecastSection"]

_SHOWN = ("readout", "look_ahead", "periodic", "oracle")


class ForecastSection(TwinSection):
    """See :class:`dtb_app.pages.twin.section.TwinSection`."""

    part = "forecast"
    preset = "temporal-lobe-epilepsy"
    takes = "about ten minutes"
    pictures = {
        "lamp": Picture("The warning lamp", 300, 560),
        "scores": Picture("Better than chance?", 300, 420, 390),
        "curve": Picture("Foretold for so much warning", 260, 420),
        "sites": Picture("What the clinic records", 260, 560),
        "hidden": Picture("What nobody sees", 260, 420),
    }

    def make_views(self, theme: Theme) -> dict[str, Any]:
        """See `TwinSection`."""
        empty = "Nothing tried yet."
        return {
            "lamp": Lines(theme, "twin-lamp", empty),
            "scores": Bars(theme, "twin-auc", empty),
            "curve": Lines(theme, "twin-warning-curve", empty),
            "sites": Lines(theme, "twin-sites", empty),
            "hidden": Lines(theme, "twin-hidden", empty),
        }

    def draw(self, found: dict[str, Any]) -> dict[str, str]:
        """See `TwinSection`."""
        example = found["example"]
        p = np.array([np.nan if x is None else x for x in example["probability"]], dtype=float)
        times = example["interval_s"] * np.arange(1, p.size + 1) / 60.0
        seizures = [Stretch(a / 60.0, b / 60.0, f"seizure, {b - a:.0f} s") for a, b in example["seizures_s"]]
        level = np.full(2, float(example["threshold"] or np.nan))
        self.views["lamp"].show(
            [Line("probability", times, p), Line("alarm above", np.array([times[0], times[-1]]), level)],
            "time [min]",
            "probability [1]",
            stretches=seizures,
            y_range=(0.0, 1.0),
        )
        bars = []
        for kind, of_kind in found["by_patient_kind"].items():
            for name in _SHOWN:
                one = of_kind["forecasters"].get(name)
                if one is None or one["auc"] is None:
                    continue
                low, high = one["interval"]
                low, high = (one["auc"], one["auc"]) if low is None else (low, high)
                label = f"{PATIENT_KINDS[kind].label}: {FORECASTERS[name].label.lower()}"
                bars.append(Bar(label, one["auc"], low, high, f"{one['auc']:.2f}", one["role"] != "forecast"))
        self.views["scores"].show(bars, "AUC, 0.5 is chance [1]")
        self.views["curve"].show(
            _curves(found),
            "part of the time in warning [1]",
            "part of the seizures foretold [1]",
            "Try anew: this scorecard was made without it.",
            y_range=(0.0, 1.0),
        )
        self.views["sites"].show(
            [Line(name, times, np.array(rate, dtype=float)) for name, rate in example["sites"].items()],
            "time [min]",
            "rate, with noise [Hz]",
            stretches=seizures,
        )
        self.views["hidden"].show(
            [Line("", times, np.array(example["hidden"], dtype=float))],
            "time [min]",
            "hidden state [1]",
            stretches=seizures,
        )
        n_alarms = len(example["alarms_s"])
        return {
            "lamp": f"The first judged patient whose inhibition wears down: {len(seizures)} seizures "
            f"(shaded), {n_alarms} alarms. Its clock rests in seizures and in the recovery after them.",
            "scores": f"{found['patients']['judge']} patients of each kind that nobody was trained on; "
            "whiskers 95 %. Grey: what knows only the times of seizures, and the oracle.",
            "curve": f"{FORECASTERS[found['forecaster']].label} at every threshold, by kind of patient. At "
            "random, alarms foretell as much as they warn.",
            "sites": f"Recruited in order in the first seizure: {', '.join(_first(example['recruited']))}.",
            "hidden": "The state that brings seizures about; the oracle alone reads it.",
        }


def _curves(found: dict[str, Any]) -> list[Line]:
    """Sensitivity against time in warning of the forecaster in question, and chance."""
    lines = []
    for kind, of_kind in found["by_patient_kind"].items():
        curve = of_kind["forecasters"][found["forecaster"]].get("curve")
        if curve:
            x, y = (np.array(curve[name], dtype=float) for name in ("time_in_warning", "sensitivity"))
            lines.append(Line(PATIENT_KINDS[kind].label.lower(), x, y))
    chance = np.array([0.0, 1.0])
    return [*lines, Line("chance", chance, chance)] if lines else []


def _first(recruited: list[list[str]]) -> list[str]:
    return (recruited[0] if recruited else ["none"])[:6]
