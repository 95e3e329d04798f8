"""The charge a spike brings through a conductance that stands still within a membrane step.

The DTB engine holds a synaptic conductance for a whole step at its value of the step's begin, so a
spike brings ``dt / (1 - exp(-dt / tau)) / tau`` of the charge of a smooth decay: 2.5 % more for
AMPA's 2 ms at 0.1 ms, 1.2 % at 0.05 ms. Its conductances belong to its step of 0.1 ms
(models/block_new.py of DTB-consortium/Digital_twin_brain-open at b524ac0 with 10 sub-steps a
millisecond). At another step they are scaled so that every spike keeps the charge it has at 0.1 ms;
otherwise a finer step would be another, less excited network.
"""

from __future__ import annotations

import math

__all__ = ["DTB_STEP_MS", "same_charge", "stepped_charge"]

DTB_STEP_MS = 0.1


def stepped_charge(dt: float, tau: float) -> float:
    """Charge of a spike whose conductance decays in steps, over that of a smooth decay.

    Parameters
    ----------
    dt, tau : float
        Membrane step and decay time [ms].
    """
    return dt / tau / -math.expm1(-dt / tau)


def same_charge(dt: float, tau: float) -> float:
    """What a conductance is multiplied with at step `dt` to keep its charge; 1 at 0.1 ms [ms]."""
    return stepped_charge(DTB_STEP_MS, tau) / stepped_charge(dt, tau)
