"""The parts of a trial, and the presets that ask for them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.registry import Registry
from engine.twin.trial.part import TwinPart

__all__ = ["PARTS", "TWINS", "TwinPreset"]

PARTS: Registry[TwinPart] = Registry(
    "part of a twin",
    (
        TwinPart(
            "adaptation",
            "Adaptation",
            "How much of what sets a patient apart does the twin learn while it runs?",
            "engine.twin.adaptation.part:adaptation",
            "engine.twin.adaptation.summary:summary",
        ),
        TwinPart(
            "forecast",
            "Forecast",
            "Does the twin know of a seizure before it begins?",
            "engine.twin.forecast.part:forecast",
            "engine.twin.forecast.summary:summary",
        ),
        TwinPart(
            "spread",
            "Spread",
            "Which regions does a seizure reach, and when? Does the connectome know of a hidden one?",
            "engine.twin.spread.part:spread",
            "engine.twin.spread.summary:summary",
        ),
        TwinPart(
            "stimulation",
            "Stimulation",
            "What does deep brain stimulation change, and at which dose?",
            "engine.twin.stimulation.part:stimulation",
            "engine.twin.stimulation.summary:summary",
        ),
        TwinPart(
            "resection",
            "Resection",
            "Which regions would have to go so that seizures stay away?",
            "engine.twin.resection.part:resection",
            "engine.twin.resection.summary:summary",
        ),
        TwinPart(
            "suppression",
            "Suppression",
            "Does an electrode in the focus make seizures fewer or shorter?",
            "engine.twin.suppression.part:suppression",
            "engine.twin.suppression.summary:summary",
        ),
        TwinPart(
            "years",
            "Years in hours",
            "From which loss of inhibition on does a brain no longer hold, and would rates have told before?",
            "engine.twin.years.part:years",
            "engine.twin.years.summary:summary",
        ),
    ),
)
"""In the order in which they are run and shown."""


@dataclass(frozen=True)
class TwinPreset:
    """What a preset asks the twin.

    Attributes
    ----------
    name : str
        Of the preset.
    label : str
    parts : tuple of str
        Of `PARTS`.
    patients : int
        How many are judged where nothing is said.
    """

    name: str
    label: str
    parts: tuple[str, ...]
    patients: int = 10


TWINS: Registry[TwinPreset] = Registry(
    "preset of a twin",
    (
        TwinPreset("patient-drift", "A patient that drifts", ("adaptation",)),
        TwinPreset(
            "temporal-lobe-epilepsy",
            "Temporal lobe epilepsy",
            ("forecast", "spread", "resection", "suppression"),
        ),
        TwinPreset("closed-loop-stimulation", "Closed-loop stimulation", ("stimulation",)),
        TwinPreset("slow-loss-of-inhibition", "Slow loss of inhibition", ("years",), patients=6),
    ),
)
