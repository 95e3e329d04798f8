"""What spikes do to the synapses of the digital backend that learn, as its kernels take it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from engine.kernels.plastic.learners import (
    ADDITIVE,
    INBOX,
    KIND,
    MINUS,
    MINUS_SLOW,
    MU_MINUS,
    MU_PLUS,
    NEAREST,
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
    Decays,
    LearningRules,
)
from engine.model.learning.inhibitory_plasticity import InhibitoryPlasticity
from engine.model.learning.plasticity import Plasticity

__all__ = ["SpikeRule", "spike_rules", "stilled"]

_ANCIENT = 42.0  # time constants after which nothing is left: exp(-42) is less than 1e-18


@dataclass(frozen=True)
class SpikeRule:
    """What spikes do in one projection; as of `LearningRules`, time constants in ms."""

    kind: float
    inbox: float
    plus: float
    plus_slow: float
    minus: float
    minus_slow: float
    offset: float
    mu_plus: float
    mu_minus: float
    w_max: float
    units: float
    nearest: float
    tau_plus: float
    tau_minus: float
    tau_x: float
    tau_y: float

    @classmethod
    def of(cls, rule: Plasticity | InhibitoryPlasticity, inbox: int, units: float) -> SpikeRule:
        """By a rule of a scenario; `inbox` and `units` as of `LearningRules`."""
        rate, w_max = rule.learning_rate, rule.w_max
        none = {"plus_slow": 0.0, "minus_slow": 0.0, "offset": 0.0, "mu_plus": 0.0, "mu_minus": 0.0}
        common: dict[str, float] = {**none, "inbox": inbox, "w_max": w_max, "units": units, "nearest": False}
        if isinstance(rule, InhibitoryPlasticity):
            taus = {"tau_plus": rule.tau, "tau_minus": rule.tau, "tau_x": rule.tau, "tau_y": rule.tau}
            alpha = 2.0 * rule.rate_hz * rule.tau / 1000.0
            common |= {"kind": ADDITIVE, "plus": rate, "minus": -rate, "offset": -rate * alpha}
            return cls(**common, **taus)
        taus = {name: getattr(rule, name) for name in ("tau_plus", "tau_minus", "tau_x", "tau_y")}
        if rule.pairing == "triplet":
            common |= {
                "kind": TRIPLETS,
                "plus": rate * rule.pair_plus * w_max,
                "plus_slow": rate * rule.triplet_plus * w_max,
                "minus": rate * rule.asymmetry * w_max,
                "minus_slow": rate * rule.triplet_minus * w_max,
            }
            return cls(**common, **taus)
        is_weighted = bool(rule.mu_plus or rule.mu_minus)
        unit = 1.0 if is_weighted else w_max
        common |= {
            "kind": WEIGHTED if is_weighted else ADDITIVE,
            "plus": rate * unit,
            "minus": rate * rule.asymmetry * unit,
            "mu_plus": rule.mu_plus,
            "mu_minus": rule.mu_minus,
            "nearest": rule.pairing == "nearest",
        }
        return cls(**common, **taus)


def spike_rules(table: np.ndarray, n_sub: int) -> tuple[LearningRules, Decays]:
    """Rules as kernels take them, and the decays they share.

    Parameters
    ----------
    table : (n_rules, n_fields) float64
        A row the fields of a `SpikeRule`.
    n_sub : int
        Sub-steps of an exchange step of 1 ms.
    """
    of = dict(zip((field.name for field in fields(SpikeRule)), table.T, strict=True))
    taus = np.unique([of[name] for name in ("tau_plus", "tau_minus", "tau_x", "tau_y")])
    n_steps = int(np.ceil(_ANCIENT * taus.max() * n_sub)) + 1
    left = np.exp(-np.arange(n_steps + 1) / (taus[:, None] * n_sub))
    left[:, -1] = 0.0
    paired = left.copy()
    paired[:, 0] = 0.0
    traces, trace = np.unique(np.column_stack([of["tau_minus"], of["nearest"]]), axis=0, return_inverse=True)
    is_triplet = of["kind"] == TRIPLETS
    slow = np.unique(of["tau_y"][is_triplet])
    whole = np.zeros((len(table), 7), np.int64)
    whole[:, KIND], whole[:, INBOX], whole[:, NEAREST] = of["kind"], of["inbox"], of["nearest"]
    whole[:, TRACE] = trace.reshape(-1)
    whole[:, SLOW] = np.where(is_triplet, np.searchsorted(slow, of["tau_y"]), 0)
    whole[:, TAU_PLUS] = np.searchsorted(taus, of["tau_plus"])
    whole[:, TAU_X] = np.searchsorted(taus, of["tau_x"])
    real = np.zeros((len(table), 9))
    columns = (PLUS, PLUS_SLOW, MINUS, MINUS_SLOW, OFFSET, MU_PLUS, MU_MINUS, W_MAX, UNITS)
    names = ["plus", "plus_slow", "minus", "minus_slow", "offset", "mu_plus", "mu_minus", "w_max", "units"]
    for column, name in zip(columns, names, strict=True):
        real[:, column] = of[name]
    kept = np.column_stack([np.searchsorted(taus, traces[:, 0]), traces[:, 1].astype(np.int64)])
    return LearningRules(whole, real), Decays(left, paired, kept, np.searchsorted(taus, slow))


def stilled(rules: LearningRules) -> LearningRules:
    """Rules by which spikes leave the same traces and change no weight, not by a rounding either."""
    whole, real = rules.whole.copy(), rules.real.copy()
    whole[:, KIND] = ADDITIVE
    real[:, [PLUS, PLUS_SLOW, MINUS, MINUS_SLOW, OFFSET]] = 0.0
    return LearningRules(whole, real)
