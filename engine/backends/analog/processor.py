"""The plasticity processor of an analog chip: its integers, and what an update costs it.

The processor works on int8 fractions: a product is ``a b / 128``, truncated towards zero and held
within -128 and 127. Time is an estimate from one published update: 2.5 ms of hardware time for a
block of 100 rows by 100 columns, after 1 ms to begin (electronicvisions/brainscales2-demos at
11e31d8, ts_07). A step of the vector unit takes 128 columns (Billaudelle 2022), so the block is
taken as 100 steps of 25 us.
"""

from __future__ import annotations

import math

import numpy as np

from engine.backends.analog.energy import SPEEDUP

__all__ = ["int8", "multiply_fraction", "reward_change", "stdp_change", "update_ms"]

_BEGIN_HW_MS = 1.0
_STEP_HW_MS = 0.025
_COLUMNS_OF_STEP = 128


def int8(x: np.ndarray | int) -> np.ndarray:
    """Hold integers within an int8, -128 to 127.

    Parameters
    ----------
    x : (n,) int64, or int

    Returns
    -------
    (n,) int64
    """
    return np.clip(x, -128, 127)


def multiply_fraction(a: np.ndarray | int, b: np.ndarray | int) -> np.ndarray:
    """``a b / 128`` of int8 numbers: truncated towards zero, saturating.

    Parameters
    ----------
    a, b : (n,) int64, or int

    Returns
    -------
    (n,) int64
    """
    product = np.asarray(a, np.int64) * np.asarray(b, np.int64)
    return int8(np.sign(product) * (np.abs(product) >> 7))


def stdp_change(learning_rate: int, causal: np.ndarray, anticausal: np.ndarray) -> np.ndarray:
    """Change of each weight [LSB] by what its two sensors say, readings in LSB.

    Parameters
    ----------
    learning_rate : int
        In 128ths.
    causal, anticausal : (n_synapses,) int64 [LSB]

    Returns
    -------
    (n_synapses,) int64 [LSB]
    """
    return multiply_fraction(learning_rate, int8((causal >> 1) - (anticausal >> 1)))


def reward_change(learning_rate: int, reward: int, mean_reward: int, causal: np.ndarray) -> np.ndarray:
    """Change of each weight [LSB] by its causal sensor and a reward better or worse than usual.

    Parameters
    ----------
    learning_rate, reward, mean_reward : int
        In 128ths.
    causal : (n_synapses,) int64 [LSB]
    """
    surprise = multiply_fraction(learning_rate, int8(reward - mean_reward))
    return multiply_fraction(surprise, causal >> 1)


def update_ms(rows: int, columns: int) -> float:
    """Biological time that one update keeps the processor [ms]; an estimate.

    Parameters
    ----------
    rows, columns : int
        Synapse rows and circuits that the projection takes on one hemisphere; every hemisphere has
        a processor, and they work side by side.
    """
    steps = rows * math.ceil(columns / _COLUMNS_OF_STEP)
    return (_BEGIN_HW_MS + _STEP_HW_MS * steps) * SPEEDUP
