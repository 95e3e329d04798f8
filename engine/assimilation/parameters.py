"""Regional parameters that can be estimated while a brain runs, one record each.

One signal a region tells them apart badly, since each moves the rate: of all three at once the data say
much of the bias and next to nothing of the two conductances, which the report then marks, and errors are
some 1.7 of the stated spreads (twin experiments of four regions, 60 TR of BOLD). Estimate one unless the
data are rich.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.assimilation.bounded import Bounds
from engine.registry import Registry

__all__ = ["PARAMETERS", "RegionalParameter"]


@dataclass(frozen=True)
class RegionalParameter:
    """A number of every region that acts on its excitatory neurons.

    Attributes
    ----------
    name, label, unit : str
    bounds : Bounds
        Between what it is looked for.
    neutral : float
        What leaves the brain as its scenario has it; the middle of the prior.
    source : str
        Of the bounds.
    """

    name: str
    label: str
    unit: str
    bounds: Bounds
    neutral: float
    source: str


_GAINS = "as in the DTB's estimates at rest, a quarter to twice the conductance"

PARAMETERS: Registry[RegionalParameter] = Registry(
    "assimilation.parameter",
    (
        RegionalParameter(
            "bias",
            "current into excitatory neurons",
            "pA",
            Bounds(-60.0, 60.0),
            0.0,
            "this project's choice: 15 % of the background's mean; the DTB estimates a current too",
        ),
        RegionalParameter(
            "excitation",
            "factor of excitatory conductances of excitatory neurons",
            "",
            Bounds(0.25, 2.0),
            1.0,
            _GAINS,
        ),
        RegionalParameter(
            "inhibition",
            "factor of inhibitory conductances of excitatory neurons",
            "",
            Bounds(0.25, 2.0),
            1.0,
            _GAINS,
        ),
    ),
)
