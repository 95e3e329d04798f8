"""Simulated against measured brains: a page of sections, each a page of its own under inner tabs.

A section is a class derived from :class:`dtb_app.pages.DeepPage`, named in `SECTIONS`, and made when it
is first opened. It fills its cards, views and texts in place.
"""

from __future__ import annotations

from dtb_app.pages import PageEntry
from engine.registry import Registry

__all__ = ["SECTIONS"]

SECTIONS: Registry[PageEntry] = Registry(
    "section",
    (
        PageEntry(
            "compare",
            "Simulated against measured",
            "Functional connectivity of the run that is shown beside the measured one, and all scores",
            "dtb_app.pages.fit.compare.section:CompareSection",
        ),
        PageEntry(
            "tune",
            "Fit the twin",
            "Move excitation and inhibition of a running brain towards measured connectivity",
            "dtb_app.pages.fit.tune.section:TuneSection",
        ),
        PageEntry(
            "assimilate",
            "Assimilate",
            "Keep an ensemble of brains near measured activity and see what that says of their parameters",
            "dtb_app.pages.fit.assimilate.section:AssimilateSection",
        ),
        PageEntry(
            "data",
            "Own data",
            "Open measured signals, connectivity or spikes and hold the run against them",
            "dtb_app.pages.fit.data.section:DataSection",
        ),
        PageEntry(
            "animal",
            "Animal",
            "One neuron, digital and on the modelled chip, beside the spikes of a recorded cell",
            "dtb_app.pages.fit.animal.section:AnimalSection",
        ),
    ),
)
