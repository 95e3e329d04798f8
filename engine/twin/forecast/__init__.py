"""Forecasts of seizures: a probability at every moment, by forecasters that know more or less.

Trained on some patients, thresholds chosen on others, judged on others again. For research and teaching, not
for clinical use.
"""

from engine.twin.forecast.features import FEATURES, Features
from engine.twin.forecast.forecaster import Forecaster, forecast_of
from engine.twin.forecast.forecasters import FORECASTERS, ForecasterKind
from engine.twin.forecast.judgement import Judged, alarms_of, judge, threshold_for

__all__ = [
    "FEATURES",
    "FORECASTERS",
    "Features",
    "Forecaster",
    "ForecasterKind",
    "Judged",
    "alarms_of",
    "forecast_of",
    "judge",
    "threshold_for",
]
