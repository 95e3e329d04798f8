"""Three clocks, and how many futures could be tried while a patient lives one second: estimates, but one."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from engine.backends.analog.energy import SPEEDUP
from engine.brain.connectome import Connectome
from engine.run.capacity import capacity_of
from engine.scenario.scenario import Scenario

__all__ = ["CONFIGURE_MS", "FUTURES_S", "chip_ms", "clocks", "look_ahead"]

CONFIGURE_MS = 20.0
"""Chip time until analog parameters that were changed have settled [ms]; from the calibration of
BrainScaleS-2 (electronicvisions/calix, capmem_level_off_time)."""
FUTURES_S = (3.0, 20.0, 60.0)
"""Biology of one future: the horizon of the forecast, an epoch, a minute [s]."""
_WARM_S = 1.0
_YEAR_H = 365.25 * 24.0


def chip_ms(biology_s: float, epochs: int) -> float:
    """Chip time of some biology in so many epochs [ms]; an estimate.

    Parameters
    ----------
    biology_s : float [s]
    epochs : int
        Before each, weights are written and parameters settle.
    """
    return biology_s * 1000.0 / SPEEDUP + epochs * CONFIGURE_MS


def clocks(years: float, epochs: int, biology_s: float, core_s: float, wall_s: float) -> dict[str, Any]:
    """Biology, wall and chip of some lives together.

    Parameters
    ----------
    years : float [years]
        That are represented.
    epochs : int
    biology_s : float [s]
        Lived.
    core_s, wall_s : float [s]
        Of cores, and of the wall, for all of it; measured.
    """
    return {
        "years": years,
        "epochs": epochs,
        "biology_s": biology_s,
        "core_s": round(core_s, 1),
        "wall_s": round(wall_s, 1),
        "chip_ms": round(chip_ms(biology_s, epochs), 2),
        "every_second_on_chip_h": round(years * _YEAR_H / SPEEDUP, 1),
        "standing": {
            "core_s, wall_s": "measured",
            "chip_ms": "estimate",
            "every_second_on_chip_h": "estimate",
        },
    }


@lru_cache(maxsize=4)
def _need(scenario: Scenario, connectome: Connectome) -> tuple[int, int, int]:
    """Neurons, synapses and chips of a brain whose regions are all on analog."""
    sides = scenario.backend_of(connectome.labels)
    on = [label for label, side in zip(connectome.labels, sides, strict=True) if side != "off"]
    values = {"regions": {"default": "off", "analog": on}, "analog.max_chips": 10_000}
    need = capacity_of(scenario.with_values(values), connectome)
    return need.n_neurons, need.n_synapses, need.chips


def look_ahead(scenario: Scenario, connectome: Connectome, biology_per_core: float) -> dict[str, Any]:
    """How many futures could be tried while the patient lives one second.

    Parameters
    ----------
    scenario : Scenario
        Of the twin.
    connectome : Connectome
    biology_per_core : float [1]
        Seconds of biology that a core of this machine lived in a second, measured.

    Returns
    -------
    dict
        Plain values: what one copy of the twin needs, futures by their length, and all that is assumed.
    """
    neurons, synapses, chips = _need(scenario, connectome)
    rows = [
        {
            "future_s": length,
            "chip": round(1000.0 / chip_ms(length + _WARM_S, 0), 1),
            "chip_configured": round(1000.0 / chip_ms(length + _WARM_S, 1), 1),
            "digital": round(biology_per_core / length, 2),
        }
        for length in FUTURES_S
    ]
    return {
        "neurons": neurons,
        "synapses": synapses,
        "chips": chips,
        "speedup": SPEEDUP,
        "digital_speed": round(biology_per_core, 1),
        "futures": rows,
        "standing": "estimate from a software model, not measured on a chip; the digital engine is measured",
        "assumptions": [
            f"One copy of the twin, {neurons:,} neurons and {synapses:,} synapses, laid out by the rows, "
            "buses "
            f"and labels of the chip's model: {chips} chips that act as one. So many more chips try so many "
            "times the futures.",
            f"The chip runs {SPEEDUP:g} times as fast as life.",
            f"Membranes cannot be loaded: each future begins with {_WARM_S:g} s of biology from rest "
            "(assumed); the digital engine goes on from a snapshot.",
            "Another noise needs no new parameters; where parameters differ they settle for "
            f"{CONFIGURE_MS:g} "
            "ms (from the calibration of the real chip).",
            "The host's own time and the way to it are left out: no figure for them was found.",
        ],
    }
