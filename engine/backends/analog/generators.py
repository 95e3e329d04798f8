"""Poisson stimuli against the background generators of each chip."""

from __future__ import annotations

import numpy as np

from engine.backends.analog.resources import GENERATOR_EVENTS_HZ, GENERATOR_SOURCES, STIMULI_PER_CHIP
from engine.brain.network import Network
from engine.errors import CapacityError
from engine.scenario.scenario import Scenario

__all__ = ["check_generators"]


def check_generators(scenario: Scenario, network: Network, neurons: np.ndarray, chip_of: np.ndarray) -> None:
    """Refuse Poisson stimuli that the chips cannot make.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons, chip_of : (n,) int32
        Analog neurons and the chip of each.

    Raises
    ------
    CapacityError
    """
    stimuli = [
        (i, s) for i, s in enumerate(scenario.stimulus) if s.kind == "poisson" and s.region in network.labels
    ]
    region_of = network.region_of[neurons]
    on_chip = np.zeros(int(chip_of.max(initial=0)) + 1, np.int64)
    for i, s in stimuli:
        here = region_of == network.labels.index(s.region)
        if s.population != "all":
            here &= network.is_excitatory[neurons] == (s.population == "E")
        sizes = np.bincount(chip_of[here], minlength=on_chip.size)
        size = int(sizes.max(initial=0))
        if size > GENERATOR_SOURCES:
            raise CapacityError(
                f"stimulus.{i}",
                size,
                GENERATOR_SOURCES,
                f"Poisson sources of one generator for the neurons of {s.region} on one chip",
                "Stimulate one population (population = 'I'), or put at most "
                f"{GENERATOR_SOURCES // 2} neurons on a hemisphere "
                "(analog.neurons_per_hemisphere).",
            )
        if size * s.frequency > GENERATOR_EVENTS_HZ:
            raise CapacityError(
                f"stimulus.{i}.frequency",
                size * s.frequency,
                GENERATOR_EVENTS_HZ,
                f"events a second of one Poisson generator, {size} sources at {s.frequency:g} Hz",
                f"Use at most {int(GENERATOR_EVENTS_HZ / size)} Hz, or fewer neurons on a chip.",
            )
        on_chip += sizes > 0
    if on_chip.max() > STIMULI_PER_CHIP:
        raise CapacityError(
            "stimulus",
            int(on_chip.max()),
            STIMULI_PER_CHIP,
            "Poisson generators on one chip, one a stimulus",
            f"Keep {STIMULI_PER_CHIP} Poisson stimuli on the regions of one chip, or use one of "
            "their summed rate.",
        )
