"""Models of a recorded cell: one neuron on either substrate, driven as the animal was.

`shipped_cell` or `recorded_cell` give a stimulus and the spikes that it drove; `compare` fits a neuron
on the first half, with the digital equations and with circuits of the modelled chip, and judges both
on the second.
"""

from engine.recorded.cell import RecordedCell
from engine.recorded.comparison import MODELS, Comparison
from engine.recorded.files import recorded_cell
from engine.recorded.measures import MEASURES
from engine.recorded.neuron import NEURONS_FITTED
from engine.recorded.shipped import RECORDINGS, shipped_cell
from engine.recorded.study import compare

__all__ = [
    "MEASURES",
    "MODELS",
    "NEURONS_FITTED",
    "RECORDINGS",
    "Comparison",
    "RecordedCell",
    "compare",
    "recorded_cell",
    "shipped_cell",
]
