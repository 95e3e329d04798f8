"""How a forecast of seizures is judged: by events, by alarms, by samples, and against chance.

For research and teaching, not for clinical use.
"""

from engine.twin.scores.alarms import (
    AlarmRecord,
    AlarmRule,
    AlarmScore,
    pooled,
    score_alarms,
    warning_windows,
)
from engine.twin.scores.chance import (
    AlarmIntervals,
    alarm_intervals,
    improvement_over_chance,
    p_binomial,
    p_shift,
)
from engine.twin.scores.detections import EventRule, EventScore, score_events
from engine.twin.scores.operating import WarningCurve, warning_curve
from engine.twin.scores.samples import BrierParts, auc, auc_interval, brier_parts, brier_skill, sample_labels
from engine.twin.scores.verdict import BETTER, NO_BETTER, TOO_FEW, verdict

__all__ = [
    "BETTER",
    "NO_BETTER",
    "TOO_FEW",
    "AlarmIntervals",
    "AlarmRecord",
    "AlarmRule",
    "AlarmScore",
    "BrierParts",
    "EventRule",
    "EventScore",
    "WarningCurve",
    "alarm_intervals",
    "auc",
    "auc_interval",
    "brier_parts",
    "brier_skill",
    "improvement_over_chance",
    "p_binomial",
    "p_shift",
    "pooled",
    "sample_labels",
    "score_alarms",
    "score_events",
    "verdict",
    "warning_curve",
    "warning_windows",
]
