"""Resources, time and energy of the chip: what a scenario needs of it, before and after a run."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = [
    "CHIP_POWER_W",
    "CIRCUITS_PER_CHIP",
    "ROWS_PER_CIRCUIT",
    "SPEEDUP",
    "SYSTEM_POWER_W",
    "ChipUse",
    "chip_use",
]

CIRCUITS_PER_CHIP = 512  # halco: 2 hemispheres of 256 columns
ROWS_PER_CIRCUIT = 256  # halco synapse.h; the sign belongs to the row, one source a row
SPEEDUP = 1000.0  # hardware over biological time
CHIP_POWER_W = (0.2, 0.7)  # Cramer 2022; derived from Stradmann 2022
SYSTEM_POWER_W = 5.6  # Stradmann 2022, mobile system


@dataclass(frozen=True)
class ChipUse:
    """What analog regions take.

    Attributes
    ----------
    circuits_per_neuron : int
        Circuits merged so that every input has a synapse row.
    circuits, chips : int
    """

    circuits_per_neuron: int
    circuits: int
    chips: int

    def time_ms(self, duration: float) -> float:
        """Time the chip itself would need for `duration` ms of biology [ms]; an estimate."""
        return duration / SPEEDUP

    def energy_mj(self, duration: float) -> tuple[float, float]:
        """Energy of the chips over that time, low and high [mJ]; an estimate.

        The boundary is the chip: host, configuration (about 20 ms of settling, 4 to 14 mJ a chip)
        and calibration are left out.
        """
        seconds = self.time_ms(duration) / 1000.0
        low, high = CHIP_POWER_W
        return low * self.chips * seconds * 1000.0, high * self.chips * seconds * 1000.0


def chip_use(n_neurons: int, fan_in: int) -> ChipUse:
    """Circuits and chips for `n_neurons` of `fan_in` inputs each.

    Every source has one sign, so an input takes one row; a neuron of more than 256 inputs merges
    circuits, which share the membrane.
    """
    merged = max(1, math.ceil(fan_in / ROWS_PER_CIRCUIT))
    circuits = n_neurons * merged
    per_chip = (CIRCUITS_PER_CHIP // merged) * merged
    return ChipUse(merged, circuits, math.ceil(circuits / per_chip) if per_chip else circuits)
