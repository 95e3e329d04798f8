"""The adaptive twin: a page of sections, one for each question that is put to it."""

from __future__ import annotations

from dtb_app.pages import PageEntry
from engine.registry import Registry

__all__ = ["SECTIONS"]

SECTIONS: Registry[PageEntry] = Registry(
    "section",
    (
        PageEntry(
            "adaptation",
            "Patient and twin",
            "A twin that follows a patient while both run, beside those that do not learn",
            "dtb_app.pages.twin.adaptation:AdaptationSection",
        ),
        PageEntry(
            "forecast",
            "Forecast",
            "Whether the twin knows of a seizure before it begins, judged on patients it never met",
            "dtb_app.pages.twin.forecast:ForecastSection",
        ),
        PageEntry(
            "spread",
            "Spread",
            "Which regions a seizure reaches and when, and whether a hidden one is foretold",
            "dtb_app.pages.twin.spread:SpreadSection",
        ),
        PageEntry(
            "stimulation",
            "Stimulation",
            "Deep brain stimulation in open and closed loop, with its dose and its controls",
            "dtb_app.pages.twin.stimulation:StimulationSection",
        ),
        PageEntry(
            "resection",
            "Resection",
            "Which regions would have to go so that seizures stay away",
            "dtb_app.pages.twin.resection:ResectionSection",
        ),
        PageEntry(
            "suppression",
            "Suppression",
            "Whether an electrode in the focus makes seizures fewer or shorter",
            "dtb_app.pages.twin.suppression:SuppressionSection",
        ),
        PageEntry(
            "years",
            "Years in hours",
            "A brain along the years in which it slowly loses something, and what a chip could look ahead",
            "dtb_app.pages.twin.years:YearsSection",
        ),
    ),
)
