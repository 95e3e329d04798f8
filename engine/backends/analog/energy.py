"""Time and energy of a run, on the chip and on digital machines: estimates, boundary by boundary.

Figures of different boundaries (a chip, a whole system, a cluster at the wall plug) are never added
and never compared without saying so.
"""

from __future__ import annotations

from typing import Any

from engine.amounts import number, quantity, span

__all__ = ["CHIP_POWER_W", "DIGITAL_UJ_PER_EVENT", "SPEEDUP", "SYSTEM_POWER_W", "energy_of"]

SPEEDUP = 1000.0  # hardware over biological time
CHIP_POWER_W = (0.2, 0.7)  # Cramer 2022; derived from Stradmann 2022
SYSTEM_POWER_W = 5.6  # Stradmann 2022, mobile system of one chip
DIGITAL_UJ_PER_EVENT = (0.048, 0.63)
"""Whole-system energy of a synaptic event of the cortical microcircuit, real time or faster, from
neuroAIx (FPGA) to SpiNNaker; INM-6/microcircuit-PD14-model, performance_data_raw.yaml."""

_STANDING = "estimate from a software model, not measured on a chip"
_CHIP = "chips alone; host, configuration (about 20 ms of settling) and calibration left out"

_SOURCES = (
    f"Estimate: biological time over {SPEEDUP:g}, the speedup of the chip (measured, "
    "electronicvisions/brainscales2-demos); how long this emulation took was measured here.",
    f"Derived: 365.25 days over the speedup of {SPEEDUP:g}; configuration and calibration left out.",
    f"Estimate: chips times {CHIP_POWER_W[0]:g} to {CHIP_POWER_W[1]:g} W times chip time; the "
    "lower power was measured (below 200 mW, Cramer et al. 2022), the higher one derived (192 µJ "
    "in 276 us, Stradmann et al. 2022).",
    f"Estimate: chips times {SYSTEM_POWER_W:g} W times chip time; the power was measured on a "
    "mobile system of one chip (Stradmann et al. 2022).",
    f"Estimate: events counted in this run, times {DIGITAL_UJ_PER_EVENT[0]:g} µJ (neuroAIx, FPGA) "
    f"to {DIGITAL_UJ_PER_EVENT[1]:g} µJ (SpiNNaker), measured for whole systems on the cortical "
    "microcircuit (INM-6/microcircuit-PD14-model, performance_data_raw.yaml).",
)
"""Where each of the sentences has its figures from, in their order."""


def energy_of(duration_ms: float, chips: int, n_events: int, wall_s: float, on_analog: int) -> dict[str, Any]:
    """Time and energy of a run.

    Parameters
    ----------
    duration_ms : float [ms]
        Biological time done.
    chips : int
    n_events : int
        Synaptic events onto the circuits.
    wall_s : float [s]
        Wall clock of this emulation.
    on_analog : int
        Neurons on the chips.

    Returns
    -------
    dict
        Plain numbers with their boundary, and the same as sentences, each with its source.
    """
    chip_ms = duration_ms / SPEEDUP
    low, high = (power * chips * chip_ms for power in CHIP_POWER_W)
    system = SYSTEM_POWER_W * chips * chip_ms
    digital = [uj * n_events / 1000.0 for uj in DIGITAL_UJ_PER_EVENT]
    faster = wall_s * 1000.0 / chip_ms if chip_ms else 0.0
    return {
        "chip_time_ms": chip_ms,
        "energy_mj_low": low,
        "energy_mj_high": high,
        "energy_boundary": _CHIP,
        "system_energy_mj": system,
        "system_boundary": "a mobile system of one chip, as often as there are chips; host left out",
        "digital_energy_mj_low": digital[0],
        "digital_energy_mj_high": digital[1],
        "digital_boundary": "a digital machine at the wall plug, by published energy per synaptic "
        "event, the events onto these neurons",
        "standing": _STANDING,
        "sentences": [
            f"{number(duration_ms / 1000, 6)} s of biology take the chip {quantity(chip_ms, 'ms')}; this "
            f"emulation took {quantity(wall_s, 's', 2)}, {faster:,.0f} times as long.",
            f"A year of biology would take the chip {365.25 * 24 / SPEEDUP:.1f} hours.",
            f"{chips} {'chip' if chips == 1 else 'chips'} with {on_analog:,} neurons would spend "
            f"{span(low, high, 'mJ')} (boundary: {_CHIP}; estimate).",
            f"With a mobile system for each it is {quantity(system, 'mJ', 2)} (boundary: system without "
            "host; estimate).",
            f"A digital machine would spend {span(digital[0], digital[1], 'mJ', 3)} on the "
            f"{n_events:,} synaptic events onto these neurons (boundary: wall plug; from "
            "published figures).",
        ],
        "sentence_sources": list(_SOURCES),
    }
