"""Bring your own data: a file in, a checked record out, and how it goes with a connectome or a run.

`open_measured` or `read_measured` read a file into a `Draft`, which asks for what the file does not
say and guesses nothing; `match_regions` says which region is which; `measured_fc` brings functional
connectivity into the order of a connectome.
"""

from engine.fit.measured.comparison import (
    FcAgreement,
    MeasuredFc,
    RegionRate,
    agreement,
    fc_of,
    measured_fc,
    onto_connectome,
    region_rates,
)
from engine.fit.measured.draft import Draft
from engine.fit.measured.files import companions_of, open_measured, read_measured
from engine.fit.measured.limits import size_problem
from engine.fit.measured.matching import HOW, Match, Matching, match_regions
from engine.fit.measured.questions import KEYS, Question
from engine.fit.measured.records import MeasuredData, Origin, RegionMatrix, RegionSeries, SpikeList
from engine.fit.measured.scores import halves_score, rate_scores, rates_onto_connectome

__all__ = [
    "HOW",
    "KEYS",
    "Draft",
    "FcAgreement",
    "Match",
    "Matching",
    "MeasuredData",
    "MeasuredFc",
    "Origin",
    "Question",
    "RegionMatrix",
    "RegionRate",
    "RegionSeries",
    "SpikeList",
    "agreement",
    "companions_of",
    "fc_of",
    "halves_score",
    "match_regions",
    "measured_fc",
    "onto_connectome",
    "open_measured",
    "rate_scores",
    "rates_onto_connectome",
    "read_measured",
    "region_rates",
    "size_problem",
]
