"""A trial of the adaptive twin: what a preset asks, over some patients, as one scorecard.

For research and teaching, not for clinical use.
"""

from engine.twin.trial.interval import bootstrap_interval, mean_interval
from engine.twin.trial.part import Summary, Trial, TwinPart, no_show
from engine.twin.trial.registry import PARTS, TWINS, TwinPreset
from engine.twin.trial.scorecard import read_scorecard, run_trial, summaries, write_scorecard

__all__ = [
    "PARTS",
    "TWINS",
    "Summary",
    "Trial",
    "TwinPart",
    "TwinPreset",
    "bootstrap_interval",
    "mean_interval",
    "no_show",
    "read_scorecard",
    "run_trial",
    "summaries",
    "write_scorecard",
]
