"""What may fill a region: one record each."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.microcircuit import IS_EXCITATORY, POPULATIONS
from engine.registry import Registry

__all__ = ["RECIPES", "Recipe"]


@dataclass(frozen=True)
class Recipe:
    """One way to fill regions with populations and to join them.

    Attributes
    ----------
    name : str
        In a scenario.
    label : str
        What a choice calls it.
    table : str
        Its neuron, synapse and background below `network`.
    drive : str
        The key of its background, moved by a slider.
    drive_label : str
        What the slider is called.
    populations : tuple of str
    is_excitatory : tuple of bool
        Of each population.
    sizes : str
        Place of ``sizes(scenario, labels, totals)``: (n_regions, n_populations) int64, neurons.
    capacity : str
        Place of ``capacity(scenario, connectome)``, as `engine.run.capacity.capacity_of`.
    assemble : str
        Place of what builds its backends, see `engine.run.assembly`.
    is_joined : bool
        Whether tracts join its regions, so that lesions, learning, other neurons, the analog chip
        and the network on chip have something to act on.
    """

    name: str
    label: str
    table: str
    drive: str
    drive_label: str
    populations: tuple[str, ...]
    is_excitatory: tuple[bool, ...]
    sizes: str
    capacity: str
    assemble: str
    is_joined: bool = True


RECIPES: Registry[Recipe] = Registry(
    "network.recipe",
    (
        Recipe(
            "dtb",
            "E and I",
            "parameters",
            "network.parameters.ou_mean",
            "Background drive (pA)",
            ("E", "I"),
            (True, False),
            "engine.brain.network:dtb_sizes",
            "engine.run.capacity:brain_capacity",
            "engine.run.assembly:assemble_brain",
        ),
        Recipe(
            "microcircuit",
            "Cortical column",
            "microcircuit",
            "network.microcircuit.background_rate_hz",
            "Background rate (Hz)",
            POPULATIONS,
            tuple(bool(e) for e in IS_EXCITATORY),
            "engine.brain.network:microcircuit_sizes",
            "engine.run.capacity:column_capacity",
            "engine.run.assembly:assemble_columns",
            is_joined=False,
        ),
    ),
)
