"""What kernels of learning read and write: who is joined, what spikes do, what changes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = [
    "ADDITIVE",
    "FAR",
    "INBOX",
    "KEPT",
    "KIND",
    "LOCAL_E",
    "LOCAL_I",
    "MINUS",
    "MINUS_SLOW",
    "MU_MINUS",
    "MU_PLUS",
    "NEAREST",
    "NEVER",
    "OFFSET",
    "PLUS",
    "PLUS_SLOW",
    "SLOW",
    "TAU_PLUS",
    "TAU_X",
    "TRACE",
    "TRIPLETS",
    "UNITS",
    "WEIGHTED",
    "W_MAX",
    "Decays",
    "Due",
    "LearningColumns",
    "LearningRows",
    "LearningRules",
    "LearningSources",
    "LearningState",
]

ADDITIVE, WEIGHTED, TRIPLETS = range(3)
"""Kinds of rules: changes add up, depend on the weight, or count triplets as well as pairs."""
FAR, LOCAL_E, LOCAL_I = range(3)
"""Inboxes."""
KEPT = 16
NEVER = -(2**29)
"""When what has not happened was, in sub-steps."""

KIND, INBOX, TRACE, SLOW, TAU_PLUS, TAU_X, NEAREST = range(7)
PLUS, PLUS_SLOW, MINUS, MINUS_SLOW, OFFSET, MU_PLUS, MU_MINUS, W_MAX, UNITS = range(9)
"""Columns of rules."""


class LearningRows(NamedTuple):
    """Who is joined to whom; all arrays read.

    A row is a source at one delay in one projection: `indptr` (n_rows + 1,) int64 into `lanes`
    (n_synapses,) int32, the targets, and `rule` (n_rows,) int32.
    """

    indptr: np.ndarray
    lanes: np.ndarray
    rule: np.ndarray


class LearningColumns(NamedTuple):
    """The same synapses by target; all arrays read.

    `indptr` (n_lanes + 1,) int64 into `synapses` (n_synapses,) uint32, their numbers in the rows, and
    `rows` (n_synapses,) int32, which rows those are.
    """

    indptr: np.ndarray
    synapses: np.ndarray
    rows: np.ndarray


class LearningSources(NamedTuple):
    """Who sends; all arrays read.

    By neuron of the network: `indptr` (n_neurons + 1,) int64 into `rows` (n_rows,) int32, whose spikes
    arrive after `delay` (n_rows,) int32 exchange steps, by number of the row.
    """

    indptr: np.ndarray
    rows: np.ndarray
    delay: np.ndarray


class LearningRules(NamedTuple):
    """What spikes do, a row a rule; read.

    `whole` (n_rules, 7) int64: kind, inbox, which trace of the target and which slow one it reads, with
    which time constants those of the source decay, whether only the last arrival pairs. `real` (n_rules, 9)
    float64: what a spike of the target adds for each unit of the source's trace, and for each unit of its
    own slow trace besides; what an arrival takes, likewise; what an arrival adds; dependence on the weight,
    up and down; largest weight; what a weight of 1 is in the inbox.
    """

    whole: np.ndarray
    real: np.ndarray


class Decays(NamedTuple):
    """What is left of a trace after so many sub-steps; read.

    `left` (n_taus, n_steps) float64, from 1 to 0; `paired` alike, but 0 for no time at all, as who fires
    when a spike arrives has fired before. `traces` (n_traces, 2) int64, by which time constant the targets'
    traces decay, and whether only their last spike counts; `slow` (n_slow,) int64, likewise.
    """

    left: np.ndarray
    paired: np.ndarray
    traces: np.ndarray
    slow: np.ndarray


class LearningState(NamedTuple):
    """What changes; written in place.

    `weights` (n_synapses,) float64, as of the last arrival of each; `x` and `x_slow` (n_rows,) float64,
    traces of what arrived, as of `heard` (n_rows,) int32 [sub-steps]; `recent` (n_lanes, KEPT) int32
    [sub-steps], spikes of the targets, the last one first; `y` (n_traces, n_lanes) float64, their traces, as
    of the last one; `slow` (n_slow, n_lanes, KEPT) float64, their slow traces just before each.
    """

    weights: np.ndarray
    x: np.ndarray
    x_slow: np.ndarray
    heard: np.ndarray
    recent: np.ndarray
    y: np.ndarray
    slow: np.ndarray


class Due(NamedTuple):
    """Spikes on their way; written in place.

    `rows` (n_slots, n_rows) int32, those that arrive in an exchange step, `waiting` (n_slots,) int64 of them;
    `sent` (n_rows,) int64, the step in which each was last sent: one that is sent twice arrives once.
    """

    rows: np.ndarray
    waiting: np.ndarray
    sent: np.ndarray
