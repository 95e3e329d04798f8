"""One synapse that learns on the digital backend, driven by hand."""

from __future__ import annotations

from collections.abc import Collection
from types import SimpleNamespace

import numpy as np

from engine.backends.digital.plastic import Learning
from engine.backends.digital.spike_rules import SpikeRule
from engine.kernels.plastic.learners import FAR, LOCAL_E, LOCAL_I
from engine.model.learning.inhibitory_plasticity import InhibitoryPlasticity
from engine.model.learning.plasticity import Plasticity

__all__ = ["UNITS", "OneSynapse", "one_of_each"]

UNITS = 255.0
"""What a weight of 1 is in the inbox."""


class OneSynapse:
    """A synapse from neuron 0 of a network onto lane 0 of a backend, with a delay of one step.

    Parameters
    ----------
    rule : Plasticity or InhibitoryPlasticity
    begin : float
        Its weight at the start.
    n_sub : int
        Sub-steps of a step of 1 ms.
    inbox : int
        Where it hands over.
    latest : int, optional
        As of `Learning`.
    """

    def __init__(
        self,
        rule: Plasticity | InhibitoryPlasticity,
        begin: float = 0.5,
        n_sub: int = 10,
        inbox: int = FAR,
        latest: int = 2**29,
    ):
        self.delay, self.n_synapses, self.begun = 1, 1, np.array([begin])
        self.does, self._n_sub = SpikeRule.of(rule, inbox, UNITS), n_sub
        self.learning = Learning([self], 1, 1, n_sub, latest)
        self._boxes = {kind: np.zeros(1, np.int32) for kind in (FAR, LOCAL_E, LOCAL_I)}
        self._lanes = SimpleNamespace(
            arriving=lambda time: self._boxes[FAR], local_e=self._boxes[LOCAL_E], local_i=self._boxes[LOCAL_I]
        )
        self._inbox = inbox

    def join(self, learning: Learning, mine: slice) -> None:
        """As of a `LearningProjection`; nothing to note."""

    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As of a `LearningProjection`: (1,) neurons, (1,) sizes, (1,) lanes."""
        one = np.zeros(1, np.int64)
        return one, one + 1, one.astype(np.int32)

    @property
    def weight(self) -> float:
        """Its weight now."""
        return float(self.learning.weights()[0])

    def live(
        self, arrived: Collection[int], fired: Collection[float], first: int = 0, last: int = 1000
    ) -> OneSynapse:
        """Exchange steps `first` to `last`; what each arrival hands over is checked.

        Parameters
        ----------
        arrived : collection of int
            Steps at whose beginning a spike arrives.
        fired : collection of float
            When the target fires [ms]: ends of sub-steps.
        first, last : int
        """
        box = self._boxes[self._inbox]
        for time in range(first, last):
            before = int(box[0])
            if time in arrived:
                self.learning.sent(np.zeros(1, np.int32), time - 1)
            self.learning.arrive(time, self._lanes)
            assert box[0] - before == (int(self.weight * UNITS + 0.5) if time in arrived else 0)
            here = sorted(t for t in fired if time < t <= time + 1)
            subs = np.round((np.array(here, float) - time) * self._n_sub).astype(np.int32) - 1
            self.learning.fire(np.zeros(subs.size, np.int32), subs)
        return self


def one_of_each(learning_rate: float, w_max: float = 1.0) -> dict[str, Plasticity | InhibitoryPlasticity]:
    """A rule of every kind that the digital backend knows, by name; `w_max` is of those that excite."""
    ends = {"source": "A", "target": "B", "learning_rate": learning_rate, "w_max": w_max}
    return {
        "pairs": Plasticity(**ends),
        "nearest": Plasticity(**ends, pairing="nearest"),
        "weighted": Plasticity(**ends, mu_plus=0.5, mu_minus=1.0),
        "triplets": Plasticity(**ends, pairing="triplet", triplet_minus=0.5),
        "inhibitory": InhibitoryPlasticity(region="A", learning_rate=learning_rate),
    }
