"""Fits that are made again: what they tell while they go on."""

from __future__ import annotations

import time

import numpy as np
import pytest

from engine import Scenario, load_connectome
from engine.run.simulation import Stopped
from engine.tuning import FCTuner, TuningRule
from engine.tuning.study import fit_controls, fit_refits

FOUR = load_connectome("four_regions")
SMALL = Scenario(connectome="four_regions", dt=0.5).with_values(
    {"network.neurons_per_region": 50, "network.in_degree": 40, "network.connectome_weights": "log"}
)
MINUTES = 1.0


@pytest.fixture
def tuner():
    fc = np.array([[1, 0.6, 0.1, -0.1], [0.6, 1, 0.0, 0.2], [0.1, 0.0, 1, 0.5], [-0.1, 0.2, 0.5, 1]])
    made = FCTuner(SMALL, FOUR, fc, rule=TuningRule(quiet_s=4.0, first_window_s=20.0, rate=1.0))
    yield made
    made.close()


@pytest.mark.parametrize("make", ["controls", "refits"])
def test_progress_moves_within_each_fit_and_ends_at_one(tuner, make, monkeypatch):
    heard: list[float] = []
    advance = FCTuner.advance

    def slowly(self):
        time.sleep(0.05)  # progress is looked at five times a second, and a fast machine is done before
        return advance(self)

    monkeypatch.setattr(FCTuner, "advance", slowly)

    def hear(fraction: float, what: str) -> None:
        heard.append(fraction)

    if make == "controls":
        fit_controls(tuner, MINUTES, MINUTES, names=("shuffled",), progress=hear)
    else:
        fit_refits(tuner, MINUTES, MINUTES, 2, progress=hear)
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0, abs=0.05)
    assert any(0.0 < fraction < 0.4 for fraction in heard)


def test_a_fit_that_is_given_up_ends_at_once(tuner):
    def stop(fraction: float, what: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        fit_controls(tuner, 600.0, 600.0, names=("shuffled",), progress=stop)
