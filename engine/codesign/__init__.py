"""Co-design: the analog student against its digital teacher.

`validate` holds one against the other.
"""

from engine.codesign.measures import MEASURES, Measure, Observation, compare
from engine.codesign.open_loop import Heard, OpenLoop
from engine.codesign.substrates import analog_labels, student_of, teacher_of, with_noise
from engine.codesign.validation import Validation, validate
from engine.codesign.verdict import Standing, standing_of

__all__ = [
    "MEASURES",
    "Heard",
    "Measure",
    "Observation",
    "OpenLoop",
    "Standing",
    "Validation",
    "analog_labels",
    "compare",
    "standing_of",
    "student_of",
    "teacher_of",
    "validate",
    "with_noise",
]
