"""The recipe's own neuron on the digital backend."""

from __future__ import annotations

import math

import numpy as np

from engine.backends.digital.cells import PointCells, common_constants, steps_held
from engine.backends.lanes import Lanes
from engine.kernels import lif_cond
from engine.kernels.lif_cond import LifConstants, lif_cond_advance, lif_cond_stretch
from engine.model.lif import DtbParameters

__all__ = ["LifCells", "lif_constants"]


def lif_constants(p: DtbParameters, dt: float, ou_mean: float, f: type = np.float32) -> LifConstants:
    """The numbers of one membrane step of `dt` [ms], from the declared parameters, of type `f`."""
    return LifConstants(
        **common_constants(p, dt, ou_mean, f),
        leak_step=f(p.g_leak * dt / p.c_m),
        to_mv=f(dt / p.c_m),
        v_rest=f(p.v_rest),
        v_thresh=f(p.v_thresh),
        v_reset=f(p.v_reset),
        n_hold=f(steps_held(p.t_refrac, dt)),
        g_t=f(p.g_t),
        v_t=f(p.v_t),
        v_h=f(p.v_h),
        decay_h=f(math.exp(-dt / p.tau_h_minus)),
        rise_h=f(math.exp(-dt / p.tau_h_plus)),
        g_ahp=f(p.g_ahp),
        v_k=f(p.v_k),
        alpha_ca=f(p.alpha_ca),
        decay_ca=f(math.exp(-dt / p.tau_ca)),
    )


class LifCells(PointCells):
    """The recipe's own: leaky integrate-and-fire."""

    rows = lif_cond.ROWS
    advance = staticmethod(lif_cond_advance)
    stretch = staticmethod(lif_cond_stretch)

    def constants(self, ou_mean: float) -> LifConstants:
        """See `Cells`."""
        return lif_constants(self._synapses, self._scenario.dt, ou_mean)

    def start(self, lanes: Lanes) -> None:
        """See `Cells`."""
        self._begin(lanes, self._synapses.v_thresh, self._synapses.v_reset)
        lanes.set_row(lif_cond.H_T, np.full(lanes.n, 0.5, np.float32))
