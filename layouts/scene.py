"""What every view is given: the network that is shown, and the contract of a view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.backends.analog.layout import hemispheres_of
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.noc.fabric import Fabric
from engine.run.frame import Frame
from engine.run.recording import Recording
from engine.run.simulation import Simulation
from engine.scenario.scenario import Scenario
from layouts.theme import Theme

__all__ = ["Scene", "View"]


@dataclass(frozen=True, eq=False)
class Scene:
    """A network laid out, running or not.

    Attributes
    ----------
    scenario : Scenario
    connectome : Connectome
    network : Network
        Regions that are on; ``network.region_index`` are their places in the connectome.
    fabric : Fabric
        None where regions have not been placed on tiles: enough for views of regions and spikes.
    backends : tuple of str
        "digital", "analog" or "off" for every region of the connectome.
    """

    scenario: Scenario
    connectome: Connectome
    network: Network
    fabric: Fabric
    backends: tuple[str, ...]

    @classmethod
    def of(cls, run: Simulation | Recording) -> Scene:
        """The scene of a simulation or of what one left behind."""
        return cls(
            run.scenario,
            run.connectome,
            run.network,
            run.fabric,
            run.scenario.backend_of(run.connectome.labels),
        )

    @classmethod
    def sketch(cls, scenario: Scenario, connectome: Connectome) -> Scene:
        """The scene of a scenario that nothing has been built of.

        Raises
        ------
        EngineError
            It cannot be laid out.
        """
        network = Network.of(scenario, connectome)
        backends = scenario.backend_of(connectome.labels)
        fabric = Fabric.expected(scenario, network, hemispheres_of(scenario, network))
        return cls(scenario, connectome, network, fabric, backends)

    @classmethod
    def of_regions(cls, scenario: Scenario, connectome: Connectome) -> Scene:
        """The regions of a scenario alone, which takes no time.

        Raises
        ------
        EngineError
            It has no regions, or names wrong ones.
        """
        network = Network.of(scenario, connectome)
        backends = scenario.backend_of(connectome.labels)
        return cls(scenario, connectome, network, None, backends)  # type: ignore[arg-type]

    def region_counts(self, counts: np.ndarray) -> np.ndarray:
        """(n_regions,) spikes of each simulated region in some rows of a frame's counts."""
        spikes = counts.sum(axis=0, dtype=np.int64)
        return spikes.reshape(-1, self.network.n_kinds).sum(axis=1)


class View(Protocol):
    """A picture. It owns one Bokeh model, starts no thread, reads no file, runs no simulation.

    What stands in it is its `data`, see layouts.drawn.Drawn.
    """

    sentence: str

    @property
    def data(self) -> dict[str, dict[str, Any]]:
        """The columns of every kind of mark."""

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""

    def lay_out(self, scene: Scene) -> None:
        """Show another network, before its first spike."""

    def tick(self, frame: Frame) -> None:
        """Show a newer moment of the run that was laid out; at most 1 ms and 20 kB."""

    def show(self, recording: Recording) -> None:
        """Show a finished or stopped run of the network that was laid out."""
