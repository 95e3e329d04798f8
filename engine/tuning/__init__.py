"""Fitting a running brain to measured functional connectivity: excitation, inhibition and homeostasis.

`FCTuner` runs a brain and moves the factors of its tracts, `judge` measures a brain that is left as it
is, with other noise.
"""

from engine.tuning.judgement import Judgement, judge
from engine.tuning.rule import TuningRule
from engine.tuning.tuner import FCTuner

__all__ = ["FCTuner", "Judgement", "TuningRule", "judge"]
