"""The adaptive exponential neuron on the digital backend."""

from __future__ import annotations

import numpy as np

from engine.backends.digital.cells import PointCells, common_constants, steps_held
from engine.backends.lanes import Lanes
from engine.brain.network import Network
from engine.kernels import adex
from engine.kernels.adex import ADEX_ROWS, AdexConstants, adex_advance
from engine.model.adex import AdexParameters
from engine.model.lif import DtbParameters
from engine.scenario.scenario import Scenario

__all__ = ["AdexCells", "AdexCurrentCells", "adex_constants"]


def adex_constants(
    p: AdexParameters,
    synapses: DtbParameters,
    dt: float,
    ou_mean: float,
    by_current: bool,
    f: type = np.float32,
) -> AdexConstants:
    """The numbers of one membrane step of `dt` [ms], from the declared parameters, of type `f`."""
    return AdexConstants(
        **common_constants(synapses, dt, ou_mean, f),
        leak_step=f(p.g_leak * dt / p.c_m),
        to_mv=f(dt / p.c_m),
        v_rest=f(p.v_rest),
        v_thresh=f(p.v_thresh),
        v_peak=f(p.v_peak),
        v_reset=f(p.v_reset),
        n_hold=f(steps_held(p.t_refrac, dt)),
        exp_step=f(dt * p.g_leak * p.delta_t / p.c_m),
        over_delta_t=f(1.0 / p.delta_t),
        w_step=f(dt / p.tau_w),
        a=f(p.a),
        b=f(p.b),
        i_offset=f(p.i_offset),
        by_current=f(by_current),
        v_drive=f(p.v_drive),
    )


class AdexCells(PointCells):
    """Adaptive exponential."""

    rows = ADEX_ROWS
    advance = staticmethod(adex_advance)

    by_current = False

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray):
        super().__init__(scenario, network, neurons)
        self._parameters = scenario.network.adex

    def constants(self, ou_mean: float) -> AdexConstants:
        """See `Cells`."""
        p, dt = self._parameters, self._scenario.dt
        return adex_constants(p, self._synapses, dt, ou_mean, self.by_current)

    def start(self, lanes: Lanes) -> None:
        """See `Cells`."""
        p = self._parameters
        self._begin(lanes, p.v_thresh, p.v_reset)
        w = p.a * ((p.v_thresh + p.v_reset) / 2 - p.v_rest)
        lanes.set_row(adex.W_ADAPT, np.full(lanes.n, w, np.float32))


class AdexCurrentCells(AdexCells):
    """The same with current synapses."""

    by_current = True
