"""What a scenario takes and whether it fits: said at once, or worked out beside the page."""

from __future__ import annotations

from dataclasses import dataclass

from engine.backends.analog.layout import ChipLayout, layout_of
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.errors import EngineError
from engine.run.capacity import Capacity, capacity_of, is_quick_to_judge, require_capacity
from engine.scenario.scenario import Scenario

__all__ = ["Judgement"]


@dataclass(frozen=True, eq=False)
class Judgement:
    """What a scenario takes, and whether it fits.

    Attributes
    ----------
    scenario : Scenario
    connectome : Connectome
    capacity : Capacity
    refusal : str
        Why it cannot be run, "" when it can, as far as is known.
    layout : ChipLayout or None
        Its chips, where it has some and fits onto them.
    is_whole : bool
        Whether chips have been laid out; before, they are the fewest there can be.
    """

    scenario: Scenario
    connectome: Connectome
    capacity: Capacity
    refusal: str = ""
    layout: ChipLayout | None = None
    is_whole: bool = True

    @classmethod
    def of(cls, scenario: Scenario, connectome: Connectome) -> Judgement:
        """Judge a scenario, which takes seconds where analog regions are large."""
        capacity, layout = capacity_of(scenario, connectome), None
        try:
            require_capacity(scenario, connectome)
            if capacity.chips:
                layout = layout_of(scenario, Network.of(scenario, connectome))
        except EngineError as error:
            return cls(scenario, connectome, capacity, str(error))
        return cls(scenario, connectome, capacity, "", layout)

    @classmethod
    def at_once(cls, scenario: Scenario, connectome: Connectome) -> Judgement:
        """What can be said without a wait; it may not be whole."""
        if is_quick_to_judge(scenario, connectome):
            return cls.of(scenario, connectome)
        return cls(scenario, connectome, capacity_of(scenario, connectome, lays_out=False), is_whole=False)
