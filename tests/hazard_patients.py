"""Patients without a brain: a hidden state, a hazard, and a signal; for tests of forecasts and judges."""

from __future__ import annotations

from functools import cache

import numpy as np

from engine.twin.record import ClinicRecord

__all__ = ["KINDS", "patient"]

KINDS = ("build-up", "noise-driven", "cyclic")
INTERVAL_S, LASTS_S = 2.0, 20.0


@cache
def patient(kind: str, seed: int, hours: float = 1.5, n_sites: int = 4) -> ClinicRecord:
    """One patient.

    The hidden state h is between 0 and 1; the signal relaxes the more slowly, and varies the more, the higher
    it is. Build-up: h climbs in about ten minutes, a seizure puts it back, and the hazard climbs with it.
    Noise-driven: h wanders, and the hazard does not know it. Cyclic: h follows a cycle of twenty minutes.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    seed : int
    hours : float
    n_sites : int
    """
    rng = np.random.default_rng((seed, KINDS.index(kind)))
    n = round(hours * 3600 / INTERVAL_S)
    h, rest, until = 0.2, np.zeros(n_sites), -1.0
    wander, phase = rng.normal(), rng.uniform(0, 2 * np.pi)
    noise, chance, shared = rng.normal(size=(n, n_sites)), rng.random(n), rng.normal(size=n)
    observed, hidden, onsets, ends = np.zeros((n, n_sites)), np.zeros(n), [], []
    for k in range(n):
        t = (k + 1) * INTERVAL_S
        wander += -wander * INTERVAL_S / 300.0 + np.sqrt(2 * INTERVAL_S / 300.0) * shared[k]
        if kind == "build-up":
            h = min(1.0, h + INTERVAL_S / 600.0 * (1 + 0.3 * wander))
            hazard = np.exp(-14.0 + 11.0 * h)
        elif kind == "noise-driven":
            h, hazard = 1 / (1 + np.exp(-wander)), 1 / 600.0
        else:
            h = 0.5 - 0.5 * np.cos(2 * np.pi * t / 1200.0 + phase)
            hazard = np.exp(-11.0 + 7.0 * h)
        h = max(0.0, h)
        slow = 0.4 + 0.55 * h
        rest = slow * rest + 0.25 * noise[k]
        if t > until + INTERVAL_S and chance[k] < hazard * INTERVAL_S:
            until = t + LASTS_S
            onsets.append(t)
            ends.append(until)
            h = 0.0 if kind == "build-up" else h
        observed[k] = np.exp(1.2 + 0.2 * h + rest) + (30.0 if t <= until else 0.0)
        hidden[k] = h
    return ClinicRecord(f"{kind} {seed}", INTERVAL_S, observed, tuple(onsets), tuple(ends), hidden)
