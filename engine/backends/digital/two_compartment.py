"""The neuron of a soma and an apical dendrite on the digital backend."""

from __future__ import annotations

import math

import numpy as np

from engine.backends.digital.cells import ApicalCells, common_constants, steps_held
from engine.backends.lanes import Lanes
from engine.brain.network import Network
from engine.kernels import apical
from engine.kernels.two_compartment import TWO_ROWS, TwoConstants, two_compartment_advance
from engine.model.lif import DtbParameters
from engine.model.two_compartment import TwoCompartmentParameters
from engine.scenario.scenario import Scenario

__all__ = ["TwoCompartmentCells", "two_constants"]


def two_constants(
    p: TwoCompartmentParameters, synapses: DtbParameters, dt: float, ou_mean: float, f: type = np.float32
) -> TwoConstants:
    """The numbers of one membrane step of `dt` [ms], from the declared parameters, of type `f`."""
    return TwoConstants(
        **common_constants(synapses, dt, ou_mean, f),
        leak_step=f(dt / p.tau_m),
        to_mv=f(dt / p.c_m),
        leak_step_d=f(dt / p.tau_d),
        to_mv_d=f(dt / p.c_d),
        v_rest=f(p.v_rest),
        v_thresh=f(p.v_thresh),
        v_reset=f(p.v_reset),
        n_hold=f(steps_held(p.t_refrac, dt)),
        e_d=f(p.e_d),
        over_d_d=f(1.0 / p.d_d),
        plateau_s=f(p.plateau_s),
        plateau_d=f(p.plateau_d),
        bap=f(p.bap),
        n_bap=f(round(p.bap_ms / dt)),
        keep_ws=f(math.exp(-dt / p.tau_ws)),
        b=f(p.b),
        wd_step=f(dt / p.tau_wd),
        a=f(p.a),
        theta_step=f(dt / p.tau_theta),
        theta_jump=f(p.theta_jump),
        i_offset=f(p.i_offset),
        i_apical=f(p.i_apical),
    )


class TwoCompartmentCells(ApicalCells):
    """Soma and apical dendrite with plateaus."""

    rows = TWO_ROWS
    advance = staticmethod(two_compartment_advance)

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray):
        super().__init__(scenario, network, neurons)
        self._parameters: TwoCompartmentParameters = scenario.network.two_compartment

    def constants(self, ou_mean: float) -> TwoConstants:
        """See `Cells`."""
        return two_constants(self._parameters, self._synapses, self._scenario.dt, ou_mean)

    def start(self, lanes: Lanes) -> None:
        """See `Cells`."""
        p = self._parameters
        self._begin(lanes, p.v_thresh, p.v_reset)
        lanes.set_row(apical.V_D, np.full(lanes.n, p.v_rest, np.float32))
