"""A schedule of one's own, lived through by the group brain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Text
from dtb_app.controls.job_bar import JobBar
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import PageTools
from dtb_app.pages.twin.own_form import OwnForm
from dtb_app.panel_fixes.wrapping_row import WrappingRow
from dtb_app.work.job import Job
from engine.errors import EngineError
from engine.markup import parts
from engine.twin.years.own import labels_of, try_schedules
from engine.twin.years.schedule import COURSES, PROCESSES, Schedule, check_schedules

__all__ = ["ScheduleForm"]

_CSS = """
:host(.dtb-schedule-row) { gap: 10px; align-items: center; flex-wrap: wrap; height: auto; }
"""
_FIELDS = {
    "amount": ("Amount [%]", "60", 110),
    "begin": ("From [year]", "0", 100),
    "end": ("To [year]", "20", 100),
    "years": ("Years in all", "20", 100),
}
_IDLE = "Lives 11 epochs, and as many with nothing lost: half a minute on a quiet core."
_ALL = "all"


class ScheduleForm(OwnForm):
    """What is lost, where, when, and a button; contradictions are refused in a sentence.

    Parameters
    ----------
    tools : PageTools
    shown : callable
        Gets what `engine.twin.years.own.try_schedules` found, and the schedule.
    """

    def __init__(self, tools: PageTools, shown: Callable[[dict[str, Any], Schedule], None]):
        self._tools, self._shown = tools, shown
        look = {"size": "small", "margin": 0}
        self._process = pmui.Select(
            label="Process",
            options={one.label: one.name for one in PROCESSES},
            value="atrophy",
            width=210,
            **look,
        )
        self._regions = pmui.TextInput(label="Regions, or all", value="L.HI, L.AM, L.EC", width=210, **look)
        self._course = pmui.Select(label="Course", options=list(COURSES), value="sigmoid", width=120, **look)
        self._homeostasis = pmui.Select(
            label="Homeostasis", options=["off", "on"], value="off", width=120, **look
        )
        entered = {
            name: pmui.TextInput(label=label, value=value, width=width, **look)
            for name, (label, value, width) in _FIELDS.items()
        }
        self._inputs: dict[str, Any] = {
            "process": self._process,
            "regions": self._regions,
            **entered,
            "course": self._course,
            "homeostasis": self._homeostasis,
        }
        self._said = Text("")
        self._bar = JobBar("Live through it", self._start, self._over, _IDLE, "dtb-twin-schedule-start")
        self._by_name = NamedControls({}, {f"own_{name}": widget for name, widget in self._inputs.items()})
        self._by_name.watch(tools.later(lambda event: self.forgive()))
        self._asked: Schedule | None = None
        wide = {"margin": 0, "sizing_mode": "stretch_width"}
        self.panel = pn.Column(
            Text(parts.head("A schedule of your own", "lived through by the group brain")).pane,
            WrappingRow(
                *self._inputs.values(),
                css_classes=["dtb-schedule-row"],
                stylesheets=[_CSS],
                **{**wide, "margin": (10, 0, 8, 0)},
            ),
            self._bar.panel,
            self._said.pane,
            stylesheets=[CARD_CSS, ":host { height: auto; }"],
            **wide,
        )

    def _start(self) -> Job | None:
        try:
            number = {name: self._number(name) for name in _FIELDS}
            text = self._regions.value.strip()
            regions = () if text.lower() == _ALL else tuple(x.strip() for x in text.split(",") if x.strip())
            if not regions and text.lower() != _ALL:
                raise ValueError(f"Regions: must be labels with commas between them, or all (got {text!r}).")
            schedule = Schedule(
                self._process.value,
                number["amount"] / 100.0,
                number["begin"],
                number["end"],
                regions,
                self._course.value,
            )
            check_schedules((schedule,), labels_of(), number["years"])
        except (EngineError, ValueError) as error:
            self.refuse(str(error))
            return None
        homeostasis = self._homeostasis.value == "on"
        self._said.set("")
        self._asked = schedule
        return Job(
            lambda progress: try_schedules((schedule,), number["years"], homeostasis, progress),
            self._tools.services.jobs,
        )

    def _number(self, name: str) -> float:
        entered = self._inputs[name].value
        try:
            return float(entered)
        except ValueError:
            raise ValueError(f"{_FIELDS[name][0]}: must be a number (got {entered!r}).") from None

    def _over(self, job: Job) -> None:
        if job.state != "done" or self._asked is None:
            return
        self._shown(job.result, self._asked)
        self._said.set(parts.note(_told(job.result), role="status"))


def _told(found: dict[str, Any]) -> str:
    held, none = found["held"]["own"], found["held"]["none"]
    names = {"rates": "rates", "fc": "functional connectivity", "rest": "rest"}
    lost = [f"{label} from year {held[key]:g} on" for key, label in names.items() if held[key] is not None]
    kept = [label for key, label in names.items() if held[key] is None]
    said = "It no longer holds its " + ", its ".join(lost) + ". " if lost else ""
    said += "It holds its " + ", its ".join(kept) + f" for {found['years']:g} years. " if kept else ""
    by_chance = [label for key, label in names.items() if none[key] is not None]
    said += (
        f"With nothing lost it does not hold its {', its '.join(by_chance)} either: chance. "
        if by_chance
        else "With nothing lost it holds all three. "
    )
    if found["cut"]:
        said += f"{found['cut']} factors were cut to the largest weight there is. "
    return said.strip()
