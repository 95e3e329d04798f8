"""What a calibration hears: training conditions, and held-out ones that it never trains on.

Training and held-out conditions share neither a stimulus nor a noise. `held_out_conditions` was
fixed before it was first run; see `engine.codesign.calibration`.
"""

from __future__ import annotations

from typing import Any

from engine.brain.connectome import Connectome
from engine.codesign.stand import Condition, Stand
from engine.codesign.substrates import analog_labels
from engine.progress import Progress, no_progress
from engine.scenario.scenario import Scenario

__all__ = ["Stands", "held_out_conditions", "training_conditions"]

TRAINING_PA = 60.0  # drives the circuits to some 10 Hz, where counts tell more
N_NOISES = 4  # of training, for each stimulus
N_RECORDED = 2  # of the whole brain; the others are rehearsed by the regions alone
FITTED = (0, 1, N_NOISES, N_NOISES + 1)  # training conditions that knobs are fitted to: two each
CHECKED = (2, 3, N_NOISES + 2, N_NOISES + 3)  # those that must agree before knobs are moved
_HELD_OUT_SEEDS = 7000


def training_conditions(scenario: Scenario, labels: tuple[str, ...]) -> list[Condition]:
    """As it is, and under a current that makes counts tell more."""
    seeds = [(scenario.seed + k) % 2**31 for k in range(N_NOISES)]
    return [
        Condition(f"{words}, noise {k}", k, stimuli)
        for words, stimuli in (("as it is", ()), (f"{TRAINING_PA:g} pA more", _current(labels, TRAINING_PA)))
        for k in seeds
    ]


def held_out_conditions(scenario: Scenario, labels: tuple[str, ...]) -> list[Condition]:
    """Other stimuli and other noises on the same synapses."""
    poisson = tuple(
        {"kind": "poisson", "region": label, "population": "E", "frequency": 40.0} for label in labels
    )
    seeds = [(scenario.seed + _HELD_OUT_SEEDS + k) % 2**31 for k in range(2)]
    return [
        Condition(f"{words}, noise {k}", k, stimuli)
        for words, stimuli in (
            ("15 pA more", _current(labels, 15.0)),
            ("20 pA less", _current(labels, -20.0)),
            ("Poisson spikes of 40 Hz", poisson),
        )
        for k in seeds
    ]


def _current(labels: tuple[str, ...], amplitude: float) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"kind": "current", "region": label, "population": "E", "amplitude": amplitude} for label in labels
    )


class Stands:
    """Training and held-out conditions of a scenario, for one chip after another.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    workers : int
    progress, still : callable
        As of :class:`Stand`.
    """

    def __init__(
        self,
        scenario: Scenario,
        connectome: Connectome,
        workers: int,
        progress: Progress = no_progress,
        still: Progress = no_progress,
    ):
        self._of = scenario, connectome, workers, still
        self._held_out: Stand | None = None
        labels = analog_labels(scenario, connectome)
        self.training = Stand(
            scenario,
            connectome,
            training_conditions(scenario, labels),
            workers,
            progress,
            n_recorded=N_RECORDED,
            still=still,
        )

    def held_out(self, progress: Progress = no_progress) -> Stand:
        """The held-out conditions; not run before they are asked for."""
        if self._held_out is None:
            scenario, connectome, workers, still = self._of
            conditions = held_out_conditions(scenario, self.training.labels)
            self._held_out = Stand(scenario, connectome, conditions, workers, progress, still=still)
        return self._held_out
