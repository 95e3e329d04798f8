"""Pinsky & Rinzel's cell on the digital backend."""

from __future__ import annotations

import math

import numpy as np

from engine.backends.digital.cells import ApicalCells, common_constants
from engine.backends.lanes import Lanes
from engine.brain.network import Network
from engine.kernels import apical, block, pinsky_rinzel
from engine.kernels.pinsky_rinzel import PINSKY_RINZEL_ROWS, PinskyRinzelConstants, pinsky_rinzel_advance
from engine.model.lif import DtbParameters
from engine.model.pinsky_rinzel import PinskyRinzelParameters
from engine.scenario.scenario import Scenario

__all__ = ["PinskyRinzelCells", "pinsky_rinzel_constants"]


GOLDEN = 0.6180339887498949
DENSITY_UF_CM2 = 3.0  # of Pinsky & Rinzel's membrane


def pinsky_rinzel_constants(
    p: PinskyRinzelParameters, synapses: DtbParameters, dt: float, ou_mean: float, f: type = np.float32
) -> PinskyRinzelConstants:
    """The numbers of one membrane step of `dt` [ms], from the declared parameters, of type `f`."""
    n_inner = math.ceil(dt / p.dt_inner - 1e-9)
    density = DENSITY_UF_CM2 / p.c_m  # of 1 pA over the whole cell [uA/cm2]
    return PinskyRinzelConstants(
        **common_constants(synapses, dt, ou_mean, f),
        dt_inner=f(dt / n_inner),
        n_inner=np.int64(n_inner),
        over_c=f(1.0 / DENSITY_UF_CM2),
        soma=f(density / p.p),
        apical=f(density / (1.0 - p.p)),
        couple_s=f(p.g_c / p.p),
        couple_d=f(p.g_c / (1.0 - p.p)),
        n_hold=f(round(p.t_refrac / dt)),
        **{
            name: f(getattr(p, name))
            for name in (
                "g_leak",
                "g_na",
                "g_dr",
                "g_ca",
                "g_k_ahp",
                "g_k_c",
                "e_leak",
                "e_na",
                "e_k",
                "e_ca",
                "v_peak",
                "i_offset",
                "i_apical",
            )
        },
    )


class PinskyRinzelCells(ApicalCells):
    """Soma with sodium spikes, dendrite with calcium spikes."""

    rows = PINSKY_RINZEL_ROWS
    advance = staticmethod(pinsky_rinzel_advance)

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray):
        super().__init__(scenario, network, neurons)
        self._parameters: PinskyRinzelParameters = scenario.network.pinsky_rinzel

    def constants(self, ou_mean: float) -> PinskyRinzelConstants:
        """See `Cells`."""
        p, dt = self._parameters, self._scenario.dt
        return pinsky_rinzel_constants(p, self._synapses, dt, ou_mean)

    def start(self, lanes: Lanes) -> None:
        """See `Cells`."""
        rest = np.full(lanes.n, self._parameters.e_leak, np.float32)
        lanes.set_row(block.V, rest)
        lanes.set_row(apical.V_D, rest)
        lanes.set_row(pinsky_rinzel.H, np.ones(lanes.n, np.float32))
        # Slow potassium spread over what firing brings about, so that cells do not begin in step.
        spread = (lanes.address[: lanes.n] * GOLDEN) % 1.0
        lanes.set_row(pinsky_rinzel.Q, (0.1 + 0.15 * spread).astype(np.float32))
