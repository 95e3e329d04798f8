"""Trims of a scenario, put to the circuits that they were found for."""

from __future__ import annotations

import numpy as np

from engine.backends.analog.hardware import CODES, parameters_of
from engine.brain.network import Network
from engine.errors import ParameterError
from engine.scenario.scenario import Scenario

__all__ = ["CircuitTrims"]


class CircuitTrims:
    """Codes added to the circuits of a backend.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32

    Attributes
    ----------
    codes : (n_lanes,) int64
        Added to the thresholds' codes; 0 where a circuit has none.
    counts : dict of str to int
        Circuits that are trimmed, trims left off since they belong to another chip, and codes that
        the ends of the range have cut.

    Raises
    ------
    ParameterError
        A region has another number of neurons than its trims.
    """

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray):
        self.codes = np.zeros(neurons.size, np.int64)
        n_elsewhere = 0
        for i, trim in enumerate(scenario.trim):
            if trim.region not in network.labels:
                continue
            here = network.region_of[neurons] == network.labels.index(trim.region)
            n = int(np.count_nonzero(here))
            if n == 0 or not trim.threshold:
                continue
            if trim.chip_seed != scenario.analog.chip_seed:
                n_elsewhere += len(trim.threshold)
                continue
            if len(trim.threshold) != n:
                raise ParameterError(
                    f"trim.{i}.threshold: must hold a code for each of the {n} neurons of "
                    f"{trim.region} (got {len(trim.threshold)}). Calibrate again, or take the "
                    "trims out of the scenario."
                )
            self.codes[here] = trim.threshold
        self.counts = {
            "circuits_trimmed": int(np.count_nonzero(self.codes)),
            "trims_of_other_chips": n_elsewhere,
            "trims_clipped": 0,
        }

    def threshold_mv(self, scenario: Scenario, model: str) -> np.ndarray:
        """(n_lanes,) float64 [mV], added to the thresholds of circuits of a model."""
        p = parameters_of(scenario, model)["v_thresh"]
        code = round(p.code)
        held = np.clip(code + self.codes, 0, CODES) - code
        self.counts["trims_clipped"] = int(np.count_nonzero(held != self.codes))
        return held * p.per_code
