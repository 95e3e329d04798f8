"""What every neuron on the digital backend has: its kernel, the kernel's numbers, its start.

Cells of a kind say how many rows a block has, turn declared parameters into the kernel's numbers,
fill the rows before the first step, and take what has arrived into their synapses. Each kind stands
in a file of its own and is named in its record, see `engine.model.neuron`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from engine.backends.contract import LiveParameters
from engine.backends.digital.short_term import parts_of_weight
from engine.backends.drive import Drive, background_of
from engine.backends.lanes import Lanes
from engine.backends.wiring import full_weight
from engine.brain.network import Network
from engine.kernels import apical, block
from engine.kernels.apical import apical_absorb
from engine.kernels.block import Synapses
from engine.kernels.exchange import Arrived, Units, lif_cond_absorb
from engine.model.charge import same_charge
from engine.model.lif import DtbParameters
from engine.model.neurons import NEURONS
from engine.model.pinsky_rinzel import PinskyRinzelParameters
from engine.model.two_compartment import TwoCompartmentParameters
from engine.registry import at
from engine.scenario.scenario import Scenario

__all__ = ["ApicalCells", "Cells", "PointCells", "cells_of", "common_constants", "steps_held"]


class Cells(Protocol):
    """One kind of neuron.

    Attributes
    ----------
    rows : int
        Rows of a block.
    advance : callable
        The kernel; all have one signature.
    stretch : callable or None
        The kernel of several exchange steps, as `lif_cond_stretch`, where there is one.
    """

    rows: int
    advance: Callable[..., int]
    stretch: Callable[..., None] | None

    def constants(self, ou_mean: float) -> Any:
        """The kernel's numbers of one membrane step, at a mean background current [pA]."""

    def start(self, lanes: Lanes) -> None:
        """Fill the rows that do not begin at 0."""

    def stimulate(self, lanes: Lanes, time: int, live: LiveParameters) -> None:
        """Set the stimuli of exchange step `time`."""

    def absorb(self, lanes: Lanes, time: int, live: LiveParameters, first: int, last: int) -> None:
        """Take what arrives at exchange step `time` into the synapses of a range of blocks."""

    def units(self, live: LiveParameters) -> Units:
        """What a unit of each weight is to the soma, where all that arrives reaches it."""

    def forget(self) -> None:
        """Send the stimuli's currents again, after a restore."""


def common_constants(p: DtbParameters, dt: float, ou_mean: float, f: type) -> dict[str, Any]:
    """The numbers of background and synapses, which all neurons share.

    Parameters
    ----------
    p : DtbParameters
    dt : float [ms]
    ou_mean : float [pA]
    f : type
        Of the numbers.
    """
    receptors = {}
    for name in ("ampa", "nmda", "gaba_a", "gaba_b"):
        tau = getattr(p, f"tau_{name}")
        receptors[f"decay_{name}"] = f(math.exp(-dt / tau))
        receptors[f"g_{name}"] = f(getattr(p, f"g_{name}") * same_charge(dt, tau))
        receptors[f"e_{name}"] = f(getattr(p, f"e_{name}"))
    return {
        "background": background_of(p, dt, ou_mean, f),
        "synapses": Synapses(slow=is_slow(p), **receptors),
    }


def is_slow(p: DtbParameters) -> bool:
    """Whether NMDA or GABA-B act."""
    return p.g_nmda > 0 or p.g_gaba_b > 0


def steps_held(t_refrac: float, dt: float) -> int:
    """Membrane steps that a neuron is held after the one in which it fired."""
    return round(t_refrac / dt) - 1


class PointCells:
    """What neurons of one compartment share: all that arrives reaches the soma."""

    rows: int
    stretch: Callable[..., None] | None = None

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray):
        self._scenario = scenario
        self._full = full_weight(network) * parts_of_weight(scenario)
        self._synapses = p = scenario.network.parameters
        self._slow = is_slow(p)

    def forget(self) -> None:
        """See `Cells`."""

    def _begin(self, lanes: Lanes, v_thresh: float, v_reset: float) -> None:
        lanes.set_row(block.V, np.full(lanes.n, (v_thresh + v_reset) / 2, np.float32))

    def stimulate(self, lanes: Lanes, time: int, live: LiveParameters) -> None:
        """See `Cells`."""
        currents = lanes.drive.currents(time, live.stimulus_scale)
        if currents is not None:
            lanes.set_external(currents)
        lanes.drive.add_events(time, live.stimulus_scale, lanes.local_e, self._full / 255.0)

    def absorb(self, lanes: Lanes, time: int, live: LiveParameters, first: int, last: int) -> None:
        """See `Cells`."""
        self._absorb(lanes.part(time, first, last), self.units(live))

    def units(self, live: LiveParameters) -> Units:
        """See `Cells`."""
        return self._units(1.0, live.coupling)

    def _units(self, inhibition: float, coupling: float) -> Units:
        """Inhibition and coupling are what reaches the soma of a full weight."""
        local_e, local_i, far = (np.float32(full / self._full) for full in (1.0, inhibition, coupling))
        return Units(local_e, local_i, far)

    def _absorb(self, part: tuple[np.ndarray, Arrived], units: Units) -> None:
        state, arrived = part
        lif_cond_absorb(state, self.rows, arrived, units, self._slow)


class ApicalCells(PointCells):
    """What neurons with an apical dendrite share: arriving weights are split between the two."""

    _parameters: TwoCompartmentParameters | PinskyRinzelParameters

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray):
        super().__init__(scenario, network, neurons)
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
        state, arrived = part
        apical_absorb(
            state,
            self.rows,
            arrived.far,
            arrived.local_i,
            np.float32(share * live.coupling / self._full),
            np.float32(inhibition / self._full),
            self._slow,
        )
        self._absorb(part, self._units(1.0 - inhibition, (1.0 - share) * live.coupling))

    def forget(self) -> None:
        """See `Cells`."""
        self._apical.forget()


def cells_of(name: str, scenario: Scenario, network: Network, neurons: np.ndarray) -> Cells:
    """The cells of a neuron.

    Parameters
    ----------
    name : str
        Of a record in `NEURONS`.
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32

    Raises
    ------
    ParameterError
        There is no such neuron.
    """
    return at(NEURONS[name].cells)(scenario, network, neurons)
