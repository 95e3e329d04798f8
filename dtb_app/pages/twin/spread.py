"""The section Spread: whom a seizure reaches and when, and a region that nobody recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
from numpy.typing import NDArray

from dtb_app.controls.cards import Card, Picture
from dtb_app.controls.named_controls import NamedControls
from dtb_app.pages.twin.section import TwinSection
from engine.brain.connectome import load_connectome
from layouts.lines import Line, Lines, Stretch
from layouts.theme import Theme
from layouts.twin.bars import Bar, Bars
from layouts.twin.latencies import Latencies
from layouts.twin.spread_map import SpreadMap

__all__ = ["SpreadSection"]

_CONNECTOME = "dk84"
_NEURONS = 50
_BEFORE_S = 4.0  # of the bands, drawn before the onset
_ROW_CSS = ":host { padding: 8px 0 2px; height: auto; }"


class SpreadSection(TwinSection):
    """See :class:`dtb_app.pages.twin.section.TwinSection`."""

    part = "spread"
    preset = "temporal-lobe-epilepsy"
    takes = "about three minutes"
    pictures = {
        "latencies": Picture("Latency of each region", 340, 440, 420),
        "bands": Picture("Field in the focus", 340, 440),
        "errors": Picture("Is a hidden region foretold?", 250, 440, 420),
        "gain": Picture("What the tracts are worth", 250, 440, 420),
    }

    def make_views(self, theme: Theme) -> dict[str, Any]:
        """See `TwinSection`."""
        empty = "Nothing tried yet."
        self._example: dict[str, Any] | None = None
        self._map = SpreadMap(theme, empty)
        return {
            "map": self._map,
            "latencies": Latencies(theme, "twin-latencies", empty),
            "bands": Lines(theme, "twin-bands", empty, is_log=True),
            "errors": Bars(theme, "twin-spread-errors", empty),
            "gain": Bars(theme, "twin-spread-gain", empty),
        }

    def above(self) -> list[Any]:
        """See `TwinSection`: the map, and which seizure of the first patient it shows."""
        self._seizure = pmui.Select(
            label="Seizure", options={}, size="small", margin=0, width=300, css_classes=["dtb-spread-seizure"]
        )
        self._seizure.param.watch(self.tools.later(lambda event: self._choose()), "value")
        self._by_name = NamedControls(
            {}, {"patients": self._patients, "seed": self._seed, "seizure": self._seizure}
        )
        wide = {"margin": 0, "sizing_mode": "stretch_width"}
        card = Card(
            "The spread of a seizure",
            pn.pane.Bokeh(self._map.figure, sizing_mode="stretch_both", margin=0),
            [pn.Row(self._seizure, stylesheets=[_ROW_CSS], **wide)],
            1,
            height=400,
            sizing_mode="stretch_width",
        )
        card.caption(self._map.caption)
        self.cards["map"] = card
        return [card.panel]

    def draw(self, found: dict[str, Any]) -> dict[str, str]:
        """See `TwinSection`."""
        example = self._example = found["example"]
        connectome = load_connectome(_CONNECTOME)
        labels = example["labels"]
        self._map.lay_out(connectome, self.tools.services.atlas(connectome), labels, _NEURONS)
        self._map.mark(example["focus"], connectome, "the focus")
        options = {_said(k, one): k for k, one in enumerate(example["seizures"])}
        longest = max(
            options.values(),
            key=lambda k: np.nanmax(_column(example["seizures"][k]["latency_s"]), initial=0.0),
            default=None,
        )
        self._seizure.param.update(options=options, value=longest)
        self._choose()
        by_name = {one["name"]: one for one in found["predictors"]}
        rows = [
            _bar(one["label"], one["error_s"], one["error_interval"], "{:.2f} s", one["name"] != "twin")
            for one in found["predictors"]
        ]
        self.views["errors"].show(rows, "error of the latency that is foretold [s]")
        self.views["gain"].show(
            [
                _bar(
                    f"over {by_name[name]['label'].lower()}",
                    one["error_s"],
                    one["error_interval"],
                    "{:+.2f} s",
                )
                for name, one in found["gain"].items()
            ],
            "error that the twin is spared [s]",
        )
        n = len(found["errors_s"]["twin"])
        return {
            "errors": f"{n} patients, {found['n_seizures']} seizures; whiskers 95 % over patients. "
            "Grey: controls.",
            "gain": "Whiskers that begin above 0: better for sure. Bootstrap over patients.",
            **({name: self.cards[name].said for name in ("map", "latencies", "bands")}),
        }

    def _choose(self) -> None:
        """Show the seizure that is chosen."""
        example, at = self._example, self._seizure.value
        if example is None or at is None:
            return
        one = example["seizures"][at]
        labels = example["labels"]
        latency, foretold = _column(one["latency_s"]), _column(one["foretold_s"])
        self._map.show(latency)
        self.views["latencies"].show(labels, latency, foretold)
        ends = _column(one["band_s"])
        seen = ends >= -_BEFORE_S
        lines = [
            Line(name, ends[seen], np.maximum(_column(power)[seen], 1e-9))
            for name, power in one["bands"].items()
        ]
        self.views["bands"].show(
            lines,
            "time after the onset [s]",
            "power [pA²]",
            stretches=[Stretch(0.0, min(one["lasts_s"], float(ends[-1])), "the seizure")],
        )
        there = np.isfinite(latency)
        last = int(np.nanargmax(np.where(there, latency, -1.0)))
        said = {
            "map": f"{there.sum()} of {len(labels)} regions of the first patient are recruited, the last "
            f"of them {labels[last]} after {latency[last]:.2f} s.",
            "latencies": "A region is recruited once its rate, averaged over 1 s, reaches 20 Hz. "
            + _spared(labels, there, _column(one["probability"])),
            "bands": "LFP proxy (Mazzoni et al. 2015) of estimated currents, power in the last 2 s; mean of "
            f"{' and '.join(example['focus'])}. The seizure is shaded.",
        }
        for name, sentence in said.items():
            self.cards[name].caption(self.views[name].caption)
            self.cards[name].sentence(sentence)


def _column(values: list[float | None]) -> NDArray[np.float64]:
    """What is not known is not a number."""
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _said(k: int, one: dict[str, Any]) -> str:
    n = sum(value is not None for value in one["latency_s"])
    return f"{k + 1}: {n} regions, {one['lasts_s']:.1f} s long"


def _spared(labels: list[str], there: NDArray[np.bool_], probability: NDArray[np.float64]) -> str:
    known = np.isfinite(probability)
    right = int(((probability > 0.5) == there)[known].sum())
    return f"Whether it is recruited is foretold rightly of {right} of {int(known.sum())} that are hidden."


def _bar(
    label: str, mean: float | None, interval: list[float | None], form: str, is_control: bool = False
) -> Bar:
    at = mean or 0.0
    low, high = (at if value is None else value for value in interval)
    return Bar(label, at, low, high, form.format(at), is_control)
