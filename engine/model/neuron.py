"""What a neuron is to the rest of the project."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Neuron"]


@dataclass(frozen=True)
class Neuron:
    """One neuron a region may be made of.

    Attributes
    ----------
    name : str
        In a scenario.
    label, title : str
        What a choice calls it, and what a heading does.
    cells : str
        Place of its class on the digital backend, see `engine.backends.digital.cells`.
    rows : int
        float32 numbers of a neuron's state.
    step_cost : float
        Of a membrane step over that of a LIF (dtb bench neurons).
    table : str
        Its parameters below `network`; "" for those of the recipe itself.
    circuit : str
        How a circuit of the analog chip runs it, see `engine.backends.analog.imperfections`; ""
        where none can.
    has_dendrite : bool
        Whether a stimulus may reach an apical dendrite.
    holds_ions : bool
        Whether its inhibition can be exhausted: one compartment with conductance synapses.
    """

    name: str
    label: str
    title: str
    cells: str
    rows: int
    step_cost: float
    table: str = ""
    circuit: str = ""
    has_dendrite: bool = False
    holds_ions: bool = False
