"""Agreement and dynamics of connectivities against neurolib 0.6.2, NumPy and SciPy.

The input is closed-form; the numbers in connectivity_agreement.json were computed with the packages
named there. Tolerances are rounding.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.fit import (
    concordance,
    fc_correlation,
    fcd_matrix,
    hilbert_phases,
    known_pairs,
    ks_distance,
    order_parameter,
    rate_fc,
    root_mean_square,
    upper_triangle,
)

pytestmark = pytest.mark.reference

REFERENCE = json.loads(Path(__file__).with_name("connectivity_agreement.json").read_text())
WINDOWS = [(60, 20, "fcd_w60_s20"), (30, 5, "fcd_w30_s5")]


@pytest.fixture(scope="module")
def series() -> tuple[np.ndarray, np.ndarray]:
    """X and Y, (300, 6), by the formula that stands in the file."""
    t, i = np.arange(300.0)[:, None], np.arange(6.0)
    slow = 0.7 * (0.05 + 0.01 * i) * t + i
    x = np.sin((0.05 + 0.01 * i) * t) + 0.5 * np.sin(slow) + 0.3 * np.cos(0.11 * t**1.5 / (i + 1))
    y = np.sin((0.05 + 0.012 * i) * t) + 0.5 * np.cos(slow)
    return x, y


def neurolib_fcd(series: np.ndarray, window: int, stride: int) -> np.ndarray:
    """neurolib's variant: whole matrices are correlated, both triangles and the ones between."""
    starts = range(0, len(series) - window, stride)
    return np.corrcoef([np.corrcoef(series[s : s + window].T).ravel() for s in starts])


def test_connectivities_agree_as_in_the_reference(series):
    x, y = (rate_fc(s) for s in series)
    np.testing.assert_allclose(x[0], REFERENCE["fc_X_row0"], atol=1e-9)
    a, b = known_pairs(x, y)
    assert fc_correlation(x, y)[0] == pytest.approx(REFERENCE["fc_corr_XY"], abs=1e-9)
    assert concordance(a, b) == pytest.approx(REFERENCE["ccc_XY"], abs=1e-9)
    assert root_mean_square(a, b) == pytest.approx(REFERENCE["fc_rmse_XY_triu"], abs=1e-9)


@pytest.mark.parametrize(("window", "stride", "key"), WINDOWS)
def test_dynamics_are_those_of_the_triangles(series, window, stride, key):
    expected = REFERENCE[key]
    x, y = (fcd_matrix(s, window, stride) for s in series)
    assert list(x.shape) == expected["shape"]
    assert x[0, 1] == pytest.approx(expected["triu_only_X_01"], abs=1e-9)
    assert upper_triangle(x).mean() == pytest.approx(expected["triu_only_X_mean"], abs=1e-9)
    assert upper_triangle(x).var() == pytest.approx(expected["var_triu_X"], abs=1e-9)
    found = ks_distance(upper_triangle(x), upper_triangle(y))
    assert found == pytest.approx(expected["KS_XY_triu_only"], abs=1e-9)


@pytest.mark.parametrize(("window", "stride", "key"), WINDOWS)
def test_neurolibs_variant_has_the_same_windows(series, window, stride, key):
    expected = REFERENCE[key]
    x, y = (neurolib_fcd(s, window, stride) for s in series)
    assert x.shape == fcd_matrix(series[0], window, stride).shape
    assert upper_triangle(x).mean() == pytest.approx(expected["neurolib_fullmatrix_X_mean_triu"], abs=1e-9)
    found = ks_distance(upper_triangle(x), upper_triangle(y))
    assert found == pytest.approx(expected["KS_XY_neurolib"], abs=1e-9)


def test_phases_keep_together_as_in_the_reference(series):
    found = order_parameter(hilbert_phases(series[0]))
    assert found.mean() == pytest.approx(REFERENCE["kuramoto_X"]["mean"], abs=1e-9)
    assert found.std() == pytest.approx(REFERENCE["kuramoto_X"]["metastability_std"], abs=1e-9)
