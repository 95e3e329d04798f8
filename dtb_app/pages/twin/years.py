"""The section Years in hours: a brain that slowly loses something, three clocks, and the look-ahead."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from dtb_app.controls.cards import Picture, Text
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages.twin.schedule_form import ScheduleForm
from dtb_app.pages.twin.section import TABLE_CSS, TwinSection
from dtb_app.pages.twin.time_lapse_card import TimeLapseCard
from engine.markup import parts
from engine.twin.years.own import labels_of
from engine.twin.years.schedule import PROCESSES, Schedule
from layouts.lines import Line, Lines, Stretch
from layouts.theme import Theme
from layouts.twin.bars import Bar, Bars

__all__ = ["YearsSection"]

_DRAWN = ("schedule", "schedule_homeostasis", "elsewhere", "none")
_SHORT = {
    "schedule": "temporal loss",
    "schedule_homeostasis": "with homeostasis",
    "elsewhere": "loss elsewhere",
    "none": "nothing lost",
}
_WHAT = {"rates": "rates", "fc": "FC", "rest": "runs away"}
_WATCHED = {"sites": "four temporal sites", "elsewhere": "four sites elsewhere", "all": "all regions"}
_REACH = {"rates": (1.0, 600.0), "connectivity": (-0.15, 1.0)}
"""Of the upright axes [Hz, 1]; a neuron fires at most at 500 Hz."""
_NOW = 0.12  # width of the mark of the year on the curves, over a year


class YearsSection(TwinSection):
    """See :class:`dtb_app.pages.twin.section.TwinSection`."""

    part = "years"
    preset = "slow-loss-of-inhibition"
    takes = "about five minutes"
    pictures = {
        "rates": Picture("Rates over the years", 300, 440),
        "connectivity": Picture("Functional connectivity over the years", 300, 440),
        "held": Picture("When it no longer holds", 330, 440, 420),
        "warned": Picture("How long before its rates would have told", 330, 440, 420),
    }

    def make_views(self, theme: Theme) -> dict[str, Any]:
        """See `TwinSection`."""
        empty = "Nothing tried yet."
        self._lapse = TimeLapseCard(self.tools, self._turned)
        return {
            "map": self._lapse.view,
            "rates": Lines(theme, "twin-years-rates", empty, is_log=True),
            "connectivity": Lines(theme, "twin-years-fc", empty),
            "held": Bars(theme, "twin-years-held", empty),
            "warned": Bars(theme, "twin-years-warned", empty),
        }

    def above(self) -> list[Any]:
        """See `TwinSection`: the time-lapse."""
        self.cards["map"] = self._lapse.card
        return [self._lapse.card.panel]

    def more(self) -> list[Any]:
        """See `TwinSection`: an own schedule, and how far a chip could look ahead."""
        self.schedule = ScheduleForm(self.tools, self._show_own)
        self._ahead, self._assumed = Text(""), Text("")
        self._texts.update(look_ahead=self._ahead, assumptions=self._assumed)
        look_ahead = pn.Column(
            Text(parts.head("Look-ahead", "futures that are tried while the patient lives one second")).pane,
            self._ahead.pane,
            self._assumed.pane,
            stylesheets=[CARD_CSS, ":host { height: auto; }"],
            margin=0,
            sizing_mode="stretch_width",
        )
        return [self.schedule.panel, look_ahead]

    # ---- what is shown -----------------------------------------------------------------------

    def draw(self, found: dict[str, Any]) -> dict[str, str]:
        """See `TwinSection`."""
        example, ways = found["example"], found["ways"]
        lost = {
            "schedule": tuple(found["regions"]),
            "schedule_homeostasis": tuple(found["regions"]),
            "elsewhere": tuple(example["elsewhere"]),
        }
        self._lapse.show(
            example["labels"],
            {
                name: {**life, "is_runaway": found["patients"][0][name]["rest"] is not None}
                for name, life in example["lives"].items()
            },
            {name: way["label"] for name, way in ways.items()},
            {name: lost.get(name, ()) for name in ways},
        )
        curves = {name: found["curves"][name] for name in _DRAWN}
        self._draw_curves(curves, _SHORT)
        self.views["held"].show(
            [
                _bar(f"{_SHORT[name].capitalize()}: {_WHAT[what]}", ways[name][what], name)
                for what in _WHAT
                for name in _DRAWN[:3]
            ],
            "year from which on it is lost",
        )
        self.views["warned"].show(
            [
                _lead(f"{_SHORT[name].capitalize()}: {label}", ways[name]["warned"][watch], watch)
                for name in _DRAWN[:2]
                for watch, label in _WATCHED.items()
            ],
            "years between the alarm and the loss of FC",
        )
        self._show_ahead(found["look_ahead"], found["clocks"])
        n, none = found["n_patients"], ways["none"]
        false = ", ".join(
            f"{label} {none['warned'][watch]['n_alarms']} and "
            f"{ways['none_homeostasis']['warned'][watch]['n_alarms']}"
            for watch, label in _WATCHED.items()
        )
        return {
            "map": self._lapse.card.said,
            "rates": f"Mean over {n} patients and all regions, band 95 %. A brain that ran away stays as "
            "it was.",
            "connectivity": f"Correlation with the brain's own FC when it was healthy, {n} patients; the "
            "others of "
            "its healthy epochs reach "
            f"{np.mean(example['healthy_r']):.2f} in the first patient. 0 once it has run away.",
            "held": "Whiskers 95 %. Who never loses it counts as all the years; with nothing lost "
            f"{none['rates']['n_lost']} of {n} lost their rates, {none['fc']['n_lost']} their FC.",
            "warned": f"Whiskers 95 %. False alarms where nothing is lost, of {n} without and {n} with "
            "homeostasis: "
            f"{false}.",
        }

    def _draw_curves(self, curves: dict[str, dict[str, Any]], names: dict[str, str]) -> None:
        for view, key, label in (
            ("rates", "rate_hz", "mean rate [Hz]"),
            ("connectivity", "r", "r to healthy FC [1]"),
        ):
            lines = [
                Line(
                    names[name],
                    _column(one["year"]),
                    _column(one[key]),
                    *(
                        (_column(one[f"{key}_{side}"]) for side in ("low", "high"))
                        if f"{key}_low" in one
                        else ()
                    ),
                )
                for name, one in curves.items()
            ]
            if view == "rates":
                lines = [_above_zero(line) for line in lines]
            self.views[view].show(lines, "year", label, y_range=_REACH[view])

    def _show_ahead(self, ahead: dict[str, Any], took: dict[str, Any]) -> None:
        """The table of look-ahead and the clocks of all lives."""
        rows = [
            (
                f"{one['future_s']:g} s",
                f"{one['chip']:.0f}",
                f"{one['chip_configured']:.0f}",
                f"{one['digital']:.2f}",
            )
            for one in ahead["futures"]
        ]
        columns = (
            "biology of one future",
            f"{ahead['chips']} chips, other noise (estimate)",
            f"{ahead['chips']} chips, other parameters (estimate)",
            "one core, this engine (measured)",
        )
        self._ahead.set(parts.joined(parts.style(TABLE_CSS), parts.table(rows, columns, "dtb-twin-table")))
        self._assumed.set(
            parts.note(
                " ".join(ahead["assumptions"])
                + f" All lives of this scorecard: {took['years']:,.0f} years in {took['epochs']:,} epochs, "
                f"{took['biology_s']:,.0f} s of biology, {took['core_s']:,.0f} s of cores (measured), "
                f"{took['chip_ms'] / 1000:.1f} s of a chip (estimate)."
            )
        )

    def _turned(self, year: float) -> None:
        """Mark the year of the map on the curves."""
        now = [Stretch(year - _NOW, year + _NOW, f"year {year:g}, on the map")]
        for name in ("rates", "connectivity"):
            self.views[name].stretch(now)

    def _show_own(self, found: dict[str, Any], schedule: Schedule) -> None:
        """Show the life with a schedule of one's own, and the one without."""
        label = PROCESSES[schedule.process].label
        names = {"own": f"Own: {label.lower()}", "none": "Nothing lost"}
        regions = schedule.regions or labels_of()
        lives = {
            name: {**life, "is_runaway": found["held"][name]["rest"] is not None}
            for name, life in found["lives"].items()
        }
        self._lapse.show(found["labels"], lives, names, {"own": regions, "none": ()})
        self._draw_curves(found["lives"], {"own": label.lower(), "none": "nothing lost"})
        held = f"{'with' if found['homeostasis'] else 'without'} homeostasis"
        self.cards["rates"].sentence(f"Your schedule, lived through by the group brain {held}.")
        self.cards["connectivity"].sentence(
            f"Your schedule, {held}; the others of its healthy epochs reach "
            f"{np.mean(found['healthy_r']):.2f}."
        )
        for name in ("rates", "connectivity"):
            self.cards[name].caption(self.views[name].caption)

    def draw_step(self, what: str, values: dict[str, Any]) -> None:
        """See `TwinSection`: the brain of the first patient as it is lived."""
        if what == "years.epoch":
            self._lapse.view.show(np.array(values["rates_hz"], float))
            self.cards["map"].sentence(
                f"The first patient lives: year {values['year']:g}, r {values['r']:.2f}."
            )

    # ---- the page ----------------------------------------------------------------------------

    def tick(self) -> None:
        """Look at the jobs, and turn the year."""
        super().tick()
        self.schedule.tick()
        self._lapse.tick()

    @property
    def is_working(self) -> bool:
        """Whether a trial or an own schedule is lived."""
        return super().is_working or self.schedule.is_working

    @property
    def said(self) -> dict[str, str]:
        """See `DeepPage`."""
        return {**super().said, "clocks": self._lapse.clocks, "own": self.schedule.said}

    @property
    def values(self) -> dict[str, Any]:
        """See `DeepPage`."""
        return {**super().values, **self._lapse.controls.values}

    def control(self, name: str) -> Any:
        """See `DeepPage`; the own schedule's begin with "own_", the time-lapse has "play", "year", "life"."""
        if name.startswith("own_"):
            return self.schedule.control(name)
        if name in ("play", "year", "life"):
            return self._lapse.controls.state(name)
        return super().control(name)

    def press(self, name: str) -> None:
        """See `DeepPage`."""
        if name.startswith("own_"):
            self.schedule.press(name)
        elif name == "play":
            self._lapse.controls.press(name)
        else:
            super().press(name)

    def choose(self, **values: Any) -> None:
        """See `DeepPage`."""
        for name, value in values.items():
            if name.startswith("own_"):
                self.schedule.choose(name, value)
            elif name in ("year", "life"):
                self._lapse.controls.choose(**{name: value})
            else:
                super().choose(**{name: value})

    def close(self) -> None:
        """End the work."""
        super().close()
        self.schedule.close()


def _column(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if x is None else x for x in values], float)


def _above_zero(line: Line) -> Line:
    """A line for an axis of decades: its band stays above zero."""
    if line.low is None:
        return line
    return line._replace(low=np.maximum(line.low, 0.5))


def _bar(label: str, when: dict[str, Any], name: str) -> Bar:
    low, high = when["interval"]
    year = when["year"]
    low, high = (year, year) if low is None else (low, high)
    loss = f", {when['loss']:.0%} lost" if when["n_lost"] else ""
    said = f"{year:.1f}{loss}" if when["n_lost"] else "never"
    return Bar(label, year, low, high, said, name != "schedule")


def _lead(label: str, warned: dict[str, Any], watch: str) -> Bar:
    lead = warned["lead"] or 0.0
    low, high = warned["interval"]
    low, high = (lead, lead) if low is None else (low, high)
    said = "no alarm before" if warned["lead"] is None else f"{lead:.1f}"
    return Bar(label, lead, low, high, said, watch != "sites")
