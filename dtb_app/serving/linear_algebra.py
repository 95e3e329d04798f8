"""Linear algebra on the thread that asks for it.

The matrices here are small. A library of linear algebra that divides a product among all cores lets its
threads turn for a while after each, waiting for the next: where a page works out a correlation ten times
a second, one of them keeps a whole core busy with waiting, while runs and other visitors need it.
"""

from __future__ import annotations

import os

from threadpoolctl import threadpool_limits

__all__ = ["compute_alone"]

_CHOSEN = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


def compute_alone() -> bool:
    """Let the libraries of linear algebra that are loaded use one thread.

    Returns
    -------
    bool
        Whether they were told; not where a variable of the environment says how many they may use.
    """
    if any(os.environ.get(name) for name in _CHOSEN):
        return False
    threadpool_limits(1, "blas")
    return True
