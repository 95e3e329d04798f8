"""Synapses that learn from pairs and triplets of spikes, brought up to date when their source is heard.

Potentiation waits: a neuron that fires only notes when, and its synapses make up for it when a spike of
their own source arrives, as what a spike of the target changes depends on the target's spike, on the
source's last one and on nothing that happens in between. So weights are read and written in the order of
rows, as a stream, and never scattered over a column. A neuron notes its last `KEPT` spikes; where one more
would be lost, its whole column catches up first.

Times are sub-steps: an arrival stands at the beginning of its exchange step, a target's spike at the end of
its sub-step. Traces are kept as of their last spike and read through a table of decays, whose last entry,
beyond 42 time constants, is 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.machine import prefetch
from engine.kernels.plastic.learners import (
    ADDITIVE,
    INBOX,
    KEPT,
    KIND,
    LOCAL_E,
    LOCAL_I,
    MINUS,
    MINUS_SLOW,
    MU_MINUS,
    MU_PLUS,
    NEAREST,
    NEVER,
    OFFSET,
    PLUS,
    PLUS_SLOW,
    SLOW,
    TAU_PLUS,
    TAU_X,
    TRACE,
    TRIPLETS,
    UNITS,
    W_MAX,
    WEIGHTED,
)

__all__ = ["learning_arrive", "learning_fire", "learning_send", "learning_settle"]

_AHEAD = 2  # rows
_LINE = 64  # bytes


class _Arrival(NamedTuple):
    """A row whose spike arrives at sub-step `now`, the last one having arrived at `since`."""

    first: int
    end: int
    now: int
    since: int
    x: float
    minus: float


class _Waiting(NamedTuple):
    """What a row whose spike arrived last at `since` makes of later ones of its targets.

    By pairs and, where `plus_slow` is not 0, triplets; in dependence on the weight where `mu` is not
    negative.
    """

    x: float
    since: int
    plus: float
    plus_slow: float
    mu: float
    w_max: float
    tau: int
    slow: int


@njit(nogil=True, cache=True, error_model="numpy")
def learning_send(spikes, time, sources, due):
    """Neurons spike in exchange step `time`; note when that arrives.

    Parameters
    ----------
    spikes : (n_spikes,) int32
        Read; neurons of the network.
    time : int
    sources : LearningSources
        Read.
    due : Due
        Written in place.
    """
    n_slots = due.waiting.size
    for neuron in spikes:
        for k in range(sources.indptr[neuron], sources.indptr[neuron + 1]):
            row = sources.rows[k]
            if due.sent[row] != time:
                due.sent[row] = time
                slot = (time + sources.delay[row]) % n_slots
                due.rows[slot, due.waiting[slot]] = row
                due.waiting[slot] += 1


@njit(nogil=True, cache=True, error_model="numpy")
def learning_arrive(slot, now, rows, rules, decays, state, due, inboxes):
    """Spikes arrive: potentiate for what the targets have fired since, depress, hand over, remember.

    Parameters
    ----------
    slot : int
        Of `due`; emptied.
    now : int
        Sub-step at which the exchange step begins.
    rows : LearningRows
        Read.
    rules : LearningRules
        Read.
    decays : Decays
        Read.
    state : LearningState
        `weights`, `x`, `x_slow` and `heard` are written in place.
    due : Due
        Written in place.
    inboxes : ((n_lanes,) int32, (n_lanes,) int32, (n_lanes,) int32)
        `FAR`, `LOCAL_E` and `LOCAL_I`; written in place. Weights are rounded to whole units here, and only
        here.
    """
    arrived = due.rows[slot]
    n = due.waiting[slot]
    left = decays.left
    ancient = left.shape[1] - 1
    for k in range(n):
        if k + _AHEAD < n:
            _fetch(rows, state.weights, arrived[k + _AHEAD])
        row = arrived[k]
        rule = rows.rule[row]
        inbox = inboxes[0]
        if rules.whole[rule, INBOX] == LOCAL_E:
            inbox = inboxes[1]
        elif rules.whole[rule, INBOX] == LOCAL_I:
            inbox = inboxes[2]
        since = state.heard[row]
        ago = min(now - since, ancient)
        x, x_slow = state.x[row], state.x_slow[row] * left[rules.whole[rule, TAU_X], ago]
        minus = rules.real[rule, MINUS] + rules.real[rule, MINUS_SLOW] * x_slow
        one = _Arrival(rows.indptr[row], rows.indptr[row + 1], now, since, x, minus)
        if rules.whole[rule, KIND] == ADDITIVE:
            _additive(one, rule, rows.lanes, rules, decays, state, inbox)
        elif rules.whole[rule, KIND] == TRIPLETS:
            _triplets(one, rule, rows.lanes, rules, decays, state, inbox)
        else:
            _weighted(one, rule, rows.lanes, rules, decays, state, inbox)
        kept = x * left[rules.whole[rule, TAU_PLUS], ago]
        state.x[row] = 1.0 if rules.whole[rule, NEAREST] else kept + 1.0
        state.x_slow[row] = x_slow + 1.0
        state.heard[row] = now
    due.waiting[slot] = 0


@njit(nogil=True, cache=True, error_model="numpy")
def learning_fire(fired, subs, begin, joined, rules, decays, state):
    """Targets fire: note when, and let their traces gain.

    Parameters
    ----------
    fired : (n_spikes,) int32
        Read; lanes, the spikes of one in the order of time.
    subs : (n_spikes,) int32
        Read; in which sub-step of the exchange step.
    begin : int
        Sub-step at which the exchange step begins.
    joined : (LearningRows, LearningColumns)
        Read.
    rules : LearningRules
        Read.
    decays : Decays
        Read.
    state : LearningState
        `recent`, `y` and `slow` are written in place, and `weights` where a neuron has no room for another
        spike.
    """
    recent, y, slow, left = state.recent, state.y, state.slow, decays.left
    column = joined[1].indptr
    ancient = left.shape[1] - 1
    for k in range(fired.size):
        lane = fired[k]
        if column[lane] == column[lane + 1]:
            continue
        at = begin + subs[k] + 1
        ago = min(at - recent[lane, 0], ancient)
        if recent[lane, KEPT - 1] != NEVER:
            _catch_up(lane, joined, rules, decays, state)
        for j in range(KEPT - 1, 0, -1):
            recent[lane, j] = recent[lane, j - 1]
        recent[lane, 0] = at
        for t in range(y.shape[0]):
            y[t, lane] = 1.0 if decays.traces[t, 1] else y[t, lane] * left[decays.traces[t, 0], ago] + 1.0
        for t in range(slow.shape[0]):
            before = (slow[t, lane, 0] + 1.0) * left[decays.slow[t], ago]
            for j in range(KEPT - 1, 0, -1):
                slow[t, lane, j] = slow[t, lane, j - 1]
            slow[t, lane, 0] = before


@njit(nogil=True, cache=True, error_model="numpy")
def learning_settle(rows, rules, decays, state, settled):
    """The weights with all that waits in them; nothing of the state changes.

    Parameters
    ----------
    rows : LearningRows
        Read.
    rules : LearningRules
        Read.
    decays : Decays
        Read.
    state : LearningState
        Read.
    settled : (n_synapses,) float64
        Written in place; may be the weights of the state.
    """
    weights, lanes = state.weights, rows.lanes
    for row in range(rows.rule.size):
        one = _waiting(row, rows, rules, state)
        for s in range(rows.indptr[row], rows.indptr[row + 1]):
            settled[s] = _settled(weights[s], lanes[s], 0, one, decays, state)


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _fetch(rows, weights, row):
    for s in range(rows.indptr[row], rows.indptr[row + 1], _LINE // 8):
        prefetch(weights, s)
    for s in range(rows.indptr[row], rows.indptr[row + 1], _LINE // 4):
        prefetch(rows.lanes, s)


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _steps(later, earlier, ancient):
    """How long after, as a place in a table; the last place, where nothing is left, also for before."""
    return min(np.uint32(later - earlier), ancient)


@njit(nogil=True, cache=True, error_model="numpy")
def _additive(one, rule, lanes, rules, decays, state, inbox):
    """A row whose changes add up; two spikes of a target without a branch, more with one."""
    weights, recent, y, paired, left = state.weights, state.recent, state.y, decays.paired, decays.left
    trace, plus = rules.whole[rule, TRACE], rules.whole[rule, TAU_PLUS]
    minus = decays.traces[trace, 0]
    w_max, units, offset = rules.real[rule, W_MAX], rules.real[rule, UNITS], rules.real[rule, OFFSET]
    ancient = np.uint32(paired.shape[1] - 1)
    now, since = np.int32(one.now), np.int32(one.since)
    up = one.x * rules.real[rule, PLUS]
    for s in range(np.uint64(one.first), np.uint64(one.end)):
        lane = np.uint32(lanes[s])
        last, second = recent[lane, 0], recent[lane, 1]
        total = paired[plus, _steps(last, since, ancient)] + paired[plus, _steps(second, since, ancient)]
        if recent[lane, 2] > since:
            for j in range(2, KEPT):
                total += paired[plus, _steps(recent[lane, j], since, ancient)]
        w = min(w_max, weights[s] + up * total)
        w += offset - one.minus * y[trace, lane] * left[minus, _steps(now, last, ancient)]
        w = min(w_max, max(0.0, w))
        weights[s] = w
        inbox[lane] += np.int32(w * units + 0.5)


@njit(nogil=True, cache=True, error_model="numpy")
def _triplets(one, rule, lanes, rules, decays, state, inbox):
    """A row that counts triplets."""
    weights, recent, y, paired, left = state.weights, state.recent, state.y, decays.paired, decays.left
    slow, of_slow = state.slow, rules.whole[rule, SLOW]
    trace, plus = rules.whole[rule, TRACE], rules.whole[rule, TAU_PLUS]
    minus = decays.traces[trace, 0]
    w_max, units = rules.real[rule, W_MAX], rules.real[rule, UNITS]
    ancient = np.uint32(paired.shape[1] - 1)
    now, since = np.int32(one.now), np.int32(one.since)
    up, up_slow = one.x * rules.real[rule, PLUS], one.x * rules.real[rule, PLUS_SLOW]
    for s in range(np.uint64(one.first), np.uint64(one.end)):
        lane = np.uint32(lanes[s])
        last, second = recent[lane, 0], recent[lane, 1]
        total = (up + up_slow * slow[of_slow, lane, 0]) * paired[plus, _steps(last, since, ancient)]
        total += (up + up_slow * slow[of_slow, lane, 1]) * paired[plus, _steps(second, since, ancient)]
        if recent[lane, 2] > since:
            for j in range(2, KEPT):
                more = up + up_slow * slow[of_slow, lane, j]
                total += more * paired[plus, _steps(recent[lane, j], since, ancient)]
        w = min(w_max, weights[s] + total)
        w = max(0.0, w - one.minus * y[trace, lane] * left[minus, _steps(now, last, ancient)])
        weights[s] = w
        inbox[lane] += np.int32(w * units + 0.5)


@njit(nogil=True, cache=True, error_model="numpy")
def _weighted(one, rule, lanes, rules, decays, state, inbox):
    """A row whose changes depend on the weight, one by one from the oldest spike of a target."""
    weights, recent, y, paired, left = state.weights, state.recent, state.y, decays.paired, decays.left
    trace, plus = rules.whole[rule, TRACE], rules.whole[rule, TAU_PLUS]
    minus = decays.traces[trace, 0]
    w_max, units = rules.real[rule, W_MAX], rules.real[rule, UNITS]
    mu_plus, mu_minus = rules.real[rule, MU_PLUS], rules.real[rule, MU_MINUS]
    ancient = np.uint32(paired.shape[1] - 1)
    now, since = np.int32(one.now), np.int32(one.since)
    up = one.x * rules.real[rule, PLUS]
    for s in range(np.uint64(one.first), np.uint64(one.end)):
        lane = np.uint32(lanes[s])
        w = weights[s] / w_max
        if recent[lane, 0] > since:
            for j in range(KEPT - 1, -1, -1):
                if recent[lane, j] > since:
                    change = up * paired[plus, _steps(recent[lane, j], since, ancient)]
                    w = min(1.0, w + change * _power(1.0 - w, mu_plus))
        change = one.minus * y[trace, lane] * left[minus, _steps(now, recent[lane, 0], ancient)]
        w = max(0.0, w - change * _power(w, mu_minus)) * w_max
        weights[s] = w
        inbox[lane] += np.int32(w * units + 0.5)


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _power(value, exponent):
    if exponent == 1.0:
        return value
    return max(0.0, value) ** exponent if exponent > 0.0 else 1.0


@njit(nogil=True, cache=True, error_model="numpy")
def _catch_up(lane, joined, rules, decays, state):
    """Let all synapses of a target make up for all but its last spike, which then are forgotten."""
    recent, ancient = state.recent, decays.left.shape[1] - 1
    rows, columns = joined
    second, oldest = recent[lane, 1], recent[lane, KEPT - 1]
    for c in range(columns.indptr[lane], columns.indptr[lane + 1]):
        row = columns.rows[c]
        since = state.heard[row]
        if second > since and oldest - since < ancient:
            s = columns.synapses[c]
            one = _waiting(row, rows, rules, state)
            state.weights[s] = _settled(state.weights[s], lane, 1, one, decays, state)
    for j in range(1, KEPT):
        recent[lane, j] = NEVER


@njit(nogil=True, cache=True, error_model="numpy")
def _waiting(row, rows, rules, state):
    """What a row makes of spikes of its targets that wait."""
    rule = rows.rule[row]
    whole, real = rules.whole, rules.real
    x, w_max, plus = state.x[row], real[rule, W_MAX], real[rule, PLUS]
    plus_slow = real[rule, PLUS_SLOW] if whole[rule, KIND] == TRIPLETS else 0.0
    mu = real[rule, MU_PLUS] if whole[rule, KIND] == WEIGHTED else -1.0
    since, tau, slow = np.int32(state.heard[row]), whole[rule, TAU_PLUS], whole[rule, SLOW]
    return _Waiting(x, since, plus, plus_slow, mu, w_max, tau, slow)


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _settled(w, lane, newest, one, decays, state):
    """A weight of a row with what waits for it, up to the `newest` spike of its target."""
    paired, recent = decays.paired, state.recent
    ancient = np.uint32(paired.shape[1] - 1)
    unheard = newest
    while unheard < KEPT and recent[lane, unheard] > one.since:
        unheard += 1
    if one.mu >= 0.0:
        if unheard <= newest:
            return w
        w /= one.w_max
        for j in range(unheard - 1, newest - 1, -1):
            change = one.plus * one.x * paired[one.tau, _steps(recent[lane, j], one.since, ancient)]
            w = min(1.0, w + change * _power(1.0 - w, one.mu))
        return w * one.w_max
    total = 0.0
    for j in range(unheard - 1, newest - 1, -1):
        each = one.plus
        if one.plus_slow != 0.0:
            each += one.plus_slow * state.slow[one.slow, lane, j]
        total += each * paired[one.tau, _steps(recent[lane, j], one.since, ancient)]
    return min(one.w_max, w + one.x * total)
