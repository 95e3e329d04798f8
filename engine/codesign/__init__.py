"""Co-design: the analog student against its digital teacher.

`validate` holds one against the other, `attribute` says which imperfection costs how much,
`calibrate` trims single circuits and fits the knobs that a whole chip shares, `trade_off` says what
fidelity costs.
"""

from engine.codesign.attribution import DISTANCE, Attribution, attribute
from engine.codesign.calibration import N_EVALS, Calibration, calibrate, with_fit
from engine.codesign.calibration_state import CalibrationState, read_state, write_state
from engine.codesign.knobs import KNOBS, knob_values, with_knobs
from engine.codesign.measures import MEASURES, Measure, Observation, compare
from engine.codesign.open_loop import Heard, OpenLoop
from engine.codesign.repeats import Repeat, Repeats, repeat_calibration
from engine.codesign.stand import Condition, Stand
from engine.codesign.stored import (
    Found,
    Origin,
    Results,
    found_bytes,
    found_from,
    read_results,
    write_results,
)
from engine.codesign.substrates import analog_labels, shortened, student_of, teacher_of, with_noise
from engine.codesign.trade_off import COSTS, Axis, TradeOff, pareto, trade_off
from engine.codesign.validation import Validation, validate
from engine.codesign.verdict import FLOOR, Standing, standing_of

__all__ = [
    "COSTS",
    "DISTANCE",
    "FLOOR",
    "KNOBS",
    "MEASURES",
    "N_EVALS",
    "Attribution",
    "Axis",
    "Calibration",
    "CalibrationState",
    "Condition",
    "Found",
    "Heard",
    "Measure",
    "Observation",
    "OpenLoop",
    "Origin",
    "Repeat",
    "Repeats",
    "Results",
    "Stand",
    "Standing",
    "TradeOff",
    "Validation",
    "analog_labels",
    "attribute",
    "calibrate",
    "compare",
    "found_bytes",
    "found_from",
    "knob_values",
    "pareto",
    "read_results",
    "read_state",
    "repeat_calibration",
    "shortened",
    "standing_of",
    "student_of",
    "teacher_of",
    "trade_off",
    "validate",
    "with_fit",
    "with_knobs",
    "with_noise",
    "write_results",
    "write_state",
]
