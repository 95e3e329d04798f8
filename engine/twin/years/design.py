"""What is tried along the years: how much is lost where, along which ways, and what one patient lived."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.twin.patients.brain import AROUND, REST
from engine.twin.years.epochs import Epoch, Health
from engine.twin.years.schedule import Schedule

__all__ = ["LOSS", "REGIONS", "SETTLE_STEPS", "WATCHES", "WAYS", "YEARS", "Lived", "Way", "schedules_of"]

YEARS = 20.0
"""That are represented [years]."""
REGIONS = (*AROUND, *REST)
"""Where inhibition is lost: the left temporal lobe with the insula."""
LOSS = 0.7
"""Share of inhibition that is gone by the end; assumed, so that the whole way is seen."""
SETTLE_STEPS = 40
"""Of two seconds each, in which a patient's own homeostasis settles before anything is lost."""
WATCHES = ("sites", "elsewhere", "all")
"""Whose rates may warn: four sites in the temporal lobe, four where nothing is lost, all regions."""


@dataclass(frozen=True)
class Way:
    """One of the ways in which a patient lives through the years.

    Attributes
    ----------
    name, label : str
    where : str
        Of the loss: "nowhere", "temporal" or "elsewhere".
    homeostasis : bool
    """

    name: str
    label: str
    where: str
    homeostasis: bool


WAYS = (
    Way("schedule", "Temporal loss", "temporal", False),
    Way("schedule_homeostasis", "Temporal loss, homeostasis", "temporal", True),
    Way("elsewhere", "As much loss elsewhere", "elsewhere", False),
    Way("none", "Nothing lost", "nowhere", False),
    Way("none_homeostasis", "Nothing lost, homeostasis", "nowhere", True),
)


@dataclass(frozen=True, eq=False)
class Lived:
    """One patient.

    Attributes
    ----------
    lives : dict of str to list of Epoch
        By the name of the way.
    health : Health
    elsewhere : tuple of str
    watched : dict of str to (n_sites,) int64
    labels : tuple of str
    biology_s, core_s : float [s]
        All that was lived, healthy epochs and settling included, and what a core took for it.
    """

    lives: dict[str, list[Epoch]]
    health: Health
    elsewhere: tuple[str, ...]
    watched: dict[str, NDArray[np.int64]]
    labels: tuple[str, ...]
    biology_s: float
    core_s: float


def schedules_of(way: Way, elsewhere: tuple[str, ...]) -> tuple[Schedule, ...]:
    """What is lost along a way.

    Parameters
    ----------
    way : Way
    elsewhere : tuple of str
        Regions that lose inhibition instead of the temporal lobe.
    """
    if way.where == "nowhere":
        return ()
    regions = REGIONS if way.where == "temporal" else elsewhere
    return (Schedule("inhibition", LOSS, 0.0, YEARS, regions),)
