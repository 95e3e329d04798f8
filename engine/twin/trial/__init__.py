"""A trial of the adaptive twin: what a preset asks, over some patients, as one scorecard.

For research and teaching, not for clinical use.
"""

from engine.twin.trial.interval import mean_interval
from engine.twin.trial.part import Trial, TwinPart, no_show
from engine.twin.trial.registry import PARTS, TWINS, TwinPreset
from engine.twin.trial.scorecard import run_trial

__all__ = ["PARTS", "TWINS", "Trial", "TwinPart", "TwinPreset", "mean_interval", "no_show", "run_trial"]
