"""The beta circuit's populations and projections, each with its standing.

Numbers are those of a compact spiking circuit, not of a measured brain: which projections there are is from
anatomy, their delays from published models, and their strengths were chosen so that the circuit fires at
plausible rates and, once dopamine is lost, beats in the beta band. Every row says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.registry import Registry

__all__ = ["POPULATIONS", "PROJECTIONS", "Population", "Projection", "circuit_table", "population_index"]

ASSUMED = "assumed"
_MODEL = "Kumaravelu et al. 2016, doi 10.1007/s10827-016-0593-9"
_FLEMING = "Fleming et al. 2020, doi 10.3389/fnins.2020.00166"
_NEVADO = "Nevado Holgado et al. 2010, doi 10.1523/JNEUROSCI.0817-10.2010"
_MALLET = "Mallet et al. 2006, J Neurosci 26:3875"
_CORBIT = "Corbit et al. 2016, J Neurosci 36:5556"
_FAN = "Fan et al. 2012, J Neurosci 32:13718"
_NOBODY = "chosen for plausible rates"


@dataclass(frozen=True)
class Population:
    """Neurons of one kind.

    Attributes
    ----------
    name, label : str
    region : str
        Of the connectome dk84, left side; empty where that has none.
    n : int
    inhibitory : bool
    drive : float [mV]
        Mean of the background, by which it depolarises a neuron without synapses.
    noise : float [mV]
        Standard deviation of the background, an OU process of 5 ms.
    tau_m : float [ms]
    loss : float [mV]
        Added to `drive` where all dopamine is lost.
    tide : float [mV]
        Standard deviation of a slow drive, an OU process of 0.5 s that the whole circuit shares.
    standing, source : str
    """

    name: str
    label: str
    region: str
    n: int
    inhibitory: bool
    drive: float
    noise: float
    tau_m: float
    loss: float = 0.0
    tide: float = 0.0
    standing: str = ASSUMED
    source: str = ""


@dataclass(frozen=True)
class Projection:
    """Synapses from one population to another.

    Attributes
    ----------
    name, label : str
    pre, post : str
    n_inputs : int
        Synapses of this projection onto each neuron.
    weight : float [leak conductances]
        Of all `n_inputs` together, by which a spike of each of them at once would raise the conductance.
    delay : float [ms]
        Mean; single synapses are within 1 ms of it.
    loss : float [1]
        By how much of itself the weight grows where all dopamine is lost.
    standing : str
        Of the weight.
    source : str
        For the delay, and for the change with dopamine.
    """

    name: str
    label: str
    pre: str
    post: str
    n_inputs: int
    weight: float
    delay: float
    loss: float = 0.0
    standing: str = ASSUMED
    source: str = _MODEL


POPULATIONS: Registry[Population] = Registry(
    "population of the beta circuit",
    (
        Population("cortex_e", "Cortex, pyramidal", "L.PrCG", 120, False, 13.0, 5.0, 15.0),
        Population("cortex_i", "Cortex, inhibitory", "L.PrCG", 30, True, 10.5, 5.0, 10.0),
        Population("d1", "Striatum, direct pathway", "L.PU", 60, True, 7.0, 5.0, 12.0, -1.0, source=_MALLET),
        Population(
            "d2", "Striatum, indirect pathway", "L.PU", 60, True, 6.0, 5.0, 12.0, 6.0, 1.2, source=_MALLET
        ),
        Population("stn", "Subthalamic nucleus", "", 100, False, 39.0, 4.5, 10.0),
        Population("gpe", "Pallidum, external", "L.PA", 100, True, 28.0, 5.5, 10.0),
        Population("gpi", "Pallidum, internal", "L.PA", 80, True, 27.0, 5.0, 10.0),
        Population("thalamus", "Thalamus, motor", "L.TH", 80, False, 20.0, 5.0, 12.0),
    ),
)
"""In the order in which their neurons are numbered."""


def _rows() -> tuple[Projection, ...]:
    def row(pre: str, post: str, n: int, weight: float, delay: float, **rest: object) -> Projection:
        names = f"{pre}>{post}", f"{POPULATIONS[pre].label} to {POPULATIONS[post].label.lower()}"
        return Projection(*names, pre, post, n, weight, delay, **rest)  # type: ignore[arg-type]

    return (
        row("cortex_e", "cortex_e", 20, 0.6, 2.0),
        row("cortex_e", "cortex_i", 20, 1.6, 2.0),
        row("cortex_i", "cortex_e", 15, 3.0, 2.0),
        row("cortex_e", "d1", 20, 1.0, 5.0),
        row("cortex_e", "d2", 20, 1.0, 5.0),
        row("cortex_e", "stn", 20, 0.8, 5.5, source=_NEVADO),
        row("d1", "gpi", 20, 4.0, 5.0),
        row("d2", "gpe", 20, 8.0, 5.0, source=_CORBIT),
        row("stn", "gpe", 30, 2.6, 3.5, loss=0.8, source=f"{_FLEMING}; {_NEVADO}"),
        row("stn", "gpi", 30, 0.6, 4.0),
        row("gpe", "stn", 30, 1.9, 7.0, loss=0.6, source=f"{_NEVADO}; {_FAN}"),
        row("gpe", "gpe", 20, 1.7, 4.0, source=_NEVADO),
        row("gpe", "gpi", 20, 1.0, 3.0, source=_FLEMING),
        row("gpi", "thalamus", 20, 0.8, 5.0),
        row("thalamus", "cortex_e", 20, 0.6, 5.0),
        row("cortex_e", "thalamus", 20, 0.4, 5.0),
    )


PROJECTIONS: Registry[Projection] = Registry("projection of the beta circuit", _rows())


def population_index(name: str) -> slice:
    """Which neurons of the circuit are a population's.

    Raises
    ------
    ParameterError
        There is no such population.
    """
    known, first = POPULATIONS[name], 0
    for population in POPULATIONS:
        if population.name == name:
            break
        first += population.n
    return slice(first, first + known.n)


def circuit_table() -> dict[str, Any]:
    """Populations and projections as they stand in a scorecard, each with its standing."""
    return {
        "sentence": (
            "A compact circuit of leaky integrate-and-fire neurons. The subthalamic nucleus is a labelled "
            "synthetic "
            "region, since the connectome dk84 has none; its projections are assumed, and so are all "
            "strengths."
        ),
        "populations": [
            {
                "name": p.name,
                "label": p.label,
                "region": p.region or "synthetic",
                "is_synthetic": not p.region,
                "neurons": p.n,
                "sign": "inhibitory" if p.inhibitory else "excitatory",
                "standing": p.standing,
                "source": p.source or _NOBODY,
            }
            for p in POPULATIONS
        ],
        "projections": [
            {
                "name": p.name,
                "label": p.label,
                "from": p.pre,
                "to": p.post,
                "sign": "inhibitory" if POPULATIONS[p.pre].inhibitory else "excitatory",
                "inputs": p.n_inputs,
                "weight": p.weight,
                "delay_ms": p.delay,
                "with_loss": p.weight * (1.0 + p.loss),
                "is_synthetic": "stn" in (p.pre, p.post),
                "standing": p.standing,
                "source": p.source,
            }
            for p in PROJECTIONS
        ],
    }
