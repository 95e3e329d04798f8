"""One sentence's worth of judgement."""

from __future__ import annotations

from engine.twin.scores.alarms import AlarmScore

__all__ = ["BETTER", "LEAST_SEIZURES", "LEVEL", "NO_BETTER", "TOO_FEW", "verdict"]

BETTER, NO_BETTER, TOO_FEW = "better than chance", "no better than chance", "too few seizures"
LEAST_SEIZURES = 5
LEVEL = 0.05
"""How often a forecast that knows nothing may be called better than chance."""


def verdict(score: AlarmScore, p_shift: float) -> str:
    """Whether alarms beat the same alarms at other times.

    Parameters
    ----------
    score : AlarmScore
    p_shift : float
        Of `engine.twin.scores.chance.p_shift`.

    Returns
    -------
    str
        `BETTER`, `NO_BETTER` or `TOO_FEW`.
    """
    if score.n_seizures < LEAST_SEIZURES:
        return TOO_FEW
    return BETTER if p_shift <= LEVEL else NO_BETTER
