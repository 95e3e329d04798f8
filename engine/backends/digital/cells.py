"""The neurons that the digital backend can run: each kernel with its numbers and its start.

A kind of cell says how many rows a block has, turns declared parameters into the kernel's numbers,
fills the rows before the first step, and takes what has arrived into its synapses.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from engine.backends.contract import LiveParameters
from engine.backends.drive import Drive
from engine.backends.lanes import Lanes
from engine.brain.network import Network
from engine.kernels import adex, apical, block, lif_cond, pinsky_rinzel
from engine.kernels.adex import ADEX_ROWS, AdexConstants, adex_advance
from engine.kernels.apical import apical_absorb
from engine.kernels.exchange import lif_cond_absorb
from engine.kernels.lif_cond import LifConstants, lif_cond_advance
from engine.kernels.pinsky_rinzel import (
    PINSKY_RINZEL_ROWS,
    PinskyRinzelConstants,
    pinsky_rinzel_advance,
)
from engine.kernels.two_compartment import (
    TWO_ROWS,
    TwoConstants,
    two_compartment_advance,
)
from engine.model.adex import AdexParameters
from engine.model.charge import same_charge
from engine.model.lif import DtbParameters
from engine.model.pinsky_rinzel import PinskyRinzelParameters
from engine.model.two_compartment import TwoCompartmentParameters
from engine.scenario.scenario import Scenario

__all__ = [
    "Cells",
    "adex_constants",
    "cells_of",
    "lif_constants",
    "pinsky_rinzel_constants",
    "two_constants",
]

FULL_WEIGHT = 255.0
GOLDEN = 0.6180339887498949
DENSITY_UF_CM2 = 3.0  # of Pinsky & Rinzel's membrane


class Cells(Protocol):
    """One kind of neuron.

    Attributes
    ----------
    rows : int
        Rows of a block.
    slow : bool
        Whether NMDA or GABA-B act.
    advance : callable
        The kernel; all have one signature.
    """

    rows: int
    slow: bool
    advance: Callable[..., int]

    def constants(self, ou_mean: float) -> Any:
        """The kernel's numbers of one membrane step, at a mean background current [pA]."""

    def start(self, lanes: Lanes) -> None:
        """Fill the rows that do not begin at 0."""

    def stimulate(self, lanes: Lanes, time: int, live: LiveParameters) -> None:
        """Set the stimuli of exchange step `time`."""

    def absorb(self, lanes: Lanes, time: int, live: LiveParameters, first: int, last: int) -> None:
        """Take what arrives at exchange step `time` into the synapses of a range of blocks."""

    def forget(self) -> None:
        """Send the stimuli's currents again, after a restore."""


def _common(p: DtbParameters, dt: float, ou_mean: float, f: type) -> dict[str, Any]:
    """The numbers of background and synapses, which all neurons share."""
    common = {
        "ou_mean": f(ou_mean),
        "ou_step": f(-math.expm1(-dt / p.ou_tau)),
        "ou_kick": f(p.ou_std * math.sqrt(-math.expm1(-2 * dt / p.ou_tau))),
    }
    for name in ("ampa", "nmda", "gaba_a", "gaba_b"):
        tau = getattr(p, f"tau_{name}")
        common[f"decay_{name}"] = f(math.exp(-dt / tau))
        common[f"g_{name}"] = f(getattr(p, f"g_{name}") * same_charge(dt, tau))
        common[f"e_{name}"] = f(getattr(p, f"e_{name}"))
    return common


def _steps_held(t_refrac: float, dt: float) -> int:
    return round(t_refrac / dt) - 1


def lif_constants(p: DtbParameters, dt: float, ou_mean: float, f: type = np.float32) -> LifConstants:
    """The numbers of one membrane step of `dt` [ms], from the declared parameters, of type `f`."""
    return LifConstants(
        **_common(p, dt, ou_mean, f),
        leak_step=f(p.g_leak * dt / p.c_m),
        to_mv=f(dt / p.c_m),
        v_rest=f(p.v_rest),
        v_thresh=f(p.v_thresh),
        v_reset=f(p.v_reset),
        n_hold=f(_steps_held(p.t_refrac, dt)),
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
        **_common(synapses, dt, ou_mean, f),
        leak_step=f(p.g_leak * dt / p.c_m),
        to_mv=f(dt / p.c_m),
        v_rest=f(p.v_rest),
        v_thresh=f(p.v_thresh),
        v_peak=f(p.v_peak),
        v_reset=f(p.v_reset),
        n_hold=f(_steps_held(p.t_refrac, dt)),
        exp_step=f(dt * p.g_leak * p.delta_t / p.c_m),
        over_delta_t=f(1.0 / p.delta_t),
        w_step=f(dt / p.tau_w),
        a=f(p.a),
        b=f(p.b),
        i_offset=f(p.i_offset),
        by_current=f(by_current),
        v_drive=f(p.v_drive),
    )


def two_constants(
    p: TwoCompartmentParameters,
    synapses: DtbParameters,
    dt: float,
    ou_mean: float,
    f: type = np.float32,
) -> TwoConstants:
    """The numbers of one membrane step of `dt` [ms], from the declared parameters, of type `f`."""
    return TwoConstants(
        **_common(synapses, dt, ou_mean, f),
        leak_step=f(dt / p.tau_m),
        to_mv=f(dt / p.c_m),
        leak_step_d=f(dt / p.tau_d),
        to_mv_d=f(dt / p.c_d),
        v_rest=f(p.v_rest),
        v_thresh=f(p.v_thresh),
        v_reset=f(p.v_reset),
        n_hold=f(_steps_held(p.t_refrac, dt)),
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


def pinsky_rinzel_constants(
    p: PinskyRinzelParameters,
    synapses: DtbParameters,
    dt: float,
    ou_mean: float,
    f: type = np.float32,
) -> PinskyRinzelConstants:
    """The numbers of one membrane step of `dt` [ms], from the declared parameters, of type `f`."""
    n_inner = math.ceil(dt / p.dt_inner - 1e-9)
    density = DENSITY_UF_CM2 / p.c_m  # of 1 pA over the whole cell [uA/cm2]
    return PinskyRinzelConstants(
        **_common(synapses, dt, ou_mean, f),
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
                "g_leak", "g_na", "g_dr", "g_ca", "g_k_ahp", "g_k_c", "e_leak", "e_na", "e_k",
                "e_ca", "v_peak", "i_offset", "i_apical",
            )
        },
    )  # fmt: skip


class _Point:
    """What neurons of one compartment share: all that arrives reaches the soma."""

    rows: int

    def __init__(self, scenario: Scenario):
        self._scenario = scenario
        self._synapses = p = scenario.network.parameters
        self.slow = p.g_nmda > 0 or p.g_gaba_b > 0

    def forget(self) -> None:
        """See `Cells`."""

    def _begin(self, lanes: Lanes, v_thresh: float, v_reset: float) -> None:
        lanes.set_row(block.V, np.full(lanes.n, (v_thresh + v_reset) / 2, np.float32))

    def stimulate(self, lanes: Lanes, time: int, live: LiveParameters) -> None:
        """See `Cells`."""
        currents = lanes.drive.currents(time, live.stimulus_scale)
        if currents is not None:
            lanes.set_row(block.I_EXT, currents)
        lanes.drive.add_events(time, live.stimulus_scale, lanes.local_e, 1.0)

    def absorb(self, lanes: Lanes, time: int, live: LiveParameters, first: int, last: int) -> None:
        """See `Cells`."""
        self._absorb(lanes.part(time, first, last), 1.0, live.coupling)

    def _absorb(self, part: tuple[np.ndarray, ...], inhibition: float, coupling: float) -> None:
        """Inhibition and coupling are what reaches the soma of a full weight."""
        state, local_e, local_i, arriving = part
        lif_cond_absorb(
            state, self.rows, local_e, local_i, arriving, np.float32(1.0 / FULL_WEIGHT),
            np.float32(inhibition / FULL_WEIGHT), np.float32(coupling / FULL_WEIGHT), self.slow,
        )  # fmt: skip


class LifCells(_Point):
    """The recipe's own: leaky integrate-and-fire."""

    rows = lif_cond.ROWS
    advance = staticmethod(lif_cond_advance)

    def constants(self, ou_mean: float) -> LifConstants:
        """See `Cells`."""
        return lif_constants(self._synapses, self._scenario.dt, ou_mean)

    def start(self, lanes: Lanes) -> None:
        """See `Cells`."""
        self._begin(lanes, self._synapses.v_thresh, self._synapses.v_reset)
        lanes.set_row(lif_cond.H_T, np.full(lanes.n, 0.5, np.float32))


class AdexCells(_Point):
    """Adaptive exponential, with conductance or current synapses."""

    rows = ADEX_ROWS
    advance = staticmethod(adex_advance)

    def __init__(self, scenario: Scenario, by_current: bool = False):
        super().__init__(scenario)
        self._parameters, self._by_current = scenario.network.adex, by_current

    def constants(self, ou_mean: float) -> AdexConstants:
        """See `Cells`."""
        p, dt = self._parameters, self._scenario.dt
        return adex_constants(p, self._synapses, dt, ou_mean, self._by_current)

    def start(self, lanes: Lanes) -> None:
        """See `Cells`."""
        p = self._parameters
        self._begin(lanes, p.v_thresh, p.v_reset)
        w = p.a * ((p.v_thresh + p.v_reset) / 2 - p.v_rest)
        lanes.set_row(adex.W_ADAPT, np.full(lanes.n, w, np.float32))


class _Apical(_Point):
    """What neurons with an apical dendrite share: arriving weights are split between the two."""

    _parameters: TwoCompartmentParameters | PinskyRinzelParameters

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray):
        super().__init__(scenario)
        self._apical = Drive(scenario.stimulus, network, neurons, scenario.seed, "apical")

    def stimulate(self, lanes: Lanes, time: int, live: LiveParameters) -> None:
        """See `Cells`."""
        super().stimulate(lanes, time, live)
        currents = self._apical.currents(time, live.stimulus_scale)
        if currents is not None:
            lanes.set_row(apical.I_EXT_D, currents)

    def absorb(self, lanes: Lanes, time: int, live: LiveParameters, first: int, last: int) -> None:
        """See `Cells`."""
        share, inhibition = self._parameters.apical_share, self._parameters.apical_inhibition
        part = lanes.part(time, first, last)
        state, _, local_i, arriving = part
        apical_absorb(
            state, self.rows, arriving, local_i, np.float32(share * live.coupling / FULL_WEIGHT),
            np.float32(inhibition / FULL_WEIGHT), self.slow,
        )  # fmt: skip
        self._absorb(part, 1.0 - inhibition, (1.0 - share) * live.coupling)

    def forget(self) -> None:
        """See `Cells`."""
        self._apical.forget()


class TwoCompartmentCells(_Apical):
    """Soma and apical dendrite with plateaus."""

    rows = TWO_ROWS
    advance = staticmethod(two_compartment_advance)

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray):
        super().__init__(scenario, network, neurons)
        self._parameters = scenario.network.two_compartment

    def constants(self, ou_mean: float) -> TwoConstants:
        """See `Cells`."""
        return two_constants(self._parameters, self._synapses, self._scenario.dt, ou_mean)

    def start(self, lanes: Lanes) -> None:
        """See `Cells`."""
        p = self._parameters
        self._begin(lanes, p.v_thresh, p.v_reset)
        lanes.set_row(apical.V_D, np.full(lanes.n, p.v_rest, np.float32))


class PinskyRinzelCells(_Apical):
    """Soma with sodium spikes, dendrite with calcium spikes."""

    rows = PINSKY_RINZEL_ROWS
    advance = staticmethod(pinsky_rinzel_advance)

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray):
        super().__init__(scenario, network, neurons)
        self._parameters = scenario.network.pinsky_rinzel

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


def cells_of(name: str, scenario: Scenario, network: Network, neurons: np.ndarray) -> Cells:
    """The cells of a name of `engine.model.neuron_choice`."""
    if name == "lif":
        return LifCells(scenario)
    if name == "two_compartment":
        return TwoCompartmentCells(scenario, network, neurons)
    if name == "pinsky_rinzel":
        return PinskyRinzelCells(scenario, network, neurons)
    return AdexCells(scenario, by_current=name == "adex_current")
