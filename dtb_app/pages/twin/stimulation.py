"""The section Stimulation: deep brain stimulation in open and closed loop, and an electrode of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from dtb_app.controls.cards import Picture, Text, sideways
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages.twin.electrode_form import ElectrodeForm
from dtb_app.pages.twin.section import TABLE_CSS, TwinSection
from engine.markup import parts
from layouts.lines import Line, Lines
from layouts.theme import Theme
from layouts.twin.bars import Bar, Bars

__all__ = ["StimulationSection"]

_CIRCUIT_CSS = """
.dtb-circuit td, .dtb-circuit th { white-space: normal; text-align: left; vertical-align: top; }
"""
_TRAINS = ("open_loop", "pi_frequency", "dual_threshold", "random_timing")


class StimulationSection(TwinSection):
    """See :class:`dtb_app.pages.twin.section.TwinSection`."""

    part = "stimulation"
    preset = "closed-loop-stimulation"
    takes = "about two minutes"
    pictures = {
        "course": Picture("Beta while it is treated", 300, 560),
        "scores": Picture("What takes beta away", 300, 420, 390),
        "frequency": Picture("Frequency", 270, 440),
        "dose": Picture("Dose", 270, 440),
        "pulse": Picture("One pulse", 240, 440),
        "train": Picture("The pulses of each treatment", 240, 440),
        "before": Picture("Spikes before", 260, 440),
        "during": Picture("Spikes during open loop", 260, 440),
    }

    def make_views(self, theme: Theme) -> dict[str, Any]:
        """See `TwinSection`."""
        empty = "Nothing tried yet."
        return {
            "course": Lines(theme, "twin-beta", empty),
            "scores": Bars(theme, "twin-effects", empty),
            "frequency": Lines(theme, "twin-frequency", empty),
            "dose": Lines(theme, "twin-dose", empty),
            "pulse": Lines(theme, "twin-pulse", empty),
            "train": Lines(theme, "twin-train", empty),
            "before": Lines(theme, "twin-before", empty),
            "during": Lines(theme, "twin-during", empty),
        }

    def more(self) -> list[Any]:
        """See `TwinSection`: the electrode."""
        self.electrode = ElectrodeForm(self.tools, self._show_own)
        return [self.electrode.panel]

    def below(self) -> list[Any]:
        """See `TwinSection`: what the circuit is made of."""
        self._circuit = self._texts["circuit"] = Text("")
        title = Text(parts.head("The circuit", "Every projection, and how sure it is."))
        table = pn.Column(
            title.pane,
            sideways(self._circuit.pane, 760),
            stylesheets=[CARD_CSS],
            margin=0,
            sizing_mode="stretch_width",
        )
        return [table]

    def draw(self, found: dict[str, Any]) -> dict[str, str]:
        """See `TwinSection`."""
        closed = found["closed_loop"]["controller"]
        labels = {one["name"]: one["label"] for one in found["controllers"]}
        traces = found["example"]["traces"]
        shown = {
            "untreated": "untreated",
            "open_loop": "open loop",
            closed: labels[closed],
            "healthy": "healthy",
        }
        self.views["course"].show(
            [
                Line(label, np.array(traces[name]["s"]), np.array(traces[name]["beta_mv"]))
                for name, label in shown.items()
            ],
            "time of treatment [s]",
            "beta [mV]",
        )
        bars = [_bar(one["label"], one, is_control=False) for one in found["controllers"]]
        pallidum = found["targets"]["rows"][1]
        bars += [
            _bar(
                "Open loop, internal pallidum",
                {"effect": pallidum["effect"], "interval": pallidum["effect_interval"]},
                is_control=False,
            ),
            _bar("random timing", found["random_timing"]),
            _bar("20 Hz, equal energy", found["wrong_frequency"]),
            _bar("sham, 0 mA", found["sham"]),
            _bar("other noise", found["chance"]),
        ]
        self.views["scores"].show(bars, "share of beta that is gone [%]")
        self.views["frequency"].show(
            [_swept("frequency_hz", found["frequency_sweep"])], "frequency [Hz]", "beta gone [%]"
        )
        self.views["dose"].show(
            [_swept("amplitude_ma", found["dose_response"])], "amplitude [mA]", "beta gone [%]"
        )
        told = self._draw_pulses(found["example"], labels)
        self._circuit.set(_circuit_html(found["circuit"]["projections"]))
        sweep = next(
            gate for gate in found["gates"] if "40 Hz" in gate["what"] or "40 Hz" in gate["expected"]
        )
        n = len(found["patients"]) if "patients" in found else None
        over = f", over {n} patients" if n else ""
        return {
            "course": "The first patient; stimulation begins at 0 s. Beta: rectified synaptic current of the "
            "subthalamic nucleus, 13 to 30 Hz.",
            "scores": f"Mean and 95 %{over}. Grey: controls. Other noise: what an effect of nothing is like.",
            "frequency": f"Published: {sweep['expected']}. Here: {sweep['found']}"
            + (", as published." if sweep["holds"] else ", which disagrees."),
            "dose": f"At {found['electrode']['frequency_hz']:g} Hz; band 95 % of the mean over patients.",
            **told,
        }

    def _draw_pulses(self, example: dict[str, Any], labels: dict[str, str]) -> dict[str, str]:
        """Draw what the electrode gives the first patient, and what its neurons make of it."""
        us, ma = (np.array(example["pulse"][name], dtype=float) for name in ("us", "ma"))
        self.views["pulse"].show([Line("", us, ma)], "time [µs]", "current [mA]")
        trains = [name for name in _TRAINS if name in example["pulses"]]
        most = max(max(example["pulses"][name]["ma"]) for name in trains)
        rows = []
        for k, name in enumerate(reversed(trains)):
            train = example["pulses"][name]
            high = np.array(train["ma"], dtype=float) * 0.8 / most
            rows.append(_strokes(labels.get(name, "random timing"), train["s"], float(k), high))
        self.views["train"].show(rows, "time of treatment [s]", "treatment", y_range=(-0.2, len(rows) + 0.0))
        told = {}
        for name, when in (("before", "before"), ("during", "on")):
            raster = example["raster"][when]
            n = max(one["first"] + one["n"] for one in raster["populations"])
            ids, driven = np.array(raster["neuron"]), np.array(raster["is_driven"], dtype=bool)
            s = np.array(raster["s"], dtype=float)
            rows = []
            for one in raster["populations"]:
                mine = (ids >= one["first"]) & (ids < one["first"] + one["n"]) & ~driven
                rows.append(_strokes(one["label"], s[mine], ids[mine], 0.8))
            if driven.any():
                rows.append(_strokes("driven by a pulse", s[driven], ids[driven], 0.8))
            self.views[name].show(rows, "time of treatment [s]", "neuron", y_range=(-1.0, n + 1.0))
            names = "; ".join(one["label"][0].lower() + one["label"][1:] for one in raster["populations"])
            told[name] = f"{n} neurons of the first patient; from below {names}."
        net = float(((us[1:] - us[:-1]) * (ma[1:] + ma[:-1]) / 2).sum())
        first = example["pulses"][trains[0]]
        long_ms = 1000 * (first["end_s"] - first["begin_s"])
        return {
            "pulse": f"The second phase takes back what the first gave: {abs(net):.2g} nC are left.",
            "train": f"{long_ms:.0f} ms of the first patient; each pulse a stroke, at most {most:.1f} mA.",
            **told,
        }

    def _show_own(self, found: dict[str, Any]) -> None:
        """Draw what an electrode of one's own did to the first patient."""
        pairs = (("untreated", found["untreated"]), ("treated", found["treated"]))
        self.views["course"].show(
            [Line(name, np.array(t["s"]), np.array(t["beta_mv"])) for name, t in pairs],
            "time of treatment [s]",
            "beta [mV]",
        )
        self.cards["course"].caption(self.views["course"].caption)
        self.cards["course"].sentence(
            f"Your electrode on the first patient: {found['effect']:.0%} of beta gone, "
            f"{found['charge_uc']:.0f} µC and {found['energy_uj']:.0f} µJ (assumed 1 kOhm)."
        )

    def tick(self) -> None:
        """Look at the jobs."""
        super().tick()
        self.electrode.tick()

    @property
    def is_working(self) -> bool:
        """Whether a trial or an own electrode is tried."""
        return super().is_working or self.electrode.is_working

    def control(self, name: str) -> Any:
        """See `DeepPage`; the own electrode's begin with "own_"."""
        return self.electrode.control(name) if name.startswith("own_") else super().control(name)

    def press(self, name: str) -> None:
        """See `DeepPage`."""
        if name.startswith("own_"):
            self.electrode.press(name)
        else:
            super().press(name)

    def choose(self, **values: Any) -> None:
        """See `DeepPage`."""
        for name, value in values.items():
            if name.startswith("own_"):
                self.electrode.choose(name, value)
            else:
                super().choose(**{name: value})

    def close(self) -> None:
        """End the work."""
        super().close()
        self.electrode.close()


def _bar(label: str, one: dict[str, Any], is_control: bool = True) -> Bar:
    low, high = one["interval"]
    effect = 100 * one["effect"]
    low, high = (effect, effect) if low is None else (100 * low, 100 * high)
    return Bar(label, effect, low, high, f"{effect:.0f}%", is_control)


def _strokes(label: str, times: Any, low: Any, high: Any) -> Line:
    """A stroke at each moment [s], from `low` up by `high`; one number for all, or one each."""
    x = np.asarray(times, dtype=float)
    low = np.broadcast_to(np.asarray(low, dtype=float), x.shape)
    y = np.column_stack([low, low + high, np.full(x.size, np.nan)])
    return Line(label, np.repeat(x, 3), y.ravel())


def _circuit_html(projections: list[dict[str, Any]]) -> Any:
    """The circuit's projections as a table."""
    columns = ("projection", "", "inputs", "weight [leak conductances]", "delay [ms]", "standing", "source")
    rows = [
        (
            one["label"],
            one["sign"],
            str(one["inputs"]),
            f"{one['weight']:g}"
            + ("" if one["with_loss"] == one["weight"] else f", without dopamine {one['with_loss']:g}"),
            f"{one['delay_ms']:g}",
            one["standing"] + (", synthetic" if one["is_synthetic"] else ""),
            one["source"],
        )
        for one in projections
    ]
    return parts.joined(
        parts.style(TABLE_CSS + _CIRCUIT_CSS), parts.table(rows, columns, "dtb-twin-table dtb-circuit")
    )


def _swept(key: str, rows: list[dict[str, Any]]) -> Line:
    def column(what: Any) -> Any:
        return np.array([100 * what(row) for row in rows], dtype=float)

    x = np.array([row[key] for row in rows], dtype=float)
    known = all(row["interval"][0] is not None for row in rows)
    low = column(lambda row: row["interval"][0]) if known else None
    high = column(lambda row: row["interval"][1]) if known else None
    return Line("", x, column(lambda row: row["effect"]), low, high)
