"""Ions that activity moves, in the neurons of one digital backend.

Where none move and no region is a focus, none of this runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.backends.lanes import Lanes
from engine.brain.network import Network
from engine.kernels.block import WIDTH
from engine.kernels.plastic.ions import RT_OVER_F, IonConstants, IonLanes, ions_step
from engine.model.charge import same_charge
from engine.model.ions import Focus
from engine.scenario.scenario import Scenario

__all__ = ["Ions", "ion_constants", "ions_of"]

_STEP_MS = 1.0
_PC = 1e-3  # of one pA ms
_CHANGING = ("chloride", "g_m", "g_s")


def ion_constants(scenario: Scenario) -> IonConstants:
    """The numbers of one exchange step, from the declared parameters."""
    p, ions, dt = scenario.network.parameters, scenario.network.ions, scenario.dt
    g = p.g_gaba_a * same_charge(dt, p.tau_gaba_a)
    mean = math.expm1(-_STEP_MS / p.tau_gaba_a) / math.expm1(-dt / p.tau_gaba_a) / scenario.n_sub
    return IonConstants(
        g * mean,
        p.e_gaba_a,
        p.v_k,
        ions.cl_out * math.exp(p.e_gaba_a / RT_OVER_F),
        ions.cl_out,
        math.exp(-_STEP_MS / ions.tau_mahp),
        math.exp(-_STEP_MS / ions.tau_sahp),
    )


class Ions:
    """The ions of a backend's lanes, and what focuses add to them.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32
    lanes : Lanes
        Gets an external current of its own, apart from what ions add.
    """

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray, lanes: Lanes):
        ions = scenario.network.ions
        n = lanes.n_blocks * WIDTH
        region, excites = network.region_of[neurons], network.is_excitatory[neurons]
        spikes = np.zeros(n)
        spikes[: neurons.size] = excites
        before = ions.start_rate_hz / 1000.0  # spikes a ms
        self._constants = ion_constants(scenario)
        self._rest = self._constants.cl_rest
        lanes.external = np.zeros(n, np.float32)
        self._lanes = IonLanes(
            external=lanes.external,
            focus=np.zeros(n),
            keep=np.zeros(n),
            influx=np.zeros(n),
            add_m=ions.g_mahp * spikes,
            add_s=ions.g_sahp * spikes,
            chloride=np.full(n, self._rest),
            g_m=ions.g_mahp * ions.tau_mahp * before * spikes,
            g_s=ions.g_sahp * ions.tau_sahp * before * spikes,
        )
        self._ions, self._neurons, self._region, self._excites = ions, neurons, region, excites
        self._labels = network.labels
        self.set_foci(scenario.focus)

    def set_foci(self, foci: Sequence[Focus]) -> None:
        """Let these regions be the foci from the next exchange step on, and no others.

        Parameters
        ----------
        foci : sequence of Focus
            A region that is not among these neurons is passed over.
        """
        n = self._lanes.keep.size
        clearance, focus = np.ones(n), np.zeros(n)
        for one in foci:
            if one.region in self._labels:
                here = np.flatnonzero(self._region == self._labels.index(one.region))
                clearance[here] = one.clearance
                focus[here[self._excites[here]]] = one.drive
        tau = self._ions.tau_cl / clearance
        self._lanes.focus[:] = focus
        self._lanes.keep[:] = np.exp(-_STEP_MS / tau)
        self._lanes.influx[:] = self._ions.influx * _PC * tau * -np.expm1(-_STEP_MS / tau)

    def act(self, lanes: Lanes, first: int, last: int) -> None:
        """Move the ions of blocks `first` to `last` by one exchange step, once all has arrived."""
        ions_step(lanes.state, lanes.n_rows, first, last, self._lanes, self._constants)

    @property
    def moved(self) -> tuple[IonLanes, IonConstants]:
        """What a kernel of several exchange steps moves; the lanes are views."""
        return self._lanes, self._constants

    @property
    def chloride(self) -> np.ndarray:
        """(n_lanes,) float64, chloride in every neuron [mM]; a view."""
        return self._lanes.chloride[: self._neurons.size]

    @property
    def g_sahp(self) -> np.ndarray:
        """(n_lanes,) float64, slow potassium conductance of every neuron [nS]; a view."""
        return self._lanes.g_s[: self._neurons.size]

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {name: getattr(self._lanes, name).copy() for name in _CHANGING}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`."""
        for name in _CHANGING:
            getattr(self._lanes, name)[:] = state[name]

    def report(self) -> dict[str, Any]:
        """Plain numbers: chloride at rest, now on average, and in the fullest region."""
        counts = np.bincount(self._region, minlength=len(self._labels))
        by_region = np.bincount(self._region, self.chloride, len(self._labels)) / np.maximum(counts, 1)
        fullest = int(np.argmax(by_region))
        return {
            "chloride_at_rest_mM": self._rest,
            "chloride_mM": float(self.chloride.mean()),
            "fullest_region": self._labels[fullest],
            "fullest_region_mM": float(by_region[fullest]),
            "g_sahp_nS": float(self.g_sahp.mean()),
        }


def ions_of(scenario: Scenario, network: Network, neurons: np.ndarray, lanes: Lanes) -> Ions | None:
    """The ions of these lanes; None where none move and no region is a focus.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32
    lanes : Lanes
    """
    if not (scenario.network.ions.is_on or scenario.focus):
        return None
    return Ions(scenario, network, neurons, lanes)
